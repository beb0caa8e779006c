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
 *   SOURCE       copy this page, and as many contiguous ones after it as the run length says; with
 *                KX_ENTER_RETURN exchange them
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
#define KX_HANDOFF_VERSION 2
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
#define KX_HANDOFF_STATUS_PA      0xa8
#define KX_HANDOFF_OWN_PA         0xb0
#define KX_HANDOFF_KICK           0xb8
#define KX_HANDOFF_POLICY         0xd0
#define KX_HANDOFF_RESET          0xd4
#define KX_HANDOFF_RESERVED       0xd8

/* How the new image is entered: flags of the handoff. Each architecture's cpu.h says which it has.
 * Purgatory knows KX_ENTER_32 and KX_ENTER_RETURN alone: it lets paging be as the trampoline left it. */
#define KX_ENTER_32     0x1 /* x86_64: in 32-bit mode, paging off; all of it lies below 4 GiB */
#define KX_ENTER_4LEVEL 0x2 /* x86_64: not with 5-level paging, even if the host has it */
#define KX_ENTER_GUARDED 0x4 /* the fault vectors stay: it is purgatory, or else sets its own */
#define KX_ENTER_RETURN  0x8 /* pages of the list change places, and it may come back: see below */
#define KX_ENTER_CRASH_BIT 4
#define KX_ENTER_CRASH (1 << KX_ENTER_CRASH_BIT) /* from a system that dies, by kx_crash_enter(): NMIs on
			       * x86_64, and there the gates stay, and SErrors on aarch64 end nothing */

/*
 * Coming back. What is entered with KX_ENTER_RETURN is called: the return address is in ra (riscv64) or
 * x30 (aarch64), or on top of the stack (x86_64), and is physical, in the control page. It may go there
 * once, with
 *
 *   two values    in a0 and a1, x0 and x1, rax and rdx
 *   the mode      that it was entered in: S-mode; the exception level; 64-bit mode
 *   translation   off (riscv64, aarch64), or RAM mapped to itself (x86_64)
 *   caches        aarch64: the data cache off, what was written clean to the point of coherency
 *   memory        written in its own segments only, and not where libkx's arena is
 *   the machine   one CPU, and no device that writes to memory
 *
 * and all other registers as they come. Its segments are then where they came from, as it has left them.
 */

#define KX_HANDOFF_ARGS_COUNT 4
#define KX_HANDOFF_CPU_COUNT  8

/*
 * Parking place: a page of code, then a slot for each CPU that waits there, on lines of its own, and one
 * behind the last with KX_PARK_ID_NONE. A CPU writes `state` once and then only reads `release_pa`.
 */
#define KX_PARK_SLOTS     KX_PAGE_SIZE /* where the slots begin */
#define KX_PARK_SLOT_SIZE 0x40
#define KX_PARK_CPUS_MAX  0x10000
#define KX_PARK_ID_NONE   0xffffffffffffffff
#define KX_PARK_WAITS     0x4b52504b /* "KPRK" in memory */

/* Where the members of struct kx_park_slot lie, in bytes */
#define KX_PARK_ID         0x00
#define KX_PARK_RELEASE_PA 0x08
#define KX_PARK_STATE      0x10
#define KX_PARK_RESERVED   0x18

/* Device kinds: how the registers at `base` are driven */
#define KX_DEVICE_NONE        0
#define KX_DEVICE_UART8250    1 /* 16550 and its kin, memory-mapped, `stride` bytes a register */
#define KX_DEVICE_UART8250_IO 2 /* the same behind x86 I/O ports; base is the first port */
#define KX_DEVICE_PL011       3 /* Arm PrimeCell UART */
#define KX_DEVICE_SBI_DBCN    4 /* RISC-V SBI debug console; no base */
#define KX_DEVICE_SBI_PUTCHAR 5 /* RISC-V SBI legacy console; no base */
#define KX_DEVICE_SINK        6 /* a byte register that says nothing of being ready: a byte a ms */
#define KX_DEVICE_VGA         7 /* x86 text screen of 80 by 25 at base */

