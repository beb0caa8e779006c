/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the other CPUs are left, as `kx.cpus` says:
 *
 *   stop        every one is stopped: as it should be
 *   park        all but the last: libkx must see it, or where it cannot, the new kernel
 *   spin-table  they wait in libkx's parking place, from where the device tree says how to call them
 *   spin-table-unsaid  ... but it says that firmware is to be called: a negative control
 *   pen         the last one waits in a page that the new image covers, and libkx is told of it
 *   pen-forced  ... and libkx is told nothing: a negative control
 *   pen-stop    the same image, with every CPU stopped
 */
#include "host.h"
#include "pen.h"

static struct platform *machine;
static const struct options *options;
static struct kx_park park;
static struct kx_range parked; /* the parking place, or the pen */
static uint64_t pen_pa, source_pa;
static struct kx_piece pen_piece;

static int is(const char *value)
{
	return !strcmp(options->cpus, value);
}

static int is_parked(void)
{
	return is("spin-table") || is("spin-table-unsaid");
}

static int has_pen(void)
{
	return !strncmp(options->cpus, "pen", 3);
}

void cpus_begin(struct platform *platform, const struct options *chosen)
{
	machine = platform;
	options = chosen;
}

int cpus_start(void)
{
	if (smp_start(machine, options) != machine->cpu_count)
		return 0;
	return is("pen") || is("pen-forced") ? smp_pen(machine, pen_pa) : 1;
}

static uint64_t take(struct pool *pool, uint64_t size)
{
	uint64_t pa = pool_highest(pool, size, 0x10000); /* Linux's largest page */

	if (pa != UINT64_MAX)
		return pa;
	print("kx: no-room: there is no free memory for the CPUs\n");
	machine_off(1);
}

static void keep(struct kx_range range)
{
	parked = range;
	machine->memory.parked = &parked;
	machine->memory.parked_count = 1;
}

static void prepare_park(struct pool *pool)
{
	uint64_t size = kx_park_size(machine->cpu_count);
	int error;

	park.ids = machine->cpus;
	park.count = machine->cpu_count;
	park.pa = take(pool, size);
	park.base = mmu_ptr(park.pa);
	error = kx_park_build(&park);
	if (error) {
		print("kx: %s\n", kx_strerror(error));
		machine_off(1);
	}
	if (is("spin-table"))
		machine->park = &park;
	keep(kx_park_range(&park));
	print("kx-host: cpus: a parking place at 0x%lx\n", park.pa);
}

/* What comes over the pen. */
static void fill(uint8_t *page)
{
	memset(page, 0, KX_PAGE_SIZE);
	for (unsigned int at = 0; at < PEN_CODE; at += sizeof(pen_nop))
		memcpy(page + at, pen_nop, sizeof(pen_nop));
	memcpy(page + PEN_CODE, pen_other, (size_t)(pen_other_end - pen_other));
}

static void prepare_pen(struct pool *pool)
{
	source_pa = take(pool, KX_PAGE_SIZE);
	pen_pa = smp_pen_at(take(pool, KX_PAGE_SIZE));
	fill(mmu_ptr(source_pa));
	if (is("pen"))
		keep((struct kx_range){ pen_pa, KX_PAGE_SIZE });
	print("kx-host: cpus: a pen at 0x%lx\n", pen_pa);
}

const char *cpus_prepare(struct pool *pool, const char *bootargs)
{
	if (is_parked())
		prepare_park(pool);
	if (!has_pen())
		return bootargs;
	prepare_pen(pool);
	return line_with_number(bootargs, " kx.pen=", pen_pa);
}

int cpus_insert(struct scatter *pieces)
{
	struct kx_segment *segment = &pieces->segments[pieces->count];

	if (!has_pen())
		return 1;
	if (pieces->count == SCATTER_SEGMENTS)
		return 0;
	pen_piece = (struct kx_piece){ mmu_ptr(source_pa), source_pa, KX_PAGE_SIZE };
	*segment = (struct kx_segment){ pen_pa, KX_PAGE_SIZE, KX_PAGE_SIZE, &pen_piece, 1 };
	pieces->count++;
	return 1;
}

void cpus_stop(struct kx_cpus *cpus)
{
	*cpus = (struct kx_cpus){
		.ids = machine->cpus,
		.timer_hz = machine->timer_hz,
		.timeout_us = is("park") ? 1000000 : 10000000, /* emulated, they may not run for a while */
		.method = machine->cpus_method,
		.apic = machine->apic,
	};
	if (is_parked()) {
		cpus->method = KX_CPUS_PARKED;
		cpus->park = &park;
		cpus->count = machine->cpu_count;
		for (size_t i = 0; i < cpus->count; i++)
			smp_send(machine, i, park.pa);
		return;
	}
	cpus->count = smp_stop(machine, is("park") || is("pen") || is("pen-forced"));
	if (is("pen-forced") && cpus->count == machine->cpu_count)
		cpus->count--; /* not a word of the last one */
}
