/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device callbacks: random graphs, groups, failures, late calls and re-entry; whatever happens, the
 * order is legal.
 */
#include "window.h"

#define MAX    24
#define ROUNDS 5000

/** struct device - what one callback does, and what became of it */
struct device {
	size_t index;
	size_t suppliers[MAX];
	int fails;
	int refuses;
	unsigned int stopped;
};

static struct device devices[MAX];
static struct kx_callback slots[MAX];
static struct kx_lifecycle lifecycle;
static size_t gone[MAX], gone_count;
static uint64_t seed;

static uint64_t draw(uint64_t below) /* splitmix64 */
{
	uint64_t z = seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

/* While it runs, everything that is too late is tried. */
static int stop(void *context)
{
	struct device *device = context;
	const struct kx_callback late = { .stop = stop };

	device->stopped++;
	assert_true(gone_count < MAX);
	gone[gone_count++] = device->index;
	assert_result(kx_lifecycle_add(&lifecycle, &late, NULL), KX_ERR_CALLBACK_LATE);
	assert_result(kx_lifecycle_stop(&lifecycle, NULL), KX_ERR_CALLBACK_LATE);
	assert_result(kx_lifecycle_call(&lifecycle, device->index), KX_ERR_CALLBACK_GONE);
	return device->fails;
}

static int ready(void *context)
{
	assert_int_equal(gone_count, 0); /* all are asked before any stops */
	return ((struct device *)context)->refuses;
}

static void begin(int go_on)
{
	memset(devices, 0, sizeof(devices));
	lifecycle = (struct kx_lifecycle){ .callbacks = slots, .max = MAX, .timer_hz = 1000000,
					   .timeout_us = 1000, .go_on = go_on };
	gone_count = 0;
}

static void add(uint32_t group, size_t supplier_count)
{
	struct device *device = &devices[lifecycle.count];
	struct kx_callback callback = { .stop = stop, .ready = ready, .context = device,
					.suppliers = device->suppliers,
					.supplier_count = supplier_count, .group = group };

	assert_result(kx_lifecycle_add(&lifecycle, &callback, &device->index), 0);
}

/* A supplier is later in a hidden order that has nothing to do with that of registration. */
static void random_graph(size_t count)
{
	size_t rank[MAX];

	for (size_t i = 0; i < count; i++) {
		size_t j = draw(i + 1);

		rank[i] = rank[j];
		rank[j] = i;
	}
	for (size_t i = 0; i < count; i++) {
		size_t suppliers = 0;

		for (size_t j = 0; j < count; j++)
			if (rank[j] > rank[i] && !draw(4))
				devices[i].suppliers[suppliers++] = j;
		devices[i].fails = !draw(12);
		devices[i].refuses = !draw(20);
		add(draw(3) ? 0 : 1 + (uint32_t)draw(4), suppliers);
	}
}

static size_t place(size_t index)
{
	for (size_t i = 0; i < gone_count; i++)
		if (gone[i] == index)
			return i;
	return SIZE_MAX;
}

/* What stopped did so once, after all who use it; no group is cut in two by a refusal. */
static void check_order(void)
{
	for (size_t i = 0; i < lifecycle.count; i++) {
		assert_true(devices[i].stopped + devices[i].refuses <= 1);
		for (size_t j = 0; j < slots[i].supplier_count; j++) {
			size_t supplier = devices[i].suppliers[j];

			if (devices[supplier].stopped)
				assert_true(place(i) < place(supplier));
		}
		for (size_t j = 0; lifecycle.go_on && slots[i].group && j < lifecycle.count; j++)
			if (slots[j].group == slots[i].group)
				assert_int_equal(devices[j].stopped, devices[i].stopped);
	}
}

/*
 * With go_on exactly those are skipped that have a reason: one of their group refuses, or one that uses
 * one of their group is skipped.
 */
static void check_skips(void)
{
	int skipped[MAX] = { 0 }, again = 1;

	while (again) {
		again = 0;
		for (size_t i = 0; i < lifecycle.count; i++) {
			int reason = devices[i].refuses;

			for (size_t j = 0; j < lifecycle.count; j++) {
				if (slots[i].group && slots[j].group == slots[i].group && skipped[j])
					reason = 1;
				for (size_t k = 0; skipped[j] && k < slots[j].supplier_count; k++)
					if (devices[j].suppliers[k] == i)
						reason = 1;
			}
			again |= reason && !skipped[i];
			skipped[i] |= reason;
		}
	}
	for (size_t i = 0; i < lifecycle.count; i++) {
		assert_int_equal(slots[i].state == KX_CALLBACK_SKIPPED, skipped[i]);
		assert_int_equal(devices[i].stopped, !skipped[i]);
	}
}

/* The first that went wrong is named, and without go_on nothing is stopped after it. */
static void check_result(int error, size_t culprit)
{
	int refused = 0, failed = 0;

	for (size_t i = 0; i < lifecycle.count; i++)
		refused |= devices[i].refuses;
	for (size_t i = 0; i < gone_count; i++)
		failed |= devices[gone[i]].fails;
	assert_int_equal(!!error, refused || failed);
	if (error == -KX_ERR_CALLBACK_REFUSED)
		assert_true(devices[culprit].refuses);
	if (error == -KX_ERR_CALLBACK_FAILED)
		assert_true(devices[culprit].fails && slots[culprit].state == KX_CALLBACK_FAILED);
	if (!lifecycle.go_on && refused)
		assert_int_equal(gone_count, 0);
	if (!lifecycle.go_on && failed)
		assert_int_equal(gone[gone_count - 1], culprit);
	if (!error) {
		assert_int_equal(gone_count, lifecycle.count);
		assert_int_equal(culprit, KX_CALLBACK_NONE);
	}
	if (refused) /* that comes before anything can fail */
		assert_int_equal(error, -KX_ERR_CALLBACK_REFUSED);
	for (size_t i = 0; !refused && failed; i++)
		if (devices[gone[i]].fails) {
			assert_int_equal(culprit, gone[i]);
			break;
		}
}

static void test_property(void **unused)
{
	size_t stopped = 0;

	(void)unused;
	seed = 1;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		size_t culprit = KX_CALLBACK_NONE;
		int error;

		begin((int)draw(2));
		random_graph(draw(MAX + 1));
		error = kx_lifecycle_stop(&lifecycle, &culprit);
		check_order();
		check_result(error, culprit);
		if (lifecycle.go_on)
			check_skips();
		stopped += gone_count;
		for (size_t i = 0; i < lifecycle.count; i++)
			assert_result(kx_lifecycle_call(&lifecycle, i),
				      devices[i].stopped ? KX_ERR_CALLBACK_GONE : 0);
	}
	assert_true(stopped > 4 * ROUNDS);
}

