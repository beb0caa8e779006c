/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: the registers that a new kernel may find other than at a cold boot. Read by state.c.
 * SDM: Intel 64 and IA-32 Architectures SDM, volume 3 "Control Registers", "Debug Registers",
 * "Advanced Programmable Interrupt Controller (APIC)", volume 4 "Model-Specific Registers"; APM: AMD64
 * Architecture Programmer's Manual, volume 2 "MSR Cross-Reference"; Linux
 * Documentation/admin-guide/hw-vuln for what the mitigations' registers do.
 *
 *   REG(name, there, rule, value): with instructions of its own
 *   MSR(name, number, there, rule, value)
 *   APIC(name, offset, there, rule, value): of the local APIC
 *
 * there: HAVE(x), or OF(x, n): number n of those that there are. rule: see struct kx_register in
 * arch.h.
 */
#ifndef KX_X86_64_REGISTERS_H
#define KX_X86_64_REGISTERS_H

#define KX_REGISTERS_CONTROL(REG, MSR, APIC)                                                       \
	REG(CR0, HAVE(ALWAYS), LATE, 0)                                                            \
	REG(CR2, HAVE(ALWAYS), LATE, 0)                                                            \
	REG(CR3, HAVE(ALWAYS), LATE, 0)                                                            \
	REG(CR4, HAVE(ALWAYS), LATE, 0)                                                            \
	REG(CR8, HAVE(ALWAYS), LATE, 0)                                                            \
	REG(LDTR, HAVE(ALWAYS), LATE, 0)                                                           \
	REG(TR, HAVE(ALWAYS), SHOWN, 0)                                                            \
	REG(DR7, HAVE(ALWAYS), VALUE, 0x400)                                                       \
	REG(DR0, HAVE(ALWAYS), VALUE, 0)                                                           \
	REG(DR1, HAVE(ALWAYS), VALUE, 0)                                                           \
	REG(DR2, HAVE(ALWAYS), VALUE, 0)                                                           \
	REG(DR3, HAVE(ALWAYS), VALUE, 0)                                                           \
	REG(DR6, HAVE(ALWAYS), VALUE, 0xffff0ff0)                                                  \
	REG(FCW, HAVE(ALWAYS), VALUE, 0x37f)                                                       \
	REG(MXCSR, HAVE(ALWAYS), VALUE, 0x1f80)                                                    \
	REG(XCR0, HAVE(XSAVE), VALUE, 1)                                                           \
	REG(PKRU, HAVE(PKU), VALUE, 0)                                                             \
	MSR(XSS, 0xda0, HAVE(XSAVES), VALUE, 0)                                                    \
	MSR(XFD, 0x1c4, HAVE(XFD), VALUE, 0)                                                       \
	MSR(XFD_ERR, 0x1c5, HAVE(XFD), VALUE, 0)                                                   \
	MSR(EFER, 0xc0000080, HAVE(ALWAYS), LATE, 0)                                               \
	MSR(STAR, 0xc0000081, HAVE(ALWAYS), VALUE, 0)                                              \
	MSR(LSTAR, 0xc0000082, HAVE(ALWAYS), VALUE, 0)                                             \
	MSR(CSTAR, 0xc0000083, HAVE(ALWAYS), VALUE, 0)                                             \
	MSR(FMASK, 0xc0000084, HAVE(ALWAYS), VALUE, 0)                                             \
	MSR(FS_BASE, 0xc0000100, HAVE(ALWAYS), LATE, 0)                                            \
	MSR(GS_BASE, 0xc0000101, HAVE(ALWAYS), LATE, 0)                                            \
	MSR(KERNEL_GS_BASE, 0xc0000102, HAVE(ALWAYS), VALUE, 0)                                    \
	MSR(TSC_AUX, 0xc0000103, HAVE(TSC_AUX), VALUE, 0)                                          \
	MSR(SYSENTER_CS, 0x174, HAVE(SYSENTER), VALUE, 0)                                          \
	MSR(SYSENTER_ESP, 0x175, HAVE(SYSENTER), VALUE, 0)                                         \
	MSR(SYSENTER_EIP, 0x176, HAVE(SYSENTER), VALUE, 0)                                         \
	MSR(PKRS, 0x6e1, HAVE(PKS), VALUE, 0)                                                      \
	MSR(U_CET, 0x6a0, HAVE(CET), VALUE, 0)                                                     \
	MSR(S_CET, 0x6a2, HAVE(CET), VALUE, 0)                                                     \
	MSR(PL0_SSP, 0x6a4, HAVE(SHADOW_STACK), VALUE, 0)                                          \
	MSR(PL1_SSP, 0x6a5, HAVE(SHADOW_STACK), VALUE, 0)                                          \
	MSR(PL2_SSP, 0x6a6, HAVE(SHADOW_STACK), VALUE, 0)                                          \
	MSR(PL3_SSP, 0x6a7, HAVE(SHADOW_STACK), VALUE, 0)                                          \
	MSR(INT_SSP_TAB, 0x6a8, HAVE(SHADOW_STACK), VALUE, 0)

