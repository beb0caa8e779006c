/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: the system registers that a new kernel may find other than at a cold boot. Read by
 * state.c.
 * Arm: Arm Architecture Reference Manual for A-profile (DDI 0487), "AArch64 System Register
 * Descriptions"; GIC: Arm IHI 0069.
 *
 *   REG(name, op0, op1, CRn, CRm, op2, there, rule, value)
 *   GUEST(name, op1, CRn, CRm, op2, there, rule, value): op0 3; at EL2 with E2H its name leads to
 *   EL2's own register, and the one of EL1 has op1 5
 *
 * there: HAVE(x), or OF(x, n): number n of those that there are. rule: see struct kx_register in
 * arch.h; OWN(rule): at EL1 the trampoline's business, because the host runs by it.
 */
#ifndef KX_AARCH64_REGISTERS_H
#define KX_AARCH64_REGISTERS_H

/* Translation, control and what an exception leaves, of EL1 */
#define KX_REGISTERS_EL1(REG, GUEST)                                                               \
	GUEST(SCTLR_EL1, 0, 1, 0, 0, HAVE(ALWAYS), OWN(ENTRY), 0)                                  \
	REG(ACTLR_EL1, 3, 0, 1, 0, 1, HAVE(ALWAYS), SELF, 0)                                       \
	GUEST(CPACR_EL1, 0, 1, 0, 2, HAVE(ALWAYS), OWN(ENTRY), 0)                                  \
	GUEST(TTBR0_EL1, 0, 2, 0, 0, HAVE(ALWAYS), OWN(VALUE), 0)                                  \
	GUEST(TTBR1_EL1, 0, 2, 0, 1, HAVE(ALWAYS), OWN(VALUE), 0)                                  \
	GUEST(TCR_EL1, 0, 2, 0, 2, HAVE(ALWAYS), OWN(VALUE), 0)                                    \
	GUEST(TCR2_EL1, 0, 2, 0, 3, HAVE(TCR2), OWN(VALUE), 0)                                     \
	GUEST(PIRE0_EL1, 0, 10, 2, 2, HAVE(PIE), VALUE, 0)                                         \
	GUEST(PIR_EL1, 0, 10, 2, 3, HAVE(PIE), VALUE, 0)                                           \
	GUEST(POR_EL1, 0, 10, 2, 4, HAVE(POE), VALUE, 0)                                           \
	REG(POR_EL0, 3, 3, 10, 2, 4, HAVE(POE), VALUE, 0)                                          \
	GUEST(MAIR_EL1, 0, 10, 2, 0, HAVE(ALWAYS), OWN(VALUE), 0)                                  \
	GUEST(AMAIR_EL1, 0, 10, 3, 0, HAVE(ALWAYS), VALUE, 0)                                      \
	GUEST(VBAR_EL1, 0, 12, 0, 0, HAVE(ALWAYS), OWN(VALUE), 0)                                  \
	GUEST(AFSR0_EL1, 0, 5, 1, 0, HAVE(ALWAYS), VALUE, 0)                                       \
	GUEST(AFSR1_EL1, 0, 5, 1, 1, HAVE(ALWAYS), VALUE, 0)                                       \
	GUEST(ESR_EL1, 0, 5, 2, 0, HAVE(ALWAYS), VALUE, 0)                                         \
	GUEST(FAR_EL1, 0, 6, 0, 0, HAVE(ALWAYS), VALUE, 0)                                         \
	REG(PAR_EL1, 3, 0, 7, 4, 0, HAVE(ALWAYS), VALUE, 0)                                        \
	GUEST(ELR_EL1, 0, 4, 0, 1, HAVE(ALWAYS), VALUE, 0)                                         \
	GUEST(SPSR_EL1, 0, 4, 0, 0, HAVE(ALWAYS), VALUE, 0)                                        \
	REG(SP_EL0, 3, 0, 4, 1, 0, HAVE(SP_EL0), LATE, 0)                                          \
	GUEST(CONTEXTIDR_EL1, 0, 13, 0, 1, HAVE(ALWAYS), VALUE, 0)                                 \
	REG(TPIDR_EL0, 3, 3, 13, 0, 2, HAVE(ALWAYS), VALUE, 0)                                     \
	REG(TPIDRRO_EL0, 3, 3, 13, 0, 3, HAVE(ALWAYS), VALUE, 0)                                   \
	REG(TPIDR_EL1, 3, 0, 13, 0, 4, HAVE(ALWAYS), VALUE, 0)                                     \
	REG(SCXTNUM_EL0, 3, 3, 13, 0, 7, HAVE(SCXTNUM), VALUE, 0)                                  \
	GUEST(SCXTNUM_EL1, 0, 13, 0, 7, HAVE(SCXTNUM), VALUE, 0)                                   \
	REG(CSSELR_EL1, 3, 2, 0, 0, 0, HAVE(ALWAYS), VALUE, 0)                                     \
	REG(LORC_EL1, 3, 0, 10, 4, 3, HAVE(LOR), VALUE, 0)                                         \
	REG(DISR_EL1, 3, 0, 12, 1, 1, HAVE(RAS), VALUE, 0)                                         \
	REG(APIAKEYLO_EL1, 3, 0, 2, 1, 0, HAVE(PAUTH), LATE, 0)                                    \
	REG(APIAKEYHI_EL1, 3, 0, 2, 1, 1, HAVE(PAUTH), LATE, 0)                                    \
	REG(APIBKEYLO_EL1, 3, 0, 2, 1, 2, HAVE(PAUTH), LATE, 0)                                    \
	REG(APIBKEYHI_EL1, 3, 0, 2, 1, 3, HAVE(PAUTH), LATE, 0)                                    \
	REG(APDAKEYLO_EL1, 3, 0, 2, 2, 0, HAVE(PAUTH), LATE, 0)                                    \
	REG(APDAKEYHI_EL1, 3, 0, 2, 2, 1, HAVE(PAUTH), LATE, 0)                                    \
	REG(APDBKEYLO_EL1, 3, 0, 2, 2, 2, HAVE(PAUTH), LATE, 0)                                    \
	REG(APDBKEYHI_EL1, 3, 0, 2, 2, 3, HAVE(PAUTH), LATE, 0)                                    \
	REG(APGAKEYLO_EL1, 3, 0, 2, 3, 0, HAVE(PAUTH), LATE, 0)                                    \
	REG(APGAKEYHI_EL1, 3, 0, 2, 3, 1, HAVE(PAUTH), LATE, 0)                                    \
	GUEST(TFSR_EL1, 0, 5, 6, 0, HAVE(MTE), VALUE, 0)                                           \
	REG(TFSRE0_EL1, 3, 0, 5, 6, 1, HAVE(MTE), VALUE, 0)                                        \
	REG(RGSR_EL1, 3, 0, 1, 0, 5, HAVE(MTE), VALUE, 0)                                          \
	REG(GCR_EL1, 3, 0, 1, 0, 6, HAVE(MTE), VALUE, 0)                                           \
	GUEST(GCSCR_EL1, 0, 2, 5, 0, HAVE(GCS), VALUE, 0)                                          \
	GUEST(GCSPR_EL1, 0, 2, 5, 1, HAVE(GCS), VALUE, 0)                                          \
	REG(GCSCRE0_EL1, 3, 0, 2, 5, 2, HAVE(GCS), VALUE, 0)                                       \
	REG(GCSPR_EL0, 3, 3, 2, 5, 1, HAVE(GCS), VALUE, 0)

