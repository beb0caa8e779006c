/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: the CSRs that a new kernel may find other than at a cold boot. Read by state.c.
 * Priv: The RISC-V Instruction Set Manual, Volume II, "Control and Status Registers"; AIA: RISC-V
 * Advanced Interrupt Architecture.
 *
 *   REG(name, number, there, rule, value)
 *   INDIRECT(name, select, there, rule, value): sireg while siselect is `select`
 *
 * there: HAVE(x). rule: see struct kx_register in arch.h; none is KX_RULE_SELF: which hart this is mhartid
 * tells, which is for M mode.
 */
#ifndef KX_RISCV64_REGISTERS_H
#define KX_RISCV64_REGISTERS_H

#define KX_REGISTERS_S(REG, INDIRECT)                                                              \
	REG(sstatus, 0x100, HAVE(ALWAYS), ENTRY, 0)                                                \
	REG(sie, 0x104, HAVE(ALWAYS), VALUE, 0)                                                    \
	REG(sip, 0x144, HAVE(ALWAYS), VALUE, 0)                                                    \
	REG(stvec, 0x105, HAVE(ALWAYS), LATE, 0)                                                   \
	REG(sscratch, 0x140, HAVE(ALWAYS), LATE, 0)                                                \
	REG(sepc, 0x141, HAVE(ALWAYS), LATE, 0)                                                    \
	REG(scause, 0x142, HAVE(ALWAYS), LATE, 0)                                                  \
	REG(stval, 0x143, HAVE(ALWAYS), LATE, 0)                                                   \
	REG(satp, 0x180, HAVE(ALWAYS), LATE, 0)                                                    \
	REG(scounteren, 0x106, HAVE(ALWAYS), ENTRY, 0)                                             \
	REG(senvcfg, 0x10a, HAVE(PRIV_1_12), VALUE, 0)                                             \
	REG(stimecmp, 0x14d, HAVE(SSTC), VALUE, ~0ull)                                             \
	REG(sstateen0, 0x10c, HAVE(STATEEN), VALUE, 0)                                             \
	REG(sstateen1, 0x10d, HAVE(STATEEN), VALUE, 0)                                             \
	REG(sstateen2, 0x10e, HAVE(STATEEN), VALUE, 0)                                             \
	REG(sstateen3, 0x10f, HAVE(STATEEN), VALUE, 0)                                             \
	REG(scontext, 0x5a8, HAVE(TRIGGERS), VALUE, 0)                                             \
	REG(srmcfg, 0x181, HAVE(QOSID), ENTRY, 0)                                                  \
	REG(sctrctl, 0x14e, HAVE(CTR), VALUE, 0)                                                   \
	REG(sctrstatus, 0x14f, HAVE(CTR), VALUE, 0)                                                \
	REG(ssp, 0x011, HAVE(SHADOW_STACK), VALUE, 0)                                              \
	REG(jvt, 0x017, HAVE(TABLE_JUMP), VALUE, 0)                                                \
	REG(fcsr, 0x003, HAVE(FP), VALUE, 0)                                                       \
	REG(vstart, 0x008, HAVE(VECTOR), VALUE, 0)                                                 \
	REG(vcsr, 0x00f, HAVE(VECTOR), VALUE, 0)

/* "Hypervisor Extension". First those of a guest, and what is pending: without the delegation that
 * hideleg and hvien give, some bits of them cannot be reached any more. */
#define KX_REGISTERS_H(REG, INDIRECT)                                                              \
	REG(vsstatus, 0x200, HAVE(HYPERVISOR), ENTRY, 0)                                           \
	REG(vsie, 0x204, HAVE(HYPERVISOR), VALUE, 0)                                               \
	REG(vsip, 0x244, HAVE(HYPERVISOR), VALUE, 0)                                               \
	REG(vstvec, 0x205, HAVE(HYPERVISOR), VALUE, 0)                                             \
	REG(vsscratch, 0x240, HAVE(HYPERVISOR), VALUE, 0)                                          \
	REG(vsepc, 0x241, HAVE(HYPERVISOR), VALUE, 0)                                              \
	REG(vscause, 0x242, HAVE(HYPERVISOR), VALUE, 0)                                            \
	REG(vstval, 0x243, HAVE(HYPERVISOR), VALUE, 0)                                             \
	REG(vsatp, 0x280, HAVE(HYPERVISOR), VALUE, 0)                                              \
	REG(vstimecmp, 0x24d, HAVE(H_SSTC), VALUE, ~0ull)                                          \
	REG(vsiselect, 0x250, HAVE(H_AIA), VALUE, 0)                                               \
	REG(hie, 0x604, HAVE(HYPERVISOR), VALUE, 0)                                                \
	REG(hvip, 0x645, HAVE(HYPERVISOR), VALUE, 0)                                               \
	REG(hstatus, 0x600, HAVE(HYPERVISOR), ENTRY, 0)                                            \
	REG(hedeleg, 0x602, HAVE(HYPERVISOR), VALUE, 0)                                            \
	REG(hideleg, 0x603, HAVE(HYPERVISOR), VALUE, 0)                                            \
	REG(htimedelta, 0x605, HAVE(HYPERVISOR), VALUE, 0)                                         \
	REG(hcounteren, 0x606, HAVE(HYPERVISOR), VALUE, 0)                                         \
	REG(hgeie, 0x607, HAVE(HYPERVISOR), VALUE, 0)                                              \
	REG(henvcfg, 0x60a, HAVE(HYPERVISOR), ENTRY, 0)                                            \
	REG(htval, 0x643, HAVE(HYPERVISOR), VALUE, 0)                                              \
	REG(htinst, 0x64a, HAVE(HYPERVISOR), VALUE, 0)                                             \
	REG(hgatp, 0x680, HAVE(HYPERVISOR), VALUE, 0)                                              \
	REG(hcontext, 0x6a8, HAVE(H_TRIGGERS), VALUE, 0)                                           \
	REG(hstateen0, 0x60c, HAVE(H_STATEEN), VALUE, 0)                                           \
	REG(hstateen1, 0x60d, HAVE(H_STATEEN), VALUE, 0)                                           \
	REG(hstateen2, 0x60e, HAVE(H_STATEEN), VALUE, 0)                                           \
	REG(hstateen3, 0x60f, HAVE(H_STATEEN), VALUE, 0)                                           \
	REG(hvien, 0x608, HAVE(H_AIA), VALUE, 0)                                                   \
	REG(hvictl, 0x609, HAVE(H_AIA), VALUE, 0)                                                  \
	REG(hviprio1, 0x646, HAVE(H_AIA), ENTRY, 0)                                                \
	REG(hviprio2, 0x647, HAVE(H_AIA), ENTRY, 0)

