/* SPDX-License-Identifier: BSD-2-Clause */
/* Purgatory's errors in words; called by kx_strerror() and by purgatory itself. */
#include "purgatory.h"

const char *kx_purgatory_strerror_(int error)
{
	switch (error > 0 ? -error : error) { /* INT_MIN has no positive */
	case -KX_ERR_INFO_MAGIC: return "info-magic: no purgatory info, or a damaged one";
	case -KX_ERR_INFO_MACHINE: return "info-machine: purgatory of another architecture";
	case -KX_ERR_INFO_VERSION: return "info-version: not one that this purgatory knows";
	case -KX_ERR_INFO_RESERVED: return "info-reserved: an unknown flag, or a reserved field in use";
	case -KX_ERR_INFO_POLICY: return "info-policy: no policy that there is";
	case -KX_ERR_INFO_COUNT: return "info-count: no regions, or too many";
	case -KX_ERR_INFO_ENTRY: return "info-entry: no entry, no fallback, or out of reach";
	case -KX_ERR_INFO_CONSOLE: return "info-console: not one of this architecture";
	case -KX_ERR_REGION_EMPTY: return "region-empty: a region of no bytes";
	case -KX_ERR_REGION_WRAPS: return "region-wraps: a region goes past 2^64";
	case -KX_ERR_REGION_SELF: return "region-self: a region covers purgatory itself";
	case -KX_ERR_REGION_RANGE: return "region-range: a region that the CPU cannot address";
	case -KX_ERR_PURGATORY_STACK: return "purgatory-stack: it was too small";
	case -KX_ERR_DIGEST: return "digest: the image is not what it should be";
	}
	return "unknown error: no number that libkx returns";
}
