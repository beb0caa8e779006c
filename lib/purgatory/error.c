/* SPDX-License-Identifier: BSD-2-Clause */
/* Purgatory's errors in words; called by kx_strerror() and by purgatory itself. */
#include "purgatory.h"

#define FIRST KX_ERR_INFO_MAGIC
#define LAST  KX_ERR_INFO_RANGE

/* In the order of their numbers: purgatory is to be small, and a switch is three times the code. */
static const char texts[] =
	"info-magic: none, or a damaged one\0"
	"info-version: an unknown one\0"
	"info-reserved: an unknown flag or field\0"
	"info-policy: an unknown one\0"
	"info-count: no regions, or too many\0"
	"info-entry: no entry or fallback, or out of reach\0"
	"info-console: not one of this architecture, or out of reach\0"
	"region-empty: no bytes\0"
	"region-wraps: it goes past 2^64\0"
	"region-self: it covers purgatory\0"
	"region-range: the CPU cannot address it\0"
	"digest: the image is not what it should be\0"
	"info-machine: another architecture's\0"
	"purgatory-stack: it was too small\0"
	"purgatory-fault: it took an exception\0"
	"info-range: purgatory, record or watchdog out of reach\0"
	"unknown error: no number that libkx returns";

const char *kx_purgatory_strerror_(int error)
{
	const char *text = texts;
	unsigned int left = (error > 0 ? (unsigned int)error : -(unsigned int)error) - FIRST;

	if (left > LAST - FIRST)
		left = LAST - FIRST + 1;
	for (; left; left--)
		while (*text++)
			;
	return text;
}
