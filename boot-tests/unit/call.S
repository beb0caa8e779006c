/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_call_ of the architecture under test, as bytes for the emulator. */
	.section .rodata
	.globl	call_code
call_code:
	.incbin	KX_CALL_FILE
	.globl	call_code_end
call_code_end:
	.section .note.GNU-stack, "", @progbits
