/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to struct kx_memory; asked by the planner, the list check and the tables. */
#include "memory.h"

#include "range.h"

static int check_ranges(const struct kx_range *ranges, size_t count)
{
	if (count && !ranges)
		return -KX_ERR_ARGUMENT;
	for (size_t i = 0; i < count; i++)
		if (kx_wraps_(ranges[i].pa, ranges[i].size))
			return -KX_ERR_ARGUMENT;
	return 0;
}

int kx_memory_check_(const struct kx_memory *memory)
{
	uint64_t end = 0;

	if (!memory || !memory->ram || !memory->ram_count)
		return -KX_ERR_ARGUMENT;
	for (size_t i = 0; i < memory->ram_count; i++) {
		struct kx_range ram = memory->ram[i];

		if (!ram.size || !kx_aligned_(ram.pa | ram.size, KX_PAGE_SIZE))
			return -KX_ERR_ARGUMENT;
		if (kx_wraps_(ram.pa, ram.size) || ram.pa < end)
			return -KX_ERR_ARGUMENT;
		end = ram.pa + ram.size;
	}
	if (check_ranges(memory->reserved, memory->reserved_count) ||
	    check_ranges(memory->parked, memory->parked_count))
		return -KX_ERR_ARGUMENT;
	return check_ranges(memory->written, memory->written_count);
}

/* Ranges that touch are one memory: firmware tables often cut it in pieces. */
static int is_ram(const struct kx_memory *memory, uint64_t pa, uint64_t size)
{
	for (size_t i = 0; i < memory->ram_count; i++) {
		struct kx_range ram = memory->ram[i];
		uint64_t here;

		if (!kx_contains_(ram, pa, 0))
			continue;
		here = ram.size - (pa - ram.pa);
		if (size <= here)
			return 1;
		pa += here;
		size -= here;
	}
	return 0;
}

static int touches(struct kx_range range, const struct kx_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (kx_overlaps_(range.pa, range.size, ranges[i]))
			return 1;
	return 0;
}

int kx_memory_usable_(const struct kx_memory *memory, uint64_t pa, uint64_t size)
{
	struct kx_range range = { pa, size };

	if (!is_ram(memory, pa, size))
		return -KX_ERR_OUTSIDE_RAM;
	return touches(range, memory->reserved, memory->reserved_count) ? -KX_ERR_RESERVED : 0;
}

/* What is both reserved and something else has the name that says more. */
int kx_memory_source_(const struct kx_memory *memory, uint64_t pa, uint64_t size)
{
	int error = kx_memory_usable_(memory, pa, size);

	if (error != -KX_ERR_OUTSIDE_RAM &&
	    touches((struct kx_range){ pa, size }, memory->written, memory->written_count))
		return -KX_ERR_SOURCE_OVER_WRITER;
	return error;
}

int kx_memory_dest_(const struct kx_memory *memory, uint64_t pa, uint64_t size)
{
	struct kx_range range = { pa, size };
	int error = kx_memory_usable_(memory, pa, size);

	if (error == -KX_ERR_OUTSIDE_RAM)
		return error;
	if (touches(range, memory->parked, memory->parked_count))
		return -KX_ERR_DEST_OVER_CPU;
	if (touches(range, memory->written, memory->written_count))
		return -KX_ERR_DEST_OVER_WRITER;
	return error;
}

/* The first byte at or after pa that no reserved range holds. */
static uint64_t skip_reserved(const struct kx_memory *memory, uint64_t pa)
{
	size_t i = 0;

	while (i < memory->reserved_count) {
		struct kx_range range = memory->reserved[i];

		if (kx_overlaps_(pa, 1, range)) {
			pa = range.pa + range.size;
			i = 0; /* what lies there may be reserved by a range looked at before */
		} else {
			i++;
		}
	}
	return pa;
}

int kx_memory_next_free_(const struct kx_memory *memory, uint64_t from_pa, struct kx_range *free)
{
	for (size_t i = 0; i < memory->ram_count; i++) {
		struct kx_range ram = memory->ram[i];
		uint64_t end = ram.pa + ram.size;
		uint64_t pa = skip_reserved(memory, from_pa > ram.pa ? from_pa : ram.pa);

		for (size_t j = i + 1; j < memory->ram_count && memory->ram[j].pa == end; j++)
			end += memory->ram[j].size;
		if (pa >= end)
			continue;
		for (size_t j = 0; j < memory->reserved_count; j++)
			if (memory->reserved[j].size && memory->reserved[j].pa > pa &&
			    memory->reserved[j].pa < end)
				end = memory->reserved[j].pa;
		free->pa = pa;
		free->size = end - pa;
		return 1;
	}
	return 0;
}
