/* SPDX-License-Identifier: BSD-2-Clause */
/* Device callbacks: consumers before suppliers, groups all or none, each once. Called by hosts. */
#include <kx/quiesce.h>

#include "clock.h"
#include "mem.h"

int kx_lifecycle_add(struct kx_lifecycle *lifecycle, const struct kx_callback *callback,
		     size_t *index)
{
	struct kx_callback *slot;

	if (!lifecycle || !callback || !callback->stop ||
	    (callback->supplier_count && !callback->suppliers))
		return -KX_ERR_ARGUMENT;
	if (lifecycle->started)
		return -KX_ERR_CALLBACK_LATE;
	if (!lifecycle->callbacks || lifecycle->count >= lifecycle->max)
		return -KX_ERR_RANGES_SMALL;
	slot = &lifecycle->callbacks[lifecycle->count];
	kx_mem_copy_(slot, callback, sizeof(*slot)); /* an assignment may become a call to memcpy */
	slot->state = KX_CALLBACK_LIVE;
	if (index)
		*index = lifecycle->count;
	lifecycle->count++;
	return 0;
}

int kx_lifecycle_call(const struct kx_lifecycle *lifecycle, size_t index)
{
	if (!lifecycle || index >= lifecycle->count)
		return -KX_ERR_ARGUMENT;
	switch (lifecycle->callbacks[index].state) {
	case KX_CALLBACK_LIVE:
	case KX_CALLBACK_SKIPPED: return 0;
	}
	return -KX_ERR_CALLBACK_GONE;
}

static int blame(size_t *culprit, size_t index, int error)
{
	if (culprit)
		*culprit = index;
	return error;
}

/* Count, for each callback, the consumers that must go first. */
static int count_consumers(struct kx_lifecycle *lifecycle, size_t *culprit)
{
	struct kx_callback *all = lifecycle->callbacks;

	for (size_t i = 0; i < lifecycle->count; i++)
		all[i].waiting = 0;
	for (size_t i = 0; i < lifecycle->count; i++)
		for (size_t j = 0; j < all[i].supplier_count; j++) {
			if (all[i].suppliers[j] >= lifecycle->count)
				return blame(culprit, i, -KX_ERR_ARGUMENT);
			all[all[i].suppliers[j]].waiting++;
		}
	return 0;
}

int kx_lifecycle_check(struct kx_lifecycle *lifecycle, size_t *culprit)
{
	struct kx_callback *all;
	size_t placed = 0;
	int error;

	if (!lifecycle || !lifecycle->timer_hz || (lifecycle->count && !lifecycle->callbacks))
		return -KX_ERR_ARGUMENT;
	if (lifecycle->started)
		return -KX_ERR_CALLBACK_LATE;
	error = count_consumers(lifecycle, culprit);
	if (error)
		return error;
	all = lifecycle->callbacks;
	for (size_t i = 0; i < lifecycle->count; i++)
		if (!all[i].waiting)
			all[placed++].order = i;
	/* The order grows while it is read; what it never reaches waits for itself. */
	for (size_t next = 0; next < placed; next++) {
		const struct kx_callback *callback = &all[all[next].order];

		for (size_t j = 0; j < callback->supplier_count; j++)
			if (!--all[callback->suppliers[j]].waiting)
				all[placed++].order = callback->suppliers[j];
	}
	if (placed == lifecycle->count)
		return 0;
	for (size_t i = 0; i < lifecycle->count; i++)
		if (all[i].waiting)
			return blame(culprit, i, -KX_ERR_CALLBACK_CYCLE);
	return 0;
}

static void skip_group(struct kx_lifecycle *lifecycle, size_t index)
{
	struct kx_callback *all = lifecycle->callbacks;

	for (size_t i = 0; i < lifecycle->count; i++)
		if (i == index || (all[index].group && all[i].group == all[index].group))
			all[i].state = KX_CALLBACK_SKIPPED;
}

/*
 * Nothing is stopped that is still in use, and no part of a group: what is skipped takes its whole
 * group along and all its suppliers. Settles because each round skips one more or is the last.
 */
static void spread_skips(struct kx_lifecycle *lifecycle)
{
	struct kx_callback *all = lifecycle->callbacks;
	int again = 1;

	while (again) {
		again = 0;
		for (size_t i = 0; i < lifecycle->count; i++) {
			if (all[i].state != KX_CALLBACK_SKIPPED)
				continue;
			for (size_t j = 0; j < all[i].supplier_count; j++)
				if (all[all[i].suppliers[j]].state == KX_CALLBACK_LIVE) {
					skip_group(lifecycle, all[i].suppliers[j]);
					again = 1;
				}
		}
	}
}

/* Ask every callback whether it can be stopped, before any is. */
static int ask_ready(struct kx_lifecycle *lifecycle, size_t *culprit)
{
	struct kx_callback *all = lifecycle->callbacks;
	int error = 0;

	for (size_t i = 0; i < lifecycle->count; i++) {
		if (!all[i].ready || !all[i].ready(all[i].context))
			continue;
		if (!error)
			error = blame(culprit, i, -KX_ERR_CALLBACK_REFUSED);
		if (lifecycle->go_on)
			skip_group(lifecycle, i);
	}
	spread_skips(lifecycle);
	return error;
}

static int stop_one(const struct kx_lifecycle *lifecycle, struct kx_callback *callback)
{
	uint64_t timeout_us = callback->timeout_us ? callback->timeout_us : lifecycle->timeout_us;
	struct kx_deadline deadline;
	int failed, late;

	kx_deadline_set_(&deadline, lifecycle->timer_hz, timeout_us);
	callback->state = KX_CALLBACK_RUNS;
	failed = callback->stop(callback->context);
	late = kx_deadline_passed_(&deadline);
	callback->state = failed || late ? KX_CALLBACK_FAILED : KX_CALLBACK_STOPPED;
	if (failed)
		return -KX_ERR_CALLBACK_FAILED;
	return late ? -KX_ERR_CALLBACK_OVERRUN : 0;
}

int kx_lifecycle_stop(struct kx_lifecycle *lifecycle, size_t *culprit)
{
	int first = kx_lifecycle_check(lifecycle, culprit);

	if (first)
		return first;
	lifecycle->started = 1;
	first = ask_ready(lifecycle, culprit);
	if (first && !lifecycle->go_on)
		return first;
	for (size_t n = 0; n < lifecycle->count; n++) {
		size_t index = lifecycle->callbacks[n].order;
		struct kx_callback *callback = &lifecycle->callbacks[index];
		int error;

		if (callback->state != KX_CALLBACK_LIVE)
			continue;
		error = stop_one(lifecycle, callback);
		if (error && !first)
			first = blame(culprit, index, error);
		if (error && !lifecycle->go_on)
			return first;
	}
	return first;
}
