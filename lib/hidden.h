/* SPDX-License-Identifier: BSD-2-Clause */
/* KX_HIDDEN: shared between files of the library, not part of its interface. */
#ifndef KX_HIDDEN_H
#define KX_HIDDEN_H

#define KX_HIDDEN __attribute__((visibility("hidden")))

#endif /* KX_HIDDEN_H */
