/* SPDX-License-Identifier: BSD-2-Clause */
/* The register window, and what lib/quiesce/ takes from the architecture. */
#include "window.h"

#include "arch.h"
#include "mmio.h"
#include "park.h"
#include "purgatory/purgatory.h"

struct window window;

static uint64_t ticks;

/** struct shadow - memory as devices see it */
static struct shadow {
	const uint8_t *base;
	size_t size;
	uint8_t bytes[KX_QUIESCE_SCRATCH];
} shadows[2];

static size_t shadow_count;

void window_reset(uint64_t delay)
{
	memset(&window, 0, sizeof(window));
	window.delay = delay;
	window.stuck = NONE;
	shadow_count = 0;
}

void window_memory(const void *base, size_t size)
{
	struct shadow *shadow = &shadows[shadow_count++];

	assert_true(shadow_count <= 2 && size <= KX_QUIESCE_SCRATCH);
	shadow->base = base;
	shadow->size = size;
	memset(shadow->bytes, 0x5a, size);
}

/* What devices see of it; NULL: they do not read there. */
static uint8_t *shadow_of(const void *data, uint64_t size)
{
	for (size_t i = 0; i < shadow_count; i++) {
		uint64_t at = (uint64_t)((const uint8_t *)data - shadows[i].base);

		if (at < shadows[i].size && size <= shadows[i].size - at)
			return shadows[i].bytes + at;
	}
	return NULL;
}

void window_reads(const void *data, uint64_t size)
{
	const uint8_t *seen = shadow_of(data, size);

	if (!seen || memcmp(seen, data, size))
		window_fault("what a device reads is not published");
}

void window_fault(const char *format, ...)
{
	va_list list;

	if (*window.fault)
		return;
	va_start(list, format);
	vsnprintf(window.fault, sizeof(window.fault), format, list);
	va_end(list);
}

uint64_t window_get(uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, window.bytes + offset, size);
	return value;
}

void window_put(uint64_t offset, unsigned int size, uint64_t value)
{
	memcpy(window.bytes + offset, &value, size);
}

static void add_answer(struct answer answer)
{
	if (window.answer_count == ANSWERS)
		window_fault("too many answers");
	else
		window.answers[window.answer_count++] = answer;
}

void window_answer(uint64_t offset, uint64_t clear, uint64_t set)
{
	add_answer((struct answer){ offset, clear, set, NULL, window.delay, 0 });
}

void window_answer_old(uint64_t offset, uint64_t clear, uint64_t set)
{
	add_answer((struct answer){ offset, clear, set, NULL, window.delay, 1 });
}

void window_answer_memory(uint32_t *word, uint32_t value)
{
	add_answer((struct answer){ MEMORY, 0, value, word, window.delay, 0 });
}

int window_waits(void)
{
	for (size_t i = 0; i < window.answer_count; i++)
		if (!window.answers[i].old)
			return 1;
	return 0;
}

static void settle(struct answer *answer)
{
	uint64_t value;

	if (answer->word) {
		*answer->word = (uint32_t)answer->set;
	} else {
		value = window_get(answer->offset, 8);
		value = (value & ~answer->clear) | answer->set;
		window_put(answer->offset, answer->clear >> 32 ? 8 : 4, value);
	}
	*answer = window.answers[--window.answer_count];
}

/* Somebody looks at a register, or at memory. */
static void looked_at(uint64_t offset)
{
	for (size_t i = 0; i < window.answer_count; i++)
		if (window.answers[i].offset == offset && offset != window.stuck &&
		    !window.answers[i].looks--) {
			settle(&window.answers[i]);
			i--;
		}
}

static uint64_t offset_of(const volatile void *at)
{
	uint64_t offset = (uint64_t)((const volatile uint8_t *)at - window.bytes);

	if (offset >= WINDOW_SIZE) {
		fprintf(stderr, "access outside the window: %p\n", (const void *)(uintptr_t)at);
		abort();
	}
	if (window.dead)
		window_fault("access to 0x%lx without power", offset);
	if (window.still_us && offset - window.still_at < KX_PAGE_SIZE)
		window_fault("access to 0x%lx %lu us before its time", offset, window.still_us);
	return offset;
}

static uint64_t read(const volatile void *at, unsigned int size)
{
	uint64_t offset = offset_of(at);

	looked_at(offset);
	return window_get(offset, size);
}

