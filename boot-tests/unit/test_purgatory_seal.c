/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_purgatory_seal(): what it fills in is what purgatory then finds in memory; what it refuses. */
#include "unit.h"

#include "cpu.h"
#include "machine.h"

#include <stdio.h>

#define FILE_SIZE 9000 /* of the blob */
#define SELF_PA   0x7000
#define SEGMENTS  3

static struct {
	uint8_t *blob;
	struct kx_purgatory_info *info; /* in it */
	struct kx_piece pieces[4];
	struct kx_segment segments[KX_PURGATORY_REGIONS_MAX + 1];
	uint8_t *memory[SEGMENTS]; /* what the trampoline leaves; their destinations are these pointers */
	struct kx_purgatory_plan plan;
	struct kx_jump image, fallback, jump;
	uint64_t at_pa;
} lab;

/* What purgatory kicks; and where a record would be: there is none */
static uint32_t dog;
static uint8_t record[KX_STATUS_SIZE] __attribute__((aligned(KX_STATUS_SIZE)));

static const void *noise(uint64_t size, uint8_t seed)
{
	uint8_t *data = malloc(size);

	for (uint64_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + i / 256 + seed);
	return data;
}

/* As the build leaves it */
static void make_blob(void)
{
	lab.blob = calloc(1, FILE_SIZE);
	lab.info = (void *)(lab.blob + KX_PURGATORY_INFO_OFFSET);
	lab.info->magic = KX_PURGATORY_MAGIC;
	lab.info->version = KX_PURGATORY_VERSION;
	lab.info->machine = KX_MACHINE;
	lab.info->filesz = FILE_SIZE;
	lab.info->memsz = 5 * PAGE;
}

/* Three segments: two pieces and zeros; one piece of odd size that ends as it does; zeros alone. */
static void make_segments(void)
{
	static const uint64_t sizes[] = { 2 * PAGE, PAGE, 12345 };

	for (int i = 0; i < 3; i++)
		lab.pieces[i] = (struct kx_piece){ noise(sizes[i], (uint8_t)i), LAB_PAGE(8 * i), sizes[i] };
	lab.segments[0] = (struct kx_segment){ 0, 5 * PAGE + 100, 3 * PAGE, &lab.pieces[0], 2 };
	lab.segments[1] = (struct kx_segment){ 0, 12345, 12345, &lab.pieces[2], 1 };
	lab.segments[2] = (struct kx_segment){ 0, 1025, 0, NULL, 0 };
	for (int i = 0; i < SEGMENTS; i++) {
		lab.memory[i] = calloc(1, lab.segments[i].memsz);
		lab.segments[i].dest_pa = (uintptr_t)lab.memory[i];
	}
	memcpy(lab.memory[0], lab.pieces[0].data, 2 * PAGE);
	memcpy(lab.memory[0] + 2 * PAGE, lab.pieces[1].data, PAGE);
	memcpy(lab.memory[1], lab.pieces[2].data, 12345);
}

static int open_lab(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	machine_reset();
	make_blob();
	make_segments();
	machine.self = (struct kx_range){ SELF_PA, lab.info->memsz };
	lab.plan = (struct kx_purgatory_plan){
		.blob = lab.blob, .size = FILE_SIZE, .pa = SELF_PA,
		.segments = lab.segments, .segment_count = SEGMENTS,
		.policy = KX_POLICY_HALT, .timer_hz = 1000000, .arch = { 9, 8, 7 },
	};
	lab.image = (struct kx_jump){ .entry_pa = 0x1000, .args = { 1, 2, 3, 4 }, .run_va = 0x5000,
				      .console = { KX_DEVICE_UART8250, 4, 0x3f8, 8 },
				      .kick = { (uintptr_t)&dog, 0x55, 4, 0 },
				      .status_pa = (uintptr_t)&record };
	lab.fallback = (struct kx_jump){ .entry_pa = 0x2000, .args = { 5, 6, 7, 8 } };
	return 0;
}

static int close_lab(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		free((void *)(uintptr_t)lab.pieces[i].data);
	for (int i = 0; i < SEGMENTS; i++)
		free(lab.memory[i]);
	free(lab.blob);
	return 0;
}

static int seal(void)
{
	memset(&lab.jump, 0xa5, sizeof(lab.jump));
	lab.at_pa = 0;
	return kx_purgatory_seal(&lab.plan, &lab.image, &lab.jump, &lab.at_pa);
}

