/* SPDX-License-Identifier: BSD-2-Clause */
/* The info block of the flat blob, as the build leaves it. */
#include <kx/abi.h>

#include "cpu.h"

	.section .head.info, "a"
	.globl	kx_purgatory_info_
	.hidden	kx_purgatory_info_
	.type	kx_purgatory_info_, %object
	.size	kx_purgatory_info_, KX_PURGATORY_INFO_SIZE
kx_purgatory_info_:
	.long	KX_PURGATORY_MAGIC
	.long	KX_PURGATORY_VERSION
	/* memsz and filesz, by linker/purgatory.ld */
	.section .head.rest, "a"
	.zero	KX_PURGATORY_MACHINE - KX_PURGATORY_FLAGS
	.long	KX_MACHINE
	.zero	KX_PURGATORY_INFO_SIZE - KX_PURGATORY_TIMER_HZ

	.section .note.GNU-stack, "", %progbits
