/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a hop ended, in words, for CPUs of every architecture. */
#ifndef KX_STATUS_CAUSES_H
#define KX_STATUS_CAUSES_H

#include <kx/abi.h>

#include "hidden.h"

/** kx_status_cause_() - "<name>: <what>"; NULL where there was no fault */
KX_HIDDEN const char *kx_status_cause_(const struct kx_status *status);

#endif /* KX_STATUS_CAUSES_H */
