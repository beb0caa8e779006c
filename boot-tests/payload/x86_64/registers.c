/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: registers at entry, by start.S; and whether another CPU is still at work. */
#include <kx/state.h>

#include "beat.h"
#include "payload.h"
#include "port.h"
#include "saved.h"

#define CR4_LA57 0x1000
#define APIC_PA  0xfee00000
#define BEAT_TURNS 1000

extern uint64_t saved_registers[SAVED_COUNT];

static uint64_t tables[3][512] __attribute__((aligned(4096)));

/* Read by its name, as the identity map that was handed over need not have that page. */
static uint32_t read_beat(void)
{
	return *(volatile uint32_t *)(uintptr_t)(BEAT_PA + BEAT_COUNT);
}

/* The lower 4 GiB mapped to themselves, by as many levels as before. */
void map_all(void)
{
	uint64_t cr4 = saved_registers[SAVED_MODE] == 64 ? saved_registers[SAVED_CR4] : 0;

	tables[0][0] = (uintptr_t)tables[1] | 3; /* present, writable */
	tables[1][0] = (uintptr_t)tables[2] | 3;
	for (uint64_t gib = 0; gib < 4; gib++)
		tables[2][gib] = gib << 30 | 0x83; /* and a leaf */
	__asm__ volatile("mov %0, %%cr3" :: "r"(tables[cr4 & CR4_LA57 ? 0 : 1]) : "memory");
}

/* The local APIC lies where nothing maps it. */
void prepare_state(struct kx_state *state, uint64_t info_pa)
{
	(void)info_pa;
	map_all();
	state->apic = (volatile void *)(uintptr_t)APIC_PA;
}

static void report_beat(void)
{
	uint32_t before = read_beat();
	uint64_t start = read_tsc();

	/* Some 50 ms; but time passes, too, while none of the CPUs runs */
	for (unsigned int turns = 0; turns < BEAT_TURNS || read_tsc() - start < 100000000; turns++)
		__asm__ volatile("pause"); /* where CPUs take turns, it is the next one's */
	print("HEARTBEAT=%s\n", read_beat() == before ? "still" : "moving");
}

static void report_table(const char *base_key, const char *limit_key, unsigned int index)
{
	const uint16_t *words = (const uint16_t *)&saved_registers[index];

	report_number(limit_key, words[0]);
	report_number(base_key, words[1] | (uint64_t)words[2] << 16 | (uint64_t)words[3] << 32 |
		      (uint64_t)words[4] << 48);
}

void report_registers(void)
{
	static const char names[SAVED_GDT][8] = {
		"RAX", "RBX", "RCX", "RDX", "RSI", "RDI", "RBP", "RSP", "R8", "R9", "R10", "R11",
		"R12", "R13", "R14", "R15", "RFLAGS", "CR0", "CR2", "CR3", "CR4", "CR8", "EFER",
		"CS", "DS", "ES", "SS", "MODE",
	};

	for (unsigned int i = 0; i < SAVED_GDT; i++)
		report_number(names[i], saved_registers[i]);
	report_table("GDT", "GDT_LIMIT", SAVED_GDT);
	report_table("IDT", "IDT_LIMIT", SAVED_IDT);
	report_beat();
}
