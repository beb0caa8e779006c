/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: reads and writes the registers that outlive the jump. Arm, GIC: see registers.h. */
#include "arch.h"

#include "cpu.h"
#include "mem.h"
#include "registers.h"

/* What a CPU may have: indices of kx_bank.count */
enum {
	KX_HAVE_NEVER,
	KX_HAVE_ALWAYS, KX_HAVE_SP_EL0, KX_HAVE_TCR2, KX_HAVE_PIE, KX_HAVE_POE, KX_HAVE_SCXTNUM,
	KX_HAVE_LOR, KX_HAVE_RAS, KX_HAVE_PAUTH, KX_HAVE_MTE, KX_HAVE_GCS, KX_HAVE_PAN, KX_HAVE_UAO,
	KX_HAVE_DIT, KX_HAVE_SSBS, KX_HAVE_FP, KX_HAVE_SVE, KX_HAVE_SME, KX_HAVE_BREAKPOINTS,
	KX_HAVE_WATCHPOINTS, KX_HAVE_PMU, KX_HAVE_COUNTERS, KX_HAVE_SPE, KX_HAVE_TRACE_FILTER,
	KX_HAVE_TRACE_BUFFER, KX_HAVE_BRBE, KX_HAVE_GIC_CPU, KX_HAVE_GIC,
	/* the same, where the CPU is at EL2 */
	KX_HAVE_EL2, KX_HAVE_EL2_VHE, KX_HAVE_EL2_TCR2, KX_HAVE_EL2_PIE, KX_HAVE_EL2_POE,
	KX_HAVE_EL2_SCXTNUM, KX_HAVE_EL2_RAS, KX_HAVE_EL2_MTE, KX_HAVE_EL2_GCS, KX_HAVE_EL2_SVE,
	KX_HAVE_EL2_SME, KX_HAVE_EL2_SPE, KX_HAVE_EL2_TRACE_FILTER, KX_HAVE_EL2_GIC_CPU,
	KX_HAVE_GIC_LISTS, KX_HAVE_EL2_HCX, KX_HAVE_EL2_FGT, KX_HAVE_EL2_CNTPOFF,
};

#define HAVE(what)     KX_HAVE_##what, 0
#define OF(what, n)    KX_HAVE_##what, n
#define OWN(rule)      OWN_##rule
#define KX_RULE_OWN_ENTRY (KX_RULE_OWN | KX_RULE_ENTRY)
#define KX_RULE_OWN_VALUE (KX_RULE_OWN | KX_RULE_VALUE)

/* Indices of the registers; GUEST_..: those whose name leads elsewhere with E2H */
enum {
#define REG(name, op0, op1, crn, crm, op2, ...) INDEX_##name,
#define GUEST(name, op1, crn, crm, op2, ...) INDEX_##name,
	KX_REGISTERS(REG, GUEST)
#undef REG
#undef GUEST
	INDEX_COUNT
};

_Static_assert(INDEX_COUNT <= KX_STATE_MAX, "struct kx_state is too small");

/* Expanded once more, so that HAVE() and OF() become two arguments */
#define ROW(name, there, number, rule, value) { #name, there, number, KX_RULE_##rule, 0, value },
#define ROW_(name, ...) ROW(name, __VA_ARGS__)

const struct kx_register kx_registers_[] = {
#define REG(name, op0, op1, crn, crm, op2, ...) ROW_(name, __VA_ARGS__)
#define GUEST(name, op1, crn, crm, op2, ...) ROW_(name, __VA_ARGS__)
	KX_REGISTERS(REG, GUEST)
#undef REG
#undef GUEST
};

const size_t kx_register_count_ = INDEX_COUNT;

/* kx_bank.saved */
#define SAVED_DAIF  0
#define SAVED_TRAPS 1 /* CPACR_EL1 or CPTR_EL2, whichever may trap accesses to registers below */
#define SAVED_LEVEL 2
#define SAVED_E2H   3

#define NUMBER(op0, op1, crn, crm, op2) "S" #op0 "_" #op1 "_C" #crn "_C" #crm "_" #op2

#define READ(to, name)    __asm__ volatile("mrs %0, " name : "=r"(to))
#define WRITE(name, from) __asm__ volatile("msr " name ", %0" : : "r"(from) : "memory")
#define ISB()             __asm__ volatile("isb" ::: "memory")