/* PSTATE, and what counts as floating point. SVCR first: leaving streaming mode sets FPSR. */
#define KX_REGISTERS_STATE(REG, GUEST)                                                             \
	REG(DAIF, 3, 3, 4, 2, 1, HAVE(ALWAYS), LATE, 0)                                            \
	REG(PAN, 3, 0, 4, 2, 3, HAVE(PAN), ENTRY, 0)                                               \
	REG(UAO, 3, 0, 4, 2, 4, HAVE(UAO), ENTRY, 0)                                               \
	REG(DIT, 3, 3, 4, 2, 5, HAVE(DIT), ENTRY, 0)                                               \
	REG(SSBS, 3, 3, 4, 2, 6, HAVE(SSBS), ENTRY, 0)                                             \
	REG(TCO, 3, 3, 4, 2, 7, HAVE(MTE), ENTRY, 0)                                               \
	REG(SVCR, 3, 3, 4, 2, 2, HAVE(SME), VALUE, 0)                                              \
	REG(FPCR, 3, 3, 4, 4, 0, HAVE(FP), VALUE, 0)                                               \
	REG(FPSR, 3, 3, 4, 4, 1, HAVE(FP), VALUE, 0)                                               \
	GUEST(ZCR_EL1, 0, 1, 2, 0, HAVE(SVE), ENTRY, 0)                                            \
	GUEST(SMCR_EL1, 0, 1, 2, 6, HAVE(SME), ENTRY, 0)                                           \
	REG(SMPRI_EL1, 3, 0, 1, 2, 4, HAVE(SME), VALUE, 0)                                         \
	REG(TPIDR2_EL0, 3, 3, 13, 0, 5, HAVE(SME), VALUE, 0)

