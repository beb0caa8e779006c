/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The new image comes back: with `kx.return=on` the payload does, when it has reported, with
 * `kx.policy=return` purgatory, when it has found damage. The host looks whether all of its memory and
 * every register is as it was, and then boots an image that stays.
 */
#include "host.h"

static struct same same;
static struct kx_returned returned;
static int came_back;

static int is(const char *value, const char *word)
{
	return !strcmp(value, word);
}

int back_wanted(const struct options *options)
{
	return is(options->back, "on") || is(options->policy, "return");
}

void back_except(uint64_t pa, uint64_t size)
{
	same_except(&same, pa, size);
}

const char *back_prepare(const struct options *options, struct kx_jump *jump, const char *bootargs)
{
	if (!back_wanted(options))
		return bootargs;
	jump->returned = &returned;
	return is(options->back, "on") ? line_with(bootargs, " kx.return") : bootargs;
}

void back_enter(const struct options *options, const struct kx_control *control,
		const struct kx_cpus *cpus, const struct kx_memory *memory)
{
	int error;

	state_dirty(options);
	if (!control->host) {
		machine_pads(1);
		must(state_enter(options, control, cpus));
		return;
	}
	same_begin(&same, options, memory);
	machine_pads(1);
	error = state_enter(options, control, cpus);
	machine_pads(0);
	same_end(&same);
	came_back = 1;
	print("kx-host: back: kx_enter returned 0x%x, value 0x%lx, detail 0x%lx\n", (unsigned int)error,
	      returned.value, returned.detail);
	same_say(&same, "back");
}

int back_again(struct options *options)
{
	if (!came_back)
		return 0;
	came_back = 0;
	same_forget(&same);
	options->back[0] = options->policy[0] = options->corrupt[0] = 0;
	return 1;
}
