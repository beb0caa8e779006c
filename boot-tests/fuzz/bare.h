/* SPDX-License-Identifier: BSD-2-Clause */
/* In the place of boot-tests/bare/bare.h, for the host's sources on a machine with a C library. */
#ifndef BARE_H
#define BARE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#endif /* BARE_H */
