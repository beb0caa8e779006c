/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: names that assembly and C share.
 * Arm: Arm Architecture Reference Manual for A-profile (DDI 0487). PSCI: Arm DEN 0022. PL011: Arm
 * DDI 0183, "PrimeCell UART (PL011)".
 */
#ifndef KX_AARCH64_CPU_H
#define KX_AARCH64_CPU_H

/* Where the architecture's own words of the handoff lie: kx_handoff.cpu[] */
#define KX_CPU_ENTER_TCR 0 /* TCR with which kx_enter_ switches to handoff.tables */
#define KX_CPU_COPY_TTBR 1 /* TTBR0, TCR and MAIR of the copy */
#define KX_CPU_COPY_TCR  2
#define KX_CPU_COPY_MAIR 3
#define KX_CPU_UNCACHED  4 /* not 0: the host wrote its memory past the caches */
#define KX_CPU_TRAPS     5 /* for the new image: CPACR_EL1, at EL2 CPTR_EL2 */
#define KX_CPU_HCR       6 /* the same: HCR_EL2 */
#define KX_CPU_EXTRAS    7 /* what else there is to reset: a bit each */

/* In libkx's own page: what of the host kx_return_ and kx_call_ share; see own.h */
#define KX_HOST_TTBR0 (KX_HOST_ARCH + 0x00)
#define KX_HOST_TTBR1 (KX_HOST_ARCH + 0x08)
#define KX_HOST_TCR   (KX_HOST_ARCH + 0x10)
#define KX_HOST_SCTLR (KX_HOST_ARCH + 0x18)
#define KX_HOST_HCR   (KX_HOST_ARCH + 0x20)
#define KX_HOST_END   (KX_HOST_ARCH + 0x28)

#define KX_EXTRA_PAUTH 0 /* the keys of pointer authentication */
#define KX_EXTRA_TCR2  1

/* kx_paging.level: the exception level, and what else decides how descriptors are read */
#define KX_LEVEL_EL     0x3
#define KX_LEVEL_E2H    0x100 /* HCR_EL2.E2H: EL2 has an upper half too */
#define KX_LEVEL_MMU    0x200 /* SCTLR.M */
#define KX_LEVEL_CACHE  0x400 /* SCTLR.C */
#define KX_LEVEL_OTHERS 0x800 /* TCR2: descriptors are not as in ARMv8 */

#define CURRENT_EL1 0x4 /* Arm "CurrentEL" */
#define CURRENT_EL2 0x8

#define DAIF_ALL    15 /* Arm "DAIFSet": debug, SError, IRQ and FIQ masked */
#define DAIF_SERROR 4

/* Arm "ESR_EL1": the exception class; that of an instruction that there is not */
#define ESR_EC_SHIFT   26
#define ESR_EC_BITS    6
#define ESR_EC_UNKNOWN 0

/* Arm "SCTLR_EL1", "SCTLR_EL2": the bits that ARMv8.0 has as RES1; EE, WXN and EnI* are 0 */
#define SCTLR_M 0x1
#define SCTLR_C 0x4
#define SCTLR_I 0x1000

#define SCTLR_EL1_OFF 0x30d00800
#define SCTLR_EL2_OFF 0x30c50830

/* Arm "TCR_EL1": where the lower half is concerned, the same in TCR_EL2 with E2H */
#define TCR_EPD0 0x80 /* no walks for the lower half */

/* Arm "CPACR_EL1", "CPTR_EL2": FPEN with E2H and at EL1, TFP without; see trampoline.S */
#define CPTR_FPEN 0x300000
#define CPTR_TFP  0x400

/* Arm "CTR_EL0": DminLine, log2 of the words in the smallest data cache line */
#define CTR_DMINLINE_SHIFT 16
#define CTR_DMINLINE_BITS  4

#define KX_ENTRY_ALIGN 4 /* instructions are words */
#define KX_ROTATED     uint32_t /* a word is rotated by an instruction; see lib/sha256_round.h */
#define KX_ENTER_KNOWN (KX_ENTER_GUARDED | KX_ENTER_RETURN | KX_ENTER_CRASH)
#define KX_PURGATORY_KNOWN (KX_PURGATORY_SKIP_CHECKS | KX_PURGATORY_EACH_REGION)
#define KX_PURGATORY_BEYOND 0xffff000000000000 /* address bits that purgatory's own tables, of 48 bits, do not span */
#define KX_MACHINE     183 /* EM_AARCH64: ELF "e_machine" */
#define KX_STATUS_HERE KX_STATUS_AARCH64

/* In TPIDR_EL0, below the address of libkx's own page, and in purgatory alone: faults so far, counted before
 * anything is done that can fail */
#define FAULTS_MASK       3
#define FAULTS_SECOND_BIT 1 /* of the second, and of the third */

/* The general registers; the last one saved is sp */
#define KX_REGISTER_FIRST 0
#define KX_REGISTER_COUNT 32

/* PSCI "AFFINITY_INFO" */
#define PSCI_AFFINITY_INFO      0xc4000004
#define PSCI_AFFINITY_LEVEL_OFF 1
#define PSCI_SYSTEM_RESET       0x84000009 /* PSCI "SYSTEM_RESET": a cold one */
#define PSCI_SYSTEM_RESET2      0xc4000012 /* PSCI "SYSTEM_RESET2", since 1.1 */
#define PSCI_WARM_RESET         0          /* of its types: main memory is not reset */

/* PL011 "Summary of registers" */
#define PL011_DR      0x00
#define PL011_FR      0x18
#define PL011_FR_TXFF 5 /* the bit: transmit FIFO full */

/* TL16C550 "Line Status Register": the bit: room for a character */
#define UART_LSR      5
#define UART_LSR_THRE 5
#define UART_TRIES    0x100000

#endif /* KX_AARCH64_CPU_H */
