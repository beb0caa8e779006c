/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: reads and writes the registers that outlive the jump. Which there are, CPUID tells.
 * SDM, APM: see registers.h.
 */
#include "arch.h"

#include "cpu.h"
#include "mem.h"
#include "msr.h"
#include "registers.h"

/* What a CPU may have: indices of kx_bank.count */
enum {
	KX_HAVE_NEVER,
	KX_HAVE_ALWAYS, KX_HAVE_XSAVE, KX_HAVE_XSAVES, KX_HAVE_XFD, KX_HAVE_PKU, KX_HAVE_PKS,
	KX_HAVE_TSC_AUX, KX_HAVE_SYSENTER, KX_HAVE_CET, KX_HAVE_SHADOW_STACK, KX_HAVE_SPEC_CTRL,
	KX_HAVE_VIRT_SPEC_CTRL, KX_HAVE_TSX_CTRL, KX_HAVE_MCU_OPT_CTRL, KX_HAVE_INTEL,
	KX_HAVE_DE_CFG, KX_HAVE_WAITPKG, KX_HAVE_EPB, KX_HAVE_HWP, KX_HAVE_TSC_ADJUST,
	KX_HAVE_TSC_DEADLINE, KX_HAVE_SVM, KX_HAVE_MC, KX_HAVE_MCG_CTL, KX_HAVE_MCG_EXT_CTL,
	KX_HAVE_MC_BANKS, KX_HAVE_PAT, KX_HAVE_MTRR, KX_HAVE_MTRR_FIXED, KX_HAVE_MTRR_RANGES,
	KX_HAVE_DEBUGCTL, KX_HAVE_ARCH_LBR, KX_HAVE_AMD_LBR, KX_HAVE_PT, KX_HAVE_PERF_GLOBAL,
	KX_HAVE_FIXED_COUNTERS, KX_HAVE_COUNTERS, KX_HAVE_PEBS, KX_HAVE_DS_AREA,
	KX_HAVE_AMD_PERF_GLOBAL, KX_HAVE_AMD_COUNTERS, KX_HAVE_AMD_CORE_COUNTERS, KX_HAVE_IBS,
	KX_HAVE_APIC_BASE, KX_HAVE_APIC, KX_HAVE_XAPIC, KX_HAVE_APIC_LVTS,
};

#define HAVE(what)  KX_HAVE_##what, 0
#define OF(what, n) KX_HAVE_##what, n

enum {
#define REG(name, ...) INDEX_##name,
#define MSR(name, number, ...) INDEX_##name,
#define APIC(name, offset, ...) INDEX_##name,
	KX_REGISTERS(REG, MSR, APIC)
#undef REG
#undef MSR
#undef APIC
	INDEX_COUNT
};

_Static_assert(INDEX_COUNT <= KX_STATE_MAX, "struct kx_state is too small");

/* kx_register.id: the number of an MSR, or one of these, which none has */
#define ID_NONE 0xffffffff
#define ID_APIC 0xfffff000 /* and the offset */

