/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report, in `KEY=VALUE` lines: entry registers, digests of every byte that was loaded, and
 * whether the memory that should be zero is. Read by boot-tests/test_payload.py.
 */
#include <kx/sha256.h>
#include <kx/state.h>

#include "payload.h"
#include "rest.h"

void report_number(const char *key, uint64_t value)
{
	print("%s=0x%lx\n", key, value);
}

void report_digest(const char *key, const void *data, uint64_t size)
{
	uint8_t digest[KX_SHA256_SIZE];
	struct kx_sha256 hash;

	kx_sha256_init(&hash);
	kx_sha256_update(&hash, data, size);
	kx_sha256_final(&hash, digest);
	print("%s=", key);
	for (unsigned int i = 0; i < KX_SHA256_SIZE; i++)
		print("%02x", digest[i]);
	print("\n");
}

/* Every register that a cold boot and a jump may leave different: for boot-tests/state.py */
static void report_state(const struct kx_state *state)
{
	for (size_t i = 0; i < KX_STATE_MAX; i++)
		if (kx_state_has(state, i))
			print("STATE_%s=0x%lx\n", kx_state_name(i), state->value[i]);
}

/* A host that has died has told what there is beside this image, and what it has found there. */
static void report_rest(const char *line)
{
	const struct rest *rest = (const void *)(uintptr_t)line_number(line, "rest");

	if (rest)
		print("REST=%s\n", rest_sum(rest, 0) == rest->sum ? "as before" : "changed");
}

static int is_asked(const char *line, const char *word)
{
	size_t size = strlen(word);

	for (; *line; line++)
		if (!strncmp(line, word, size))
			return 1;
	return 0;
}

/* Called by start.S: `dirty` is the first byte of bss that was not zero at entry, or NULL. */
_Noreturn void payload_main(uint64_t info_pa, const char *dirty);
_Noreturn void payload_main(uint64_t info_pa, const char *dirty)
{
	static struct kx_state state;

	prepare_state(&state, info_pa);
	kx_state_snapshot(&state); /* before anything else changes a register */
	watch(handover_line(info_pa)); /* ... or takes time */
	print("PAYLOAD=%s\n", HOST_ARCH);
	report_number("IMAGE", (uintptr_t)image_start);
	report_registers();
	if (is_asked(handover_line(info_pa), "kx.registers"))
		report_state(&state);
	report_digest("SHA256_IMAGE", image_start, (uint64_t)(image_file_end - image_start));
	print("BSS=%s\n", dirty ? "dirty" : "zero");
	report_handover(info_pa);
	report_rest(handover_line(info_pa));
	report_cpus(info_pa);
	if (is_asked(handover_line(info_pa), "kx.return")) {
		print("PAYLOAD-RETURNS\n");
		payload_return(PAYLOAD_VALUE, PAYLOAD_DETAIL);
	}
	print("PAYLOAD-DONE\n");
	while (is_asked(handover_line(info_pa), "kx.stay"))
		; /* it is looked at from outside */
	machine_off(0);
}
