/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256: the vectors of FIPS 180-4's examples, every length around the block's edge, any chunking.
 * With a size and a number of chunks as arguments it prints the digest of bytes that test_units.py
 * makes too, and compares with Python's.
 */
#include "unit.h"

#include "machine.h"

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
	for (machine.small = 0; machine.small < 2; machine.small++) {
		kx_sha256_init(&hash);
		kx_sha256_update(&hash, copy, size);
		kx_sha256_final(&hash, digest);
		hex(text, digest);
		assert_string_equal(text, expected);
	}
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

/* By portable code, unless the caller says otherwise; and nothing of it is what was there before. */
static void test_init(void **state)
{
	struct kx_sha256 hash;

	(void)state;
	memset(&hash, 0xff, sizeof(hash));
	kx_sha256_init(&hash);
	assert_int_equal(hash.method, KX_SHA256_PORTABLE);
	assert_int_equal(hash.reserved, 0);
	assert_int_equal(hash.length, 0);
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

static void hash_in_chunks(const uint8_t *data, size_t size, size_t chunk, uint8_t *digest)
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

/* By the fast code and the small */
static void digest_in_chunks(const uint8_t *data, size_t size, size_t chunk, uint8_t *digest)
{
	uint8_t small[KX_SHA256_SIZE];

	machine.small = 1;
	hash_in_chunks(data, size, chunk, small);
	machine.small = 0;
	hash_in_chunks(data, size, chunk, digest);
	assert_memory_equal(digest, small, sizeof(small));
}

/* UBSan sees a word loaded from an odd address. */
static void test_alignment(void **state)
{
	uint8_t data[8 + 3 * KX_SHA256_BLOCK_SIZE], aligned[KX_SHA256_SIZE], odd[KX_SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i % KX_SHA256_BLOCK_SIZE);
	for (size_t at = 0; at < 8; at++) {
		uint8_t *copy = malloc(sizeof(data) - at);

		memcpy(copy, data + at, sizeof(data) - at);
		digest_in_chunks(copy, 3 * KX_SHA256_BLOCK_SIZE, sizeof(data), aligned);
		digest_in_chunks(data + at, 3 * KX_SHA256_BLOCK_SIZE, sizeof(data), odd);
		assert_memory_equal(aligned, odd, sizeof(odd));
		free(copy);
	}
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

static void halves_by_one(const uint8_t *data, size_t size, uint8_t *digest)
{
	size_t half = size / 128 * 64;
	uint8_t both[2 * KX_SHA256_SIZE];

	digest_in_chunks(data, half, 77, both);
	digest_in_chunks(data + half, size - half, 77, both + KX_SHA256_SIZE);
	digest_in_chunks(both, sizeof(both), 77, digest);
}

/* Side by side and one by one, of all sizes around a few blocks: what two hashes, each for itself, say */
static void test_halves(void **state)
{
	static const size_t large[] = { 4096, 4097, 8191, 65536, 100003 };
	uint8_t expected[KX_SHA256_SIZE], digest[KX_SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < 400 + sizeof(large) / sizeof(*large); i++) {
		size_t size = i < 400 ? i : large[i - 400];
		uint8_t *data = malloc(size ? size : 1);

		for (size_t j = 0; j < size; j++)
			data[j] = (uint8_t)(i + 3 * j + j / 256);
		halves_by_one(data, size, expected);
		for (uint32_t method = KX_SHA256_PORTABLE; method <= KX_SHA256_VECTOR; method++) {
			machine.paired = 0;
			kx_sha256_halves(data, size, method, digest);
			assert_memory_equal(digest, expected, sizeof(digest));
			assert_int_equal(machine.paired, method == KX_SHA256_CPU ? size / 128 : 0);
		}
		free(data);
	}
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
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_million),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_halves),
	};

	if (argc == 3)
		return print_digest(strtoul(argv[1], NULL, 0), strtoul(argv[2], NULL, 0));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
