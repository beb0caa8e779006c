/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256: the vectors of FIPS 180-4's examples, every length around the block's edge, any chunking.
 * With a size and a number of chunks as arguments it prints the digest of bytes that test_units.py
 * makes too, and compares with Python's.
 */
#include "unit.h"

#include <kx/sha256.h>

#include <stdio.h>

static void hex(char out[65], const uint8_t *digest)
{
	for (int i = 0; i < 32; i++)
		sprintf(out + 2 * i, "%02x", digest[i]);
}

/* Hash a copy that is exactly as long as it says, so that ASan sees a byte read too far. */
static void assert_digest(const void *data, size_t size, const char *expected)
{
	struct kx_sha256 hash;
	uint8_t *copy = malloc(size ? size : 1), digest[KX_SHA256_SIZE];
	char text[65];

	memcpy(copy, data, size);
	kx_sha256_init(&hash);
	kx_sha256_update(&hash, copy, size);
	kx_sha256_final(&hash, digest);
	hex(text, digest);
	assert_string_equal(text, expected);
	free(copy);
}

static void test_vectors(void **state)
{
	(void)state;
	assert_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
		      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_digest("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		      "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", 112,
		      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

static void test_million(void **state)
{
	char *a = malloc(1000000);

	(void)state;
	memset(a, 'a', 1000000);
	assert_digest(a, 1000000,
		      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(a);
}

static void digest_in_chunks(const uint8_t *data, size_t size, size_t chunk, uint8_t *digest)
{
	struct kx_sha256 hash, moved;

	kx_sha256_init(&hash);
	for (size_t at = 0; at < size; at += chunk) {
		kx_sha256_update(&hash, data + at, size - at < chunk ? size - at : chunk);
		kx_sha256_update(&hash, NULL, 0);
		moved = hash; /* the context holds no pointers */
		memset(&hash, 0xff, sizeof(hash));
		hash = moved;
	}
	kx_sha256_final(&hash, digest);
}

static void test_chunks(void **state)
{
	uint8_t data[300], whole[KX_SHA256_SIZE], parts[KX_SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t size = 0; size < sizeof(data); size++) {
		digest_in_chunks(data, size, sizeof(data), whole);
		for (size_t chunk = 1; chunk < 140; chunk += chunk < 60 || chunk > 70 ? 13 : 1) {
			digest_in_chunks(data, size, chunk, parts);
			assert_memory_equal(whole, parts, sizeof(whole));
		}
	}
}

/* Parts of all sizes around a block's, none, alike, in any order, side by side and one by one */
static void test_each(void **state)
{
	static const uint64_t sizes[] = { 64, 0, 1000, 63, 1, 128, 128, 65, 100000, 0, 99 };
	enum { COUNT = sizeof(sizes) / sizeof(*sizes) };
	struct kx_sha256_part parts[COUNT];
	uint8_t *data[COUNT], digest[KX_SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		data[i] = malloc(sizes[i] ? sizes[i] : 1);
		for (uint64_t j = 0; j < sizes[i]; j++)
			data[i][j] = (uint8_t)(i + 3 * j);
	}
	for (uint32_t method = KX_SHA256_PORTABLE; method <= KX_SHA256_VECTOR; method++)
		for (size_t count = 0; count <= COUNT; count++) {
			for (size_t i = 0; i < count; i++)
				parts[i] = (struct kx_sha256_part){ data[i], sizes[i], { 0 } };
			kx_sha256_each(parts, count, method);
			for (size_t i = 0; i < count; i++) {
				digest_in_chunks(data[i], sizes[i], 77, digest);
				assert_memory_equal(parts[i].digest, digest, sizeof(digest));
			}
		}
	for (size_t i = 0; i < COUNT; i++)
		free(data[i]);
}

/* Byte i is the high byte of i * 0x9e3779b1 (mod 2^32); chunk sizes go round. */
static int print_digest(size_t size, size_t chunks)
{
	uint8_t *data = malloc(size + 1), digest[KX_SHA256_SIZE];
	char text[65];

	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)((uint32_t)i * 0x9e3779b1u >> 24);
	digest_in_chunks(data, size, size / chunks + 1, digest);
	hex(text, digest);
	puts(text);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_million),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_each),
	};

	if (argc == 3)
		return print_digest(strtoul(argv[1], NULL, 0), strtoul(argv[2], NULL, 0));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
