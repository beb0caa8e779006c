/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offsets in a bzImage's setup header, and with it in struct boot_params, where the header keeps its
 * place. Spec: Linux Documentation/arch/x86/boot.rst "The Real-Mode Kernel Header".
 */
#ifndef KX_BZIMAGE_H
#define KX_BZIMAGE_H

#define BZ_SETUP_SECTS        0x1f1
#define BZ_SYSSIZE            0x1f4 /* of the protected-mode part, in 16-byte paragraphs */
#define BZ_BOOT_FLAG          0x1fe
#define BZ_JUMP_LENGTH        0x201 /* the header ends this far behind BZ_MAGIC */
#define BZ_MAGIC              0x202
#define BZ_VERSION            0x206
#define BZ_LOADFLAGS          0x211
#define BZ_KERNEL_ALIGNMENT   0x230
#define BZ_RELOCATABLE_KERNEL 0x234
#define BZ_XLOADFLAGS         0x236
#define BZ_PREF_ADDRESS       0x258
#define BZ_INIT_SIZE          0x260
#define BZ_HEADER_LEAST       0x264 /* the shortest header that has all of them */

#define BZ_BOOT_FLAG_IS   0xaa55
#define BZ_MAGIC_IS       0x53726448 /* "HdrS" */
#define BZ_LOADED_HIGH    0x01
#define BZ_XLF_KERNEL_64  0x01
#define BZ_XLF_5LEVEL     0x20
#define BZ_LOADER_UNKNOWN 0xff /* boot loaders without a number of their own */

#endif /* KX_BZIMAGE_H */