static void test_parse(void **state)
{
	uint64_t memsz = 0;

	(void)state;
	assert_result(kx_purgatory_parse(lab.blob, FILE_SIZE, &memsz), 0);
	assert_int_equal(memsz, 5 * PAGE);
	assert_result(kx_purgatory_parse(NULL, FILE_SIZE, &memsz), KX_ERR_ARGUMENT);
	assert_result(kx_purgatory_parse(lab.blob, FILE_SIZE, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_purgatory_parse(lab.blob + 4, FILE_SIZE - 4, &memsz), KX_ERR_MISALIGNED);
	assert_result(kx_purgatory_parse(lab.blob, FILE_SIZE + 1, &memsz), KX_ERR_INFO_MAGIC);
	for (uint64_t size = 0; size < FILE_SIZE; size++) {
		uint8_t *cut = malloc(size + 1);

		memcpy(cut, lab.blob, size);
		assert_result(kx_purgatory_parse(cut, size, &memsz), KX_ERR_INFO_MAGIC);
		free(cut);
	}
}

#define BAD_BLOB(member, value, error)                                                             \
	do {                                                                                       \
		struct kx_purgatory_info whole = *lab.info;                                        \
		uint64_t memsz;                                                                    \
		lab.info->member = (value);                                                        \
		assert_result(kx_purgatory_parse(lab.blob, FILE_SIZE, &memsz), error);             \
		assert_result(seal(), error);                                                      \
		*lab.info = whole;                                                                 \
	} while (0)

static void test_damaged_blob(void **state)
{
	(void)state;
	for (uint32_t bit = 0; bit < 32; bit++) {
		BAD_BLOB(magic, KX_PURGATORY_MAGIC ^ 1u << bit, KX_ERR_INFO_MAGIC);
		BAD_BLOB(version, KX_PURGATORY_VERSION ^ 1u << bit, KX_ERR_INFO_VERSION);
		BAD_BLOB(machine, KX_MACHINE ^ 1u << bit, KX_ERR_INFO_MACHINE);
	}
	BAD_BLOB(memsz, 2 * KX_PAGE_SIZE, KX_ERR_INFO_MAGIC); /* less than its file */
	BAD_BLOB(memsz, 5 * KX_PAGE_SIZE + 64, KX_ERR_INFO_MAGIC);
}

/* What is vouched for is what lies in memory, by one digest and by one for each. */
static void test_vouches(void **state)
{
	(void)state;
	for (uint32_t flags = 0; flags <= KX_PURGATORY_EACH_REGION; flags += KX_PURGATORY_EACH_REGION) {
		lab.plan.flags = flags;
		assert_result(seal(), 0);
		assert_int_equal(machine_run(lab.info), MACHINE_GOOD);
		assert_int_equal(lab.info->region_count, SEGMENTS);
		for (int i = 0; i < SEGMENTS; i++) {
			assert_int_equal(lab.info->regions[i].pa, lab.segments[i].dest_pa);
			assert_int_equal(lab.info->regions[i].size, lab.segments[i].memsz);
		}
	}
}

/* A byte of a piece, or of the zeros behind, that is not as it was: seen, in that region. */
static void test_damage(void **state)
{
	static const uint64_t at[][2] = { { 0, 0 }, { 0, 3 * PAGE - 1 }, { 0, 3 * PAGE },
					  { 0, 5 * PAGE + 99 }, { 1, 12344 }, { 2, 0 }, { 2, 1024 } };

	(void)state;
	lab.plan.flags = KX_PURGATORY_EACH_REGION;
	assert_result(seal(), 0);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		char region[32];

		lab.memory[at[i][0]][at[i][1]] ^= 0x80;
		assert_int_equal(machine_run(lab.info), MACHINE_HALTED);
		for (unsigned int j = 0; j < SEGMENTS; j++) {
			snprintf(region, sizeof(region), "region %u,", j);
			assert_int_equal(strstr(machine.said, region) != NULL, j == at[i][0]);
		}
		lab.memory[at[i][0]][at[i][1]] ^= 0x80;
	}
}

/* Bytes cut into pieces whose sizes go round */
static uint64_t cut(const uint8_t *data, uint64_t size, const uint64_t lengths[4], struct kx_piece *pieces)
{
	uint64_t count = 0;

	for (uint64_t at = 0; at < size; count++) {
		uint64_t length = lengths[count % 4] < size - at ? lengths[count % 4] : size - at;

		pieces[count] = (struct kx_piece){ data + at, 0, length };
		at += length;
	}
	return count;
}

