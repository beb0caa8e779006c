/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control page inside the library's text, and that of a dry run. kx_control_seal() copies the one,
 * kx_dry_run() the other; kx_enter() runs it here where the host has mapped the copy nowhere else, which is
 * why it is text and fills a page.
 */
	.macro	page name
	.section .text.\name, "ax"
	.balign	4096
	.globl	\name
	.hidden	\name
	.type	\name, %object
	.size	\name, 4096
\name:
	.incbin	KX_PAGE_FILE
	.endm

	page	KX_PAGE

	.section .note.GNU-stack, "", %progbits