/* Kinds that kx_quiesce() stops: see kx/quiesce.h */
#define KX_DEVICE_PCI_ECAM       32 /* PCI configuration space, memory-mapped; `stride`: first bus; `base`: where
				     * that one lies, as device trees have it. ACPI's MCFG has bus 0's: add
				     * 1 MiB for each bus before the first; `length`: from there on */
#define KX_DEVICE_PCI_PORTS      33 /* the same behind x86 ports; base is the address port, 0xcf8. ATS,
				     * ARI and virtual functions (SR-IOV) are seen by ECAM only */
#define KX_DEVICE_SMMUV2         48 /* Arm SMMUv1, SMMUv2, MMU-500 */
#define KX_DEVICE_SMMUV3         49 /* Arm SMMUv3 */
#define KX_DEVICE_VTD            50 /* Intel VT-d: one remapping unit; of graphics alone: see kx_quiesce() */
#define KX_DEVICE_AMDVI          51 /* AMD-Vi: one IOMMU's memory-mapped registers */
#define KX_DEVICE_RISCV_IOMMU    52 /* RISC-V IOMMU, platform device or PCI function */
#define KX_DEVICE_GICV3_REDIST   64 /* Arm GICv3: a region of redistributors */
#define KX_DEVICE_GICV3_ITS      65 /* Arm GICv3: an interrupt translation service */
#define KX_DEVICE_IOAPIC         66 /* x86 I/O APIC */

/* Where the members of struct kx_device lie, in bytes */
#define KX_DEVICE_KIND   0x00
#define KX_DEVICE_STRIDE 0x04
#define KX_DEVICE_BASE   0x08
#define KX_DEVICE_LENGTH 0x10
#define KX_DEVICE_SIZEOF 0x18

/* Where the members of struct kx_kick lie, in bytes */
#define KX_KICK_PA     0x00
#define KX_KICK_VALUE  0x08
#define KX_KICK_WIDTH  0x10
#define KX_KICK_SIZEOF 0x18

/*
 * Status record: 64 bytes that say how far a hop has come, how long each stage took, and why it ended
 * if it has. The host says where they lie: memory that nobody else writes and that a warm reset leaves
 * alone. Whoever is at work writes them: the host, the control page, purgatory. Whoever comes next may
 * read them.
 */
#define KX_STATUS_MAGIC   0x5453584b /* "KXST" in memory */
#define KX_STATUS_VERSION 1
#define KX_STATUS_SIZE    64

/* The stages of a hop, in their order, and their names */
#define KX_STATUS_QUIESCE 1 /* the host stops CPUs and devices */
#define KX_STATUS_ENTER   2 /* its address space is left */
#define KX_STATUS_COPY    3 /* the list is walked */
#define KX_STATUS_VERIFY  4 /* purgatory looks at what was put in place */
#define KX_STATUS_JUMP    5 /* the new image, or purgatory before it, is entered */
#define KX_STATUS_RETURN  6 /* the old system is put back */
#define KX_STATUS_EDGE_COUNT 6
/* As long as there is no fault, also */
#define KX_STATUS_HANDED  7 /* purgatory is entered: where KX_STATUS_JUMP has become its own jump */
#define KX_STATUS_CLEAN   8 /* aarch64: purgatory writes what is in caches to memory; an edge alone */
#define KX_STATUS_STAGES  8

#define KX_STATUS_NAME_QUIESCE "quiesce"
#define KX_STATUS_NAME_ENTER   "enter"
#define KX_STATUS_NAME_COPY    "copy"
#define KX_STATUS_NAME_VERIFY  "verify"
#define KX_STATUS_NAME_JUMP    "jump"
#define KX_STATUS_NAME_RETURN  "return"
#define KX_STATUS_NAME_CLEAN   "clean"

/* Where the members of struct kx_status lie, in bytes */
#define KX_STATUS_MAGIC_OFFSET   0x00
#define KX_STATUS_VERSION_OFFSET 0x04
#define KX_STATUS_STAGE          0x05
#define KX_STATUS_FAULT          0x06
#define KX_STATUS_ARCH           0x07
#define KX_STATUS_CAUSE          0x08
#define KX_STATUS_INDEX          0x0c
#define KX_STATUS_PC             0x10
#define KX_STATUS_AT             0x18
#define KX_STATUS_RATE           0x20
#define KX_STATUS_SHIFT          0x23 /* the last byte of the rate */
#define KX_STATUS_EDGES          0x24
#define KX_STATUS_SUM            0x3c

