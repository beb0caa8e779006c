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

static uint64_t own_id(const struct kx_cpus *cpus, int is_x2)
{
	return is_x2 ? rdmsr(MSR_X2APIC_ID) : *register_of(cpus, APIC_ID) >> ICR_DEST_SHIFT;
}

/*
 * An INIT resets the machine if it reaches the boot CPU, so none is sent from another one, none to this one, which
 * runs, and none to the id of all ones: that is every CPU, and in firmware's tables what is no CPU.
 * Asked again, it sends again: after a second INIT a CPU still waits for a startup message.
 */
int kx_cpu_stopped_(const struct kx_cpus *cpus, uint64_t id)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);
	int is_on = (base & APIC_BASE_EN) != 0, is_x2 = is_on && base & APIC_BASE_EXTD;

	if (!(base & APIC_BASE_BSP))
		return -KX_ERR_CPU_NOT_BOOT;
	if (!is_on || (!is_x2 && !cpus->apic) || id >= (is_x2 ? UINT32_MAX : UINT32_MAX >> ICR_DEST_SHIFT))
		return -KX_ERR_CPU_FIRMWARE;
	if (id == own_id(cpus, is_x2))
		return 0;
	if (!is_x2)
		return send_init(cpus, id);
	send_init_x2(id);
	return 1;
}
