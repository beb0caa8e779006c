/* SPDX-License-Identifier: BSD-2-Clause */
/* A place where CPUs wait that no firmware takes back; its code is arch/<a>/park.S. */
#include "park.h"

#include "arch.h"
#include "mem.h"
#include "range.h"

uint64_t kx_park_size(size_t count)
{
	/* one slot more: the one behind the last says so */
	return KX_PARK_SLOTS + kx_align_up_(((uint64_t)count + 1) * KX_PARK_SLOT_SIZE, KX_PAGE_SIZE);
}

static struct kx_park_slot *slot_of(const struct kx_park *park, size_t index)
{
	return (struct kx_park_slot *)(void *)((uint8_t *)park->base + KX_PARK_SLOTS) + index;
}

static int check(const struct kx_park *park)
{
	if (!park || !park->base || !park->ids || !park->count || park->count > KX_PARK_CPUS_MAX)
		return -KX_ERR_ARGUMENT;
	if (!kx_park_code_size_ || kx_park_code_size_ > KX_PARK_SLOTS)
		return -KX_ERR_ARGUMENT;
	if (!kx_aligned_(park->pa, KX_PAGE_SIZE) || !kx_aligned_((uintptr_t)park->base, 8))
		return -KX_ERR_MISALIGNED;
	return kx_wraps_(park->pa, kx_park_size(park->count)) ? -KX_ERR_WRAPS : 0;
}

int kx_park_build(const struct kx_park *park)
{
	uint64_t size;
	int error = check(park);

	if (error)
		return error;
	size = kx_park_size(park->count);
	kx_mem_zero_(park->base, size);
	kx_mem_copy_(park->base, kx_park_code_, kx_park_code_size_);
	for (size_t i = 0; i < park->count; i++)
		slot_of(park, i)->id = park->ids[i];
	slot_of(park, park->count)->id = KX_PARK_ID_NONE;
	kx_code_publish_(park->base, size);
	return 0;
}

struct kx_range kx_park_range(const struct kx_park *park)
{
	return (struct kx_range){ park->pa, kx_park_size(park->count) };
}

uint64_t kx_park_release_pa(const struct kx_park *park, uint64_t id)
{
	for (size_t i = 0; i < park->count; i++)
		if (park->ids[i] == id)
			return park->pa + KX_PARK_SLOTS + i * KX_PARK_SLOT_SIZE + KX_PARK_RELEASE_PA;
	return 0;
}

int kx_park_waits_(const struct kx_park *park, uint64_t id)
{
	for (size_t i = 0; i < park->count; i++) {
		const struct kx_park_slot *slot = slot_of(park, i);

		if (park->ids[i] != id)
			continue;
		kx_io_publish_(slot, sizeof(*slot)); /* it was written past the caches */
		return *(const volatile uint64_t *)&slot->state == KX_PARK_WAITS;
	}
	return -KX_ERR_ARGUMENT;
}
