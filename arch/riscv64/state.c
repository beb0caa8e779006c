/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: reads and writes the CSRs that outlive the jump. Which there are, the ISA string tells;
 * one that is announced and traps all the same is not there. Priv, AIA: see registers.h.
 * SBI: RISC-V Supervisor Binary Interface.
 */
#include "arch.h"

#include "cpu.h"
#include "mem.h"
#include "registers.h"

/* What a hart may have: indices of kx_bank.count */
enum {
	KX_HAVE_NEVER,
	KX_HAVE_ALWAYS, KX_HAVE_PRIV_1_12, KX_HAVE_SSTC, KX_HAVE_STATEEN, KX_HAVE_TRIGGERS,
	KX_HAVE_QOSID, KX_HAVE_CTR, KX_HAVE_SHADOW_STACK, KX_HAVE_TABLE_JUMP, KX_HAVE_FP,
	KX_HAVE_VECTOR, KX_HAVE_AIA,
	/* the same with the hypervisor extension */
	KX_HAVE_HYPERVISOR, KX_HAVE_H_TRIGGERS, KX_HAVE_H_STATEEN, KX_HAVE_H_AIA, KX_HAVE_H_SSTC,
};

#define HAVE(what) KX_HAVE_##what, 0

enum {
#define REG(name, number, ...) INDEX_##name,
#define INDIRECT(name, select, ...) INDEX_##name,
	KX_REGISTERS(REG, INDIRECT)
#undef REG
#undef INDIRECT
	INDEX_COUNT
};

_Static_assert(INDEX_COUNT <= KX_STATE_MAX, "struct kx_state is too small");

