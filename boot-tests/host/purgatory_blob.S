/* SPDX-License-Identifier: BSD-2-Clause */
/* kx-purgatory-<arch>.bin inside the host; purgatory.c makes a copy to fill in. */
	.section .rodata.purgatory_blob, "a"
	.balign	8
	.globl	purgatory_blob
	.hidden	purgatory_blob
purgatory_blob:
	.incbin	KX_PURGATORY_FILE
	.globl	purgatory_blob_end
	.hidden	purgatory_blob_end
purgatory_blob_end:

	.section .note.GNU-stack, "", %progbits
