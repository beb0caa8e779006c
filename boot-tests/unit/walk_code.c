/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walker as it ships: the linked control page on an emulated CPU, from kx_enter_ to the entry of
 * the new image, on the memory of the scene. Under audit every store must go to a destination, to the spare
 * page or to the status record, every load come from the control page, the list or a source, and every
 * instruction from the control page.
 */
#include "walk.h"

#include "emulator.h"
#include "fake.h"
#include "paging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_MOST 10000 /* of one CPU: Unicorn 2.0 crashes in itself after some 90,000 */

const char walk_name[] = "assembly";
const int walk_is_slow = 1;
const int walk_records = 1;
uint64_t walk_accesses;

/* What a page may be used for: bits */
#define MAY_LOAD  1
#define MAY_STORE 2
#define WAS_READ  4 /* and it has been */

/** struct machine - an emulated CPU, with or without an audit */
struct machine {
	uc_engine *cpu;
	uc_context *reset; /* its registers as they were at first */
	int audit;
	unsigned int runs;
};

/*
 * What a machine has once translated it does not look at again: other code is for another machine. That is
 * a dry run's, and what is planted in its place.
 */
enum { FAST, AUDITED, DRY, PLANTED, MACHINES };

static struct machine machines[MACHINES];

/* Of the walk that is going on; hooks have no other way to know. */
static const struct scene *scene;
static const struct kx_control *control;
static uint8_t may[SCENE_PAGES];
static uint64_t record_pa; /* the status record; 0: none */
static char fault[256];
static char console[256];

int walk_takes(const struct kx_paging *paging)
{
	return emulator_takes(paging);
}

const struct kx_device *walk_console(void)
{
	return &emulator_console;
}

static void stop(uc_engine *cpu, const char *what, uint64_t address)
{
	if (!*fault)
		snprintf(fault, sizeof(fault), "%s 0x%llx", what, (unsigned long long)address);
	uc_emu_stop(cpu);
}

static void put(char c)
{
	size_t length = strlen(console);

	if (c == '\n' || length + 2 > sizeof(console)) {
		for (size_t i = 0; i < MACHINES; i++)
			uc_emu_stop(machines[i].cpu);
		return;
	}
	console[length] = c;
	console[length + 1] = 0;
}

static int in_control_page(uint64_t address)
{
	return address - control->pa < PAGE || address - control->run_va < PAGE;
}

static int in_console(uint64_t address)
{
	return emulator_console.kind == KX_DEVICE_PL011 &&
	       address - emulator_console.base < emulator_console.length;
}

static int is_allowed(uint64_t address, int use)
{
	if (record_pa && address - record_pa < KX_STATUS_SIZE)
		return 1;
	return address - scene->pa < scene->pages * PAGE && (may[(address - scene->pa) / PAGE] & use);
}

static void on_access(uc_engine *cpu, uc_mem_type type, uint64_t address, int size, int64_t value,
		      void *context)
{
	uint64_t last = address + (uint64_t)size - 1;

	(void)value;
	(void)context;
	walk_accesses++;
	if (in_console(address))
		return;
	if (type == UC_MEM_WRITE) {
		if (!is_allowed(address, MAY_STORE) || !is_allowed(last, MAY_STORE))
			stop(cpu, "audit: store to", address);
	} else if (!(in_control_page(address) && in_control_page(last)) &&
		   (!is_allowed(address, MAY_LOAD) || !is_allowed(last, MAY_LOAD))) {
		stop(cpu, "audit: load from", address);
	} else if (address - scene->pa < scene->pages * PAGE) {
		may[(address - scene->pa) / PAGE] |= WAS_READ;
	}
}

static void on_code(uc_engine *cpu, uint64_t address, uint32_t size, void *context)
{
	(void)context;
	walk_accesses++;
	if (!in_control_page(address) && address - EMULATOR_STUB_PA >= PAGE)
		stop(cpu, "audit: fetch from", address);
	else if (record_pa)
		emulator_clock(cpu, address, size);
}

/*
 * Where the host runs the control page. Unicorn 2.0 looks an address up before it translates it, and
 * wants memory there; what is used is what the translation leads to.
 */
static int map_run_va(uc_engine *cpu)
{
	for (size_t i = 0; i < paging_mode_count; i++) {
		uint64_t granule = kx_idmap_granule_(&paging_modes[i].paging);

		if (emulator_takes(&paging_modes[i].paging) &&
		    uc_mem_map(cpu, paging_modes[i].high_va & -granule, granule, UC_PROT_ALL))
			return 0;
	}
	return 1;
}

static int open_machine(struct machine *machine, const struct scene *of)
{
	uint64_t size = SCENE_PAGES * PAGE;
	uc_hook hook;

	if (uc_open(emulator_arch, emulator_mode, &machine->cpu) ||
	    uc_mem_map_ptr(machine->cpu, SCENE_LOW_PA, size, UC_PROT_ALL, of->ram) ||
	    uc_mem_map_ptr(machine->cpu, SCENE_HIGH_PA, size, UC_PROT_ALL, of->ram) ||
	    uc_mem_map(machine->cpu, EMULATOR_STUB_PA, PAGE, UC_PROT_ALL) ||
	    !map_run_va(machine->cpu) || emulator_listen(machine->cpu, put) ||
	    uc_context_alloc(machine->cpu, &machine->reset) ||
	    uc_context_save(machine->cpu, machine->reset))
		return 0;
	if (!machine->audit)
		return 1;
	return !uc_hook_add(machine->cpu, &hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
			    (void *)(uintptr_t)on_access, NULL, 1, 0) &&
	       !uc_hook_add(machine->cpu, &hook, UC_HOOK_CODE, (void *)(uintptr_t)on_code, NULL, 1, 0);
}