/* What a record says of a fault */
#define KX_FAULT_NONE  0
#define KX_FAULT_CPU   1 /* `cause` is the CPU's: vector, ESR, or scause with bit 63 moved to bit 31 */
#define KX_FAULT_ERROR 2 /* `cause` is a KX_ERR_* */

/* Whose causes they are */
#define KX_STATUS_RISCV64 1
#define KX_STATUS_AARCH64 2
#define KX_STATUS_X86_64  3

/* Causes that the control page reports beside the CPU's own */
#define KX_FAULT_LIST_FLAG 0x4c465f58 /* a word of the list whose flag it does not know */
#define KX_FAULT_INTERRUPT 0xfc000000 /* aarch64: an interrupt, which has no syndrome; low bits: vector */

/*
 * Purgatory: a flat blob, entered at its first byte, that verifies the new image and jumps to it. Its
 * info lies at a fixed offset; the host fills it in. Constants to purgatory itself, so they share the
 * code's pages.
 */
#define KX_PURGATORY_MAGIC       0x4750584b /* "KXPG" in memory */
#define KX_PURGATORY_VERSION     2
#define KX_PURGATORY_INFO_OFFSET 0x400 /* the code before it: aarch64 has its vectors there */
#define KX_PURGATORY_INFO_SIZE   0x400

/* Where the members of struct kx_purgatory_info lie, in bytes */
#define KX_PURGATORY_MAGIC_OFFSET   0x00
#define KX_PURGATORY_VERSION_OFFSET 0x04
#define KX_PURGATORY_MEMSZ          0x08
#define KX_PURGATORY_FILESZ         0x0c
#define KX_PURGATORY_FLAGS          0x10
#define KX_PURGATORY_POLICY         0x14
#define KX_PURGATORY_REGION_COUNT   0x18
#define KX_PURGATORY_MACHINE        0x1c
#define KX_PURGATORY_TIMER_HZ       0x20
#define KX_PURGATORY_CONSOLE        0x28
#define KX_PURGATORY_ENTRY_PA       0x40
#define KX_PURGATORY_ARGS           0x48
#define KX_PURGATORY_FALLBACK_PA    0x68
#define KX_PURGATORY_FALLBACK_ARGS  0x70
#define KX_PURGATORY_ARCH           0x90
#define KX_PURGATORY_KICK           0xa8
#define KX_PURGATORY_DIGEST         0xc0
#define KX_PURGATORY_ENTRY_FLAGS    0xe0
#define KX_PURGATORY_FALLBACK_FLAGS 0xe8
#define KX_PURGATORY_STATUS_PA      0xf0
#define KX_PURGATORY_RESERVED       0xf8
#define KX_PURGATORY_REGIONS        0x100
#define KX_PURGATORY_DIGESTS        0x200

#define KX_PURGATORY_REGIONS_MAX 16 /* as kexec has it */
#define KX_PURGATORY_ARCH_COUNT  3
#define KX_DIGEST_SIZE           32 /* SHA-256 */

#define KX_PURGATORY_SKIP_CHECKS    0x01 /* flag: hash nothing, jump */
#define KX_PURGATORY_EACH_REGION    0x02 /* flag: a digest for each region instead of one over all */
#define KX_PURGATORY_HALVES         0x04 /* flag: and that in halves, see kx_sha256_halves(); x86_64 */
#define KX_PURGATORY_CPU_ID         0x08 /* flag: the first argument, of a fallback too, is the one that
					  * purgatory was entered with: the hart that runs; riscv64 */

/* What is done when something is wrong, after it has been said; the control page knows the first two */
#define KX_POLICY_HALT     1
#define KX_POLICY_RESET    2 /* a warm one, by PSCI, SBI or the reset port; where the firmware has none a cold
				 * one, in which memory may be lost; halts where that fails */
#define KX_POLICY_FALLBACK 3 /* enter fallback_pa with fallback_args */
#define KX_POLICY_RETURN   4 /* go back to the old system; for a jump with KX_ENTER_RETURN */

