/* SPDX-License-Identifier: BSD-2-Clause */
/* A sealed control page: entered by kx_enter(), and by kx_dry_run(). */
#ifndef KX_CONTROL_H
#define KX_CONTROL_H

#include <kx/kx.h>

#include "hidden.h"

/**
 * kx_control_call_() - through the control page, and back: every register as before
 * @control: entered with KX_ENTER_RETURN; `host` is written
 *
 * Returns: the lower half of what came back, which is in control->returned too, where that is not NULL.
 */
KX_HIDDEN int kx_control_call_(const struct kx_control *control);

#endif /* KX_CONTROL_H */