static void write(volatile void *at, unsigned int size, uint64_t value)
{
	uint64_t offset = offset_of(at);

	if (window_waits())
		window_fault("0x%lx written before 0x%lx has answered", offset,
			     window.answers[0].offset);
	if (window.write_count < WINDOW_WRITES)
		window.writes[window.write_count++] = (struct write){ offset, value };
	if (!window.model || !window.model(&window, offset, value, size))
		window_put(offset, size, value);
}

uint16_t kx_mmio_read16_(const volatile void *at)
{
	return (uint16_t)read(at, 2);
}

uint32_t kx_mmio_read32_(const volatile void *at)
{
	return (uint32_t)read(at, 4);
}

uint64_t kx_mmio_read64_(const volatile void *at)
{
	return read(at, 8);
}

void kx_mmio_write16_(volatile void *at, uint16_t value)
{
	write(at, 2, value);
}

void kx_mmio_write32_(volatile void *at, uint32_t value)
{
	write(at, 4, value);
}

void kx_mmio_write64_(volatile void *at, uint64_t value)
{
	write(at, 8, value);
}

void window_expect(const struct write *writes, size_t count)
{
	for (size_t i = 0; i < count && i < window.write_count; i++)
		if (window.writes[i].offset != writes[i].offset ||
		    window.writes[i].value != writes[i].value)
			fail_msg("write %zu is 0x%lx = 0x%lx, not 0x%lx = 0x%lx", i,
				 window.writes[i].offset, window.writes[i].value, writes[i].offset,
				 writes[i].value);
	assert_int_equal(window.write_count, count);
}

uint64_t kx_ticks_(void)
{
	if (window.still_us)
		window.still_us--;
	return ++ticks;
}

void kx_io_barrier_(void)
{
	looked_at(MEMORY);
}

void kx_io_publish_(const void *data, uint64_t size)
{
	uint8_t *seen = shadow_of(data, size);

	if (seen)
		memcpy(seen, data, size);
}

/* Nobody is parked here. */
const uint8_t kx_park_code_[1];
const uint32_t kx_park_code_size_ = 0;

void kx_code_publish_(const void *data, uint64_t size)
{
	(void)data;
	(void)size;
}

/* PCI "Configuration Mechanism #1": the first bus lies in the window as ECAM would have it, without
 * its extended part; there is no other. */
#define PORT_ADDRESS 0xcf8
#define PORT_DATA    0xcfc
#define PORT_ENABLE  0x80000000u

int kx_port_usable_(void)
{
	return window.ports;
}

static volatile uint8_t *port_at(uint16_t port, unsigned int size)
{
	uint32_t address = window.port_address, id = address >> 8 & 0xffff;

	if (port < PORT_DATA || port - PORT_DATA + size > 4)
		window_fault("port 0x%x is not PCI's", port);
	if (!(address & PORT_ENABLE) || address & 0x7f000003)
		window_fault("address 0x%x selects nothing", address);
	return id < 0x100 ? window.bytes + ((uint64_t)id << 12) + (address & 0xfc) + (port & 3) : NULL;
}

uint32_t kx_port_read32_(uint16_t port)
{
	const volatile uint8_t *at = port_at(port, 4);

	return at ? kx_mmio_read32_(at) : UINT32_MAX;
}

void kx_port_write32_(uint16_t port, uint32_t value)
{
	volatile uint8_t *at;

	if (port == PORT_ADDRESS) {
		window.port_address = value;
		return;
	}
	at = port_at(port, 4);
	if (at)
		kx_mmio_write32_(at, value);
}

void kx_port_write16_(uint16_t port, uint16_t value)
{
	volatile uint8_t *at = port_at(port, 2);

	if (at)
		kx_mmio_write16_(at, value);
}

int kx_writers_stop_(const struct kx_cpus *cpus, int last)
{
	(void)cpus;
	window.last = last;
	return window.writers;
}

int kx_cpu_stopped_(const struct kx_cpus *cpus, uint64_t id)
{
	(void)cpus;
	window.asked++;
	return id != 99; /* that one never stops */
}

/* The errors of another part of the library, whose sources are not linked here. */
const char *kx_purgatory_strerror_(int error)
{
	(void)error;
	return "unknown error: of another part";
}