static void digest_of(const void *data, uint64_t size, uint8_t digest[KX_DIGEST_SIZE])
{
	struct kx_sha256 hash;

	if (KX_PURGATORY_KNOWN & KX_PURGATORY_HALVES) {
		kx_sha256_halves(data, size, KX_SHA256_PORTABLE, digest);
		return;
	}
	kx_sha256_init(&hash);
	kx_sha256_update(&hash, data, size);
	kx_sha256_final(&hash, digest);
}

/* However a segment is cut, and wherever its middle is: the digest is that of its bytes in a row. */
static void test_pieces(void **state)
{
	static const uint64_t lengths[][4] = { { PAGE, PAGE, PAGE, PAGE }, { 1, 0, 63, 64 }, { 65, 7, 128, 0 },
					       { 2 * PAGE, 100, 64, 3 } };
	static struct kx_piece pieces[PAGE];
	uint8_t expected[KX_DIGEST_SIZE], *memory = lab.memory[0];
	struct kx_segment *segment = &lab.segments[0];
	int halves = KX_PURGATORY_KNOWN & KX_PURGATORY_HALVES;

	(void)state;
	lab.plan.segment_count = 1;
	lab.plan.flags = KX_PURGATORY_EACH_REGION;
	for (uint64_t size = 1; size <= 5 * PAGE; size += size < 300 ? 1 : 517)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
			uint64_t filesz = size <= 2 * PAGE ? size - size % 3 : 2 * PAGE;
			uint64_t count = cut(lab.pieces[0].data, filesz, lengths[i], pieces);

			*segment = (struct kx_segment){ (uintptr_t)memory, size, filesz, pieces, count };
			memset(memory, 0, size);
			memcpy(memory, lab.pieces[0].data, filesz);
			machine.paired = 0;
			lab.plan.method = i % 2 ? KX_SHA256_PORTABLE : KX_SHA256_CPU;
			assert_result(seal(), 0);
			if (i == 0 && size == filesz && size % 256 == 0)
				assert_int_equal(machine.paired, halves ? size / 128 : 0);
			digest_of(memory, size, expected);
			assert_memory_equal(lab.info->digests[0], expected, sizeof(expected));
		}
}

/* The jump goes by purgatory, which goes on as was asked. */
static void test_orders(void **state)
{
	static const uint64_t none[KX_HANDOFF_ARGS_COUNT - 1];

	(void)state;
	lab.plan.policy = KX_POLICY_FALLBACK;
	lab.plan.fallback = &lab.fallback;
	assert_result(seal(), 0);
	assert_int_equal(lab.jump.entry_pa, SELF_PA);
	assert_int_equal(lab.jump.args[0], lab.image.args[0]); /* for purgatory to hand on; or a dying CPU's own */
	assert_memory_equal(lab.jump.args + 1, none, sizeof(none));
	assert_int_equal(lab.jump.run_va, 0x5000);
	assert_memory_equal(&lab.jump.console, &lab.image.console, sizeof(lab.jump.console));
	assert_memory_equal(&lab.info->console, &lab.image.console, sizeof(lab.jump.console));
	assert_int_equal(lab.info->entry_pa, 0x1000);
	assert_memory_equal(lab.info->args, lab.image.args, sizeof(lab.image.args));
	assert_int_equal(lab.info->fallback_pa, 0x2000);
	assert_memory_equal(lab.info->fallback_args, lab.fallback.args, sizeof(lab.image.args));
	assert_memory_equal(lab.info->arch, lab.plan.arch, sizeof(lab.plan.arch));
	assert_int_equal(lab.info->timer_hz, 1000000);
	assert_memory_equal(&lab.info->kick, &lab.image.kick, sizeof(lab.image.kick));
	assert_int_equal(lab.info->status_pa, (uintptr_t)&record);
	assert_int_equal(lab.jump.status_pa, (uintptr_t)&record);
	assert_int_equal(lab.info->memsz, 5 * PAGE);
	assert_int_equal(lab.info->filesz, FILE_SIZE);
	lab.memory[1][5] ^= 1;
	assert_int_equal(machine_run(lab.info), MACHINE_JUMPED);
	assert_int_equal(machine.entry_pa, 0x2000);
	assert_int_equal(machine.args[0], (lab.info->flags & KX_PURGATORY_CPU_ID ? &lab.image : &lab.fallback)->args[0]);
	assert_memory_equal(machine.args + 1, lab.fallback.args + 1, sizeof(none));
}

