/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: putting the devices of the IBM PC back to what its BIOS leaves; for kexec.c. */
#ifndef KX_X86_64_LEGACY_H
#define KX_X86_64_LEGACY_H

#include "hidden.h"

/** kx_vga_reset_() - the text screen of 80 by 25; fonts stay as they are */
KX_HIDDEN void kx_vga_reset_(void);

/** kx_pic_reset_() - interrupts at vectors 08h and 70h */
KX_HIDDEN void kx_pic_reset_(void);

#endif /* KX_X86_64_LEGACY_H */
