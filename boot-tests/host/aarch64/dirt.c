/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: which bits of a register state.c turns over: all of them, but where the host could not
 * go on, and some of those that the trampoline resets. Arm "AArch64 System Register Descriptions".
 */
#include "host.h"

static const struct {
	char name[16];
	uint64_t mask;
} masks[] = {
	{ "CPACR_EL1", 0x10300000 },        /* TTA, FPEN */
	{ "CPTR_EL2", 0x80000500 },         /* TCPAC, TFP, TZ */
	{ "HCR_EL2", 0x02606000 },          /* TTLB, TSW, TACR, TWE, TWI */
	{ "MDCR_EL2", 0x3e0 },              /* TDA, TDE, HPME, TPM, TPMCR */
	{ "PMCR_EL0", 0x59 },               /* LC, X, D, E; P and C are commands to clear others */
	{ "CNTP_CTL_EL0", 1 },              /* ENABLE, and not masked */
	{ "CNTV_CTL_EL0", 1 },
	{ "CNTHP_CTL_EL2", 1 },
	{ "CNTHV_CTL_EL2", 1 },
	{ "VBAR_EL1", 0x12345800 },
	{ "VBAR_EL2", 0x12345800 },
	{ "OSLSR_EL1", 2 },                 /* OSLK */
	{ "ICC_CTLR_EL1", 2 },              /* EOImode; CBPR would hide another register */
	{ "PAN", 1 << 22 },                 /* PSTATE's, each at a place of its own */
	{ "UAO", 1 << 23 },
	{ "DIT", 1 << 24 },
	{ "SSBS", 1 << 12 },
	{ "TCO", 1 << 25 },
	{ "SP_EL0", ~0ull },
	{ "APIAKEYLO_EL1", ~0ull }, { "APIAKEYHI_EL1", ~0ull },
	{ "APIBKEYLO_EL1", ~0ull }, { "APIBKEYHI_EL1", ~0ull },
	{ "APDAKEYLO_EL1", ~0ull }, { "APDAKEYHI_EL1", ~0ull },
	{ "APDBKEYLO_EL1", ~0ull }, { "APDBKEYHI_EL1", ~0ull },
	{ "APGAKEYLO_EL1", ~0ull }, { "APGAKEYHI_EL1", ~0ull },
};

void dirt_mask(const char *name, uint64_t *mask)
{
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if (!strcmp(masks[i].name, name))
			*mask = masks[i].mask;
}