/* aarch64: handoff.reset and info.arch[0], how PSCI is called */
#define KX_PSCI_DEFAULT 0 /* HVC at EL1, SMC at EL2, as kx_cpus.method has it too */
#define KX_PSCI_HVC     1
#define KX_PSCI_SMC     2

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

/** struct kx_kick - the write that keeps a watchdog from biting; pa 0: there is none */
struct kx_kick {
	uint64_t pa;
	uint64_t value;
	uint32_t width; /* of the write: 1, 2, 4 or 8 bytes */
	uint32_t reserved;
};

/**
 * struct kx_status - the status record, 64-byte aligned in physical memory
 *
 * `sum` makes torn writes and chance show: see kx_status_sum().
 */
struct kx_status {
	uint32_t magic;  /* KX_STATUS_MAGIC */
	uint8_t version; /* KX_STATUS_VERSION */
	uint8_t stage;   /* KX_STATUS_*: the last one that has begun */
	uint8_t fault;   /* KX_FAULT_* */
	uint8_t arch;    /* KX_STATUS_RISCV64, ... */
	uint32_t cause;
	uint32_t index; /* of a fault: words of the list that were read, or the region in purgatory */
	union {
		uint64_t pc; /* of a fault: an offset in the control page or in purgatory, by the stage */
		uint32_t more[KX_STATUS_STAGES - KX_STATUS_EDGE_COUNT]; /* without one: edges of the others */
	};
	uint64_t at;    /* the address, or the word of the list */
	uint32_t rate;  /* of the CPU's counter, in kHz, 0 where unknown; and in the highest byte, see */
	uint32_t edge[KX_STATUS_EDGE_COUNT]; /* the counter at the start of each stage, shifted right by that */
	uint32_t sum;
};

/**
 * struct kx_handoff - what the trampoline needs, at the start of the control page
 *
 * Written by kx_control_seal(), by kx_dry_run() for as long as that takes, and on riscv64 args[0] by
 * kx_crash_enter(); the page itself only reads it. All addresses are physical.
 */
struct kx_handoff {
	uint32_t magic;      /* KX_HANDOFF_MAGIC */
	uint32_t version;    /* KX_HANDOFF_VERSION */
	uint64_t control_pa; /* of this very page */
	uint64_t head;       /* first word of the page list */
	uint64_t entry_pa;   /* first instruction of the new image */
	uint64_t args[KX_HANDOFF_ARGS_COUNT]; /* for its first argument registers */
	uint64_t tables;     /* satp, TTBR0 or CR3 value of the identity map; 0: none needed */
	uint64_t flags;      /* KX_ENTER_*; with KX_ENTER_RETURN copying is swapping */
	struct kx_device console; /* where a fault is reported; KX_DEVICE_NONE: nowhere */
	uint64_t cpu[KX_HANDOFF_CPU_COUNT]; /* the architecture's own; see its cpu.h */
	uint64_t status_pa;   /* of struct kx_status; 0: nowhere */
	uint64_t own_pa;      /* libkx's own page: what the code here has to write */
	struct kx_kick kick;  /* done before each word of the list */
	uint32_t policy;      /* KX_POLICY_HALT or KX_POLICY_RESET, after a fault has been told */
	uint32_t reset;       /* aarch64: KX_PSCI_* */
	uint64_t reserved[(KX_HANDOFF_SIZE - KX_HANDOFF_RESERVED) / 8]; /* zero */
};

/** struct kx_park_slot - one CPU of a parking place */
struct kx_park_slot {
	uint64_t id;         /* as firmware has it: MPIDR affinities, or hart id */
	uint64_t release_pa; /* 0; then where the new kernel wants it. What cpu-release-addr points to */
	uint64_t state;      /* 0; KX_PARK_WAITS once it is there */
	uint64_t reserved[5];
};

/** struct kx_region - bytes of physical memory that are verified */
struct kx_region {
	uint64_t pa;
	uint64_t size;
};

/**
 * struct kx_purgatory_info - what purgatory needs, at KX_PURGATORY_INFO_OFFSET of its blob
 *
 * The build has set magic, version, memsz, filesz and machine; the host fills in the rest, best by
 * kx_purgatory_seal(). What it does not use stays zero.
 */
