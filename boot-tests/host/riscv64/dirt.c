/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: which bits of a CSR state.c turns over: all of them, but where the host could not go on,
 * and some of those that the trampoline resets. Priv "Control and Status Registers".
 */
#include "host.h"

static const struct {
	char name[16];
	uint64_t mask;
} masks[] = {
	{ "sstatus", 0xc6720 },             /* MXR, SUM, FS, VS, SPP, SPIE */
	{ "vsstatus", 0xc6720 },
	{ "hstatus", 0x300300 },            /* VTW, VTVM, HU, SPVP */
	{ "sip", 2 },                       /* SSIP: the others are not for S-mode to write */
	{ "hgatp", 0x8000000000000fff },    /* Sv39x4; a mode that there is not would change nothing */
	{ "vsatp", 0x8000000000000fff },
	{ "vstvec", 0x1234567c },
	{ "stimecmp", 0x123456789abc },     /* ~0 is what it should be */
	{ "vstimecmp", 0x123456789abc },
	{ "sscratch", ~0ull },
	{ "sepc", ~0ull },
	{ "scause", ~0ull },
	{ "stval", ~0ull },
};

void dirt_mask(const char *name, uint64_t *mask)
{
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if (!strcmp(masks[i].name, name))
			*mask = masks[i].mask;
}
