/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: the smallest hypervisor. It runs the host in VS-mode behind two-stage translation, passes
 * its calls on to the firmware, and reports every other trap: there must be none, because an
 * address space that is left the wrong way traps here and nowhere else (a guest's fetch from an
 * address that stage two does not map is no fault that the guest can catch). It denies vectors, and
 * hands on the illegal instructions that come of it, as a hypervisor would, and breakpoints.
 */
#include <libfdt.h>

#include "bare.h"
#include "sbi.h"

#define CAUSE_ILLEGAL    2
#define CAUSE_BREAKPOINT 3 /* by which a dry run tries its vectors */
#define CAUSE_VS_ECALL   10

#define HGATP_SV39X4 (8ul << 60)
#define PTE_URWX     0xdf /* V R W X U A D: stage two knows only user pages */

#define HSTATUS_SPV  (1ul << 7)
#define HSTATUS_VSXL (2ul << 32)
#define HENVCFG_LPE  (1ul << 2)
#define SSTATUS_SPP  (1ul << 8)
#define SSTATUS_VS   (3ul << 9)

/* Behind the monitor's 2 MiB: the guest, and its device tree in the MiB before it. */
#define GUEST_AT 0x400000
#define FDT_AT   0x300000
#define FDT_ROOM 0x100000

extern char image_start[], guest_image[], guest_image_end[];

uint64_t guest_registers[32];

/* Stage two's root has four times the entries of a table: 2 more bits of guest-physical address. */
static uint64_t root[2048] __attribute__((aligned(16384)));

static unsigned int calls, traps, denied, pads;

/* Memory, PA = PA, and none of the devices: the guest asks the firmware for what it needs. */
static void map_memory(void)
{
	for (uint64_t gib = 2; gib < 8; gib++)
		root[gib] = gib << 30 >> 12 << 10 | PTE_URWX;
	__asm__ volatile("csrw 0x680, %0" : : "r"(HGATP_SV39X4 | (uintptr_t)root >> 12)); /* hgatp */
	__asm__ volatile(".word 0x62000073" ::: "memory"); /* hfence.gvma */
}

/* What a guest may use: no hypervisor extension in it, and no timer of its own. */
static int set_isa(void *fdt)
{
	int node, error = 0, parent = fdt_path_offset(fdt, "/cpus");

	fdt_for_each_subnode(node, fdt, parent)
		if (fdt_getprop(fdt, node, "riscv,isa", NULL))
			error |= fdt_setprop_string(fdt, node, "riscv,isa", "rv64imafdc");
	return error;
}

/* The guest's device tree: the firmware's, with the monitor's own memory taken out. */
static uint64_t make_fdt(const void *from)
{
	uint64_t self = (uintptr_t)image_start;
	void *to = image_start + FDT_AT;

	if (fdt_open_into(from, to, FDT_ROOM) || fdt_add_mem_rsv(to, self, GUEST_AT) || set_isa(to)) {
		print("MONITOR=no-fdt\n");
		machine_off(1);
	}
	return (uintptr_t)to;
}

uint64_t *monitor_main(uint64_t hart, const void *fdt);
uint64_t *monitor_main(uint64_t hart, const void *fdt)
{
	char *guest = image_start + GUEST_AT;

	memcpy(guest, guest_image, (size_t)(guest_image_end - guest_image));
	map_memory();
	__asm__ volatile("csrw 0x602, zero\n\t" /* hedeleg: every exception comes here */
			 "csrw 0x603, zero\n\t" /* hideleg */
			 "csrw 0x606, %0\n\t"   /* hcounteren: time */
			 "csrw 0x280, zero\n\t" /* vsatp */
			 "csrw 0x600, %1\n\t"   /* hstatus */
			 "csrs sstatus, %2\n\t"
			 "csrc sstatus, %4\n\t"
			 "csrw sepc, %3\n\t"
			 "fence.i"
			 : : "r"(7ul), "r"(HSTATUS_VSXL | HSTATUS_SPV), "r"(SSTATUS_SPP), "r"(guest),
			     "r"(SSTATUS_VS)
			 : "memory");
	guest_registers[10] = hart;
	guest_registers[11] = make_fdt(fdt);
	print("MONITOR=vs-mode\n");
	return guest_registers;
}

static _Noreturn void report(void)
{
	print("MONITOR_CALLS=%u\nMONITOR_TRAPS=%u\nMONITOR_DENIED=%u\nMONITOR_PADS=%u\n", calls, traps, denied, pads);
	machine_off(traps != 0);
}

/* The guest finds at its own vector what it would without a hypervisor; it masks interrupts anyway. */
static void hand_on(uint64_t cause, uint64_t pc, uint64_t at)
{
	uint64_t vector;

	denied += cause == CAUSE_ILLEGAL;
	__asm__ volatile("csrw 0x242, %1\n\t" /* vscause */
			 "csrw 0x241, %2\n\t" /* vsepc */
			 "csrw 0x243, %3\n\t" /* vstval */
			 "csrs 0x200, %4\n\t" /* vsstatus */
			 "csrr %0, 0x205"     /* vstvec */
			 : "=&r"(vector) : "r"(cause), "r"(pc), "r"(at), "r"(SSTATUS_SPP));
	__asm__ volatile("csrw sepc, %0" : : "r"(vector));
}

/* As of firmware that lets nobody turn them off; without Zicfilp the bit stays clear. */
static void set_pads(uint64_t on)
{
	uint64_t envcfg;

	__asm__ volatile("csrr %0, 0x60a" : "=r"(envcfg)); /* henvcfg */
	envcfg = on ? envcfg | HENVCFG_LPE : envcfg & ~HENVCFG_LPE;
	__asm__ volatile("csrw 0x60a, %1\n\tcsrr %0, 0x60a" : "=r"(envcfg) : "r"(envcfg));
	pads += on && envcfg & HENVCFG_LPE;
}

/* Called by start.S with what the guest had in its registers; returns what it will have. */
uint64_t *monitor_trap(uint64_t *x);
uint64_t *monitor_trap(uint64_t *x)
{
	uint64_t cause, pc, at;

	__asm__ volatile("csrr %0, scause\n\tcsrr %1, sepc\n\tcsrr %2, stval"
			 : "=r"(cause), "=r"(pc), "=r"(at));
	if (cause == CAUSE_ILLEGAL || cause == CAUSE_BREAKPOINT) {
		hand_on(cause, pc, at);
		return x;
	}
	if (cause != CAUSE_VS_ECALL) {
		traps++;
		print("monitor: trap: cause=%lu pc=0x%lx at=0x%lx\n", cause, pc, at);
		report();
	}
	calls++;
	if (x[17] == SBI_SRST)
		report();
	if (x[17] == SBI_PADS)
		set_pads(x[10]);
	x[10] = (uint64_t)sbi_call(x[17], x[16], x[10], x[11], x[12]);
	x[11] = 0;
	__asm__ volatile("csrw sepc, %0" : : "r"(pc + 4));
	return x;
}