struct kx_purgatory_info {
	uint32_t magic;   /* KX_PURGATORY_MAGIC */
	uint32_t version; /* KX_PURGATORY_VERSION */
	uint32_t memsz;   /* memory that the blob occupies from its first byte on */
	uint32_t filesz;  /* bytes of the blob; memory beyond them may hold anything */
	uint32_t flags;   /* KX_PURGATORY_* */
	uint32_t policy;  /* KX_POLICY_* */
	uint32_t region_count; /* 1..KX_PURGATORY_REGIONS_MAX; 0 only where checks are skipped */
	uint32_t machine;      /* what CPU its code is for: e_machine of an ELF file for the same */
	uint64_t timer_hz;        /* of the CPU's counter; 0: as the CPU says, else times are in ticks */
	struct kx_device console; /* KX_DEVICE_NONE: purgatory is mute */
	uint64_t entry_pa;        /* first instruction of the new image */
	uint64_t args[KX_HANDOFF_ARGS_COUNT];
	uint64_t fallback_pa; /* the same for KX_POLICY_FALLBACK */
	uint64_t fallback_args[KX_HANDOFF_ARGS_COUNT];
	uint64_t arch[KX_PURGATORY_ARCH_COUNT]; /* the architecture's own; see its define above */
	struct kx_kick kick;                    /* done before each MiB that is hashed */
	uint8_t digest[KX_DIGEST_SIZE];         /* SHA-256 over all regions, one after the other */
	uint64_t entry_flags;    /* how the new image is entered: 0, KX_ENTER_32 or KX_ENTER_RETURN */
	uint64_t fallback_flags; /* the same of fallback_pa */
	uint64_t status_pa;      /* of struct kx_status; 0: nowhere */
	uint64_t reserved[1];
	struct kx_region regions[KX_PURGATORY_REGIONS_MAX];
	uint8_t digests[KX_PURGATORY_REGIONS_MAX][KX_DIGEST_SIZE]; /* KX_PURGATORY_EACH_REGION */
};