int walk_open(const struct scene *of)
{
	for (size_t i = 0; i < MACHINES; i++) {
		machines[i].audit = i != FAST;
		if (!open_machine(&machines[i], of))
			return 0;
	}
	return 1;
}

static void close_machine(struct machine *machine)
{
	uc_context_free(machine->reset);
	uc_close(machine->cpu);
}

void walk_close(void)
{
	for (size_t i = 0; i < MACHINES; i++)
		close_machine(&machines[i]);
}

/* A CPU as it was when it was made. */
static uc_engine *renew(struct machine *machine, const struct scene *of)
{
	if (++machine->runs % RUNS_MOST == 0) {
		close_machine(machine);
		if (!open_machine(machine, of))
			abort();
	}
	uc_context_restore(machine->cpu, machine->reset);
	return machine->cpu;
}

static void allow(uint64_t pa, uint64_t pages, int use)
{
	for (uint64_t i = 0; i < pages; i++)
		may[(pa - scene->pa) / PAGE + i] |= use;
}

/* Stores by what the segments say, loads by what they and the list say. */
void walk_declare(const struct scene *of, const struct kx_list *list, uint64_t status_pa)
{
	struct kx_list_walk state = { .list = list };
	struct kx_list_step step;

	scene = of;
	record_pa = status_pa;
	memset(may, 0, sizeof(may));
	for (uint64_t page = 0; page < scene->pages; page++)
		may[page] = scene->is_dest[page] ? MAY_STORE : 0;
	if (list->spare_pa)
		allow(list->spare_pa, 1, MAY_STORE);
	while (kx_list_next(&state, &step) > 0)
		if (step.kind != KX_STEP_ZERO)
			allow(step.source_pa, step.pages, MAY_LOAD);
}

/* Every page that the list would have had copied or written is looked at, and none is another. */
static const char *check_look(const struct scene *of, const uint8_t *must, const uint8_t *before)
{
	static char words[80];

	for (uint64_t page = 0; page < of->pages; page++) {
		int own = of->pa + page * PAGE == control->tables.pa;
		int same = own || !memcmp(of->ram + page * PAGE, before + page * PAGE, PAGE);

		if (same && (!must[page] || may[page] & WAS_READ))
			continue;
		snprintf(words, sizeof(words), "dry run: page %llu %s", (unsigned long long)page,
			 same ? "was not looked at" : "has changed");
		return words;
	}
	return NULL;
}

/* In the control page's place what kx_dry_run() puts there, up to where it comes back from. */
static const char *run_dry(const struct scene *of, int plant)
{
	const struct kx_handoff *probe = (const void *)kx_probe_page_;
	struct kx_handoff *handoff = (void *)scene_at(of, control->pa);
	uc_engine *cpu = renew(&machines[plant ? PLANTED : DRY], of);
	uint64_t end = control->pa + probe->entry_pa, pc = emulator_start(cpu, control, &fake.paging);
	uc_err error;

	if (!plant) {
		handoff->entry_pa = end;
		handoff->flags |= KX_ENTER_RETURN;
		memcpy(handoff + 1, probe + 1, PAGE - sizeof(*probe));
	}
	*fault = *console = 0;
	do
		error = uc_emu_start(cpu, pc, handoff->entry_pa, 0, 0);
	while (error && !*fault && !*console && (pc = emulator_trap(cpu)));
	if (*fault)
		return fault;
	if (*console)
		return console;
	return error ? uc_strerror(error) : NULL;
}

const char *walk_dry(const struct scene *of, const struct kx_control *sealed, int plant)
{
	uint8_t kept[sizeof(may)], must[sizeof(may)], page[PAGE];
	uint8_t *at = scene_at(of, sealed->pa), *before = malloc(of->pages * PAGE);
	const char *wrong;

	control = sealed;
	memcpy(kept, may, sizeof(may));
	memcpy(must, may, sizeof(may));
	memcpy(page, at, PAGE);
	memcpy(before, of->ram, of->pages * PAGE);
	for (size_t i = 0; i < sizeof(may); i++)
		may[i] = may[i] ? MAY_LOAD : 0;
	allow(control->tables.pa, 1, MAY_LOAD | MAY_STORE);
	wrong = run_dry(of, plant);
	memcpy(at, page, PAGE);
	if (record_pa)
		memcpy(scene_at(of, record_pa), before + (record_pa - of->pa), KX_STATUS_SIZE);
	if (!wrong)
		wrong = check_look(of, must, before);
	memcpy(may, kept, sizeof(may));
	free(before);
	return wrong;
}

static const char *check_arrival(uc_engine *cpu, const struct kx_handoff *handoff)
{
	for (int i = 0; i < KX_HANDOFF_ARGS_COUNT; i++) {
		uint64_t value = 0;

		uc_reg_read(cpu, emulator_args[i], &value);
		if (value != handoff->args[i])
			return "an argument register is not what was asked for";
	}
	return NULL;
}

const char *walk(struct scene *of, const struct kx_list *list, const struct kx_control *sealed,
		 uint64_t entry_pa, int audit)
{
	uc_engine *cpu = renew(&machines[audit ? AUDITED : FAST], of);
	const struct kx_handoff *handoff = (const void *)scene_at(of, sealed->pa);
	struct kx_handoff kept = *handoff;
	uint64_t start;
	uc_err error;

	(void)list;
	control = sealed;
	*fault = *console = 0;
	allow(kept.own_pa, 1, MAY_LOAD | MAY_STORE);
	start = emulator_start(cpu, control, &fake.paging);
	error = uc_emu_start(cpu, start, entry_pa, 0, 0);
	if (*fault)
		return fault;
	if (*console)
		return console;
	if (error)
		return uc_strerror(error);
	return check_arrival(cpu, &kept);
}
