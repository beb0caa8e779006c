/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: there is nowhere to park a CPU, and no need. The INIT that cpus.c sends leaves it waiting for
 * a startup message, in which it fetches nothing and depends on no memory, and any new kernel can take
 * it from there. Spec: SDM "Multiple-Processor (MP) Initialization".
 */
	.section .rodata.park, "a"
	.balign	4
	.globl	kx_park_code_, kx_park_code_size_
	.hidden	kx_park_code_, kx_park_code_size_
kx_park_code_:
kx_park_code_size_:
	.long	0

	.section .note.GNU-stack, "", %progbits
