/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether purgatory can work with its info. Called by purgatory itself and by hosts. */
#include "purgatory.h"

#include "cpu.h"
#include "range.h"

#define BELOW_4G 0xffffffff

static int reserved_is_zero(const struct kx_purgatory_info *info)
{
	uint64_t used = info->flags & ~(uint32_t)KX_PURGATORY_KNOWN;

	used |= (info->entry_flags | info->fallback_flags) &
		~(uint64_t)(KX_ENTER_KNOWN & (KX_ENTER_32 | KX_ENTER_RETURN));
	if (!(info->flags & KX_PURGATORY_EACH_REGION))
		used |= info->flags & KX_PURGATORY_HALVES;
	used |= info->kick.reserved;
	for (unsigned int i = 0; i < sizeof(info->reserved) / 8; i++)
		used |= info->reserved[i];
	return !used;
}

/* Out of 64-bit mode purgatory itself must be reached, too. */
static int in_reach(uint64_t entry_pa, uint64_t flags, struct kx_range self)
{
	if (!entry_pa || (flags & KX_ENTER_32 && flags & KX_ENTER_RETURN))
		return 0;
	return !(flags & KX_ENTER_32) || (entry_pa <= BELOW_4G && self.pa + self.size - 1 <= BELOW_4G);
}

/* Can all that is touched while regions are hashed be mapped, and what is entered have been one of them? */
static int check_reach(const struct kx_purgatory_info *info, struct kx_range self)
{
	uint64_t beyond = kx_purgatory_beyond_(info), entry = info->entry_pa;

	if (info->policy == KX_POLICY_FALLBACK)
		entry |= info->fallback_pa;
	if (entry & beyond)
		return -KX_ERR_INFO_ENTRY;
	if (info->console.kind != KX_DEVICE_NONE && info->console.base & beyond)
		return -KX_ERR_INFO_CONSOLE;
	if (((self.pa + self.size - 1) | info->status_pa | info->kick.pa) & beyond)
		return -KX_ERR_INFO_RANGE;
	return 0;
}

static int check_header(const struct kx_purgatory_info *info, struct kx_range self)
{
	int skip = (info->flags & KX_PURGATORY_SKIP_CHECKS) != 0;

	if (info->magic != KX_PURGATORY_MAGIC)
		return -KX_ERR_INFO_MAGIC;
	if (info->version != KX_PURGATORY_VERSION)
		return -KX_ERR_INFO_VERSION;
	if (info->machine != KX_MACHINE)
		return -KX_ERR_INFO_MACHINE;
	if (!reserved_is_zero(info))
		return -KX_ERR_INFO_RESERVED;
	if (info->policy < KX_POLICY_HALT || info->policy > KX_POLICY_RETURN)
		return -KX_ERR_INFO_POLICY;
	if (info->region_count > KX_PURGATORY_REGIONS_MAX || (!info->region_count && !skip))
		return -KX_ERR_INFO_COUNT;
	if (!in_reach(info->entry_pa, info->entry_flags, self) ||
	    (info->policy == KX_POLICY_FALLBACK &&
	     !in_reach(info->fallback_pa, info->fallback_flags, self)))
		return -KX_ERR_INFO_ENTRY;
	if (!kx_console_has_(info->console.kind))
		return -KX_ERR_INFO_CONSOLE;
	return check_reach(info, self);
}

static int check_region(struct kx_region region, struct kx_range self, uint64_t beyond)
{
	if (!region.size)
		return -KX_ERR_REGION_EMPTY;
	if (kx_wraps_(region.pa, region.size))
		return -KX_ERR_REGION_WRAPS;
	if (kx_overlaps_(region.pa, region.size, self))
		return -KX_ERR_REGION_SELF;
	if ((region.pa + region.size - 1) & beyond)
		return -KX_ERR_REGION_RANGE;
	return 0;
}

int kx_purgatory_check(const struct kx_purgatory_info *info, struct kx_range self, uint32_t *region)
{
	int error = check_header(info, self);

	for (uint32_t i = 0; !error && i < info->region_count; i++) {
		if (region)
			*region = i;
		error = check_region(info->regions[i], self, kx_purgatory_beyond_(info));
	}
	return error;
}
