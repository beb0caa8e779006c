/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: what purgatory asks of the CPU and of the firmware. Regions are hashed with MMU and caches
 * on, over tables made for each: the region, purgatory and its consoles, nothing else.
 */
#include "purgatory.h"

#include "arch.h"
#include "arena.h"
#include "firmware.h"
#include "range.h"
#include "table.h"

#define READ(to, name) __asm__ volatile("mrs %0, " name : "=r"(to))

#define HCR_E2H (1ull << 34) /* Arm "HCR_EL2" */

/* Arm "VMSAv8-64 descriptor formats" */
#define DESC_AF        0x400
#define DESC_INNER     0x300 /* shareable */
#define DESC_AP1       0x40  /* RES1 where there is no EL0 below */
#define DESC_NORMAL    0     /* index in MAIR */
#define DESC_DEVICE    (1 << 2)

/* Arm "MAIR_EL1": 0 Normal write-back, read- and write-allocate; 1 Device-nGnRnE */
#define MAIR 0x00ff

/* Arm "TCR_EL1", "TCR_EL2": 48 bits, 4 KiB, walks write-back and inner shareable */
#define TCR       0x3510
#define TCR_EPD1  (1ull << 23)
#define TCR_IPS_SHIFT 32
#define TCR_EL2_PS_SHIFT 16
#define TCR_EL2_RES1 0x80800000

/* Arm "ID_AA64MMFR0_EL1" */
#define MMFR0_PARANGE    0xf
#define MMFR0_PARANGE_48 5
#define MMFR0_TGRAN4_SHIFT 28
#define MMFR0_TGRAN4_NONE 15

/* The root; three tables for each end of the region, three for purgatory and as many again should it
 * lie on a border, three for each console, the status record and the watchdog. */
#define KX_PURGATORY_TABLES 26

extern uint8_t kx_purgatory_tables_[] KX_HIDDEN;

KX_HIDDEN void kx_mmu_on_(uint64_t ttbr, uint64_t tcr, uint64_t mair);
KX_HIDDEN void kx_mmu_off_(void);
KX_HIDDEN void kx_flush_(uint64_t from, uint64_t to);

/* Does the lower half have an upper one, as at EL1? */
static int has_halves(void)
{
	uint64_t hcr;

	if (!kx_at_el2_())
		return 1;
	READ(hcr, "hcr_el2");
	return (hcr & HCR_E2H) != 0;
}

uint64_t kx_ticks_hz_(void)
{
	uint64_t hz;

	READ(hz, "cntfrq_el0");
	return hz;
}

uint32_t kx_method_find_(void)
{
	return kx_sha256_best();
}

/* Arm "CPACR_EL1", "CPTR_EL2" */
void kx_vector_open_(uint64_t saved[2])
{
	saved[1] = 0;
	if (!kx_at_el2_()) {
		READ(saved[0], "cpacr_el1");
		__asm__ volatile("msr cpacr_el1, %0\n\tisb" : : "r"(saved[0] | CPTR_FPEN));
		return;
	}
	READ(saved[0], "cptr_el2");
	__asm__ volatile("msr cptr_el2, %0\n\tisb" : :
			 "r"(has_halves() ? saved[0] | CPTR_FPEN : saved[0] & ~(uint64_t)CPTR_TFP));
}

/* In force, at the latest, when the image is entered: nothing before that would notice. */
void kx_vector_close_(const uint64_t saved[2])
{
	if (kx_at_el2_())
		__asm__ volatile("msr cptr_el2, %0" : : "r"(saved[0]));
	else
		__asm__ volatile("msr cpacr_el1, %0" : : "r"(saved[0]));
}

/* Map whole pages around these bytes to themselves. */
static int map(struct kx_table *table, uint64_t pa, uint64_t size, int kind)
{
	uint64_t start = kx_align_down_(pa, KX_PAGE_SIZE);
	struct kx_mapping mapping = { start, start,
				      kx_align_up_(pa + size, KX_PAGE_SIZE) - start, kind };

	if (pa & KX_PURGATORY_BEYOND) /* a console of kexec's, of which the info knows nothing */
		return -KX_ERR_REGION_RANGE;
	return kx_table_map_(table, &mapping);
}

