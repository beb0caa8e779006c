/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: follow the page list. Linked into the control page; called by trampoline.S. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"

/* By encoding: assemblers want to be told of V, each in its own way. Unpriv "Vector Instruction Formats" */
	.macro	vset_bytes to from		/* vsetvli to, from, e8, m8, ta, ma */
	.insn	i 0x57, 7, \to, \from, 0xc3
	.endm
	.macro	vload_bytes at			/* vle8.v v0, (at): v0..v7 */
	.insn	r 0x07, 0, 1, x0, \at, x0
	.endm
	.macro	vstore_bytes at			/* vse8.v v0, (at) */
	.insn	r 0x27, 0, 1, x0, \at, x0
	.endm

	.macro	vset_none by			/* vsetvl zero, zero, by */
	.insn	r 0x57, 7, 0x40, x0, x0, \by
	.endm

/*
 * kx_walk_ - put every page of the list in its place, or back
 *
 * Runs:     wherever list, sources and destinations lie at the addresses that the list says
 * In:       a0 = first word, a1 = struct kx_kick, a2 = swap
 * Out:      a0 = 0; or KX_FAULT_LIST_FLAG, a1 = where this code stood, a2 = the word
 * Live:     found simd cursor dest src word flag end count kick swap
 * Clobbers: a0..a4, a7, s2..s8, s10, t0..t6; scause, sepc, stval; v0..v7; vl, vtype: as after a reset
 * Memory:   reads list pages and sources, writes every destination page, and swapping every source;
 *           does the kick before each word, which is at most 128 pages of work; no stack
 * Spec:     <kx/abi.h> "Page list"; Priv "Extension Context Status in mstatus Register"
 */
	.section .text.walk, "ax"
	.balign	4
	.globl	kx_walk_
kx_walk_:
	/* Without V, sstatus.VS stays off; with it a hypervisor may say no whatever stands there: try. */
	csrr	found, sstatus
	li	t0, SSTATUS_VS_INITIAL
	csrs	sstatus, t0
	csrr	t0, sstatus
	li	simd, SSTATUS_VS
	and	simd, simd, t0
	beqz	simd, 2f
	lla	t0, 1f
	csrrw	t1, stvec, t0
	li	simd, 0
	vset_bytes simd zero			/* as many as there can be */
	.balign	4				/* stvec has its mode in the two low bits */
1:	csrw	stvec, t1
2:
#include "list.inc"

.Lcopy:
	beq	src, dest, .Lin_place
	bnez	swap, .Lswap_line
	beqz	simd, .Lcopy_line
.Lcopy_vector:
	sub	t0, end, dest
	vset_bytes t0 t0
	vload_bytes src
	add	src, src, t0
	vstore_bytes dest
	add	dest, dest, t0
	bne	dest, end, .Lcopy_vector
	j	.Lnext
.Lcopy_line:
	ld	t0, 0(src)
	ld	t1, 8(src)
	ld	t2, 16(src)
	ld	t3, 24(src)
	ld	t4, 32(src)
	ld	t5, 40(src)
	ld	t6, 48(src)
	ld	a7, 56(src)
	sd	t0, 0(dest)
	sd	t1, 8(dest)
	sd	t2, 16(dest)
	sd	t3, 24(dest)
	sd	t4, 32(dest)
	sd	t5, 40(dest)
	sd	t6, 48(dest)
	sd	a7, 56(dest)
	addi	src, src, 64
	addi	dest, dest, 64
	bne	dest, end, .Lcopy_line
	j	.Lnext
.Lin_place:
	mv	dest, end
	j	.Lnext

.Lswap_line:
	ld	t0, 0(src)
	ld	t1, 8(src)
	ld	t2, 16(src)
	ld	t3, 24(src)
	ld	t4, 0(dest)
	ld	t5, 8(dest)
	ld	t6, 16(dest)
	ld	a7, 24(dest)
	sd	t0, 0(dest)
	sd	t1, 8(dest)
	sd	t2, 16(dest)
	sd	t3, 24(dest)
	sd	t4, 0(src)
	sd	t5, 8(src)
	sd	t6, 16(src)
	sd	a7, 24(src)
	addi	src, src, 32
	addi	dest, dest, 32
	bne	dest, end, .Lswap_line
	j	.Lnext

.Lzero:
	or	t0, src, swap
	bnez	t0, .Lbad_zero			/* ZERO has no address, and cannot be undone */
.Lzero_line:
	sd	zero, 0(dest)
	sd	zero, 8(dest)
	sd	zero, 16(dest)
	sd	zero, 24(dest)
	sd	zero, 32(dest)
	sd	zero, 40(dest)
	sd	zero, 48(dest)
	sd	zero, 56(dest)
	addi	dest, dest, 64
	bne	dest, end, .Lzero_line
	j	.Lnext

.Ldone:
	beqz	simd, 1f
	li	t0, -1
	slli	t0, t0, 63			/* vill: as after a reset, no length and no type */
	vset_none t0
1:	li	a0, 0
	csrw	sstatus, found			/* vectors as they were, and what a trap has written */
	ret