/* Expanded once more, so that HAVE() and OF() become two arguments */
#define ROW(name, id, there, number, rule, value)                                                  \
	{ #name, there, number, KX_RULE_##rule, id, value },
#define ROW_(name, id, ...) ROW(name, id, __VA_ARGS__)

const struct kx_register kx_registers_[] = {
#define REG(name, ...) ROW_(name, ID_NONE, __VA_ARGS__)
#define MSR(name, number, ...) ROW_(name, number, __VA_ARGS__)
#define APIC(name, offset, ...) ROW_(name, ID_APIC | (offset), __VA_ARGS__)
	KX_REGISTERS(REG, MSR, APIC)
#undef REG
#undef MSR
#undef APIC
};

const size_t kx_register_count_ = INDEX_COUNT;

/* kx_bank.saved */
#define SAVED_RFLAGS 0
#define SAVED_CR0    1
#define SAVED_CR4    2

#define RFLAGS_IF    0x200
#define CR0_EM_TS    0x0000000c
#define CR0_NW       0x20000000
#define CR0_CD       0x40000000
#define CR4_PGE      0x00000080
#define CR4_OSFXSR   0x00000200
#define CR4_OSXSAVE  0x00040000
#define CR4_PKE      0x00400000
#define EFER_SVME    0x1000

#define MSR_ARCH_CAPABILITIES   0x10a
#define ARCH_CAP_TSX_CTRL       0x80
#define ARCH_CAP_XAPIC_DISABLE  0x200000
#define MSR_XAPIC_DISABLE       0xbd
#define XAPIC_DISABLED          1
#define MSR_MTRRCAP             0xfe
#define MTRRCAP_FIX             0x100
#define MSR_MCG_CAP             0x179
#define MCG_CAP_CTL_P           0x100
#define MCG_CAP_LMCE_P          0x8000000
#define MSR_FEATURE_CONTROL     0x3a
#define FEATURE_LMCE_ON         0x100000
#define MSR_MISC_ENABLE         0x1a0
#define MISC_NO_BTS             0x800
#define MISC_NO_PEBS            0x1000
#define MSR_HWP_ENABLE          0x770
#define MSR_MTRR_DEF_TYPE       0x2ff
#define MTRR_DEF_TYPE_E         0x800
#define MSR_X2APIC              0x800

#define APIC_VERSION    0x030 /* SDM "Local APIC Version Register": LVTs less one in bits 16..23 */
#define APIC_EOI        0x0b0
#define APIC_ISR        0x100
#define APIC_LVT_MASKED 0x10000

#define VENDOR_INTEL_EBX 0x756e6547 /* "Genu" */
#define VENDOR_AMD_EBX   0x68747541 /* "Auth" */
#define VENDOR_HYGON_EBX 0x6f677948 /* "Hygo": their CPUs are of AMD's make */
#define FAMILY_ZEN       0x17

/* As cpuid(); nothing where the CPU has no such leaf. */
static struct leaf ask(uint32_t leaf)
{
	if (cpuid(leaf & 0x80000000, 0).eax < leaf)
		return (struct leaf){ 0, 0, 0, 0 };
	return cpuid(leaf, 0);
}

static uint8_t bit(uint32_t word, unsigned int number)
{
	return word >> number & 1;
}

#define READ(to, name)    __asm__ volatile("mov %%" name ", %0" : "=r"(to))
#define WRITE(name, from) __asm__ volatile("mov %0, %%" name : : "r"((uint64_t)(from)) : "memory")

/* ---- the local APIC, in whichever mode it is ---- */

static int is_x2apic(void)
{
	return (rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD) != 0;
}

static volatile uint32_t *apic_at(const struct kx_bank *bank, uint32_t offset)
{
	volatile uint8_t *base = bank->state->apic;

	return (volatile uint32_t *)(volatile void *)(base + offset);
}

static uint32_t apic_read(const struct kx_bank *bank, uint32_t offset)
{
	return is_x2apic() ? (uint32_t)rdmsr(MSR_X2APIC + (offset >> 4)) : *apic_at(bank, offset);
}

static void apic_write(const struct kx_bank *bank, uint32_t offset, uint32_t value)
{
	if (is_x2apic())
		wrmsr(MSR_X2APIC + (offset >> 4), value);
	else
		*apic_at(bank, offset) = value;
}

static void find_apic(struct kx_bank *bank)
{
	uint8_t *count = bank->count;
	uint64_t base;

	count[KX_HAVE_APIC] = count[KX_HAVE_XAPIC] = count[KX_HAVE_APIC_LVTS] = 0;
	if (!bit(ask(1).edx, 9))
		return;
	base = rdmsr(MSR_APIC_BASE);
	count[KX_HAVE_APIC_BASE] = 1;
	if (!(base & APIC_BASE_EN))
		return;
	count[KX_HAVE_XAPIC] = !(base & APIC_BASE_EXTD) && bank->state && bank->state->apic;
	count[KX_HAVE_APIC] = count[KX_HAVE_XAPIC] || base & APIC_BASE_EXTD;
	if (count[KX_HAVE_APIC])
		count[KX_HAVE_APIC_LVTS] =
			(uint8_t)((apic_read(bank, APIC_VERSION) >> 16 & 0xff) + 1);
}

/*
 * SDM "x2APIC State Transitions": there is no way from x2APIC to xAPIC but by way of off. Which CPU is the boot
 * CPU, whom an INIT takes to firmware, is not changed: the snapshot may be another CPU's, see kx_crash_enter().
 */
static void apic_switch(struct kx_bank *bank, uint64_t base)
{
	uint64_t now = rdmsr(MSR_APIC_BASE);

	base = (base & ~(uint64_t)APIC_BASE_BSP) | (now & APIC_BASE_BSP);
	if (now & APIC_BASE_EXTD && !(base & APIC_BASE_EXTD)) {
		if (ask(7).edx >> 29 & 1 && rdmsr(MSR_ARCH_CAPABILITIES) & ARCH_CAP_XAPIC_DISABLE &&
		    rdmsr(MSR_XAPIC_DISABLE) & XAPIC_DISABLED)
			return; /* the firmware has closed that way */
		wrmsr(MSR_APIC_BASE, now & ~(uint64_t)(APIC_BASE_EN | APIC_BASE_EXTD));
	}
	if (base & APIC_BASE_EXTD && !(now & APIC_BASE_EN))
		wrmsr(MSR_APIC_BASE, base & ~(uint64_t)APIC_BASE_EXTD);
	wrmsr(MSR_APIC_BASE, base);
	find_apic(bank); /* another mode has other registers */
}

/* Whatever was being served when the jump came, a new kernel's interrupts must not wait for. */
static void apic_end_interrupts(const struct kx_bank *bank)
{
	for (unsigned int tries = 0; tries < 256; tries++) {
		uint32_t served = 0;

		for (uint32_t i = 0; i < 8; i++)
			served |= apic_read(bank, APIC_ISR + 16 * i);
		if (!served)
			return;
		apic_write(bank, APIC_EOI, 0);
	}
}

/* ---- registers with instructions of their own ---- */

static uint64_t read_system(size_t index)
{
	uint64_t value = 0;

	switch (index) {
	case INDEX_CR2: READ(value, "cr2"); break;
	case INDEX_CR3: READ(value, "cr3"); break;
	case INDEX_CR8: READ(value, "cr8"); break;
	case INDEX_DR0: READ(value, "dr0"); break;
	case INDEX_DR1: READ(value, "dr1"); break;
	case INDEX_DR2: READ(value, "dr2"); break;
	case INDEX_DR3: READ(value, "dr3"); break;
	case INDEX_DR6: READ(value, "dr6"); break;
	case INDEX_DR7: READ(value, "dr7"); break;
	case INDEX_LDTR: __asm__ volatile("sldt %0" : "=r"(value)); break;
	case INDEX_TR: __asm__ volatile("str %0" : "=r"(value)); break;
	}
	return value;
}

/* FCW, MXCSR, XCR0, PKRU: what kx_bank_open_() has made possible */
static uint64_t read_extended(size_t index)
{
	uint32_t low = 0, high = 0;
	uint16_t word = 0;

	switch (index) {
	case INDEX_FCW: __asm__ volatile("fnstcw %0" : "=m"(word)); return word;
	case INDEX_MXCSR: __asm__ volatile("stmxcsr %0" : "=m"(low)); break;
	case INDEX_XCR0: __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0)); break;
	case INDEX_PKRU:
		__asm__ volatile(".byte 0x0f, 0x01, 0xee" /* rdpkru */
				 : "=a"(low), "=d"(high) : "c"(0));
		break;
	}
	return (uint64_t)high << 32 | low;
}

