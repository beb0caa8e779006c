/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what the host's exceptions lead to when it dies, and where its NMIs come from: the PC's timer,
 * by an entry of the I/O APIC that says NMI.
 * Spec: SDM "64-Bit Mode IDT", "Local Vector Table"; Intel 82093AA "IOREDTBL"; Intel 8254.
 */
#include "die.h"
#include "port.h"

#define CODE_SELECTOR  0x28 /* as start.S has it */
#define GATE_INTERRUPT 0x8e
#define VECTORS        32
#define NMI            2
#define INVALID_OPCODE 6

#define APIC_SPURIOUS  0x0f0
#define APIC_ENABLED   0x100
#define APIC_IRR       0x200
#define APIC_LVT_TIMER 0x320
#define APIC_INITIAL   0x380
#define APIC_DIVIDE    0x3e0
#define TIMER_VECTOR   0x40

#define IOAPIC_PA      0xfec00000 /* of QEMU's q35; past the caches it would have to be elsewhere */
#define IOAPIC_ENTRY   (0x10 + 2 * 2) /* of the PC's timer */
#define IOAPIC_NMI     0x400
#define PIT_CHANNEL    0x40
#define PIT_CONTROL    0x43
#define PIT_MODE_2     0x34 /* channel 0, both bytes, again and again */
#define PIT_TICKS      119 /* 100 us */

extern const char die_without_stack[], die_with_stack[], die_of_nmi[], die_nmi[];

static uint64_t gates[2 * VECTORS];
volatile void *die_apic; /* read by die.S */

static void set(unsigned int vector, const char *handler)
{
	uint64_t at = (uintptr_t)handler;

	gates[2 * vector] = (at & 0xffff) | CODE_SELECTOR << 16 | (uint64_t)GATE_INTERRUPT << 40 |
			    (at >> 16 & 0xffff) << 48;
	gates[2 * vector + 1] = at >> 32;
}

/* The local APIC's timer, whose time comes at once */
int die_pend(const struct platform *platform)
{
	volatile uint32_t *apic = (volatile uint32_t *)platform->apic;
	uint32_t pending = 0;

	apic[APIC_SPURIOUS / 4] = APIC_ENABLED | 0xff;
	apic[APIC_DIVIDE / 4] = 11; /* by 1 */
	apic[APIC_LVT_TIMER / 4] = TIMER_VECTOR;
	apic[APIC_INITIAL / 4] = 1;
	for (unsigned int tries = 100000000; tries && !pending; tries--)
		pending = apic[(APIC_IRR + TIMER_VECTOR / 32 * 16) / 4];
	return pending != 0;
}

static void start_storm(void)
{
	volatile uint32_t *ioapic = mmu_ptr(IOAPIC_PA);

	ioapic[0] = IOAPIC_ENTRY + 1;
	ioapic[4] = 0; /* to the boot CPU */
	ioapic[0] = IOAPIC_ENTRY;
	ioapic[4] = IOAPIC_NMI;
	out8(PIT_CONTROL, PIT_MODE_2);
	out8(PIT_CHANNEL, PIT_TICKS);
	out8(PIT_CHANNEL, 0);
}

void die_race(struct die_race *race, const struct platform *platform)
{
	(void)race;
	(void)platform;
	fail("option: kx.crash=race is not for this architecture");
}

void die_vectors(const struct platform *platform, const char *way)
{
	int storm = !strncmp(way, "storm", 5);
	struct {
		uint16_t unused[3], limit;
		uint64_t base;
	} operand = { .limit = sizeof(gates) - 1 };

	operand.base = (uintptr_t)gates; /* not before: an initialiser would be of the link's address */
	die_apic = platform->apic;
	set(INVALID_OPCODE, die_without_stack);
	set(NMI, die_nmi);
	if (!strcmp(way, "nmi")) {
		set(INVALID_OPCODE, die_of_nmi);
		set(NMI, die_without_stack);
	}
	if (storm)
		set(INVALID_OPCODE, die_with_stack);
	__asm__ volatile("lidt %0" : : "m"(operand.limit) : "memory");
	if (storm)
		start_storm();
}