static int map_all(struct kx_table *table, const struct kx_purgatory *purgatory,
		   struct kx_region region)
{
	uint64_t code = (uintptr_t)kx_purgatory_, data = (uintptr_t)kx_purgatory_data_;
	uint64_t beside[2 + KX_CONSOLE_DEVICES] = { purgatory->info->status_pa, purgatory->info->kick.pa };
	int error = map(table, code, data - code, KX_MAP_CODE);

	for (unsigned int i = 0; i < KX_CONSOLE_DEVICES; i++)
		if (purgatory->console.devices[i].kind != KX_DEVICE_NONE)
			beside[2 + i] = purgatory->console.devices[i].base;
	error |= map(table, data, (uintptr_t)kx_purgatory_end_ - data, KX_MAP_DATA);
	for (unsigned int i = 0; i < 2 + KX_CONSOLE_DEVICES; i++)
		if (beside[i])
			error |= map(table, beside[i], 1, KX_MAP_DEVICE);
	return error | map(table, region.pa, region.size, KX_MAP_DATA);
}

int kx_region_open_(const struct kx_purgatory *purgatory, struct kx_region region)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 }; /* by PARange */
	struct kx_arena arena;
	struct kx_table table = { .page_shift = KX_PAGE_SHIFT, .va_bits = 48, .levels = 4,
				  .leaf_level = 2, .attributes = DESC_AF | DESC_INNER | DESC_NORMAL,
				  .device = DESC_AF | DESC_DEVICE };
	uint64_t mmfr0, range, tcr;

	arena.base = kx_purgatory_tables_; /* in an initializer, an address may become a constant */
	arena.pa = (uintptr_t)kx_purgatory_tables_;
	arena.size = KX_PURGATORY_TABLES * KX_PAGE_SIZE;
	arena.used = 0;
	READ(mmfr0, "id_aa64mmfr0_el1");
	if ((mmfr0 >> MMFR0_TGRAN4_SHIFT & 15) == MMFR0_TGRAN4_NONE)
		return 0; /* no such pages: slow, but right */
	range = mmfr0 & MMFR0_PARANGE;
	range = range < MMFR0_PARANGE_48 ? range : MMFR0_PARANGE_48;
	if ((region.pa + region.size - 1) >> bits[range])
		return -KX_ERR_REGION_RANGE;
	if (has_halves()) {
		tcr = TCR | TCR_EPD1 | range << TCR_IPS_SHIFT;
	} else {
		tcr = TCR | TCR_EL2_RES1 | range << TCR_EL2_PS_SHIFT;
		table.attributes |= DESC_AP1;
		table.device |= DESC_AP1;
	}
	if (kx_table_init_(&table, &arena) || map_all(&table, purgatory, region))
		return -KX_ERR_REGION_RANGE;
	/* What was written past the caches must not be hidden by lines from before; there is nothing
	 * dirty among them, see booting.rst. */
	kx_flush_((uintptr_t)kx_purgatory_data_, (uintptr_t)kx_purgatory_end_);
	kx_mmu_on_(table.root_pa, tcr, MAIR);
	return 0;
}

/* The new kernel reads past the caches: what was hashed in them is now what memory holds. */
void kx_region_close_(struct kx_purgatory *purgatory, struct kx_region region)
{
	uint64_t start = kx_ticks_();

	kx_flush_(region.pa, region.pa + region.size);
	purgatory->cleaned += kx_ticks_() - start;
	kx_mmu_off_();
}

/* A warm one, which leaves memory as it is; where there is none, a cold one. */
void kx_reset_(const uint64_t arch[KX_PURGATORY_ARCH_COUNT])
{
	static const uint32_t asked[] = { PSCI_SYSTEM_RESET2, PSCI_SYSTEM_RESET };
	uint32_t method = arch[0] == KX_PSCI_SMC ? KX_CPUS_PSCI_SMC : (uint32_t)arch[0];

	for (unsigned int i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		kx_firmware_(method, asked[i], PSCI_WARM_RESET);
}