/* Timers of EL1 and EL0 */
#define KX_REGISTERS_TIMERS(REG, GUEST)                                                            \
	REG(CNTFRQ_EL0, 3, 3, 14, 0, 0, HAVE(ALWAYS), SHOWN, 0)                                    \
	GUEST(CNTKCTL_EL1, 0, 14, 1, 0, HAVE(ALWAYS), VALUE, 0)                                    \
	GUEST(CNTP_CTL_EL0, 3, 14, 2, 1, HAVE(ALWAYS), VALUE, 0)                                   \
	GUEST(CNTP_CVAL_EL0, 3, 14, 2, 2, HAVE(ALWAYS), VALUE, 0)                                  \
	GUEST(CNTV_CTL_EL0, 3, 14, 3, 1, HAVE(ALWAYS), VALUE, 0)                                   \
	GUEST(CNTV_CVAL_EL0, 3, 14, 3, 2, HAVE(ALWAYS), VALUE, 0)

#define KX_BREAKPOINT(REG, n)                                                                      \
	REG(DBGBVR##n##_EL1, 2, 0, 0, n, 4, OF(BREAKPOINTS, n), VALUE, 0)                          \
	REG(DBGBCR##n##_EL1, 2, 0, 0, n, 5, OF(BREAKPOINTS, n), VALUE, 0)

#define KX_WATCHPOINT(REG, n)                                                                      \
	REG(DBGWVR##n##_EL1, 2, 0, 0, n, 6, OF(WATCHPOINTS, n), VALUE, 0)                          \
	REG(DBGWCR##n##_EL1, 2, 0, 0, n, 7, OF(WATCHPOINTS, n), VALUE, 0)

/* Debug. OSLSR_EL1 is written by way of OSLAR_EL1. */
#define KX_REGISTERS_DEBUG(REG, GUEST)                                                             \
	REG(MDSCR_EL1, 2, 0, 0, 2, 2, HAVE(ALWAYS), VALUE, 0)                                      \
	REG(MDCCINT_EL1, 2, 0, 0, 2, 0, HAVE(ALWAYS), VALUE, 0)                                    \
	REG(OSLSR_EL1, 2, 0, 1, 1, 4, HAVE(ALWAYS), ENTRY, 0)                                      \
	REG(OSDLR_EL1, 2, 0, 1, 3, 4, HAVE(ALWAYS), VALUE, 0)                                      \
	KX_BREAKPOINT(REG, 0) KX_BREAKPOINT(REG, 1) KX_BREAKPOINT(REG, 2) KX_BREAKPOINT(REG, 3)    \
	KX_BREAKPOINT(REG, 4) KX_BREAKPOINT(REG, 5) KX_BREAKPOINT(REG, 6) KX_BREAKPOINT(REG, 7)    \
	KX_BREAKPOINT(REG, 8) KX_BREAKPOINT(REG, 9) KX_BREAKPOINT(REG, 10) KX_BREAKPOINT(REG, 11)  \
	KX_BREAKPOINT(REG, 12) KX_BREAKPOINT(REG, 13) KX_BREAKPOINT(REG, 14) KX_BREAKPOINT(REG, 15) \
	KX_WATCHPOINT(REG, 0) KX_WATCHPOINT(REG, 1) KX_WATCHPOINT(REG, 2) KX_WATCHPOINT(REG, 3)    \
	KX_WATCHPOINT(REG, 4) KX_WATCHPOINT(REG, 5) KX_WATCHPOINT(REG, 6) KX_WATCHPOINT(REG, 7)    \
	KX_WATCHPOINT(REG, 8) KX_WATCHPOINT(REG, 9) KX_WATCHPOINT(REG, 10) KX_WATCHPOINT(REG, 11)  \
	KX_WATCHPOINT(REG, 12) KX_WATCHPOINT(REG, 13) KX_WATCHPOINT(REG, 14) KX_WATCHPOINT(REG, 15)

/* CRm has the upper two bits of n, op2 the lower three. */
#define KX_COUNTER(REG, n, crm_c, crm_t, op2)                                                      \
	REG(PMEVCNTR##n##_EL0, 3, 3, 14, crm_c, op2, OF(COUNTERS, n), VALUE, 0)                    \
	REG(PMEVTYPER##n##_EL0, 3, 3, 14, crm_t, op2, OF(COUNTERS, n), VALUE, 0)

#define KX_COUNTERS_7(REG, n0, n1, n2, n3, n4, n5, n6, crm_c, crm_t)                               \
	KX_COUNTER(REG, n0, crm_c, crm_t, 0)                                                       \
	KX_COUNTER(REG, n1, crm_c, crm_t, 1)                                                       \
	KX_COUNTER(REG, n2, crm_c, crm_t, 2)                                                       \
	KX_COUNTER(REG, n3, crm_c, crm_t, 3)                                                       \
	KX_COUNTER(REG, n4, crm_c, crm_t, 4)                                                       \
	KX_COUNTER(REG, n5, crm_c, crm_t, 5)                                                       \
	KX_COUNTER(REG, n6, crm_c, crm_t, 6)

/* Counters, profiles and traces. The ..SET registers are cleared by way of their ..CLR. */
#define KX_REGISTERS_PROFILE(REG, GUEST)                                                           \
	REG(PMCR_EL0, 3, 3, 9, 12, 0, HAVE(PMU), ENTRY, 0)                                         \
	REG(PMCNTENSET_EL0, 3, 3, 9, 12, 1, HAVE(PMU), VALUE, 0)                                   \
	REG(PMOVSSET_EL0, 3, 3, 9, 14, 3, HAVE(PMU), VALUE, 0)                                     \
	REG(PMINTENSET_EL1, 3, 0, 9, 14, 1, HAVE(PMU), VALUE, 0)                                   \
	REG(PMUSERENR_EL0, 3, 3, 9, 14, 0, HAVE(PMU), VALUE, 0)                                    \
	REG(PMSELR_EL0, 3, 3, 9, 12, 5, HAVE(PMU), VALUE, 0)                                       \
	REG(PMCCNTR_EL0, 3, 3, 9, 13, 0, HAVE(PMU), VALUE, 0)                                      \
	REG(PMCCFILTR_EL0, 3, 3, 14, 15, 7, HAVE(PMU), VALUE, 0)                                   \
	KX_COUNTERS_7(REG, 0, 1, 2, 3, 4, 5, 6, 8, 12) KX_COUNTER(REG, 7, 8, 12, 7)                \
	KX_COUNTERS_7(REG, 8, 9, 10, 11, 12, 13, 14, 9, 13) KX_COUNTER(REG, 15, 9, 13, 7)          \
	KX_COUNTERS_7(REG, 16, 17, 18, 19, 20, 21, 22, 10, 14) KX_COUNTER(REG, 23, 10, 14, 7)      \
	KX_COUNTERS_7(REG, 24, 25, 26, 27, 28, 29, 30, 11, 15)                                     \
	REG(PMSCR_EL1, 3, 0, 9, 9, 0, HAVE(SPE), SHOWN, 0)                                         \
	REG(PMBLIMITR_EL1, 3, 0, 9, 10, 0, HAVE(SPE), SHOWN, 0)                                    \
	REG(TRFCR_EL1, 3, 0, 1, 2, 1, HAVE(TRACE_FILTER), SHOWN, 0)                                \
	REG(TRBLIMITR_EL1, 3, 0, 9, 11, 0, HAVE(TRACE_BUFFER), SHOWN, 0)                           \
	REG(BRBCR_EL1, 2, 1, 9, 0, 0, HAVE(BRBE), VALUE, 0)

/* The interrupt controller's registers in the CPU, less those of group 0, which firmware may keep
 * for itself. GIC "AArch64 System register descriptions" */
#define KX_REGISTERS_GIC(REG, GUEST)                                                               \
	REG(ICC_SRE_EL1, 3, 0, 12, 12, 5, HAVE(GIC_CPU), SHOWN, 0)                                 \
	REG(ICC_IGRPEN1_EL1, 3, 0, 12, 12, 7, HAVE(GIC), ENTRY, 0)                                 \
	REG(ICC_PMR_EL1, 3, 0, 4, 6, 0, HAVE(GIC), ENTRY, 0)                                       \
	REG(ICC_CTLR_EL1, 3, 0, 12, 12, 4, HAVE(GIC), ENTRY, 0)                                    \
	REG(ICC_BPR1_EL1, 3, 0, 12, 12, 3, HAVE(GIC), ENTRY, 0)                                    \
	REG(ICC_AP1R0_EL1, 3, 0, 12, 9, 0, HAVE(GIC), VALUE, 0)

#define KX_LIST(REG, n, crm, op2)                                                                  \
	REG(ICH_LR##n##_EL2, 3, 4, 12, crm, op2, OF(GIC_LISTS, n), VALUE, 0)

#define KX_REGISTERS_GIC_EL2(REG, GUEST)                                                           \
	REG(ICC_SRE_EL2, 3, 4, 12, 9, 5, HAVE(EL2_GIC_CPU), SHOWN, 0)                              \
	REG(ICH_HCR_EL2, 3, 4, 12, 11, 0, OF(GIC_LISTS, 0), VALUE, 0)                              \
	REG(ICH_VMCR_EL2, 3, 4, 12, 11, 7, OF(GIC_LISTS, 0), ENTRY, 0)                             \
	REG(ICH_AP0R0_EL2, 3, 4, 12, 8, 0, OF(GIC_LISTS, 0), VALUE, 0)                             \
	REG(ICH_AP1R0_EL2, 3, 4, 12, 9, 0, OF(GIC_LISTS, 0), VALUE, 0)                             \
	KX_LIST(REG, 0, 12, 0) KX_LIST(REG, 1, 12, 1) KX_LIST(REG, 2, 12, 2) KX_LIST(REG, 3, 12, 3) \
	KX_LIST(REG, 4, 12, 4) KX_LIST(REG, 5, 12, 5) KX_LIST(REG, 6, 12, 6) KX_LIST(REG, 7, 12, 7) \
	KX_LIST(REG, 8, 13, 0) KX_LIST(REG, 9, 13, 1) KX_LIST(REG, 10, 13, 2) KX_LIST(REG, 11, 13, 3) \
	KX_LIST(REG, 12, 13, 4) KX_LIST(REG, 13, 13, 5) KX_LIST(REG, 14, 13, 6) KX_LIST(REG, 15, 13, 7)

/* EL2's own. Those that E2H gives another layout are the trampoline's, which sets E2H last. */
#define KX_REGISTERS_EL2(REG, GUEST)                                                               \
	REG(HCR_EL2, 3, 4, 1, 1, 0, HAVE(EL2), LATE, 0)                                            \
	REG(HCRX_EL2, 3, 4, 1, 2, 2, HAVE(EL2_HCX), ENTRY, 0)                                      \
	REG(SCTLR_EL2, 3, 4, 1, 0, 0, HAVE(EL2), LATE, 0)                                          \
	REG(ACTLR_EL2, 3, 4, 1, 0, 1, HAVE(EL2), SELF, 0)                                          \
	REG(CPTR_EL2, 3, 4, 1, 1, 2, HAVE(EL2), LATE, 0)                                           \
	REG(HACR_EL2, 3, 4, 1, 1, 7, HAVE(EL2), SELF, 0)                                           \
	REG(HSTR_EL2, 3, 4, 1, 1, 3, HAVE(EL2), ENTRY, 0)                                          \
	REG(MDCR_EL2, 3, 4, 1, 1, 1, HAVE(EL2), ENTRY, 0)                                          \
	REG(TTBR0_EL2, 3, 4, 2, 0, 0, HAVE(EL2), LATE, 0)                                          \
	REG(TTBR1_EL2, 3, 4, 2, 0, 1, HAVE(EL2_VHE), LATE, 0)                                      \
	REG(TCR_EL2, 3, 4, 2, 0, 2, HAVE(EL2), LATE, 0)                                            \
	REG(TCR2_EL2, 3, 4, 2, 0, 3, HAVE(EL2_TCR2), LATE, 0)                                      \
	REG(PIRE0_EL2, 3, 4, 10, 2, 2, HAVE(EL2_PIE), VALUE, 0)                                    \
	REG(PIR_EL2, 3, 4, 10, 2, 3, HAVE(EL2_PIE), VALUE, 0)                                      \
	REG(POR_EL2, 3, 4, 10, 2, 4, HAVE(EL2_POE), VALUE, 0)                                      \
	REG(MAIR_EL2, 3, 4, 10, 2, 0, HAVE(EL2), LATE, 0)                                          \
	REG(AMAIR_EL2, 3, 4, 10, 3, 0, HAVE(EL2), VALUE, 0)                                        \
	REG(VBAR_EL2, 3, 4, 12, 0, 0, HAVE(EL2), LATE, 0)                                          \
	REG(VTTBR_EL2, 3, 4, 2, 1, 0, HAVE(EL2), VALUE, 0)                                         \
	REG(VTCR_EL2, 3, 4, 2, 1, 2, HAVE(EL2), ENTRY, 0)                                          \
	REG(VPIDR_EL2, 3, 4, 0, 0, 0, HAVE(EL2), SELF, 0)                                          \
	REG(VMPIDR_EL2, 3, 4, 0, 0, 5, HAVE(EL2), SELF, 0)                                         \
	REG(AFSR0_EL2, 3, 4, 5, 1, 0, HAVE(EL2), VALUE, 0)                                         \
	REG(AFSR1_EL2, 3, 4, 5, 1, 1, HAVE(EL2), VALUE, 0)                                         \
	REG(ESR_EL2, 3, 4, 5, 2, 0, HAVE(EL2), VALUE, 0)                                           \
	REG(FAR_EL2, 3, 4, 6, 0, 0, HAVE(EL2), VALUE, 0)                                           \
	REG(HPFAR_EL2, 3, 4, 6, 0, 4, HAVE(EL2), VALUE, 0)                                         \
	REG(ELR_EL2, 3, 4, 4, 0, 1, HAVE(EL2), VALUE, 0)                                           \
	REG(SPSR_EL2, 3, 4, 4, 0, 0, HAVE(EL2), VALUE, 0)                                          \
	REG(SP_EL1, 3, 4, 4, 1, 0, HAVE(EL2), VALUE, 0)                                            \
	REG(TPIDR_EL2, 3, 4, 13, 0, 2, HAVE(EL2), VALUE, 0)                                        \
	REG(CONTEXTIDR_EL2, 3, 4, 13, 0, 1, HAVE(EL2_VHE), VALUE, 0)                               \
	REG(SCXTNUM_EL2, 3, 4, 13, 0, 7, HAVE(EL2_SCXTNUM), VALUE, 0)                              \
	REG(VSESR_EL2, 3, 4, 5, 2, 3, HAVE(EL2_RAS), VALUE, 0)                                     \
	REG(VDISR_EL2, 3, 4, 12, 1, 1, HAVE(EL2_RAS), VALUE, 0)                                    \
	REG(TFSR_EL2, 3, 4, 5, 6, 0, HAVE(EL2_MTE), VALUE, 0)                                      \
	REG(GCSCR_EL2, 3, 4, 2, 5, 0, HAVE(EL2_GCS), VALUE, 0)                                     \
	REG(ZCR_EL2, 3, 4, 1, 2, 0, HAVE(EL2_SVE), ENTRY, 0)                                       \
	REG(SMCR_EL2, 3, 4, 1, 2, 6, HAVE(EL2_SME), ENTRY, 0)                                      \
	REG(CNTHCTL_EL2, 3, 4, 14, 1, 0, HAVE(EL2), ENTRY, 0)                                      \
	REG(CNTVOFF_EL2, 3, 4, 14, 0, 3, HAVE(EL2), ENTRY, 0)                                      \
	REG(CNTPOFF_EL2, 3, 4, 14, 0, 6, HAVE(EL2_CNTPOFF), ENTRY, 0)                              \
	REG(CNTHP_CTL_EL2, 3, 4, 14, 2, 1, HAVE(EL2), VALUE, 0)                                    \
	REG(CNTHP_CVAL_EL2, 3, 4, 14, 2, 2, HAVE(EL2), VALUE, 0)                                   \
	REG(CNTHV_CTL_EL2, 3, 4, 14, 3, 1, HAVE(EL2_VHE), VALUE, 0)                                \
	REG(CNTHV_CVAL_EL2, 3, 4, 14, 3, 2, HAVE(EL2_VHE), VALUE, 0)                               \
	REG(HFGRTR_EL2, 3, 4, 1, 1, 4, HAVE(EL2_FGT), ENTRY, 0)                                    \
	REG(HFGWTR_EL2, 3, 4, 1, 1, 5, HAVE(EL2_FGT), ENTRY, 0)                                    \
	REG(HFGITR_EL2, 3, 4, 1, 1, 6, HAVE(EL2_FGT), ENTRY, 0)                                    \
	REG(HDFGRTR_EL2, 3, 4, 3, 1, 4, HAVE(EL2_FGT), ENTRY, 0)                                   \
	REG(HDFGWTR_EL2, 3, 4, 3, 1, 5, HAVE(EL2_FGT), ENTRY, 0)                                   \
	REG(PMSCR_EL2, 3, 4, 9, 9, 0, HAVE(EL2_SPE), SHOWN, 0)                                     \
	REG(TRFCR_EL2, 3, 4, 1, 2, 1, HAVE(EL2_TRACE_FILTER), SHOWN, 0)

#define KX_REGISTERS(REG, GUEST)                                                                   \
	KX_REGISTERS_EL1(REG, GUEST)                                                               \
	KX_REGISTERS_STATE(REG, GUEST)                                                             \
	KX_REGISTERS_TIMERS(REG, GUEST)                                                            \
	KX_REGISTERS_DEBUG(REG, GUEST)                                                             \
	KX_REGISTERS_PROFILE(REG, GUEST)                                                           \
	KX_REGISTERS_GIC(REG, GUEST)                                                               \
	KX_REGISTERS_GIC_EL2(REG, GUEST)                                                           \
	KX_REGISTERS_EL2(REG, GUEST)

#endif /* KX_AARCH64_REGISTERS_H */
