/* SPDX-License-Identifier: BSD-2-Clause */
/* The small "new kernel" of the tests: it reports what it finds and powers off. */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include "bare.h"

extern char image_start[], image_data[], image_file_end[], image_end[];

/* <arch>/registers.c: a `KEY=VALUE` line for each register saved by start.S, and each one that can
 * still be read */
void report_registers(void);

/* Before kx_state_snapshot(): what it has to know. fdt/handover.c or x86_64/registers.c */
struct kx_state;
void prepare_state(struct kx_state *state, uint64_t info_pa);

/* report.c */
void report_number(const char *key, uint64_t value);
void report_digest(const char *key, const void *data, uint64_t size);

/* What was handed over: fdt/handover.c, or pc/handover.c. */
void report_handover(uint64_t info_pa);
const char *handover_line(uint64_t info_pa); /* the command line */

/* fdt/device.c, or pc/device.c: a register, and a PCI register by what the host calls its place */
uint32_t device_read(uint64_t pa);
void device_config_write(uint64_t place, uint16_t value);

/* x86_64/registers.c: map the lower 4 GiB, devices included, to themselves */
void map_all(void);

/* watch.c: `line` is the command line */
void watch(const char *line);

/* The number behind ` kx.<key>=0x`; 0: it is not there. */
uint64_t line_number(const char *line, const char *key);

/* <arch>/start.S: go back to who has entered us, every other register as no caller would find it */
_Noreturn void payload_return(uint64_t value, uint64_t detail);

/* cpus.c */
void report_cpus(uint64_t info_pa);

/* fdt/cpus.c, or pc/cpus.c: start the other CPUs. Returns how many came up, when all did or in time. */
uint64_t cpus_start(uint64_t info_pa, uint64_t expected);

#endif /* PAYLOAD_H */
