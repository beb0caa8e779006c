/* SPDX-License-Identifier: BSD-2-Clause */
/* For libfdt, which includes it. */
#include "bare.h"
