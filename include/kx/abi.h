/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies in memory between two kernels: the words of the page list and the blocks that
 * separately built programs share. Read by C, by assembly and by the tests; every offset is a
 * define, and every define is checked against the struct below it.
 */
#ifndef KX_ABI_H
#define KX_ABI_H

#define KX_PAGE_SHIFT 12
#define KX_PAGE_SIZE  4096
#define KX_PAGE_MASK  4095

/*
 * Page list. A list is a chain of 64-bit little-endian words, `address | flag`, each with exactly
 * one flag. The first four flags are those of Linux's kimage list, so a list that Linux made is a
 * list that libkx walks. ZERO and the run length are ours; Linux never sets them.
 *
 *   DESTINATION  the next page goes to this address; it moves on by a page for each page written
 *   INDIRECTION  go on reading words at this page
 *   DONE         the end
 *   SOURCE       copy this page, and as many contiguous ones after it as the run length says
 *   ZERO         fill the destination with zeros; run length as in SOURCE, no address
 */
#define KX_IND_DESTINATION 0x01
#define KX_IND_INDIRECTION 0x02
#define KX_IND_DONE        0x04
#define KX_IND_SOURCE      0x08
#define KX_IND_ZERO        0x10
#define KX_IND_FLAGS       0x1f
#define KX_IND_RUN_SHIFT   5     /* bits 5..11 of SOURCE and ZERO: pages - 1 */
#define KX_RUN_MAX_PAGES   128

#define KX_LIST_WORD_SIZE      8
#define KX_LIST_WORDS_PER_PAGE 512

/*
 * Control page: the one page that survives the copy. The handoff lies at its start, the code right
 * behind it; both move as one, so the code finds its handoff by its own address.
 */
#define KX_HANDOFF_MAGIC   0x4f48584b /* "KXHO" in memory */
#define KX_HANDOFF_VERSION 1
#define KX_HANDOFF_SIZE    0x100
#define KX_CONTROL_ENTRY   KX_HANDOFF_SIZE

/* Where the members of struct kx_handoff lie, in bytes */
#define KX_HANDOFF_MAGIC_OFFSET   0x00
#define KX_HANDOFF_VERSION_OFFSET 0x04
#define KX_HANDOFF_CONTROL_PA     0x08
#define KX_HANDOFF_HEAD           0x10
#define KX_HANDOFF_ENTRY_PA       0x18
#define KX_HANDOFF_ARGS           0x20
#define KX_HANDOFF_TABLES         0x40
#define KX_HANDOFF_FLAGS          0x48
#define KX_HANDOFF_CONSOLE        0x50
#define KX_HANDOFF_CPU            0x68
#define KX_HANDOFF_RESERVED       0xa8

/* How the new image is entered: flags of the handoff. Each architecture's cpu.h says which it has. */
#define KX_ENTER_32     0x1 /* x86_64: in 32-bit mode, paging off; all of it lies below 4 GiB */
#define KX_ENTER_4LEVEL 0x2 /* x86_64: not with 5-level paging, even if the host has it */

#define KX_HANDOFF_ARGS_COUNT 4
#define KX_HANDOFF_CPU_COUNT  8

/* Device kinds: how the registers at `base` are driven */
#define KX_DEVICE_NONE        0
#define KX_DEVICE_UART8250    1 /* 16550 and its kin, memory-mapped, `stride` bytes a register */
#define KX_DEVICE_UART8250_IO 2 /* the same behind x86 I/O ports; base is the first port */
#define KX_DEVICE_PL011       3 /* Arm PrimeCell UART */
#define KX_DEVICE_SBI_DBCN    4 /* RISC-V SBI debug console; no base */
#define KX_DEVICE_SBI_PUTCHAR 5 /* RISC-V SBI legacy console; no base */

/* Where the members of struct kx_device lie, in bytes */
#define KX_DEVICE_KIND   0x00
#define KX_DEVICE_STRIDE 0x04
#define KX_DEVICE_BASE   0x08
#define KX_DEVICE_LENGTH 0x10
#define KX_DEVICE_SIZEOF 0x18

/* Causes that the trampoline reports beside the CPU's own: what it found wrong in the list */
#define KX_FAULT_LIST_FLAG 0x4c465f58 /* a word whose flag it does not know */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

/** struct kx_device - one device that libkx drives, by its physical address */
struct kx_device {
	uint32_t kind;   /* KX_DEVICE_* */
	uint32_t stride; /* bytes from one register to the next; 0 where the kind has no choice */
	uint64_t base;   /* physical address, or the first port */
	uint64_t length; /* bytes of the register window */
};

/**
 * struct kx_handoff - what the trampoline needs, at the start of the control page
 *
 * Written by kx_control_seal(); only read afterwards. All addresses are physical.
 */
struct kx_handoff {
	uint32_t magic;      /* KX_HANDOFF_MAGIC */
	uint32_t version;    /* KX_HANDOFF_VERSION */
	uint64_t control_pa; /* of this very page */
	uint64_t head;       /* first word of the page list */
	uint64_t entry_pa;   /* first instruction of the new image */
	uint64_t args[KX_HANDOFF_ARGS_COUNT]; /* for its first argument registers */
	uint64_t tables;     /* satp, TTBR0 or CR3 value of the identity map; 0: none needed */
	uint64_t flags;      /* KX_ENTER_* */
	struct kx_device console; /* where a fault is reported; KX_DEVICE_NONE: nowhere */
	uint64_t cpu[KX_HANDOFF_CPU_COUNT]; /* the architecture's own; see its trampoline.S */
	uint64_t reserved[(KX_HANDOFF_SIZE - KX_HANDOFF_RESERVED) / 8]; /* zero */
};

#define KX_ASSERT_AT(type, member, offset)                                                         \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member " has moved")

KX_ASSERT_AT(kx_device, kind, KX_DEVICE_KIND);
KX_ASSERT_AT(kx_device, stride, KX_DEVICE_STRIDE);
KX_ASSERT_AT(kx_device, base, KX_DEVICE_BASE);
KX_ASSERT_AT(kx_device, length, KX_DEVICE_LENGTH);
_Static_assert(sizeof(struct kx_device) == KX_DEVICE_SIZEOF, "kx_device has changed its size");

KX_ASSERT_AT(kx_handoff, magic, KX_HANDOFF_MAGIC_OFFSET);
KX_ASSERT_AT(kx_handoff, version, KX_HANDOFF_VERSION_OFFSET);
KX_ASSERT_AT(kx_handoff, control_pa, KX_HANDOFF_CONTROL_PA);
KX_ASSERT_AT(kx_handoff, head, KX_HANDOFF_HEAD);
KX_ASSERT_AT(kx_handoff, entry_pa, KX_HANDOFF_ENTRY_PA);
KX_ASSERT_AT(kx_handoff, args, KX_HANDOFF_ARGS);
KX_ASSERT_AT(kx_handoff, tables, KX_HANDOFF_TABLES);
KX_ASSERT_AT(kx_handoff, flags, KX_HANDOFF_FLAGS);
KX_ASSERT_AT(kx_handoff, console, KX_HANDOFF_CONSOLE);
KX_ASSERT_AT(kx_handoff, cpu, KX_HANDOFF_CPU);
KX_ASSERT_AT(kx_handoff, reserved, KX_HANDOFF_RESERVED);
_Static_assert(sizeof(struct kx_handoff) == KX_HANDOFF_SIZE, "kx_handoff has changed its size");

#endif /* __ASSEMBLER__ */
#endif /* KX_ABI_H */