static void test_cycle(void **unused)
{
	size_t culprit = KX_CALLBACK_NONE;

	(void)unused;
	begin(1);
	for (size_t i = 0; i < 4; i++) { /* 0 uses 1 uses 2 uses 3 uses 1 */
		devices[i].suppliers[0] = i == 3 ? 1 : i + 1;
		add(0, 1);
	}
	assert_result(kx_lifecycle_stop(&lifecycle, &culprit), KX_ERR_CALLBACK_CYCLE);
	assert_in_range(culprit, 1, 3);
	assert_int_equal(gone_count, 0);
	begin(0);
	add(0, 1); /* uses itself */
	assert_result(kx_lifecycle_stop(&lifecycle, &culprit), KX_ERR_CALLBACK_CYCLE);
}

static int succeed(void *context)
{
	(void)context;
	return 0;
}

static void test_limits(void **unused)
{
	struct kx_callback slow = { .stop = succeed, .timeout_us = 1 }, none = { 0 };
	size_t culprit = KX_CALLBACK_NONE;

	(void)unused;
	begin(1);
	devices[0].suppliers[0] = 5; /* does not exist */
	add(0, 1);
	assert_result(kx_lifecycle_stop(&lifecycle, &culprit), KX_ERR_ARGUMENT);
	assert_result(kx_lifecycle_add(&lifecycle, &none, NULL), KX_ERR_ARGUMENT);
	begin(1);
	for (size_t i = 0; i < MAX; i++)
		add(0, 0);
	assert_result(kx_lifecycle_add(&lifecycle, &slots[0], NULL), KX_ERR_RANGES_SMALL);
	assert_result(kx_lifecycle_call(&lifecycle, MAX), KX_ERR_ARGUMENT);
	begin(1); /* each look at the faked clock is a microsecond */
	assert_result(kx_lifecycle_add(&lifecycle, &slow, NULL), 0);
	assert_result(kx_lifecycle_stop(&lifecycle, &culprit), KX_ERR_CALLBACK_OVERRUN);
	assert_int_equal(culprit, 0);
	assert_int_equal(slots[0].state, KX_CALLBACK_FAILED);
}

/* A slot, and a whole array, that held something before. */
static void test_used_slots(void **unused)
{
	const struct kx_callback again = { .stop = succeed, .state = KX_CALLBACK_STOPPED, .waiting = 7 };

	(void)unused;
	begin(0);
	memset(slots, 0xa5, sizeof(slots));
	assert_result(kx_lifecycle_add(&lifecycle, &again, NULL), 0);
	assert_int_equal(slots[0].state, KX_CALLBACK_LIVE);
	assert_result(kx_lifecycle_check(&lifecycle, NULL), 0);
	assert_result(kx_lifecycle_check(&lifecycle, NULL), 0); /* stops nothing, and may be asked again */
	assert_result(kx_lifecycle_stop(&lifecycle, NULL), 0);
	assert_int_equal(slots[0].state, KX_CALLBACK_STOPPED);
}

static void test_arguments(void **unused)
{
	const struct kx_callback good = { .stop = succeed },
				 no_list = { .stop = succeed, .supplier_count = 1 };
	size_t culprit = 7;

	(void)unused;
	begin(0);
	assert_result(kx_lifecycle_add(NULL, &good, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_lifecycle_add(&lifecycle, NULL, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_lifecycle_add(&lifecycle, &no_list, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_lifecycle_check(NULL, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_lifecycle_stop(NULL, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_lifecycle_call(NULL, 0), KX_ERR_ARGUMENT);
	lifecycle.callbacks = NULL;
	assert_result(kx_lifecycle_add(&lifecycle, &good, NULL), KX_ERR_RANGES_SMALL);
	assert_result(kx_lifecycle_check(&lifecycle, NULL), 0); /* there is none */
	lifecycle.count = 1;
	assert_result(kx_lifecycle_check(&lifecycle, &culprit), KX_ERR_ARGUMENT);
	begin(0);
	lifecycle.timer_hz = 0;
	assert_result(kx_lifecycle_check(&lifecycle, &culprit), KX_ERR_ARGUMENT);
	assert_int_equal(culprit, 7);
	begin(0);
	devices[0].suppliers[0] = 1; /* the first that does not exist */
	add(0, 1);
	assert_result(kx_lifecycle_check(&lifecycle, &culprit), KX_ERR_ARGUMENT);
	assert_int_equal(culprit, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_property),
		cmocka_unit_test(test_cycle),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_used_slots),
		cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
