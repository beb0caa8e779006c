/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Causes of faults, in words; called by status_read.c.
 * Spec: Priv "Supervisor Cause Register"; Arm "ESR_EL1", "EC"; SDM "Exception and Interrupt Reference".
 */
#include "status_causes.h"

#include <kx/kx.h>

#define SCAUSE_INTERRUPT 0x80000000 /* bit 63 of the register */
#define ESR_EC_SHIFT     26

static const char *riscv64(uint32_t cause)
{
	if (cause & SCAUSE_INTERRUPT)
		return "interrupt: an interrupt, though all were masked";
	switch (cause) {
	case 0: return "fetch-misaligned: an instruction at an odd address";
	case 1: return "fetch-access: no instruction can be fetched there";
	case 2: return "illegal-instruction: an instruction that this hart does not have";
	case 3: return "breakpoint: a breakpoint";
	case 4: return "load-misaligned: a load from an odd address";
	case 5: return "load-access: nothing there can be read";
	case 6: return "store-misaligned: a store to an odd address";
	case 7: return "store-access: nothing there can be written";
	case 12: return "fetch-page: the tables map no code there";
	case 13: return "load-page: the tables map nothing there";
	case 15: return "store-page: the tables map nothing there that can be written";
	case 19: return "hardware-error: memory or bus report an error";
	}
	return "unknown-cause: an exception without a name here";
}

static const char *aarch64(uint32_t cause)
{
	if ((cause & ~3u) == KX_FAULT_INTERRUPT)
		return "interrupt: an interrupt, though all were masked";
	switch (cause >> ESR_EC_SHIFT) {
	case 0x00: return "undefined: an instruction that this CPU does not have";
	case 0x07: return "simd-trapped: a SIMD instruction, which somebody traps";
	case 0x0e: return "illegal-state: an illegal execution state";
	case 0x18: return "register-trapped: a system register, which somebody traps";
	case 0x20:
	case 0x21: return "fetch-abort: no instruction can be fetched there";
	case 0x22: return "pc-misaligned: an instruction at an odd address";
	case 0x24:
	case 0x25: return "data-abort: nothing there can be read or written like that";
	case 0x26: return "sp-misaligned: a stack at an odd address";
	case 0x2f: return "serror: memory or bus report an error";
	case 0x3c: return "breakpoint: a breakpoint";
	}
	return "unknown-cause: an exception without a name here";
}

static const char *x86_64(uint32_t cause)
{
	switch (cause) {
	case 0: return "divide: a division that has no result";
	case 1: return "debug: a debug exception";
	case 2: return "nmi: a non-maskable interrupt";
	case 3: return "breakpoint: a breakpoint";
	case 6: return "invalid-opcode: an instruction that this CPU does not have";
	case 8: return "double-fault: an exception that could not be delivered";
	case 10: return "invalid-tss: a task state segment that cannot be used";
	case 11: return "segment-absent: a segment that is not there";
	case 12: return "stack-segment: a stack address that is not canonical";
	case 13: return "general-protection: an address or a register value that cannot be";
	case 14: return "page-fault: the tables map nothing there, or nothing like that";
	case 17: return "alignment: an odd address";
	case 18: return "machine-check: memory or bus report an error";
	case 19: return "simd: a SIMD exception";
	case 21: return "control-protection: a jump to where none may lead";
	}
	return "unknown-cause: an exception without a name here";
}

const char *kx_status_cause_(const struct kx_status *status)
{
	switch (status->fault) {
	case KX_FAULT_NONE: return NULL;
	case KX_FAULT_ERROR: return kx_strerror((int)status->cause);
	}
	if (status->cause == KX_FAULT_LIST_FLAG)
		return kx_strerror(KX_ERR_LIST_FLAG);
	switch (status->arch) {
	case KX_STATUS_RISCV64: return riscv64(status->cause);
	case KX_STATUS_AARCH64: return aarch64(status->cause);
	case KX_STATUS_X86_64: return x86_64(status->cause);
	}
	return "unknown-cause: of a CPU that is not known here";
}
