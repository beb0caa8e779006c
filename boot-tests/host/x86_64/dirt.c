/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: which bits of a register state.c turns over: such as a CPU takes, and the host can go on
 * with. SDM "Control Registers", "Model-Specific Registers (MSRs)", "Local Vector Table".
 */
#include "host.h"
#include "port.h"

#define CPUID1_ECX_X2APIC 0x200000

static const struct {
	char name[20];
	uint64_t mask;
} masks[] = {
	{ "CR0", 0x4000e },                 /* AM, TS, EM, MP */
	{ "CR2", ~0ull },
	{ "CR4", 0x300f4c },                /* SMAP SMEP UMIP OSXMMEXCPT OSFXSR PCE MCE DE TSD */
	{ "CR8", 0xf },
	{ "DR6", 0x400f },                  /* BS, B0 to B3 */
	{ "DR7", 0x55 },                    /* L0 to L3 */
	{ "FCW", 0xc3f },                   /* rounding, every exception unmasked */
	{ "MXCSR", 0x7f80 },                /* the same */
	{ "XCR0", 6 },                      /* AVX, SSE */
	{ "PKRU", 0xffffffff },
	{ "PKRS", 0xffffffff },
	{ "XSS", 0 },                       /* which bits a CPU takes it does not say simply */
	{ "EFER", 1 },                      /* SCE */
	{ "PAT", 0x0407050600070106 ^ 0x0007040600070406 }, /* as Linux has it */
	{ "FMASK", 0x257fd5 },
	{ "FS_BASE", ~0ull },
	{ "GS_BASE", ~0ull },
	{ "TSC_AUX", 0xffffffff },
	{ "SYSENTER_CS", 0xffff },
	{ "SPEC_CTRL", 1 },                 /* IBRS */
	{ "MISC_ENABLE", 1 },               /* fast strings */
	{ "VM_HSAVE_PA", 0x12345000 },
	{ "MCG_STATUS", 1 },                /* RIPV */
	{ "MTRR_DEF_TYPE", 0x800 },         /* E */
	{ "DEBUGCTL", 1 },                  /* LBR */
	{ "APIC_SVR", 0x110 },              /* enable, vector */
	{ "APIC_TPR", 0x0f },
	{ "APIC_LDR", 0xff000000 },
	{ "APIC_DFR", 0xf0000000 },
	{ "APIC_LVT_TIMER", 0x20030 },      /* periodic, vector */
	{ "APIC_TIMER_INIT", 0x7fffffff },
	{ "APIC_TIMER_DIV", 0xb },
	{ "APIC_LVT_LINT0", 0x10031 },      /* mask, vector */
	{ "APIC_LVT_LINT1", 0x10032 },
	{ "APIC_LVT_ERROR", 0x33 },
	{ "APIC_LVT_PERF", 0x34 },
	{ "APIC_LVT_THERMAL", 0x35 },
	{ "APIC_LVT_CMCI", 0x36 },
};

static int starts(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

void dirt_mask(const char *name, uint64_t *mask)
{
	if (starts(name, "MTRR_FIX"))
		*mask = 0x0101010101010101;
	else if (starts(name, "MTRR_BASE"))
		*mask = 0x12345001;
	else if (starts(name, "MTRR_MASK"))
		*mask = 0x12345800;
	else if (!strcmp(name, "APIC_BASE"))
		*mask = read_cpuid(1).c & CPUID1_ECX_X2APIC ? 0x400 : 0; /* x2APIC mode */
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if (!strcmp(masks[i].name, name))
			*mask = masks[i].mask;
}
