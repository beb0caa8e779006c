/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: names that assembly and C share.
 * SDM: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3.
 */
#ifndef KX_X86_64_CPU_H
#define KX_X86_64_CPU_H

/* SDM "Control Registers" */
#define CR0_PE   0x00000001
#define CR0_ET   0x00000010
#define CR0_NE   0x00000020
#define CR0_WP   0x00010000
#define CR0_PG   0x80000000
#define CR4_PAE  0x00000020
#define CR4_MCE  0x00000040
#define CR4_LA57 0x00001000
#define CR4_CET_BIT 23 /* control-flow enforcement: landing pads and shadow stacks, by IA32_S_CET */
#define CR4_VMXE 0x00002000

/* SDM "Extended Feature Enable Register" */
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define EFER_LMA 0x400

#define MSR_S_CET 0x6a2 /* SDM "IA32_U_CET, IA32_S_CET" */

#define MSR_PAT      0x277 /* SDM "Page Attribute Table (PAT)" */
#define PAT_AT_RESET 0x0007040600070406 /* SDM "Programming the PAT" */

#define KX_LEVEL_ENCRYPTED 0x1 /* kx_paging.level: memory is, by AMD's SME or SEV */

#define DR7_OFF 0x400 /* SDM "Debug Control Register (DR7)": no breakpoint; bit 10 is always set */

/* SDM "Advanced Programmable Interrupt Controller (APIC)" */
#define MSR_APIC_BASE    0x1b
#define APIC_BASE_BSP    0x100
#define APIC_BASE_EXTD   0x400
#define APIC_BASE_EN     0x800
#define MSR_X2APIC_ID    0x802
#define MSR_X2APIC_ICR   0x830
#define APIC_ID          0x020
#define APIC_ICR_LOW     0x300
#define APIC_ICR_HIGH    0x310
#define ICR_INIT         0x4500 /* delivery mode INIT, level asserted, physical destination */
#define ICR_PENDING      0x1000
#define ICR_DEST_SHIFT   24 /* of ids in registers that are mapped */

/* SDM "Exceptions and Interrupts": the vectors that push an error code, a bit each */
#define ERROR_CODES    0x60227d00
#define NMI            2
#define INVALID_OPCODE 6
#define DOUBLE_FAULT   8
#define PAGE_FAULT     14
#define MACHINE_CHECK  18

/* TL16C550 "Line Status Register": room for a character. A read of a port takes about 1 us. */
#define UART_LSR      5
#define UART_LSR_THRE 0x20
#define UART_TRIES    100000

/* Intel ICH9 "Reset Control"; IBM PC AT: the keyboard controller's pulse of the reset line. All of these are
 * warm: memory keeps its power, as bit 3, which would take it away for a while, is clear. What the firmware
 * does to memory then is its own: a BIOS asks the word at 0x472 whether to test it, which is the host's to
 * set, as libkx does not write there. */
#define RESET_CONTROL      0xcf9
#define RESET_CONTROL_HARD 0x02 /* devices too, not only the CPU */
#define RESET_CONTROL_NOW  0x04
#define KEYBOARD_COMMAND   0x64
#define KEYBOARD_RESET     0xfe
#define RESET_TRIES        0x10000

#define KX_ENTRY_ALIGN 1 /* instructions are bytes */
#define KX_ROTATED     uint32_t /* a word is rotated by an instruction; see lib/sha256_round.h */
#define KX_ENTER_KNOWN \
	(KX_ENTER_32 | KX_ENTER_4LEVEL | KX_ENTER_GUARDED | KX_ENTER_RETURN | KX_ENTER_CRASH)
#define KX_PURGATORY_KNOWN (KX_PURGATORY_SKIP_CHECKS | KX_PURGATORY_EACH_REGION | KX_PURGATORY_HALVES)
#define KX_PURGATORY_BEYOND 0 /* it has the tables of who put it there */
#define KX_MACHINE     62 /* EM_X86_64: ELF "e_machine" */

/* Selectors of the trampoline's descriptor table, and so the new kernel's. Linux
 * Documentation/arch/x86/boot.rst "64-bit Boot Protocol": __BOOT_CS and __BOOT_DS. */
