/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: what those options of the host may be that depend on the architecture; read by options.c. */
#ifndef HOST_WORDS_H
#define HOST_WORDS_H

#define WORDS_PAGING "4k 16k 64k 52 lower identity off"
#define WORDS_E2H    "0 1"
#define WORDS_APIC   ""
#define WORDS_CPUS   "stop park spin-table spin-table-unsaid pen pen-forced pen-stop"
#define WORDS_CRASH  "trap jump fault other other-unsaid twice race enter write outside"

#endif /* HOST_WORDS_H */