/* Expanded once more, so that HAVE() becomes two arguments */
#define ROW(name, select, there, number, rule, value)                                              \
	{ #name, there, number, KX_RULE_##rule, select, value },
#define ROW_(name, select, ...) ROW(name, select, __VA_ARGS__)

const struct kx_register kx_registers_[] = {
#define REG(name, number, ...) ROW_(name, 0, __VA_ARGS__)
#define INDIRECT(name, select, ...) ROW_(name, select, __VA_ARGS__)
	KX_REGISTERS(REG, INDIRECT)
#undef REG
#undef INDIRECT
};

const size_t kx_register_count_ = INDEX_COUNT;

/* kx_bank.saved: what a trap changes, or what reading another register does */
#define SAVED_SSTATUS  0
#define SAVED_STVEC    1
#define SAVED_SEPC     2
#define SAVED_SCAUSE   3
#define SAVED_STVAL    4
#define SAVED_SISELECT 5
#define SAVED_NONE     6

#define SIREG "0x151"

#define SBI_EID_TIME         0x54494d45 /* SBI "Timer Extension" */
#define SBI_FID_TIME_SET     0
#define SBI_EID_PMU          0x504d55 /* SBI "Performance Monitoring Unit Extension" */
#define SBI_FID_PMU_COUNTERS 0
#define SBI_FID_PMU_INFO     1
#define SBI_FID_PMU_START    3
#define SBI_FID_PMU_STOP     4
#define SBI_PMU_RESET        1
#define SBI_PMU_CSR          0xfff /* of what INFO returns */
#define SBI_PMU_FIRMWARE     (1ull << 63)
#define SBI_EID_SSE          0x535345 /* SBI "Supervisor Software Events Extension" */
#define SBI_FID_SSE_MASK     9
#define SBI_EID_FWFT         0x46574654 /* SBI "Firmware Features Extension" */
#define SBI_FID_FWFT_SET     0
#define SBI_FWFT_COUNT       4 /* misaligned accesses delegated, landing pads, shadow stacks, double traps */

/* Priv "Unprivileged Counter/Timers": the first of them */
#define CSR_CYCLE   0xc00
#define CSR_INSTRET 0xc02

#define READ(to, number)    __asm__ volatile("csrr %0, " number : "=r"(to) : : "memory")
#define WRITE(number, from) __asm__ volatile("csrw " number ", %0" : : "r"(from) : "memory")

/*
 * Read it, or be trapped: the trap vector is where the code goes on anyway. Interrupts are masked,
 * so nothing else comes by there; what the trap changes in other CSRs kx_bank_close_() puts right.
 */
#define TRY_READ(there, to, number)                                                                \
	__asm__ volatile("lla %0, 1f\n\t"                                                          \
			 "csrrw %2, stvec, %0\n\t"                                                 \
			 "li %0, 0\n\t"                                                            \
			 "csrr %1, " number "\n\t"                                                 \
			 "li %0, 1\n\t"                                                            \
			 ".balign 4\n"                                                             \
			 "1: csrw stvec, %2"                                                       \
			 : "=&r"(there), "+r"(to), "=&r"(vector) : : "memory")

static int read_csr(size_t index, uint64_t *value)
{
	uint64_t there = 0, read = 0, vector;

	__asm__ volatile("csrc sstatus, %0" : : "r"((uint64_t)SSTATUS_SDT)); /* of the trap before */
	switch (index) {
#define REG(name, number, ...) case INDEX_##name: TRY_READ(there, read, #number); break;
#define INDIRECT(...)
	KX_REGISTERS(REG, INDIRECT)
#undef REG
#undef INDIRECT
	default:
		WRITE("0x150", (uint64_t)kx_registers_[index].id); /* siselect */
		TRY_READ(there, read, SIREG);
	}
	*value = read;
	return (int)there;
}

static void write_csr(size_t index, uint64_t value)
{
	switch (index) {
#define REG(name, number, ...) case INDEX_##name: WRITE(#number, value); return;
#define INDIRECT(...)
	KX_REGISTERS(REG, INDIRECT)
#undef REG
#undef INDIRECT
	}
	WRITE("0x150", (uint64_t)kx_registers_[index].id);
	WRITE(SIREG, value);
}

/* CSRs whose value of before is kept, to be put back or to be replaced. */
static unsigned int saved_index(size_t index)
{
	switch (index) {
	case INDEX_sstatus: return SAVED_SSTATUS;
	case INDEX_stvec: return SAVED_STVEC;
	case INDEX_sepc: return SAVED_SEPC;
	case INDEX_scause: return SAVED_SCAUSE;
	case INDEX_stval: return SAVED_STVAL;
	case INDEX_siselect: return SAVED_SISELECT;
	}
	return SAVED_NONE;
}

int kx_bank_read_(struct kx_bank *bank, size_t index, uint64_t *value)
{
	unsigned int saved = saved_index(index);

	if (bank->count[kx_registers_[index].there] <= kx_registers_[index].number)
		return 0;
	if (saved == SAVED_NONE)
		return read_csr(index, value);
	*value = bank->saved[saved];
	return 1;
}

void kx_bank_write_(struct kx_bank *bank, size_t index, uint64_t value)
{
	unsigned int saved = saved_index(index);

	if (saved == SAVED_NONE)
		write_csr(index, value);
	else
		bank->saved[saved] = value;
}

/* There are none: see registers.h. */
int kx_bank_self_(const struct kx_bank *bank, size_t index, uint64_t *value)
{
	(void)bank;
	(void)index;
	(void)value;
	return 0;
}

struct sbi_result {
	int64_t error;
	uint64_t value;
};

static struct sbi_result sbi(uint64_t extension, uint64_t function, uint64_t x, uint64_t y,
			     uint64_t z)
{
	register uint64_t a0 __asm__("a0") = x;
	register uint64_t a1 __asm__("a1") = y;
	register uint64_t a2 __asm__("a2") = z;
	register uint64_t a6 __asm__("a6") = function;
	register uint64_t a7 __asm__("a7") = extension;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
	return (struct sbi_result){ (int64_t)a0, a1 };
}

static int sbi_has(uint64_t extension)
{
	struct sbi_result result = sbi(SBI_EID_BASE, SBI_FID_BASE_PROBE, extension, 0, 0);

	return !result.error && result.value;
}

/*
 * What a counter counts no more cannot overflow; but cycles and instructions are counted from before
 * the first kernel on, and whoever reads them expects that.
 */
static void settle_counter(uint64_t number)
{
	struct sbi_result info = sbi(SBI_EID_PMU, SBI_FID_PMU_INFO, number, 0, 0);
	uint64_t csr = info.value & SBI_PMU_CSR;

	if (!info.error && !(info.value & SBI_PMU_FIRMWARE) && csr >= CSR_CYCLE &&
	    csr <= CSR_INSTRET)
		sbi(SBI_EID_PMU, SBI_FID_PMU_START, number, 1, 0);
	else
		sbi(SBI_EID_PMU, SBI_FID_PMU_STOP, number, 1, SBI_PMU_RESET);
}

/* Timer, counters and events whose handler is the old system's are the firmware's to stop. */
void kx_bank_stop_(struct kx_bank *bank)
{
	struct sbi_result counters;

	WRITE("sie", 0ull);
	if (bank->count[KX_HAVE_HYPERVISOR])
		WRITE("0x604", 0ull); /* hie */
	if (sbi_has(SBI_EID_TIME))
		sbi(SBI_EID_TIME, SBI_FID_TIME_SET, UINT64_MAX, 0, 0);
	if (sbi_has(SBI_EID_SSE))
		sbi(SBI_EID_SSE, SBI_FID_SSE_MASK, 0, 0, 0);
	/* Off, as from reset on; a new kernel without them would be killed by the first. What is not there or
	 * locked stays. A/D updating and pointer masking stay too: the host still runs by them. */
	for (uint64_t i = 0; sbi_has(SBI_EID_FWFT) && i < SBI_FWFT_COUNT; i++)
		sbi(SBI_EID_FWFT, SBI_FID_FWFT_SET, i, 0, 0);
	if (!sbi_has(SBI_EID_PMU))
		return;
	counters = sbi(SBI_EID_PMU, SBI_FID_PMU_COUNTERS, 0, 0, 0);
	for (uint64_t i = 0; !counters.error && i < counters.value && i < 64; i++)
		settle_counter(i);
}

/* Does the ISA string have it? "rv64imafdcvh_zicbom_sstc": letters, then names. */
static int has_letter(const char *isa, char letter)
{
	for (size_t i = 0; isa && isa[i] && isa[i] != '_'; i++)
		if (i >= sizeof("rv64") - 1 && (isa[i] | 0x20) == letter)
			return 1;
	return 0;
}

static int has_name(const char *isa, const char *name)
{
	for (; isa && *isa; isa++) {
		size_t i = 0;

		if (*isa != '_')
			continue;
		while (name[i] && (isa[1 + i] | 0x20) == name[i])
			i++;
		if (name[i])
			continue;
		/* a version may follow */
		if (!isa[1 + i] || isa[1 + i] == '_' || (uint8_t)(isa[1 + i] - '0') < 10)
			return 1;
	}
	return 0;
}

static void both(struct kx_bank *bank, unsigned int what, unsigned int what_h, int there)
{
	bank->count[what] = (uint8_t)there;
	bank->count[what_h] = there && bank->count[KX_HAVE_HYPERVISOR];
}

static void find_extensions(struct kx_bank *bank, const char *isa)
{
	uint8_t *count = bank->count;
	int sstc = has_name(isa, "sstc"), stateen = has_name(isa, "smstateen") ||
						     has_name(isa, "ssstateen");

	count[KX_HAVE_ALWAYS] = 1;
	count[KX_HAVE_HYPERVISOR] = (uint8_t)has_letter(isa, 'h');
	count[KX_HAVE_FP] = (uint8_t)has_letter(isa, 'f');
	count[KX_HAVE_VECTOR] = has_letter(isa, 'v') || has_name(isa, "zve32x");
	count[KX_HAVE_QOSID] = (uint8_t)has_name(isa, "ssqosid");
	count[KX_HAVE_CTR] = (uint8_t)has_name(isa, "ssctr");
	count[KX_HAVE_SHADOW_STACK] = (uint8_t)has_name(isa, "zicfiss");
	count[KX_HAVE_TABLE_JUMP] = (uint8_t)has_name(isa, "zcmt");
	both(bank, KX_HAVE_SSTC, KX_HAVE_H_SSTC, sstc);
	both(bank, KX_HAVE_STATEEN, KX_HAVE_H_STATEEN, stateen);
	both(bank, KX_HAVE_TRIGGERS, KX_HAVE_H_TRIGGERS, has_name(isa, "sdtrig"));
	both(bank, KX_HAVE_AIA, KX_HAVE_H_AIA, has_name(isa, "ssaia"));
	/* senvcfg has no name of its own; it came with these */
	count[KX_HAVE_PRIV_1_12] = count[KX_HAVE_HYPERVISOR] || sstc || stateen ||
				   has_name(isa, "zicbom") || has_name(isa, "zicboz") ||
				   has_name(isa, "zicfilp") || has_name(isa, "ssnpm");
}

void kx_bank_open_(struct kx_bank *bank, const struct kx_state *state)
{
	kx_mem_zero_(bank, sizeof(*bank));
	bank->state = state;
	__asm__ volatile("csrrci %0, sstatus, %1" : "=r"(bank->saved[SAVED_SSTATUS])
			 : "i"(SSTATUS_SIE) : "memory");
	READ(bank->saved[SAVED_STVEC], "stvec");
	READ(bank->saved[SAVED_SEPC], "sepc");
	READ(bank->saved[SAVED_SCAUSE], "scause");
	READ(bank->saved[SAVED_STVAL], "stval");
	find_extensions(bank, state ? state->isa : NULL);
	if (bank->count[KX_HAVE_AIA])
		bank->count[KX_HAVE_AIA] = (uint8_t)read_csr(INDEX_siselect,
							     &bank->saved[SAVED_SISELECT]);
	__asm__ volatile("csrs sstatus, %0" : : "r"((uint64_t)(SSTATUS_FS | SSTATUS_VS))
			 : "memory");
}

void kx_bank_close_(struct kx_bank *bank, int interrupts)
{
	if (bank->count[KX_HAVE_AIA])
		WRITE("0x150", bank->saved[SAVED_SISELECT]);
	if (bank->count[KX_HAVE_HYPERVISOR] && interrupts == KX_BANK_MASKED)
		__asm__ volatile(".word 0x62000073\n\t"   /* hfence.gvma: hgatp has been written */
				 ".word 0x22000073" ::: "memory"); /* hfence.vvma: vsatp too */
	WRITE("stvec", bank->saved[SAVED_STVEC]);
	WRITE("sepc", bank->saved[SAVED_SEPC]);
	WRITE("scause", bank->saved[SAVED_SCAUSE]);
	WRITE("stval", bank->saved[SAVED_STVAL]);
	if (interrupts == KX_BANK_MASKED)
		bank->saved[SAVED_SSTATUS] &= ~(uint64_t)SSTATUS_SIE;
	WRITE("sstatus", bank->saved[SAVED_SSTATUS]);
}

/* Nothing is left to finish: the trampoline's own values are constants. */
void kx_state_handoff_(const struct kx_state *entry, struct kx_handoff *handoff)
{
	(void)entry;
	(void)handoff;
}
