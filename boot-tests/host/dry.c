/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way is tried before it is gone. kx.dry=on: kx_dry_run(), and where the way is not clear an undamaged
 * image instead; `same`: and look whether all is as before; `blind`: a negative control, without the list.
 */
#include "host.h"

#include <kx/status.h>

#define HOLE_SIZE ((uint64_t)64 << 20)

static struct same same;
static uint64_t hole; /* its size, while it is there */
static int failed;

static int is(const char *value, const char *word)
{
	return !strcmp(value, word);
}

/* Memory that is not there, as firmware may announce it, and the kernel goes to it. */
void dry_dig(const struct options *options, struct platform *platform, struct layout *layout)
{
	struct kx_range *last = &platform->ram[platform->memory.ram_count - 1];

	if (!is(options->corrupt, "hole"))
		return;
	layout->base_pa = last->pa + last->size;
	hole = HOLE_SIZE;
	last->size += hole;
	pool_take(&layout->live, layout->base_pa, hole);
}

static void say(int error, const struct kx_status *found)
{
	struct kx_status_report report;

	if (kx_status_read(found, &report)) {
		print("kx-host: dry run: %s\n", kx_strerror(error));
		return;
	}
	for (size_t i = 0; i + 1 < report.count; i++)
		print("kx-host: dry run: %s %lu %s\n", kx_status_stage_name(report.times[i].stage),
		      report.times[i].us, report.has_rate ? "us" : "ticks");
	if (error)
		print("kx-host: dry run: %s; %s, %s, %s 0x%lx, %s %u\n", kx_strerror(error), report.stage,
		      report.outcome ? report.outcome : "no fault", report.at_is, report.at,
		      report.index_is, report.index);
	if (error == -KX_ERR_DRY_FAULT)
		print("kx-host: dry run: at %s+0x%lx\n", report.blob, report.pc);
	if (!error)
		print("kx-host: dry run: the way is clear\n");
}

/* The list becomes an empty one for as long as this takes. */
static int run_blind(const struct kx_control *control, struct kx_arena *arena, struct kx_status *found)
{
	struct kx_handoff *handoff = mmu_ptr(control->pa);
	uint64_t head = handoff->head;
	int error;

	handoff->head = KX_IND_DONE;
	error = kx_dry_run(control, arena, found);
	handoff->head = head;
	return error;
}

int dry_run(const struct options *options, const struct kx_control *control, struct kx_arena *arena,
	    const struct kx_memory *memory)
{
	struct kx_status found;
	int error, look = is(options->dry, "same");

	if (!*options->dry)
		return 1;
	print("kx-host: dry run: through the control page at 0x%lx, run at 0x%lx\n", control->pa,
	      control->run_va);
	memset(&found, 0, sizeof(found));
	same_forget(&same);
	same_except(&same, arena->pa, arena->size);
	if (look)
		same_begin(&same, options, memory);
	machine_pads(1);
	error = is(options->dry, "blind") ? run_blind(control, arena, &found) :
					    kx_dry_run(control, arena, &found);
	machine_pads(0);
	if (look)
		same_end(&same);
	say(error, &found);
	if (look)
		same_say(&same, "dry run");
	failed = error != 0;
	return !failed;
}

int dry_again(struct options *options, struct platform *platform)
{
	if (!failed)
		return 0;
	failed = 0;
	platform->ram[platform->memory.ram_count - 1].size -= hole;
	hole = 0;
	options->corrupt[0] = 0;
	return 1;
}
