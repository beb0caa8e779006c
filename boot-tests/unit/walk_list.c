/* SPDX-License-Identifier: BSD-2-Clause */
/* The walker in C: kx_list_next(), and each page copied upwards. */
#include "walk.h"

#include <string.h>

const char walk_name[] = "C";
const int walk_is_slow = 0;
const int walk_records = 0;
uint64_t walk_accesses;

int walk_open(const struct scene *scene)
{
	(void)scene;
	return 1;
}

void walk_close(void)
{
}

int walk_takes(const struct kx_paging *paging)
{
	(void)paging;
	return 1;
}

const struct kx_device *walk_console(void)
{
	static const struct kx_device none = { .kind = KX_DEVICE_NONE };

	return &none;
}

void walk_declare(const struct scene *scene, const struct kx_list *list, uint64_t status_pa)
{
	(void)status_pa;
	(void)scene;
	(void)list;
}

const char *walk_dry(const struct scene *scene, const struct kx_control *sealed, int plant)
{
	(void)scene;
	(void)sealed;
	(void)plant;
	return NULL;
}

const char *walk(struct scene *scene, const struct kx_list *list, const struct kx_control *control,
		 uint64_t entry_pa, int audit)
{
	struct kx_list_walk state = { .list = list };
	struct kx_list_step step;
	int more;

	(void)control;
	(void)entry_pa;
	(void)audit;
	while ((more = kx_list_next(&state, &step)) > 0) {
		for (uint64_t i = 0; i < step.pages && step.kind != KX_STEP_PAGE; i++) {
			uint8_t *to = scene_at(scene, step.dest_pa + i * PAGE);
			const uint8_t *from = scene_at(scene, step.source_pa + i * PAGE);

			if (!to || (step.kind == KX_STEP_COPY && !from))
				return "a step leaves memory";
			if (step.kind == KX_STEP_COPY)
				memmove(to, from, PAGE);
			else
				memset(to, 0, PAGE);
		}
	}
	return more ? kx_strerror(more) : NULL;
}