#define ID_AA64MMFR3_EL1 NUMBER(3, 0, 0, 7, 3) /* these read as zero where there are none */
#define ID_AA64MMFR2_EL1 NUMBER(3, 0, 0, 7, 2)
#define ID_AA64ISAR2_EL1 NUMBER(3, 0, 0, 6, 2)
#define PMBIDR_EL1       NUMBER(3, 0, 9, 10, 7)
#define TRBIDR_EL1       NUMBER(3, 0, 9, 11, 7)
#define ICH_VTR_EL2      NUMBER(3, 4, 12, 11, 1)
#define PMCNTENCLR_EL0   NUMBER(3, 3, 9, 12, 2)
#define PMOVSCLR_EL0     NUMBER(3, 3, 9, 12, 3)
#define PMINTENCLR_EL1   NUMBER(3, 0, 9, 14, 2)
#define OSLAR_EL1        NUMBER(2, 0, 1, 0, 4)
#define PMCR_EL0         NUMBER(3, 3, 9, 12, 0)
#define ICC_SRE_EL1      NUMBER(3, 0, 12, 12, 5)
#define ICC_SRE_EL2      NUMBER(3, 4, 12, 9, 5)

#define HCR_E2H     (1ull << 34)
#define BUFFER_P    0x10 /* PMBIDR_EL1, TRBIDR_EL1: it belongs to a higher exception level */
#define SRE         1    /* ICC_SRE: system registers, not memory-mapped ones */
#define PMCR_E      1
#define OSLSR_OSLK  2

/* CPACR_EL1 and, with E2H, CPTR_EL2: SMEN, FPEN, ZEN. CPTR_EL2 without: TSM, TFP, TZ */
#define CPACR_ALLOW 0x3330000
#define CPTR_TRAP   0x1500

static uint64_t read_plain(size_t index)
{
	uint64_t value = 0;

	switch (index) {
#define REG(name, op0, op1, crn, crm, op2, ...)                                                    \
	case INDEX_##name: READ(value, NUMBER(op0, op1, crn, crm, op2)); break;
#define GUEST(name, op1, crn, crm, op2, ...)                                                       \
	case INDEX_##name: READ(value, NUMBER(3, op1, crn, crm, op2)); break;
	KX_REGISTERS(REG, GUEST)
#undef REG
#undef GUEST
	}
	return value;
}

static void write_plain(size_t index, uint64_t value)
{
	switch (index) {
#define REG(name, op0, op1, crn, crm, op2, ...)                                                    \
	case INDEX_##name: WRITE(NUMBER(op0, op1, crn, crm, op2), value); break;
#define GUEST(name, op1, crn, crm, op2, ...)                                                       \
	case INDEX_##name: WRITE(NUMBER(3, op1, crn, crm, op2), value); break;
	KX_REGISTERS(REG, GUEST)
#undef REG
#undef GUEST
	}
}

/* Arm "_EL12, _EL02 encodings": op1 is 5. Returns 0 for a register that needs none. */
static int read_guest(size_t index, uint64_t *value)
{
	switch (index) {
#define REG(...)
#define GUEST(name, op1, crn, crm, op2, ...)                                                       \
	case INDEX_##name: READ(*value, NUMBER(3, 5, crn, crm, op2)); return 1;
	KX_REGISTERS(REG, GUEST)
#undef REG
#undef GUEST
	}
	return 0;
}

static int write_guest(size_t index, uint64_t value)
{
	switch (index) {
#define REG(...)
#define GUEST(name, op1, crn, crm, op2, ...)                                                       \
	case INDEX_##name: WRITE(NUMBER(3, 5, crn, crm, op2), value); return 1;
	KX_REGISTERS(REG, GUEST)
#undef REG
#undef GUEST
	}
	return 0;
}

/* The register that may trap accesses to others: its value is the one to be put back. */
static int is_traps(const struct kx_bank *bank, size_t index)
{
	return index == (bank->saved[SAVED_LEVEL] == 2 ? INDEX_CPTR_EL2 : INDEX_CPACR_EL1);
}