#define KX_SELECTOR_DOWN 0x08 /* 32-bit code, on the way out of long mode */
#define KX_SELECTOR_CODE 0x10
#define KX_SELECTOR_DATA 0x18
#define KX_SELECTOR_TSS  0x20 /* not in the new kernel's */
#define KX_GDT_SIZE      0x20

/* SDM "Segment Descriptors": base 0, limit 4 GiB; marked as accessed, so that nothing is written */
#define KX_DESCRIPTOR_CODE32 0x00cf9b000000ffff
#define KX_DESCRIPTOR_CODE64 0x00af9b000000ffff
#define KX_DESCRIPTOR_DATA   0x00cf93000000ffff
#define TSS_AVAILABLE        0x89 /* SDM "TSS Descriptor in 64-bit mode" */
#define TSS_BUSY             0x02 /* of the type */
#define TSS_BITS             0x9d /* what else tells it from other descriptors */

/* Where enter.S has put its tables in the control page, for idmap.c */
#define KX_CONTROL_GDT    0x180 /* for a new image in long mode; another for 32-bit mode behind it */
#define KX_CONTROL_VECTOR 0x1c0 /* entry points for KX_VECTORS exceptions */
#define KX_VECTOR_SIZE    12
#define KX_VECTORS        32
#define KX_CONTROL_NMI    (KX_CONTROL_VECTOR + KX_VECTORS * KX_VECTOR_SIZE) /* with KX_ENTER_CRASH */

/* The handoff's cpu[]: two tables, and operands of LGDT: each a limit in the two last bytes of a word,
 * and a base */
#define KX_CPU_IDENTITY 0 /* CR3 value of the tables that map RAM */
#define KX_CPU_4LEVEL   1 /* the same for 4-level paging, below 4 GiB; 0: they are */
#define KX_CPU_GDT      2
#define KX_CPU_GDT32    4
#define KX_CPU_PAT      7 /* memory types for the new image; its tables use the first alone */

/* In libkx's own page: what of the host kx_return_ and kx_call_ share, and what the new image has come
 * back with; see own.h */
#define KX_HOST_VALUE  (KX_HOST_ARCH + 0x00)
#define KX_HOST_DETAIL (KX_HOST_ARCH + 0x08)
#define KX_HOST_CR0    (KX_HOST_ARCH + 0x10)
#define KX_HOST_CR3    (KX_HOST_ARCH + 0x18)
#define KX_HOST_CR4    (KX_HOST_ARCH + 0x20)
#define KX_HOST_EFER   (KX_HOST_ARCH + 0x28)
#define KX_HOST_PAT    (KX_HOST_ARCH + 0x30)

#define KX_LIMIT_SHIFT 48

/* libkx's own page: gates and operands by the host's addresses, for enter.S, and by physical ones */
#define KX_OWN_GATES_VA 0x000
#define KX_OWN_GATES    0x200
#define KX_OWN_TSS      0x400
#define KX_OWN_GDT      0x480
#define KX_OWN_IDTR_VA  0x4c0
#define KX_OWN_IDTR     0x4d0
#define KX_OWN_GDTR_VA  0x4e0
#define KX_OWN_GDTR     0x4f0
#define KX_OWN_FAULTED  0x500 /* faults so far; see kx_fault_ */
#define KX_OWN_GDT_SIZE 0x30
#define KX_TSS_SIZE     0x68

/* Stacks of double faults, NMIs and machine checks, from KX_OWN_STACKS up, and of all else, from the
 * page's end down; the word there is zero, and a new image may use it before its own */
#define KX_IST_DOUBLE_FAULT  1
#define KX_IST_NMI           2
#define KX_IST_MACHINE_CHECK 3
#define KX_STACK_SIZE        0x200
#define KX_OWN_STACK         (0x1000 - 16)

#define KX_STATUS_HERE KX_STATUS_X86_64

/* The general registers */
#define KX_REGISTER_FIRST 0
#define KX_REGISTER_COUNT 16

#endif /* KX_X86_64_CPU_H */