static void write_special(struct kx_bank *bank, size_t index, uint64_t value)
{
	uint32_t low = (uint32_t)value, high = (uint32_t)(value >> 32);

	switch (index) {
	case INDEX_CR0: bank->saved[SAVED_CR0] = value; return;
	case INDEX_CR4: bank->saved[SAVED_CR4] = value; return;
	case INDEX_CR2: WRITE("cr2", value); return;
	case INDEX_CR8: WRITE("cr8", value); return;
	case INDEX_DR0: WRITE("dr0", value); return;
	case INDEX_DR1: WRITE("dr1", value); return;
	case INDEX_DR2: WRITE("dr2", value); return;
	case INDEX_DR3: WRITE("dr3", value); return;
	case INDEX_DR6: WRITE("dr6", value); return;
	case INDEX_DR7: WRITE("dr7", value); return;
	case INDEX_FCW:
		__asm__ volatile("fninit\n\t" /* no exception is left pending */
				 "fldcw %0" : : "m"(value));
		return;
	case INDEX_MXCSR: __asm__ volatile("ldmxcsr %0" : : "m"(low)); return;
	case INDEX_XCR0: __asm__ volatile("xsetbv" : : "a"(low), "d"(high), "c"(0)); return;
	case INDEX_PKRU:
		__asm__ volatile(".byte 0x0f, 0x01, 0xef" /* wrpkru */
				 : : "a"(low), "d"(0), "c"(0) : "memory");
		return;
	}
}