int kx_bank_read_(struct kx_bank *bank, size_t index, uint64_t *value)
{
	if (bank->count[kx_registers_[index].there] <= kx_registers_[index].number)
		return 0;
	if (is_traps(bank, index))
		*value = bank->saved[SAVED_TRAPS];
	else if (!bank->saved[SAVED_E2H] || !read_guest(index, value))
		*value = read_plain(index);
	return 1;
}

void kx_bank_write_(struct kx_bank *bank, size_t index, uint64_t value)
{
	if (is_traps(bank, index)) {
		bank->saved[SAVED_TRAPS] = value;
		return;
	}
	switch (index) {
	case INDEX_OSLSR_EL1: WRITE(OSLAR_EL1, (uint64_t)((value & OSLSR_OSLK) != 0)); return;
	case INDEX_PMCNTENSET_EL0: WRITE(PMCNTENCLR_EL0, ~value); break;
	case INDEX_PMOVSSET_EL0: WRITE(PMOVSCLR_EL0, ~value); break;
	case INDEX_PMINTENSET_EL1: WRITE(PMINTENCLR_EL1, ~value); break;
	}
	if (!bank->saved[SAVED_E2H] || !write_guest(index, value))
		write_plain(index, value);
}

/* Arm "VPIDR_EL2", "VMPIDR_EL2": from reset on, by the CPU or by firmware, what EL2 reads without them. Of
 * ACTLR and HACR only who has made the CPU knows. */
int kx_bank_self_(const struct kx_bank *bank, size_t index, uint64_t *value)
{
	switch (index) {
	case INDEX_VPIDR_EL2: READ(*value, "midr_el1"); return 1;
	case INDEX_VMPIDR_EL2: *value = bank->cpu; return 1;
	}
	return 0;
}

static void quiet(struct kx_bank *bank, size_t index, uint64_t keep)
{
	uint64_t value;

	if (kx_bank_read_(bank, index, &value))
		kx_bank_write_(bank, index, value & keep);
}

void kx_bank_stop_(struct kx_bank *bank)
{
	quiet(bank, INDEX_MDSCR_EL1, 0);
	quiet(bank, INDEX_PMCR_EL0, ~(uint64_t)PMCR_E);
	quiet(bank, INDEX_PMINTENSET_EL1, 0);
	quiet(bank, INDEX_PMCNTENSET_EL0, 0);
	quiet(bank, INDEX_CNTP_CTL_EL0, 0);
	quiet(bank, INDEX_CNTV_CTL_EL0, 0);
	quiet(bank, INDEX_CNTHP_CTL_EL2, 0);
	quiet(bank, INDEX_CNTHV_CTL_EL2, 0);
	quiet(bank, INDEX_ICC_IGRPEN1_EL1, 0);
	quiet(bank, INDEX_ICH_HCR_EL2, 0);
	ISB(); /* nothing of it runs on while the rest changes */
}

static unsigned int field(uint64_t id, unsigned int shift)
{
	return id >> shift & 15;
}

/* A feature with registers of EL1, and of EL2 too. */
static void both(struct kx_bank *bank, unsigned int what, unsigned int what_el2, int there)
{
	bank->count[what] = (uint8_t)there;
	bank->count[what_el2] = (uint8_t)(there && bank->saved[SAVED_LEVEL] == 2);
}

/* Arm "ID_AA64PFR0_EL1", "ID_AA64PFR1_EL1" */
static void find_features(struct kx_bank *bank)
{
	uint64_t pfr0, pfr1, isar1, isar2;

	READ(pfr0, "id_aa64pfr0_el1");
	READ(pfr1, "id_aa64pfr1_el1");
	READ(isar1, "id_aa64isar1_el1");
	READ(isar2, ID_AA64ISAR2_EL1);
	bank->count[KX_HAVE_FP] = field(pfr0, 16) != 15;
	bank->count[KX_HAVE_DIT] = field(pfr0, 48) != 0;
	bank->count[KX_HAVE_SSBS] = field(pfr1, 4) > 1;
	bank->count[KX_HAVE_GIC_CPU] = field(pfr0, 24) != 0;
	/* APA, API, GPA, GPI; GPA3, APA3 */
	bank->count[KX_HAVE_PAUTH] = (isar1 & 0xff000ff0) || (isar2 & 0xff00);
	both(bank, KX_HAVE_RAS, KX_HAVE_EL2_RAS, field(pfr0, 28) != 0);
	both(bank, KX_HAVE_SVE, KX_HAVE_EL2_SVE, field(pfr0, 32) != 0);
	both(bank, KX_HAVE_SME, KX_HAVE_EL2_SME, field(pfr1, 24) != 0);
	both(bank, KX_HAVE_MTE, KX_HAVE_EL2_MTE, field(pfr1, 8) > 1);
	both(bank, KX_HAVE_GCS, KX_HAVE_EL2_GCS, field(pfr1, 44) != 0);
	both(bank, KX_HAVE_SCXTNUM, KX_HAVE_EL2_SCXTNUM,
	     field(pfr0, 56) > 1 || (field(pfr0, 56) && field(pfr1, 32) > 1));
}