/* What the trampoline does stays the trampoline's: 4-level paging for both where one needs it. */
static void test_flags(void **state)
{
	(void)state;
	lab.plan.policy = KX_POLICY_FALLBACK;
	lab.plan.fallback = &lab.fallback;
	lab.fallback.flags = KX_ENTER_4LEVEL;
	assert_result(seal(), 0);
	assert_int_equal(lab.jump.flags, KX_ENTER_4LEVEL | KX_ENTER_GUARDED);
	assert_int_equal(lab.info->entry_flags | lab.info->fallback_flags, 0);
	lab.image.flags = KX_ENTER_32;
	if (!(KX_ENTER_KNOWN & KX_ENTER_32)) {
		assert_result(seal(), KX_ERR_INFO_RESERVED);
		return;
	}
	assert_result(seal(), 0);
	assert_int_equal(lab.jump.flags, KX_ENTER_4LEVEL | KX_ENTER_GUARDED);
	assert_int_equal(lab.info->entry_flags, KX_ENTER_32);
	assert_int_equal(lab.info->fallback_flags, 0);
	lab.memory[1][5] ^= 1;
	lab.fallback.flags = KX_ENTER_32;
	assert_result(seal(), 0);
	assert_int_equal(machine_run(lab.info), MACHINE_JUMPED);
	assert_int_equal(machine.entry_flags, KX_ENTER_32);
	lab.image.entry_pa = 0x100000000;
	assert_result(seal(), KX_ERR_INFO_ENTRY);
}

/* Purgatory is entered so that it can come back; the image only where that was asked for. */
static void test_return(void **state)
{
	(void)state;
	lab.plan.policy = KX_POLICY_RETURN;
	assert_result(seal(), 0);
	assert_int_equal(lab.jump.flags, KX_ENTER_RETURN | KX_ENTER_GUARDED);
	assert_int_equal(lab.info->entry_flags, 0);
	lab.image.flags = KX_ENTER_RETURN;
	assert_result(seal(), 0);
	assert_int_equal(lab.jump.flags, KX_ENTER_RETURN | KX_ENTER_GUARDED);
	assert_int_equal(lab.info->entry_flags, KX_ENTER_RETURN);
	lab.image.flags |= KX_ENTER_32;
	assert_result(seal(), KX_ENTER_KNOWN & KX_ENTER_32 ? KX_ERR_INFO_ENTRY : KX_ERR_INFO_RESERVED);
	lab.image.flags = KX_ENTER_32;
	if (!(KX_ENTER_KNOWN & KX_ENTER_32))
		return;
	assert_result(seal(), 0);
	assert_int_equal(lab.jump.flags, KX_ENTER_RETURN | KX_ENTER_GUARDED);
	assert_int_equal(lab.info->entry_flags, KX_ENTER_32);
}

static void test_skip(void **state)
{
	static const uint8_t none[KX_DIGEST_SIZE];

	(void)state;
	lab.plan.flags = KX_PURGATORY_SKIP_CHECKS;
	lab.plan.segment_count = 0;
	assert_result(seal(), 0);
	assert_memory_equal(lab.info->digest, none, sizeof(none));
	assert_int_equal(machine_run(lab.info), MACHINE_GOOD);
}

/* A blob may be sealed again, and nothing of the first time is left. */
static void test_again(void **state)
{
	struct kx_purgatory_info first;

	(void)state;
	assert_result(seal(), 0);
	first = *lab.info;
	lab.plan.flags = KX_PURGATORY_EACH_REGION;
	lab.plan.policy = KX_POLICY_FALLBACK;
	lab.plan.fallback = &lab.fallback;
	assert_result(seal(), 0);
	lab.plan.segment_count = KX_PURGATORY_REGIONS_MAX + 1;
	assert_result(seal(), KX_ERR_INFO_COUNT);
	lab.plan.segment_count = SEGMENTS;
	lab.plan.flags = 0;
	lab.plan.policy = KX_POLICY_HALT;
	lab.plan.fallback = NULL;
	assert_result(seal(), 0);
	assert_memory_equal(lab.info, &first, sizeof(first));
}