/* Mitigations, power, time */
#define KX_REGISTERS_MODEL(REG, MSR, APIC)                                                         \
	MSR(SPEC_CTRL, 0x48, HAVE(SPEC_CTRL), VALUE, 0)                                            \
	MSR(VIRT_SPEC_CTRL, 0xc001011f, HAVE(VIRT_SPEC_CTRL), VALUE, 0)                            \
	MSR(TSX_CTRL, 0x122, HAVE(TSX_CTRL), ENTRY, 0)                                             \
	MSR(MCU_OPT_CTRL, 0x123, HAVE(MCU_OPT_CTRL), ENTRY, 0)                                     \
	MSR(MISC_ENABLE, 0x1a0, HAVE(INTEL), ENTRY, 0)                                             \
	MSR(DE_CFG, 0xc0011029, HAVE(DE_CFG), ENTRY, 0)                                            \
	MSR(UMWAIT_CONTROL, 0xe1, HAVE(WAITPKG), ENTRY, 0)                                         \
	MSR(ENERGY_PERF_BIAS, 0x1b0, HAVE(EPB), ENTRY, 0)                                          \
	MSR(HWP_REQUEST, 0x774, HAVE(HWP), ENTRY, 0)                                               \
	MSR(TSC_ADJUST, 0x3b, HAVE(TSC_ADJUST), SHOWN, 0)                                          \
	MSR(TSC_DEADLINE, 0x6e0, HAVE(TSC_DEADLINE), VALUE, 0)                                     \
	MSR(VM_HSAVE_PA, 0xc0010117, HAVE(SVM), VALUE, 0)