/* Arm "ID_AA64MMFR0_EL1" and those that follow */
static void find_memory(struct kx_bank *bank, int at_el2)
{
	uint64_t mmfr0, mmfr1, mmfr2, mmfr3;

	READ(mmfr0, "id_aa64mmfr0_el1");
	READ(mmfr1, "id_aa64mmfr1_el1");
	READ(mmfr2, ID_AA64MMFR2_EL1);
	READ(mmfr3, ID_AA64MMFR3_EL1);
	bank->count[KX_HAVE_PAN] = field(mmfr1, 20) != 0;
	bank->count[KX_HAVE_UAO] = field(mmfr2, 4) != 0;
	bank->count[KX_HAVE_LOR] = field(mmfr1, 16) != 0;
	bank->count[KX_HAVE_EL2_VHE] = at_el2 && field(mmfr1, 8);
	bank->count[KX_HAVE_EL2_HCX] = at_el2 && field(mmfr1, 40);
	bank->count[KX_HAVE_EL2_FGT] = at_el2 && field(mmfr0, 56);
	bank->count[KX_HAVE_EL2_CNTPOFF] = at_el2 && field(mmfr0, 60) > 1;
	both(bank, KX_HAVE_TCR2, KX_HAVE_EL2_TCR2, field(mmfr3, 0) != 0);
	both(bank, KX_HAVE_PIE, KX_HAVE_EL2_PIE, field(mmfr3, 8) != 0);
	both(bank, KX_HAVE_POE, KX_HAVE_EL2_POE, field(mmfr3, 16) != 0);
}

/* Arm "ID_AA64DFR0_EL1": debug, counters, profiles and traces */
static void find_debug(struct kx_bank *bank)
{
	uint64_t dfr0, pmcr, id;

	READ(dfr0, "id_aa64dfr0_el1");
	bank->count[KX_HAVE_BREAKPOINTS] = (uint8_t)(field(dfr0, 12) + 1);
	bank->count[KX_HAVE_WATCHPOINTS] = (uint8_t)(field(dfr0, 20) + 1);
	bank->count[KX_HAVE_BRBE] = field(dfr0, 52) != 0;
	if (field(dfr0, 8) && field(dfr0, 8) != 15) {
		READ(pmcr, PMCR_EL0);
		bank->count[KX_HAVE_PMU] = 1;
		bank->count[KX_HAVE_COUNTERS] = pmcr >> 11 & 31; /* N */
	}
	if (field(dfr0, 32)) {
		READ(id, PMBIDR_EL1);
		both(bank, KX_HAVE_SPE, KX_HAVE_EL2_SPE, !(id & BUFFER_P));
	}
	both(bank, KX_HAVE_TRACE_FILTER, KX_HAVE_EL2_TRACE_FILTER, field(dfr0, 40) != 0);
	if (field(dfr0, 44)) {
		READ(id, TRBIDR_EL1);
		bank->count[KX_HAVE_TRACE_BUFFER] = !(id & BUFFER_P);
	}
}

