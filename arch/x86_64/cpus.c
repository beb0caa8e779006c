/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: other CPUs by INIT. Spec: SDM "Issuing Interprocessor Interrupts". */
#include "arch.h"

#include "clock.h"
#include "cpu.h"
#include "msr.h"

/* In x2APIC mode there is no delivery status: the write is done when the message has been sent. */
static void send_init_x2(uint64_t id)
{
	__asm__ volatile("mfence\n\tlfence\n\twrmsr" /* SDM "MSR Access in x2APIC Mode" */
			 :: "c"(MSR_X2APIC_ICR), "a"(ICR_INIT), "d"((uint32_t)id) : "memory");
}

static volatile uint32_t *register_of(const struct kx_cpus *cpus, unsigned int offset)
{
	return (volatile uint32_t *)(volatile void *)((volatile uint8_t *)cpus->apic + offset);
}

/* Has the APIC got rid of its last message, before time is up? */
static int is_sent(volatile uint32_t *icr, struct kx_deadline *deadline)
{
	for (;;) {
		int late = kx_deadline_passed_(deadline);

		if (!(*icr & ICR_PENDING))
			return 1;
		if (late)
			return 0;
	}
}

static int send_init(const struct kx_cpus *cpus, uint64_t id)
{
	volatile uint32_t *low = register_of(cpus, APIC_ICR_LOW);
	struct kx_deadline deadline;

	kx_deadline_set_(&deadline, cpus->timer_hz, cpus->timeout_us);
	if (!is_sent(low, &deadline))
		return 0;
	*register_of(cpus, APIC_ICR_HIGH) = (uint32_t)id << ICR_DEST_SHIFT;
	*low = ICR_INIT;
	return is_sent(low, &deadline);
}

/* Asked again, it sends again: after a second INIT a CPU still waits for a startup message. */
int kx_cpu_stopped_(const struct kx_cpus *cpus, uint64_t id)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (!(base & APIC_BASE_BSP)) /* an INIT for the boot CPU would reset the machine */
		return -KX_ERR_CPU_NOT_BOOT;
	if (base & APIC_BASE_EN && base & APIC_BASE_EXTD) {
		send_init_x2(id);
		return 1;
	}
	if (!(base & APIC_BASE_EN) || !cpus->apic || id > UINT32_MAX >> ICR_DEST_SHIFT)
		return -KX_ERR_CPU_FIRMWARE;
	return send_init(cpus, id);
}
