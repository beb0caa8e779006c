/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: traces that the CPU writes to memory, and pages that a hypervisor writes, KVM or Hyper-V: Xen's
 * are given back by hypercalls, which are the host's.
 * SDM: Intel 64 and IA-32 Architectures SDM, volume 4; KVM: Linux Documentation/virt/kvm/x86/msr.rst;
 * TLFS: Hyper-V Top-Level Functional Specification.
 */
#include "arch.h"

#include "msr.h"

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

/* Leaves of hypervisors: each 0x100 one may speak another language. KVM "cpuid.rst", TLFS "Feature
 * and Interface Discovery" */
#define LEAVES_FIRST 0x40000000
#define LEAVES_END   0x40010000
#define LEAVES_STEP  0x100

#define KVM_SIGNATURE 0x4b4d564b /* "KVMK" */
#define KVM_FEATURES  1

#define HV_SIGNATURE 0x7263694d /* "Micr" */
#define HV_INTERFACE 1
#define HV_IS_HV     0x31237648 /* "Hv#1" */
#define HV_FEATURES  3

/* Branch and event records: the debug store. Where there is none, its registers fault. */
static void stop_debug_store(void)
{
	uint64_t misc;

	if (!(cpuid(1, 0).edx & CPUID1_EDX_DS))
		return;
	misc = rdmsr(IA32_MISC_ENABLE);
	wrmsr(IA32_DEBUGCTL, 0);
	if (!(misc & MISC_NO_PEBS) && cpuid(0, 0).eax >= 10 && (cpuid(10, 0).eax & 0xff))
		wrmsr(IA32_PEBS_ENABLE, 0);
	if (!(misc & MISC_NO_BTS) || !(misc & MISC_NO_PEBS))
		wrmsr(IA32_DS_AREA, 0);
}

/** struct shared - a page, or what sends to one: zero in its register gives it back */
struct shared {
	uint32_t feature; /* bit that says that there is such a register */
	uint32_t msr;
};

static void give_back(uint32_t features, const struct shared *shared, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (features & shared[i].feature)
			wrmsr(shared[i].msr, 0);
}

static uint32_t find_leaves(uint32_t signature)
{
	for (uint32_t first = LEAVES_FIRST; first < LEAVES_END; first += LEAVES_STEP)
		if (cpuid(first, 0).ebx == signature)
			return first;
	return 0;
}

/* Clock of two kinds, asynchronous faults, steal time, end of interrupt. */
static void stop_kvm(void)
{
	static const struct shared shared[] = {
		{ 0x01, 0x12 },       { 0x08, 0x4b564d01 }, { 0x10, 0x4b564d02 },
		{ 0x20, 0x4b564d03 }, { 0x40, 0x4b564d04 },
	};
	uint32_t leaves = find_leaves(KVM_SIGNATURE);

	if (leaves)
		give_back(cpuid(leaves + KVM_FEATURES, 0).eax, shared,
			  sizeof(shared) / sizeof(shared[0]));
}

/*
 * Synthetic timers, pages of events and of messages, SynIC, reference TSC, the virtual processor's
 * assist page, and last the page of hypercalls, which lies over memory and hides it.
 */
static void stop_hyperv(void)
{
	static const struct shared shared[] = {
		{ 0x008, 0x400000b0 }, { 0x008, 0x400000b2 }, { 0x008, 0x400000b4 },
		{ 0x008, 0x400000b6 }, { 0x004, 0x40000082 }, { 0x004, 0x40000083 },
		{ 0x004, 0x40000080 }, { 0x200, 0x40000021 }, { 0x010, 0x40000073 },
		{ 0x020, 0x40000001 }, { 0x020, 0x40000000 }, /* and who the guest was */
	};
	uint32_t leaves = find_leaves(HV_SIGNATURE);

	if (leaves && cpuid(leaves + HV_INTERFACE, 0).eax == HV_IS_HV)
		give_back(cpuid(leaves + HV_FEATURES, 0).eax, shared,
			  sizeof(shared) / sizeof(shared[0]));
}

/* No firmware delivers events here: NMIs and machine checks come from the hardware, to vectors that libkx has. */
int kx_writers_stop_(const struct kx_cpus *cpus, int last)
{
	(void)cpus;
	(void)last;
	if (cpuid(0, 0).eax >= 7 && (cpuid(7, 0).ebx & CPUID7_EBX_PT))
		wrmsr(IA32_RTIT_CTL, rdmsr(IA32_RTIT_CTL) & ~(uint64_t)RTIT_TraceEn);
	stop_debug_store();
	if (cpuid(1, 0).ecx & CPUID1_ECX_HYPERVISOR) {
		stop_kvm();
		stop_hyperv();
	}
	kx_io_barrier_();
	return 0;
}
