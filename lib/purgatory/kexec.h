/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * purgatory.ro: purgatory for kexec-tools and for Linux's kexec_file_load, which know nothing of struct
 * kx_purgatory_info but set symbols by name. Each arch/<a>/kexec_symbols.S holds them and <a>/kexec.c reads them.
 */
#ifndef KX_KEXEC_H
#define KX_KEXEC_H

#include "purgatory.h"

/** struct kx_kexec - what both loaders give on every architecture */
struct kx_kexec {
	const struct kx_region *regions; /* KX_PURGATORY_REGIONS_MAX; those of size 0 are unused */
	const uint8_t *digest;
	uint32_t skip; /* not 0: no checks */
};

/** kx_kexec_begin_() - the run, with an info made of that; a mismatch halts, as it always has */
KX_HIDDEN struct kx_purgatory *kx_kexec_begin_(const struct kx_kexec *kexec);

/** kx_kexec_is_set_() - is any byte not zero? */
KX_HIDDEN int kx_kexec_is_set_(const uint8_t *bytes, uint32_t count);

/** kx_kexec_serial_() - what UART is there, by the device tree; KX_DEVICE_SINK where it does not say */
KX_HIDDEN void kx_kexec_serial_(const void *fdt, uint64_t base, struct kx_device *device);

/** kx_kexec_timebase_() - the timer's rate by the device tree's /cpus; 0: it does not say */
KX_HIDDEN uint64_t kx_kexec_timebase_(const void *fdt);

/* What the loaders set; all of them by arch/<a>/kexec_symbols.S. kexec-tools' first, then the kernel's */
extern const struct kx_region sha256_regions[KX_PURGATORY_REGIONS_MAX] KX_HIDDEN;
extern const uint8_t sha256_digest[KX_DIGEST_SIZE] KX_HIDDEN;
extern const uint32_t skip_checks KX_HIDDEN;
extern const struct kx_region purgatory_sha_regions[KX_PURGATORY_REGIONS_MAX] KX_HIDDEN;
extern const uint8_t purgatory_sha256_digest[KX_DIGEST_SIZE] KX_HIDDEN;

#endif /* KX_KEXEC_H */
