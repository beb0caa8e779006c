/* SPDX-License-Identifier: BSD-2-Clause */
/* The small "new kernel" of the tests: it reports what it finds and powers off. */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include "bare.h"

extern char image_start[], image_data[], image_file_end[], image_end[];

/* <arch>/registers.c: a `KEY=VALUE` line for each register saved by start.S, and each one that can
 * still be read */
void report_registers(void);

/* report.c */
void report_number(const char *key, uint64_t value);
void report_digest(const char *key, const void *data, uint64_t size);

/* What was handed over: fdt/handover.c, or pvh/handover.c. */
void report_handover(uint64_t info_pa);
const char *handover_line(uint64_t info_pa); /* the command line */

/* watch.c: `line` is the command line */
void watch(const char *line);

#endif /* PAYLOAD_H */
