/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: purgatory.ro. Reads what kexec-tools or the kernel has set in kexec_symbols.S, and does for
 * kexec-tools what its options ask beside the check.
 */
#include "kexec.h"

#include "legacy.h"
#include "mem.h"
#include "ports.h"

#define VGA_TEXT 0xb8000

/* By kexec_symbols.S */
extern const uint64_t entry64_regs[17] KX_HIDDEN;
extern const uint32_t entry32_regs[9] KX_HIDDEN;
extern const uint8_t entry16[] KX_HIDDEN, entry16_debug[] KX_HIDDEN;
extern char *const cmdline_end KX_HIDDEN;
extern const uint64_t backup_src_start KX_HIDDEN, backup_src_size KX_HIDDEN, backup_start KX_HIDDEN;
extern const uint32_t serial_baud KX_HIDDEN;
extern const uint16_t serial_base KX_HIDDEN;
extern const uint8_t reset_vga KX_HIDDEN, console_vga KX_HIDDEN, console_serial KX_HIDDEN;
extern const uint8_t legacy_pic KX_HIDDEN, panic_kernel KX_HIDDEN;
KX_HIDDEN _Noreturn void kx_kexec_enter_tools_(void);
KX_HIDDEN _Noreturn void kx_kexec_enter_kernel_(void);
KX_HIDDEN _Noreturn void kx_kexec_enter32_(void);

/* By purgatory.S */
KX_HIDDEN uint64_t kx_peek_(uint64_t address);

/* Where the old kernel can be entered again; 0: nowhere */
static uint64_t jump_back_entry;

/* TI PC16550D, "Programmable Baud Generator": 8 bits, no parity, one stop bit, no interrupts */
static void set_baud(uint16_t port, uint32_t baud)
{
	uint32_t divisor = 115200 / baud;

	port_write(port + 1u, 0);
	port_write(port + 3u, 0x83);
	port_write(port, (uint8_t)divisor);
	port_write(port + 1u, (uint8_t)(divisor >> 8));
	port_write(port + 3u, 0x03);
}

static void open_consoles(struct kx_purgatory *purgatory)
{
	struct kx_device *device = purgatory->console.devices;

	if (console_serial) {
		device->kind = KX_DEVICE_UART8250_IO;
		device->stride = 1;
		device->base = serial_base;
		if (serial_baud && serial_baud <= 115200)
			set_baud(serial_base, serial_baud);
		device++;
	}
	if (console_vga) {
		device->kind = KX_DEVICE_VGA;
		device->base = VGA_TEXT;
	}
	/* Only where something is said: guests whose memory is encrypted are not given ports by their hosts,
	 * nor all leaves of CPUID. */
	if (purgatory->console.devices[0].kind)
		purgatory->console.timer_hz = kx_ticks_hz_();
}

/*
 * Where the old kernel waits to be entered again: on top of its stack, if it pushed anything. Since
 * Linux 6.14 it does so only where it can be gone back to, and else the stack pointer stands at the end
 * of its page: what lies there is somebody else's.
 */
static void find_jump_back(uint64_t rsp)
{
	if (rsp % KX_PAGE_SIZE && rsp % 8 == 0)
		jump_back_entry = kx_peek_(rsp);
}

static char *append(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	return to;
}

/* The new kernel learns of it by its command line, behind which the loader has left room. */
static void hand_jump_back(void)
{
	char *to = cmdline_end;

	if (!to || !jump_back_entry)
		return;
	to = append(to, " kexec_jump_back_entry=0x");
	for (unsigned int shift = 64; shift;) {
		unsigned int digit = jump_back_entry >> (shift -= 4) & 15;

		*to++ = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
	}
	*to = 0;
}

static int is_real_mode(uint64_t eip)
{
	return !eip || eip == (uintptr_t)entry16 || eip == (uintptr_t)entry16_debug;
}

static _Noreturn void enter(struct kx_purgatory *purgatory, int by_kernel)
{
	uint64_t end = purgatory->self.pa + purgatory->self.size;

	if (by_kernel)
		kx_kexec_enter_kernel_();
	if (entry64_regs[16])
		kx_kexec_enter_tools_();
	if (end > 0x100000000ull)
		kx_purgatory_refuse_(purgatory, "entry32: purgatory lies beyond 4 GiB");
	if (is_real_mode(entry32_regs[8]) && end > 0x100000)
		kx_purgatory_refuse_(purgatory, "entry16: purgatory lies beyond 1 MiB");
	kx_kexec_enter32_();
}

static int is_by_kernel(void)
{
	return kx_kexec_is_set_(purgatory_sha256_digest, KX_DIGEST_SIZE);
}

static struct kx_purgatory *begin(void)
{
	int by_kernel = is_by_kernel();
	struct kx_purgatory *purgatory;
	struct kx_kexec kexec;

	kexec.regions = by_kernel ? purgatory_sha_regions : sha256_regions;
	kexec.digest = by_kernel ? purgatory_sha256_digest : sha256_digest;
	kexec.skip = skip_checks;
	purgatory = kx_kexec_begin_(&kexec);
	open_consoles(purgatory);
	purgatory->stage = KX_STATUS_VERIFY;
	return purgatory;
}

void kx_purgatory_late_(void)
{
	begin();
}

_Noreturn void kx_purgatory_main_(uint64_t x, uint64_t y)
{
	struct kx_purgatory *purgatory = begin();

	(void)y;
	if (reset_vga)
		kx_vga_reset_();
	if (legacy_pic)
		kx_pic_reset_();
	if (!panic_kernel)
		find_jump_back(x);
	kx_purgatory_run_(purgatory);
	if (panic_kernel)
		kx_mem_copy_((void *)(uintptr_t)backup_start, (const void *)(uintptr_t)backup_src_start,
			     backup_src_size);
	hand_jump_back();
	enter(purgatory, is_by_kernel());
}
