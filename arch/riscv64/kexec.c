/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: purgatory.ro. Reads what kexec-tools or the kernel has set in kexec_symbols.S. */
#include "kexec.h"

#include "cpu.h"

/* By kexec_symbols.S */
extern const uint64_t riscv_kernel_entry KX_HIDDEN;

static int has_extension(uint64_t extension)
{
	register uint64_t a0 __asm__("a0") = extension;
	register uint64_t a1 __asm__("a1") = 0;
	register uint64_t fid __asm__("a6") = SBI_FID_BASE_PROBE;
	register uint64_t eid __asm__("a7") = SBI_EID_BASE;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(fid), "r"(eid) : "memory");
	return !a0 && a1;
}

static struct kx_purgatory *begin(const void *fdt)
{
	struct kx_purgatory *purgatory;
	struct kx_kexec kexec;

	kexec.regions = sha256_regions;
	kexec.digest = sha256_digest;
	kexec.skip = skip_checks;
	purgatory = kx_kexec_begin_(&kexec);
	purgatory->console.devices[0].kind =
		has_extension(SBI_EID_DBCN) ? KX_DEVICE_SBI_DBCN : KX_DEVICE_SBI_PUTCHAR;
	purgatory->console.timer_hz = kx_kexec_timebase_(fdt);
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

	kx_purgatory_run_(begin((const void *)(uintptr_t)y));
	args[0] = x; /* hart id; Linux Documentation/arch/riscv/boot.rst */
	args[1] = y; /* device tree */
	args[2] = args[3] = 0;
	kx_jump_(riscv_kernel_entry, args, 0);
}