/* ---- all of them ---- */

int kx_bank_read_(struct kx_bank *bank, size_t index, uint64_t *value)
{
	const struct kx_register *reg = &kx_registers_[index];

	if (bank->count[reg->there] <= reg->number)
		return 0;
	switch (index) {
	case INDEX_CR0: *value = bank->saved[SAVED_CR0]; return 1;
	case INDEX_CR4: *value = bank->saved[SAVED_CR4]; return 1;
	case INDEX_FCW:
	case INDEX_MXCSR:
	case INDEX_XCR0:
	case INDEX_PKRU: *value = read_extended(index); return 1;
	}
	if (reg->id == ID_NONE)
		*value = read_system(index);
	else if ((reg->id & ID_APIC) == ID_APIC)
		*value = apic_read(bank, reg->id & ~ID_APIC);
	else
		*value = rdmsr(reg->id);
	return 1;
}

/* SDM "MTRR Considerations in MP Systems", for one CPU: caches empty and off while types change. */
static void write_mtrr(uint32_t msr, uint64_t value)
{
	uint64_t cr0, cr3, cr4, type;

	READ(cr0, "cr0");
	READ(cr3, "cr3");
	READ(cr4, "cr4");
	WRITE("cr0", (cr0 | CR0_CD) & ~(uint64_t)CR0_NW);
	__asm__ volatile("wbinvd" ::: "memory");
	WRITE("cr4", cr4 & ~(uint64_t)CR4_PGE); /* global translations go too */
	WRITE("cr3", cr3);
	type = rdmsr(MSR_MTRR_DEF_TYPE);
	wrmsr(MSR_MTRR_DEF_TYPE, type & ~(uint64_t)MTRR_DEF_TYPE_E);
	if (msr != MSR_MTRR_DEF_TYPE)
		wrmsr(msr, value);
	wrmsr(MSR_MTRR_DEF_TYPE, msr == MSR_MTRR_DEF_TYPE ? value : type);
	__asm__ volatile("wbinvd" ::: "memory");
	WRITE("cr3", cr3);
	WRITE("cr0", cr0);
	WRITE("cr4", cr4);
}

void kx_bank_write_(struct kx_bank *bank, size_t index, uint64_t value)
{
	const struct kx_register *reg = &kx_registers_[index];

	if (reg->id == ID_NONE)
		write_special(bank, index, value);
	else if ((reg->id & ID_APIC) == ID_APIC)
		apic_write(bank, reg->id & ~ID_APIC, (uint32_t)value);
	else if (index == INDEX_APIC_BASE)
		apic_switch(bank, value);
	else if (index >= INDEX_MTRR_DEF_TYPE && index <= INDEX_MTRR_MASK9)
		write_mtrr(reg->id, value);
	else
		wrmsr(reg->id, value);
}

static void quiet(struct kx_bank *bank, size_t index, uint64_t value)
{
	uint64_t now;

	if (kx_bank_read_(bank, index, &now))
		kx_bank_write_(bank, index, value);
}

void kx_bank_stop_(struct kx_bank *bank)
{
	quiet(bank, INDEX_DR7, DR7_OFF);
	quiet(bank, INDEX_PERF_GLOBAL_CTRL, 0);
	quiet(bank, INDEX_PERF_GLOBAL_CTL, 0);
	quiet(bank, INDEX_APIC_TIMER_INIT, 0);
	quiet(bank, INDEX_TSC_DEADLINE, 0);
	if (bank->count[KX_HAVE_APIC]) {
		quiet(bank, INDEX_APIC_LVT_PERF, APIC_LVT_MASKED);
		apic_end_interrupts(bank);
	}
	if (bank->count[KX_HAVE_SVM] && rdmsr(MSR_EFER) & EFER_SVME)
		__asm__ volatile(".byte 0x0f, 0x01, 0xdc" ::: "memory"); /* stgi: or INIT waits */
}