/* GIC "ICC_SRE_EL1", "ICH_VTR_EL2" */
static void find_gic(struct kx_bank *bank, int at_el2)
{
	uint64_t sre, vtr;

	if (!bank->count[KX_HAVE_GIC_CPU])
		return;
	bank->count[KX_HAVE_EL2_GIC_CPU] = (uint8_t)at_el2;
	READ(sre, ICC_SRE_EL1);
	bank->count[KX_HAVE_GIC] = sre & SRE;
	if (!at_el2)
		return;
	READ(sre, ICC_SRE_EL2);
	if (sre & SRE) {
		READ(vtr, ICH_VTR_EL2);
		bank->count[KX_HAVE_GIC_LISTS] = (uint8_t)((vtr & 31) + 1);
	}
}

/* Floating point and its kin are left to access, or they could not be looked at. */
static void allow(struct kx_bank *bank)
{
	uint64_t traps;

	if (bank->saved[SAVED_LEVEL] != 2) {
		READ(traps, "cpacr_el1");
		WRITE("cpacr_el1", traps | CPACR_ALLOW);
	} else {
		READ(traps, "cptr_el2");
		WRITE("cptr_el2", bank->saved[SAVED_E2H] ? traps | CPACR_ALLOW :
							   traps & ~(uint64_t)CPTR_TRAP);
	}
	bank->saved[SAVED_TRAPS] = traps;
	ISB(); /* before the first access that it allows */
}

void kx_bank_open_(struct kx_bank *bank, const struct kx_state *state)
{
	uint64_t level, sp, hcr = 0;

	kx_mem_zero_(bank, sizeof(*bank));
	bank->state = state;
	READ(bank->saved[SAVED_DAIF], "daif");
	__asm__ volatile("msr daifset, #15" ::: "memory");
	READ(level, "currentel");
	bank->saved[SAVED_LEVEL] = level >> 2;
	READ(bank->cpu, "mpidr_el1");
	if (level != CURRENT_EL1 && level != CURRENT_EL2)
		return; /* EL3: libkx refuses to jump */
	if (level == CURRENT_EL2)
		READ(hcr, "hcr_el2");
	bank->saved[SAVED_E2H] = (hcr & HCR_E2H) != 0;
	bank->own = level == CURRENT_EL1;
	READ(sp, "spsel");
	bank->count[KX_HAVE_ALWAYS] = 1;
	bank->count[KX_HAVE_SP_EL0] = sp & 1; /* where it is the stack, it cannot be read by name */
	bank->count[KX_HAVE_EL2] = level == CURRENT_EL2;
	find_features(bank);
	find_memory(bank, level == CURRENT_EL2);
	find_debug(bank);
	find_gic(bank, level == CURRENT_EL2);
	allow(bank);
}

void kx_bank_close_(struct kx_bank *bank, int interrupts)
{
	if (!bank->count[KX_HAVE_ALWAYS])
		return;
	if (bank->saved[SAVED_LEVEL] == 2)
		WRITE("cptr_el2", bank->saved[SAVED_TRAPS]);
	else
		WRITE("cpacr_el1", bank->saved[SAVED_TRAPS]);
	ISB(); /* all that was written is in force */
	if (interrupts == KX_BANK_AS_BEFORE)
		WRITE("daif", bank->saved[SAVED_DAIF]);
}

static uint64_t at_entry(struct kx_bank *bank, const struct kx_state *entry, size_t index)
{
	uint64_t value = 0;

	if (entry && kx_state_has(entry, index))
		return entry->value[index];
	kx_bank_read_(bank, index, &value);
	return value;
}

/* What traps, and E2H, which gives that and other registers another layout: not while C runs. */
void kx_state_handoff_(const struct kx_state *entry, struct kx_handoff *handoff)
{
	struct kx_bank bank;

	kx_bank_open_(&bank, entry);
	handoff->cpu[KX_CPU_TRAPS] = at_entry(&bank, entry, bank.count[KX_HAVE_EL2] ?
					      INDEX_CPTR_EL2 : INDEX_CPACR_EL1);
	handoff->cpu[KX_CPU_HCR] = at_entry(&bank, entry, INDEX_HCR_EL2);
	handoff->cpu[KX_CPU_EXTRAS] = (uint64_t)bank.count[KX_HAVE_PAUTH] << KX_EXTRA_PAUTH |
				      (uint64_t)bank.count[KX_HAVE_TCR2] << KX_EXTRA_TCR2;
	kx_bank_close_(&bank, KX_BANK_AS_BEFORE);
}
