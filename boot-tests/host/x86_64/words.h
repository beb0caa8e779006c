/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: what those options of the host may be that depend on the architecture; read by options.c. */
#ifndef HOST_WORDS_H
#define HOST_WORDS_H

#define WORDS_PAGING "4level la57 identity"
#define WORDS_E2H    ""
#define WORDS_APIC   "x2"
#define WORDS_CPUS   "stop park spin-table pen pen-forced pen-stop" /* libkx parks none here, and says so */
#define WORDS_CRASH  "trap jump nmi storm fault other other-unsaid twice enter storm-enter write outside"

#endif /* HOST_WORDS_H */
