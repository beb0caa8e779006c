/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: purgatory.ro. Reads what kexec-tools has set in kexec_symbols.S. */
#include "kexec.h"

/* By kexec_symbols.S; the sink is the data register of a UART, or 0 */
extern const uint64_t arm64_sink KX_HIDDEN, arm64_kernel_entry KX_HIDDEN, arm64_dtb_addr KX_HIDDEN;

static struct kx_purgatory *begin(const void *fdt)
{
	struct kx_purgatory *purgatory;
	struct kx_kexec kexec;

	kexec.regions = sha256_regions;
	kexec.digest = sha256_digest;
	kexec.skip = skip_checks;
	purgatory = kx_kexec_begin_(&kexec);
	purgatory->console.timer_hz = kx_ticks_hz_();
	if (arm64_sink)
		kx_kexec_serial_(fdt, arm64_sink, &purgatory->console.devices[0]);
	purgatory->stage = KX_STATUS_VERIFY;
	return purgatory;
}

/* The tree may be what went wrong. */
void kx_purgatory_late_(void)
{
	begin(NULL);
}

_Noreturn void kx_purgatory_main_(uint64_t x, uint64_t y)
{
	uint64_t args[KX_HANDOFF_ARGS_COUNT];

	(void)x;
	(void)y;
	kx_purgatory_run_(begin((const void *)(uintptr_t)arm64_dtb_addr));
	args[0] = arm64_dtb_addr; /* Linux Documentation/arch/arm64/booting.rst */
	args[1] = args[2] = args[3] = 0;
	kx_jump_(arm64_kernel_entry, args, 0);
}