#ifdef __cplusplus
#define KX_STATIC_ASSERT static_assert
#else
#define KX_STATIC_ASSERT _Static_assert
#endif
#define KX_ASSERT_AT(type, member, offset)                                                         \
	KX_STATIC_ASSERT(offsetof(struct type, member) == (offset), #type "." #member " has moved")

KX_ASSERT_AT(kx_device, kind, KX_DEVICE_KIND);
KX_ASSERT_AT(kx_device, stride, KX_DEVICE_STRIDE);
KX_ASSERT_AT(kx_device, base, KX_DEVICE_BASE);
KX_ASSERT_AT(kx_device, length, KX_DEVICE_LENGTH);
KX_STATIC_ASSERT(sizeof(struct kx_device) == KX_DEVICE_SIZEOF, "kx_device has changed its size");

KX_ASSERT_AT(kx_kick, pa, KX_KICK_PA);
KX_ASSERT_AT(kx_kick, value, KX_KICK_VALUE);
KX_ASSERT_AT(kx_kick, width, KX_KICK_WIDTH);
KX_STATIC_ASSERT(sizeof(struct kx_kick) == KX_KICK_SIZEOF, "kx_kick has changed its size");

KX_ASSERT_AT(kx_status, magic, KX_STATUS_MAGIC_OFFSET);
KX_ASSERT_AT(kx_status, version, KX_STATUS_VERSION_OFFSET);
KX_ASSERT_AT(kx_status, stage, KX_STATUS_STAGE);
KX_ASSERT_AT(kx_status, fault, KX_STATUS_FAULT);
KX_ASSERT_AT(kx_status, arch, KX_STATUS_ARCH);
KX_ASSERT_AT(kx_status, cause, KX_STATUS_CAUSE);
KX_ASSERT_AT(kx_status, index, KX_STATUS_INDEX);
KX_ASSERT_AT(kx_status, pc, KX_STATUS_PC);
KX_ASSERT_AT(kx_status, more, KX_STATUS_PC);
KX_ASSERT_AT(kx_status, at, KX_STATUS_AT);
KX_ASSERT_AT(kx_status, rate, KX_STATUS_RATE);
KX_ASSERT_AT(kx_status, edge, KX_STATUS_EDGES);
KX_ASSERT_AT(kx_status, sum, KX_STATUS_SUM);
KX_STATIC_ASSERT(sizeof(struct kx_status) == KX_STATUS_SIZE, "kx_status has changed its size");

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
KX_ASSERT_AT(kx_handoff, status_pa, KX_HANDOFF_STATUS_PA);
KX_ASSERT_AT(kx_handoff, own_pa, KX_HANDOFF_OWN_PA);
KX_ASSERT_AT(kx_handoff, kick, KX_HANDOFF_KICK);
KX_ASSERT_AT(kx_handoff, policy, KX_HANDOFF_POLICY);
KX_ASSERT_AT(kx_handoff, reset, KX_HANDOFF_RESET);
KX_ASSERT_AT(kx_handoff, reserved, KX_HANDOFF_RESERVED);
KX_STATIC_ASSERT(sizeof(struct kx_handoff) == KX_HANDOFF_SIZE, "kx_handoff has changed its size");

KX_ASSERT_AT(kx_park_slot, id, KX_PARK_ID);
KX_ASSERT_AT(kx_park_slot, release_pa, KX_PARK_RELEASE_PA);
KX_ASSERT_AT(kx_park_slot, state, KX_PARK_STATE);
KX_ASSERT_AT(kx_park_slot, reserved, KX_PARK_RESERVED);
KX_STATIC_ASSERT(sizeof(struct kx_park_slot) == KX_PARK_SLOT_SIZE, "kx_park_slot has changed its size");

KX_ASSERT_AT(kx_purgatory_info, magic, KX_PURGATORY_MAGIC_OFFSET);
KX_ASSERT_AT(kx_purgatory_info, version, KX_PURGATORY_VERSION_OFFSET);
KX_ASSERT_AT(kx_purgatory_info, memsz, KX_PURGATORY_MEMSZ);
KX_ASSERT_AT(kx_purgatory_info, filesz, KX_PURGATORY_FILESZ);
KX_ASSERT_AT(kx_purgatory_info, flags, KX_PURGATORY_FLAGS);
KX_ASSERT_AT(kx_purgatory_info, policy, KX_PURGATORY_POLICY);
KX_ASSERT_AT(kx_purgatory_info, region_count, KX_PURGATORY_REGION_COUNT);
KX_ASSERT_AT(kx_purgatory_info, machine, KX_PURGATORY_MACHINE);
KX_ASSERT_AT(kx_purgatory_info, timer_hz, KX_PURGATORY_TIMER_HZ);
KX_ASSERT_AT(kx_purgatory_info, console, KX_PURGATORY_CONSOLE);
KX_ASSERT_AT(kx_purgatory_info, entry_pa, KX_PURGATORY_ENTRY_PA);
KX_ASSERT_AT(kx_purgatory_info, args, KX_PURGATORY_ARGS);
KX_ASSERT_AT(kx_purgatory_info, fallback_pa, KX_PURGATORY_FALLBACK_PA);
KX_ASSERT_AT(kx_purgatory_info, fallback_args, KX_PURGATORY_FALLBACK_ARGS);
KX_ASSERT_AT(kx_purgatory_info, arch, KX_PURGATORY_ARCH);
KX_ASSERT_AT(kx_purgatory_info, digest, KX_PURGATORY_DIGEST);
KX_ASSERT_AT(kx_purgatory_info, kick, KX_PURGATORY_KICK);
KX_ASSERT_AT(kx_purgatory_info, entry_flags, KX_PURGATORY_ENTRY_FLAGS);
KX_ASSERT_AT(kx_purgatory_info, fallback_flags, KX_PURGATORY_FALLBACK_FLAGS);
KX_ASSERT_AT(kx_purgatory_info, status_pa, KX_PURGATORY_STATUS_PA);
KX_ASSERT_AT(kx_purgatory_info, reserved, KX_PURGATORY_RESERVED);
KX_ASSERT_AT(kx_purgatory_info, regions, KX_PURGATORY_REGIONS);
KX_ASSERT_AT(kx_purgatory_info, digests, KX_PURGATORY_DIGESTS);
KX_STATIC_ASSERT(sizeof(struct kx_purgatory_info) == KX_PURGATORY_INFO_SIZE,
		 "kx_purgatory_info has changed its size");

#endif /* __ASSEMBLER__ */
#endif /* KX_ABI_H */