/* An IMSIC's bits for 64 interrupts: pending and enabled; of each pair RV64 has the even one */
#define KX_FILE(INDIRECT, n, pending, enabled)                                                     \
	INDIRECT(eip##n, pending, HAVE(AIA), VALUE, 0)                                             \
	INDIRECT(eie##n, enabled, HAVE(AIA), VALUE, 0)

/* AIA "Supervisor-level CSRs", "Indirectly accessed interrupt-file registers" */
#define KX_REGISTERS_AIA(REG, INDIRECT)                                                            \
	REG(siselect, 0x150, HAVE(AIA), VALUE, 0)                                                  \
	INDIRECT(eidelivery, 0x70, HAVE(AIA), VALUE, 0)                                            \
	INDIRECT(eithreshold, 0x72, HAVE(AIA), VALUE, 0)                                           \
	KX_FILE(INDIRECT, 0, 0x80, 0xc0) KX_FILE(INDIRECT, 2, 0x82, 0xc2)                          \
	KX_FILE(INDIRECT, 4, 0x84, 0xc4) KX_FILE(INDIRECT, 6, 0x86, 0xc6)                          \
	KX_FILE(INDIRECT, 8, 0x88, 0xc8) KX_FILE(INDIRECT, 10, 0x8a, 0xca)                         \
	KX_FILE(INDIRECT, 12, 0x8c, 0xcc) KX_FILE(INDIRECT, 14, 0x8e, 0xce)                        \
	KX_FILE(INDIRECT, 16, 0x90, 0xd0) KX_FILE(INDIRECT, 18, 0x92, 0xd2)                        \
	KX_FILE(INDIRECT, 20, 0x94, 0xd4) KX_FILE(INDIRECT, 22, 0x96, 0xd6)                        \
	KX_FILE(INDIRECT, 24, 0x98, 0xd8) KX_FILE(INDIRECT, 26, 0x9a, 0xda)                        \
	KX_FILE(INDIRECT, 28, 0x9c, 0xdc) KX_FILE(INDIRECT, 30, 0x9e, 0xde)                        \
	KX_FILE(INDIRECT, 32, 0xa0, 0xe0) KX_FILE(INDIRECT, 34, 0xa2, 0xe2)                        \
	KX_FILE(INDIRECT, 36, 0xa4, 0xe4) KX_FILE(INDIRECT, 38, 0xa6, 0xe6)                        \
	KX_FILE(INDIRECT, 40, 0xa8, 0xe8) KX_FILE(INDIRECT, 42, 0xaa, 0xea)                        \
	KX_FILE(INDIRECT, 44, 0xac, 0xec) KX_FILE(INDIRECT, 46, 0xae, 0xee)                        \
	KX_FILE(INDIRECT, 48, 0xb0, 0xf0) KX_FILE(INDIRECT, 50, 0xb2, 0xf2)                        \
	KX_FILE(INDIRECT, 52, 0xb4, 0xf4) KX_FILE(INDIRECT, 54, 0xb6, 0xf6)                        \
	KX_FILE(INDIRECT, 56, 0xb8, 0xf8) KX_FILE(INDIRECT, 58, 0xba, 0xfa)                        \
	KX_FILE(INDIRECT, 60, 0xbc, 0xfc) KX_FILE(INDIRECT, 62, 0xbe, 0xfe)                        \
	INDIRECT(iprio0, 0x30, HAVE(AIA), ENTRY, 0)                                                \
	INDIRECT(iprio2, 0x32, HAVE(AIA), ENTRY, 0)                                                \
	INDIRECT(iprio4, 0x34, HAVE(AIA), ENTRY, 0)                                                \
	INDIRECT(iprio6, 0x36, HAVE(AIA), ENTRY, 0)                                                \
	INDIRECT(iprio8, 0x38, HAVE(AIA), ENTRY, 0)                                                \
	INDIRECT(iprio10, 0x3a, HAVE(AIA), ENTRY, 0)                                               \
	INDIRECT(iprio12, 0x3c, HAVE(AIA), ENTRY, 0)                                               \
	INDIRECT(iprio14, 0x3e, HAVE(AIA), ENTRY, 0)

#define KX_REGISTERS(REG, INDIRECT)                                                                \
	KX_REGISTERS_S(REG, INDIRECT)                                                              \
	KX_REGISTERS_H(REG, INDIRECT)                                                              \
	KX_REGISTERS_AIA(REG, INDIRECT)

#endif /* KX_RISCV64_REGISTERS_H */
