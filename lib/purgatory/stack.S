/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Purgatory's stacks, in pages without code: a store into a page that code was fetched from costs an
 * emulator all that it has translated of it. A stack that grows too far meets the guard,
 * which kx_purgatory_begin_() fills.
 */
	.section .stack, "aw", %nobits
	.balign	64
	.globl	kx_purgatory_guard_
	.hidden	kx_purgatory_guard_
kx_purgatory_guard_:
	.zero	8 * 8				/* KX_GUARD_WORDS */
	.zero	2432
	.globl	kx_purgatory_stack_
	.hidden	kx_purgatory_stack_
kx_purgatory_stack_:				/* grows down from here */
	.zero	640
	.globl	kx_purgatory_trap_stack_
	.hidden	kx_purgatory_trap_stack_
kx_purgatory_trap_stack_:

	.globl	kx_purgatory_registers_
	.hidden	kx_purgatory_registers_
kx_purgatory_registers_:
	.zero	8 * 32

	.section .note.GNU-stack, "", %progbits