/* Refused by name, about an address, and what is left in the blob does not run. */
static void assert_refused(int error, uint64_t at_pa)
{
	uint64_t untouched;

	memset(&untouched, 0xa5, sizeof(untouched));
	assert_result(seal(), error);
	assert_int_equal(lab.at_pa, at_pa);
	assert_result(kx_purgatory_seal(&lab.plan, &lab.image, &lab.jump, NULL), error);
	assert_int_equal(lab.jump.entry_pa, untouched);
	assert_int_equal(machine_run(lab.info), MACHINE_HALTED);
}

#define REFUSED(what, value, error, at_pa)                                                         \
	do {                                                                                       \
		__typeof__(what) whole = what;                                                     \
		what = (value);                                                                    \
		assert_refused(error, at_pa);                                                      \
		what = whole;                                                                      \
	} while (0)

static void test_segments(void **state)
{
	uint64_t *at = &lab.segments[1].dest_pa, first = lab.segments[0].dest_pa;

	(void)state;
	REFUSED(lab.plan.segment_count, 0, KX_ERR_INFO_COUNT, SELF_PA);
	REFUSED(lab.plan.segment_count, KX_PURGATORY_REGIONS_MAX + 1, KX_ERR_INFO_COUNT, SELF_PA);
	REFUSED(lab.plan.segments, NULL, KX_ERR_ARGUMENT, SELF_PA);
	REFUSED(lab.pieces[2].data, NULL, KX_ERR_ARGUMENT, *at);
	REFUSED(lab.segments[1].pieces, NULL, KX_ERR_ARGUMENT, *at);
	REFUSED(lab.pieces[2].size, 12344, KX_ERR_SEGMENT_SIZE, *at);
	REFUSED(lab.pieces[1].size, UINT64_MAX, KX_ERR_WRAPS, first);
	REFUSED(lab.segments[1].memsz, 12344, KX_ERR_SEGMENT_SIZE, *at);
	REFUSED(lab.segments[2].memsz, 0, KX_ERR_REGION_EMPTY, lab.segments[2].dest_pa);
	REFUSED(lab.segments[2].dest_pa, UINT64_MAX - 1024, KX_ERR_REGION_WRAPS, UINT64_MAX - 1024);
	REFUSED(*at, SELF_PA + 5 * PAGE - 1, KX_ERR_REGION_SELF, SELF_PA + 5 * PAGE - 1);
	REFUSED(*at, SELF_PA - 12344, KX_ERR_REGION_SELF, SELF_PA - 12344);
}

static void test_plan(void **state)
{
	(void)state;
	REFUSED(lab.plan.policy, 0, KX_ERR_INFO_POLICY, SELF_PA);
	REFUSED(lab.plan.policy, 5, KX_ERR_INFO_POLICY, SELF_PA);
	REFUSED(lab.plan.policy, KX_POLICY_FALLBACK, KX_ERR_INFO_ENTRY, SELF_PA);
	REFUSED(lab.plan.flags, 0x80, KX_ERR_INFO_RESERVED, SELF_PA);
	REFUSED(lab.image.entry_pa, 0, KX_ERR_INFO_ENTRY, SELF_PA);
	REFUSED(lab.image.console.kind, 99, KX_ERR_INFO_CONSOLE, SELF_PA);
	lab.plan.segments = NULL; /* of none, which may be skipped */
	lab.plan.segment_count = 0;
	lab.plan.flags = KX_PURGATORY_SKIP_CHECKS;
	assert_result(seal(), 0);
}

static void test_arguments(void **state)
{
	(void)state;
	REFUSED(lab.plan.pa, SELF_PA + 64, KX_ERR_MISALIGNED, SELF_PA + 64);
	REFUSED(lab.plan.pa, 0 - PAGE, KX_ERR_WRAPS, 0 - PAGE);
	assert_result(kx_purgatory_seal(NULL, &lab.image, &lab.jump, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_purgatory_seal(&lab.plan, NULL, &lab.jump, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_purgatory_seal(&lab.plan, &lab.image, NULL, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_purgatory_seal(&lab.plan, &lab.image, &lab.image, NULL), KX_ERR_ARGUMENT);
	lab.plan.blob = NULL;
	assert_result(seal(), KX_ERR_ARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_lab, close_lab)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parse), TEST(test_damaged_blob), TEST(test_vouches), TEST(test_damage), TEST(test_pieces),
		TEST(test_orders), TEST(test_flags), TEST(test_return), TEST(test_skip), TEST(test_again),
		TEST(test_segments), TEST(test_plan), TEST(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
