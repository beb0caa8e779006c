/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control page inside the library's text. kx_control_seal() copies it; kx_enter() runs it here
 * where the host has mapped the copy nowhere else, which is why it is text and fills a page.
 */
	.section .text.kx_trampoline_page_, "ax"
	.balign	4096
	.globl	kx_trampoline_page_
	.hidden	kx_trampoline_page_
	.type	kx_trampoline_page_, %object
	.size	kx_trampoline_page_, 4096
kx_trampoline_page_:
	.incbin	KX_PAGE_FILE

	.section .note.GNU-stack, "", %progbits