#define KX_BANK_2(MSR, i, number, j, next)                                                         \
	MSR(MC##i##_CTL, number, OF(MC_BANKS, i), ENTRY, 0)                                        \
	MSR(MC##j##_CTL, next, OF(MC_BANKS, j), ENTRY, 0)

#define KX_REGISTERS_MACHINE_CHECK(REG, MSR, APIC)                                                 \
	MSR(MCG_STATUS, 0x17a, HAVE(MC), VALUE, 0)                                                 \
	MSR(MCG_CTL, 0x17b, HAVE(MCG_CTL), ENTRY, 0)                                               \
	MSR(MCG_EXT_CTL, 0x4d0, HAVE(MCG_EXT_CTL), ENTRY, 0)                                       \
	KX_BANK_2(MSR, 0, 0x400, 1, 0x404) KX_BANK_2(MSR, 2, 0x408, 3, 0x40c)                      \
	KX_BANK_2(MSR, 4, 0x410, 5, 0x414) KX_BANK_2(MSR, 6, 0x418, 7, 0x41c)                      \
	KX_BANK_2(MSR, 8, 0x420, 9, 0x424) KX_BANK_2(MSR, 10, 0x428, 11, 0x42c)                    \
	KX_BANK_2(MSR, 12, 0x430, 13, 0x434) KX_BANK_2(MSR, 14, 0x438, 15, 0x43c)                  \
	KX_BANK_2(MSR, 16, 0x440, 17, 0x444) KX_BANK_2(MSR, 18, 0x448, 19, 0x44c)                  \
	KX_BANK_2(MSR, 20, 0x450, 21, 0x454) KX_BANK_2(MSR, 22, 0x458, 23, 0x45c)                  \
	KX_BANK_2(MSR, 24, 0x460, 25, 0x464) KX_BANK_2(MSR, 26, 0x468, 27, 0x46c)                  \
	KX_BANK_2(MSR, 28, 0x470, 29, 0x474) KX_BANK_2(MSR, 30, 0x478, 31, 0x47c)

#define KX_RANGE(MSR, n, base, mask)                                                               \
	MSR(MTRR_BASE##n, base, OF(MTRR_RANGES, n), ENTRY, 0)                                      \
	MSR(MTRR_MASK##n, mask, OF(MTRR_RANGES, n), ENTRY, 0)

/* Memory types */
#define KX_REGISTERS_MEMORY(REG, MSR, APIC)                                                        \
	MSR(PAT, 0x277, HAVE(PAT), LATE, 0)                                                        \
	MSR(MTRR_DEF_TYPE, 0x2ff, HAVE(MTRR), ENTRY, 0)                                            \
	MSR(MTRR_FIX64K_00000, 0x250, HAVE(MTRR_FIXED), ENTRY, 0)                                  \
	MSR(MTRR_FIX16K_80000, 0x258, HAVE(MTRR_FIXED), ENTRY, 0)                                  \
	MSR(MTRR_FIX16K_A0000, 0x259, HAVE(MTRR_FIXED), ENTRY, 0)                                  \
	MSR(MTRR_FIX4K_C0000, 0x268, HAVE(MTRR_FIXED), ENTRY, 0)                                   \
	MSR(MTRR_FIX4K_C8000, 0x269, HAVE(MTRR_FIXED), ENTRY, 0)                                   \
	MSR(MTRR_FIX4K_D0000, 0x26a, HAVE(MTRR_FIXED), ENTRY, 0)                                   \
	MSR(MTRR_FIX4K_D8000, 0x26b, HAVE(MTRR_FIXED), ENTRY, 0)                                   \
	MSR(MTRR_FIX4K_E0000, 0x26c, HAVE(MTRR_FIXED), ENTRY, 0)                                   \
	MSR(MTRR_FIX4K_E8000, 0x26d, HAVE(MTRR_FIXED), ENTRY, 0)                                   \
	MSR(MTRR_FIX4K_F0000, 0x26e, HAVE(MTRR_FIXED), ENTRY, 0)                                   \
	MSR(MTRR_FIX4K_F8000, 0x26f, HAVE(MTRR_FIXED), ENTRY, 0)                                   \
	KX_RANGE(MSR, 0, 0x200, 0x201) KX_RANGE(MSR, 1, 0x202, 0x203) KX_RANGE(MSR, 2, 0x204, 0x205) \
	KX_RANGE(MSR, 3, 0x206, 0x207) KX_RANGE(MSR, 4, 0x208, 0x209) KX_RANGE(MSR, 5, 0x20a, 0x20b) \
	KX_RANGE(MSR, 6, 0x20c, 0x20d) KX_RANGE(MSR, 7, 0x20e, 0x20f) KX_RANGE(MSR, 8, 0x210, 0x211) \
	KX_RANGE(MSR, 9, 0x212, 0x213)

#define KX_EVENT(MSR, n, select, count)                                                            \
	MSR(PERFEVTSEL##n, select, OF(COUNTERS, n), VALUE, 0)                                      \
	MSR(PMC##n, count, OF(COUNTERS, n), VALUE, 0)

#define KX_AMD_EVENT(MSR, there, name, n, select, count)                                           \
	MSR(name##_CTL##n, select, OF(there, n), VALUE, 0)                                         \
	MSR(name##_CTR##n, count, OF(there, n), VALUE, 0)

/* Counters, records and traces; what controls them all comes first */
#define KX_REGISTERS_PROFILE(REG, MSR, APIC)                                                       \
	MSR(DEBUGCTL, 0x1d9, HAVE(DEBUGCTL), VALUE, 0)                                             \
	MSR(LBR_CTL, 0x14ce, HAVE(ARCH_LBR), VALUE, 0)                                             \
	MSR(DBG_EXTN_CFG, 0xc000010f, HAVE(AMD_LBR), ENTRY, 0)                                     \
	MSR(RTIT_CTL, 0x570, HAVE(PT), VALUE, 0)                                                   \
	MSR(PERF_GLOBAL_CTRL, 0x38f, HAVE(PERF_GLOBAL), ENTRY, 0)                                  \
	MSR(FIXED_CTR_CTRL, 0x38d, HAVE(PERF_GLOBAL), VALUE, 0)                                    \
	MSR(FIXED_CTR0, 0x309, OF(FIXED_COUNTERS, 0), VALUE, 0)                                    \
	MSR(FIXED_CTR1, 0x30a, OF(FIXED_COUNTERS, 1), VALUE, 0)                                    \
	MSR(FIXED_CTR2, 0x30b, OF(FIXED_COUNTERS, 2), VALUE, 0)                                    \
	MSR(FIXED_CTR3, 0x30c, OF(FIXED_COUNTERS, 3), VALUE, 0)                                    \
	KX_EVENT(MSR, 0, 0x186, 0xc1) KX_EVENT(MSR, 1, 0x187, 0xc2) KX_EVENT(MSR, 2, 0x188, 0xc3)  \
	KX_EVENT(MSR, 3, 0x189, 0xc4) KX_EVENT(MSR, 4, 0x18a, 0xc5) KX_EVENT(MSR, 5, 0x18b, 0xc6)  \
	KX_EVENT(MSR, 6, 0x18c, 0xc7) KX_EVENT(MSR, 7, 0x18d, 0xc8)                                \
	MSR(PEBS_ENABLE, 0x3f1, HAVE(PEBS), VALUE, 0)                                              \
	MSR(DS_AREA, 0x600, HAVE(DS_AREA), VALUE, 0)                                               \
	MSR(PERF_GLOBAL_CTL, 0xc0000301, HAVE(AMD_PERF_GLOBAL), ENTRY, 0)                          \
	KX_AMD_EVENT(MSR, AMD_COUNTERS, K7_PERF, 0, 0xc0010000, 0xc0010004)                        \
	KX_AMD_EVENT(MSR, AMD_COUNTERS, K7_PERF, 1, 0xc0010001, 0xc0010005)                        \
	KX_AMD_EVENT(MSR, AMD_COUNTERS, K7_PERF, 2, 0xc0010002, 0xc0010006)                        \
	KX_AMD_EVENT(MSR, AMD_COUNTERS, K7_PERF, 3, 0xc0010003, 0xc0010007)                        \
	KX_AMD_EVENT(MSR, AMD_CORE_COUNTERS, PERF, 0, 0xc0010200, 0xc0010201)                      \
	KX_AMD_EVENT(MSR, AMD_CORE_COUNTERS, PERF, 1, 0xc0010202, 0xc0010203)                      \
	KX_AMD_EVENT(MSR, AMD_CORE_COUNTERS, PERF, 2, 0xc0010204, 0xc0010205)                      \
	KX_AMD_EVENT(MSR, AMD_CORE_COUNTERS, PERF, 3, 0xc0010206, 0xc0010207)                      \
	KX_AMD_EVENT(MSR, AMD_CORE_COUNTERS, PERF, 4, 0xc0010208, 0xc0010209)                      \
	KX_AMD_EVENT(MSR, AMD_CORE_COUNTERS, PERF, 5, 0xc001020a, 0xc001020b)                      \
	MSR(IBS_FETCH_CTL, 0xc0011030, HAVE(IBS), VALUE, 0)                                        \
	MSR(IBS_OP_CTL, 0xc0011033, HAVE(IBS), VALUE, 0)

#define KX_WORDS(APIC, name, n, offset)                                                            \
	APIC(name##n, offset, HAVE(APIC), SHOWN, 0)

/* SVR before the LVTs: while it disables the APIC they stay masked. */
#define KX_REGISTERS_APIC(REG, MSR, APIC)                                                          \
	MSR(APIC_BASE, 0x1b, HAVE(APIC_BASE), ENTRY, 0)                                            \
	APIC(APIC_SVR, 0x0f0, HAVE(APIC), ENTRY, 0)                                                \
	APIC(APIC_TPR, 0x080, HAVE(APIC), VALUE, 0)                                                \
	APIC(APIC_LDR, 0x0d0, HAVE(XAPIC), SELF, 0)                                                \
	APIC(APIC_DFR, 0x0e0, HAVE(XAPIC), ENTRY, 0)                                               \
	APIC(APIC_LVT_TIMER, 0x320, HAVE(APIC), ENTRY, 0)                                          \
	APIC(APIC_TIMER_INIT, 0x380, HAVE(APIC), VALUE, 0)                                         \
	APIC(APIC_TIMER_DIV, 0x3e0, HAVE(APIC), ENTRY, 0)                                          \
	APIC(APIC_LVT_LINT0, 0x350, HAVE(APIC), ENTRY, 0)                                          \
	APIC(APIC_LVT_LINT1, 0x360, HAVE(APIC), ENTRY, 0)                                          \
	APIC(APIC_LVT_ERROR, 0x370, OF(APIC_LVTS, 3), ENTRY, 0)                                    \
	APIC(APIC_LVT_PERF, 0x340, OF(APIC_LVTS, 4), ENTRY, 0)                                     \
	APIC(APIC_LVT_THERMAL, 0x330, OF(APIC_LVTS, 5), ENTRY, 0)                                  \
	APIC(APIC_LVT_CMCI, 0x2f0, OF(APIC_LVTS, 6), ENTRY, 0)                                     \
	KX_WORDS(APIC, APIC_ISR, 0, 0x100) KX_WORDS(APIC, APIC_ISR, 1, 0x110)                      \
	KX_WORDS(APIC, APIC_ISR, 2, 0x120) KX_WORDS(APIC, APIC_ISR, 3, 0x130)                      \
	KX_WORDS(APIC, APIC_ISR, 4, 0x140) KX_WORDS(APIC, APIC_ISR, 5, 0x150)                      \
	KX_WORDS(APIC, APIC_ISR, 6, 0x160) KX_WORDS(APIC, APIC_ISR, 7, 0x170)                      \
	KX_WORDS(APIC, APIC_IRR, 0, 0x200) KX_WORDS(APIC, APIC_IRR, 1, 0x210)                      \
	KX_WORDS(APIC, APIC_IRR, 2, 0x220) KX_WORDS(APIC, APIC_IRR, 3, 0x230)                      \
	KX_WORDS(APIC, APIC_IRR, 4, 0x240) KX_WORDS(APIC, APIC_IRR, 5, 0x250)                      \
	KX_WORDS(APIC, APIC_IRR, 6, 0x260) KX_WORDS(APIC, APIC_IRR, 7, 0x270)

#define KX_REGISTERS(REG, MSR, APIC)                                                               \
	KX_REGISTERS_CONTROL(REG, MSR, APIC)                                                       \
	KX_REGISTERS_MODEL(REG, MSR, APIC)                                                         \
	KX_REGISTERS_MACHINE_CHECK(REG, MSR, APIC)                                                 \
	KX_REGISTERS_MEMORY(REG, MSR, APIC)                                                        \
	KX_REGISTERS_PROFILE(REG, MSR, APIC)                                                       \
	KX_REGISTERS_APIC(REG, MSR, APIC)

#endif /* KX_X86_64_REGISTERS_H */