/* ---- what there is ---- */

/* SDM "CPUID": leaves 1, 6, 7 and 13 */
static void find_features(uint8_t *count)
{
	struct leaf one = ask(1), power = ask(6), seven = ask(7);
	struct leaf xsave = bit(one.ecx, 26) ? cpuid(13, 1) : (struct leaf){ 0, 0, 0, 0 };

	count[KX_HAVE_ALWAYS] = 1;
	count[KX_HAVE_SYSENTER] = bit(one.edx, 11);
	count[KX_HAVE_PAT] = bit(one.edx, 16);
	count[KX_HAVE_TSC_DEADLINE] = bit(one.ecx, 24);
	count[KX_HAVE_XSAVE] = bit(one.ecx, 26);
	count[KX_HAVE_XSAVES] = bit(xsave.eax, 3);
	count[KX_HAVE_XFD] = bit(xsave.eax, 4);
	count[KX_HAVE_EPB] = bit(power.ecx, 3);
	count[KX_HAVE_HWP] = bit(power.eax, 7) && rdmsr(MSR_HWP_ENABLE) & 1;
	count[KX_HAVE_TSC_ADJUST] = bit(seven.ebx, 1);
	count[KX_HAVE_PT] = bit(seven.ebx, 25);
	count[KX_HAVE_PKU] = bit(seven.ecx, 3);
	count[KX_HAVE_WAITPKG] = bit(seven.ecx, 5);
	count[KX_HAVE_SHADOW_STACK] = bit(seven.ecx, 7);
	count[KX_HAVE_CET] = bit(seven.ecx, 7) || bit(seven.edx, 20);
	count[KX_HAVE_PKS] = bit(seven.ecx, 31);
	count[KX_HAVE_TSC_AUX] = bit(seven.ecx, 22) || bit(ask(0x80000001).edx, 27);
	count[KX_HAVE_MCU_OPT_CTRL] = bit(seven.edx, 9);
	count[KX_HAVE_ARCH_LBR] = bit(seven.edx, 19);
	count[KX_HAVE_SPEC_CTRL] = bit(seven.edx, 26) || bit(seven.edx, 27) || bit(seven.edx, 31);
	count[KX_HAVE_TSX_CTRL] = bit(seven.edx, 29) &&
				  rdmsr(MSR_ARCH_CAPABILITIES) & ARCH_CAP_TSX_CTRL;
}

/* Memory types and machine checks */
static void find_memory(uint8_t *count)
{
	struct leaf one = ask(1);
	uint64_t cap;

	if (bit(one.edx, 12)) {
		cap = rdmsr(MSR_MTRRCAP);
		count[KX_HAVE_MTRR] = 1;
		count[KX_HAVE_MTRR_FIXED] = (cap & MTRRCAP_FIX) != 0;
		count[KX_HAVE_MTRR_RANGES] = (uint8_t)cap;
	}
	if (bit(one.edx, 7) && bit(one.edx, 14)) {
		cap = rdmsr(MSR_MCG_CAP);
		count[KX_HAVE_MC] = 1;
		count[KX_HAVE_MC_BANKS] = (uint8_t)cap;
		count[KX_HAVE_MCG_CTL] = (cap & MCG_CAP_CTL_P) != 0;
		count[KX_HAVE_MCG_EXT_CTL] = cap & MCG_CAP_LMCE_P &&
					     rdmsr(MSR_FEATURE_CONTROL) & FEATURE_LMCE_ON;
	}
}

/* SDM "Architectural Performance Monitoring", "BTS and DS Save Area" */
static void find_intel(uint8_t *count)
{
	struct leaf one = ask(1), perf = ask(10);
	uint64_t misc = rdmsr(MSR_MISC_ENABLE);

	count[KX_HAVE_INTEL] = 1;
	count[KX_HAVE_DEBUGCTL] = 1;
	if (perf.eax & 0xff)
		count[KX_HAVE_COUNTERS] = perf.eax >> 8 & 0xff;
	if ((perf.eax & 0xff) > 1) {
		count[KX_HAVE_PERF_GLOBAL] = 1;
		count[KX_HAVE_FIXED_COUNTERS] = perf.edx & 31;
	}
	if (bit(one.edx, 21)) {
		count[KX_HAVE_PEBS] = !(misc & MISC_NO_PEBS) && perf.eax & 0xff;
		count[KX_HAVE_DS_AREA] = !(misc & MISC_NO_BTS) || !(misc & MISC_NO_PEBS);
	}
}

