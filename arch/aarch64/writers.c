/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: profiles and traces that the CPU writes to memory, and events that firmware delivers past every
 * mask. ARM-ARM: DDI 0487. SDEI: Arm DEN 0054, "Software Delegated Exception Interface".
 */
#include "arch.h"

#include "firmware.h"

/* Names that old assemblers do not know: S<op0>_<op1>_C<n>_C<m>_<op2> */
#define PMSCR_EL1     "S3_0_C9_C9_0"
#define PMSCR_EL2     "S3_4_C9_C9_0"
#define PMBLIMITR_EL1 "S3_0_C9_C10_0"
#define PMBIDR_EL1    "S3_0_C9_C10_7"
#define TRFCR_EL1     "S3_0_C1_C2_1"
#define TRFCR_EL2     "S3_4_C1_C2_1"
#define TRBLIMITR_EL1 "S3_0_C9_C11_0"
#define TRBIDR_EL1    "S3_0_C9_C11_7"

#define READ(to, name)  __asm__ volatile("mrs %0, " name : "=r"(to))
#define CLEAR(name)     __asm__ volatile("msr " name ", xzr")
#define PSB_CSYNC       __asm__ volatile("hint #17" ::: "memory")
#define TSB_CSYNC       __asm__ volatile("hint #18" ::: "memory")
#define ISB             __asm__ volatile("isb" ::: "memory")
#define DSB_NSH         __asm__ volatile("dsb nsh" ::: "memory")

#define DFR0_PMSVer      32
#define DFR0_TraceFilt   40
#define DFR0_TraceBuffer 44
#define IDR_P            0x10 /* the buffer belongs to a higher exception level */

/* SDEI "SDEI_VERSION": the major one in bits 62 to 48; "SDEI_PE_MASK", "SDEI_PRIVATE_RESET",
 * "SDEI_SHARED_RESET" */
#define SDEI_VERSION       0xc4000020
#define SDEI_MAJOR_SHIFT   48
#define SDEI_PE_MASK       0xc400002b
#define SDEI_PRIVATE_RESET 0xc4000031
#define SDEI_SHARED_RESET  0xc4000032

/* ARM-ARM "Synchronization and Statistical Profiling": stop, have it written, then close the buffer. */
static void stop_profile(void)
{
	uint64_t id;

	READ(id, PMBIDR_EL1);
	if (id & IDR_P)
		return;
	CLEAR(PMSCR_EL1);
	if (kx_at_el2_())
		CLEAR(PMSCR_EL2);
	ISB;
	PSB_CSYNC;
	DSB_NSH;
	CLEAR(PMBLIMITR_EL1);
	ISB;
}

/* ARM-ARM "Self-hosted trace": no level may be traced, by whatever the trace goes into. */
static void close_filter(void)
{
	CLEAR(TRFCR_EL1);
	if (kx_at_el2_())
		CLEAR(TRFCR_EL2);
	ISB;
}

/* ARM-ARM "Trace synchronization": the same as of profiles. */
static void stop_trace(void)
{
	uint64_t id;

	READ(id, TRBIDR_EL1);
	if (id & IDR_P)
		return;
	TSB_CSYNC;
	DSB_NSH;
	CLEAR(TRBLIMITR_EL1);
	ISB;
}

/* Only where it is known that firmware is there: a call that nobody takes is an exception. */
static int has_events(const struct kx_cpus *cpus)
{
	if (!cpus || cpus->method == KX_CPUS_PARKED || (cpus->method == KX_CPUS_DEFAULT && !cpus->count))
		return 0;
	return (int64_t)kx_firmware_(cpus->method, SDEI_VERSION, 0) >> SDEI_MAJOR_SHIFT > 0;
}

/* Held back first, so that none comes between; then their handlers are forgotten, and who is bound to them. */
static int stop_events(uint32_t method, int last)
{
	int64_t error;

	kx_firmware_(method, SDEI_PE_MASK, 0);
	error = (int64_t)kx_firmware_(method, SDEI_PRIVATE_RESET, 0);
	if (!error && last)
		error = (int64_t)kx_firmware_(method, SDEI_SHARED_RESET, 0);
	return error ? -KX_ERR_CPU_FIRMWARE : 0;
}

int kx_writers_stop_(const struct kx_cpus *cpus, int last)
{
	uint64_t dfr0;

	READ(dfr0, "id_aa64dfr0_el1");
	if (dfr0 >> DFR0_PMSVer & 0xf)
		stop_profile();
	if (dfr0 >> DFR0_TraceFilt & 0xf)
		close_filter();
	if (dfr0 >> DFR0_TraceBuffer & 0xf)
		stop_trace();
	return has_events(cpus) ? stop_events(cpus->method, last) : 0;
}
