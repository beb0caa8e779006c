/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a 16550, by number. Spec: TI PC16550D, "Summary of Registers". */
#ifndef KX_CONSOLE_UART8250_H
#define KX_CONSOLE_UART8250_H

#define UART8250_THR 0 /* transmitter holding register */
#define UART8250_LSR 5
#define UART8250_LSR_THRE 0x20 /* it is empty */

#endif /* KX_CONSOLE_UART8250_H */