/* APM "CPUID Fn8000_0001", "Fn8000_0008", "Fn8000_0022" */
static void find_amd(uint8_t *count)
{
	struct leaf one = ask(1), more = ask(0x80000001), sizes = ask(0x80000008);
	struct leaf perf = ask(0x80000022);
	unsigned int family = (one.eax >> 8 & 15) + (one.eax >> 20 & 255);

	count[KX_HAVE_DEBUGCTL] = 1;
	count[KX_HAVE_SVM] = bit(more.ecx, 2);
	count[KX_HAVE_IBS] = bit(more.ecx, 10);
	if (bit(more.ecx, 23))
		count[KX_HAVE_AMD_CORE_COUNTERS] = 6;
	else
		count[KX_HAVE_AMD_COUNTERS] = 4;
	count[KX_HAVE_AMD_PERF_GLOBAL] = bit(perf.eax, 0);
	count[KX_HAVE_AMD_LBR] = bit(perf.eax, 1);
	count[KX_HAVE_DE_CFG] = family >= FAMILY_ZEN && !bit(one.ecx, 31);
	count[KX_HAVE_VIRT_SPEC_CTRL] = bit(sizes.ebx, 25);
	if (bit(sizes.ebx, 14) || bit(sizes.ebx, 15) || bit(sizes.ebx, 24))
		count[KX_HAVE_SPEC_CTRL] = 1;
}

/* SDM volume 2 "CPUID": leaf 0bh where there is one, else what leaf 1 has of it */
static uint32_t apic_id(void)
{
	struct leaf topology = ask(11);

	return topology.ebx ? topology.edx : ask(1).ebx >> 24;
}

/* SDM "Local APIC State After Power-Up or Reset": a logical destination of nobody's */
int kx_bank_self_(const struct kx_bank *bank, size_t index, uint64_t *value)
{
	(void)bank;
	*value = 0;
	return index == INDEX_APIC_LDR;
}

void kx_bank_open_(struct kx_bank *bank, const struct kx_state *state)
{
	uint64_t cr4;

	kx_mem_zero_(bank, sizeof(*bank));
	bank->state = state;
	bank->cpu = apic_id();
	__asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(bank->saved[SAVED_RFLAGS]) : : "memory");
	READ(bank->saved[SAVED_CR0], "cr0");
	READ(bank->saved[SAVED_CR4], "cr4");
	find_features(bank->count);
	find_memory(bank->count);
	switch (cpuid(0, 0).ebx) {
	case VENDOR_INTEL_EBX: find_intel(bank->count); break;
	case VENDOR_HYGON_EBX:
	case VENDOR_AMD_EBX: find_amd(bank->count); break;
	}
	find_apic(bank);
	/* What FCW, MXCSR, XCR0 and PKRU cannot be looked at without */
	WRITE("cr0", bank->saved[SAVED_CR0] & ~(uint64_t)CR0_EM_TS);
	cr4 = bank->saved[SAVED_CR4] | CR4_OSFXSR;
	if (bank->count[KX_HAVE_XSAVE])
		cr4 |= CR4_OSXSAVE;
	if (bank->count[KX_HAVE_PKU])
		cr4 |= CR4_PKE;
	WRITE("cr4", cr4);
}

void kx_bank_close_(struct kx_bank *bank, int interrupts)
{
	WRITE("cr4", bank->saved[SAVED_CR4]);
	WRITE("cr0", bank->saved[SAVED_CR0]);
	if (interrupts == KX_BANK_AS_BEFORE && bank->saved[SAVED_RFLAGS] & RFLAGS_IF)
		__asm__ volatile("sti" ::: "memory");
}

/* The memory types behind the host's tables: another value under them would be another memory. */
void kx_state_handoff_(const struct kx_state *entry, struct kx_handoff *handoff)
{
	handoff->cpu[KX_CPU_PAT] = entry && kx_state_has(entry, INDEX_PAT) ?
		entry->value[INDEX_PAT] : PAT_AT_RESET;
}
