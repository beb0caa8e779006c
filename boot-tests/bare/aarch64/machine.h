/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: where QEMU's virt machine has its console. */
#ifndef BARE_MACHINE_H
#define BARE_MACHINE_H

#include <stdint.h>

#define MACHINE_UART_PA 0x09000000

/* Where it can be reached: its physical address, until mmu.c says otherwise. */
extern uint64_t machine_uart;

#endif /* BARE_MACHINE_H */
