/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: traces that the CPU writes to memory, and pages that a hypervisor writes.
 * SDM: Intel 64 and IA-32 Architectures SDM, volume 4; KVM: Linux Documentation/virt/kvm/x86/msr.rst.
 */
#include "arch.h"

#define IA32_MISC_ENABLE  0x1a0
#define MISC_NO_BTS       0x800
#define MISC_NO_PEBS      0x1000
#define IA32_DEBUGCTL     0x1d9
#define IA32_PEBS_ENABLE  0x3f1
#define IA32_RTIT_CTL     0x570
#define RTIT_TraceEn      0x1
#define IA32_DS_AREA      0x600

#define CPUID1_ECX_HYPERVISOR 0x80000000
#define CPUID1_EDX_DS         0x200000
#define CPUID7_EBX_PT         0x2000000

#define KVM_BASE      0x40000000
#define KVM_FEATURES  0x40000001
#define KVM_SIGNATURE 0x4b4d564b /* "KVMK" */

/** struct leaf - what cpuid says */
struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

static struct leaf cpuid(uint32_t leaf)
{
	struct leaf out;

	__asm__ volatile("cpuid" : "=a"(out.eax), "=b"(out.ebx), "=c"(out.ecx), "=d"(out.edx)
			 : "a"(leaf), "c"(0));
	return out;
}

static uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

/* Branch and event records: the debug store. Where there is none, its registers fault. */
static void stop_debug_store(void)
{
	uint64_t misc;

	if (!(cpuid(1).edx & CPUID1_EDX_DS))
		return;
	misc = rdmsr(IA32_MISC_ENABLE);
	wrmsr(IA32_DEBUGCTL, 0);
	if (!(misc & MISC_NO_PEBS) && cpuid(0).eax >= 10 && (cpuid(10).eax & 0xff))
		wrmsr(IA32_PEBS_ENABLE, 0);
	if (!(misc & MISC_NO_BTS) || !(misc & MISC_NO_PEBS))
		wrmsr(IA32_DS_AREA, 0);
}

/* Clock, steal time, asynchronous faults, end of interrupt: one register each, zero gives it back. */
static void stop_kvm(void)
{
	static const struct {
		uint32_t feature;
		uint32_t msr;
	} pages[] = {
		{ 0x01, 0x12 },       { 0x08, 0x4b564d01 }, { 0x10, 0x4b564d02 },
		{ 0x20, 0x4b564d03 }, { 0x40, 0x4b564d04 },
	};
	uint32_t features;

	if (!(cpuid(1).ecx & CPUID1_ECX_HYPERVISOR) || cpuid(KVM_BASE).ebx != KVM_SIGNATURE)
		return;
	features = cpuid(KVM_FEATURES).eax;
	for (unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (features & pages[i].feature)
			wrmsr(pages[i].msr, 0);
}

int kx_writers_stop_(void)
{
	if (cpuid(0).eax >= 7 && (cpuid(7).ebx & CPUID7_EBX_PT))
		wrmsr(IA32_RTIT_CTL, rdmsr(IA32_RTIT_CTL) & ~(uint64_t)RTIT_TraceEn);
	stop_debug_store();
	stop_kvm();
	kx_io_barrier_();
	return 0;
}
