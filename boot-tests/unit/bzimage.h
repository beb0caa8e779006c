/* SPDX-License-Identifier: BSD-2-Clause */
/* A bzImage of the tests: where its setup header has what, and where what is loaded begins. */
#ifndef UNIT_BZIMAGE_H
#define UNIT_BZIMAGE_H

/* Offsets of Linux's boot.rst */
#define SETUP_SECTS   0x1f1
#define SYSSIZE       0x1f4
#define BOOT_FLAG     0x1fe
#define JUMP_LENGTH   0x201
#define MAGIC         0x202
#define VERSION       0x206
#define LOADFLAGS     0x211
#define ALIGNMENT     0x230
#define RELOCATABLE   0x234
#define XLOADFLAGS    0x236
#define PREF_ADDRESS  0x258
#define INIT_SIZE     0x260
#define HEADER_LEAST  0x264

#define LOAD_AT 0xa00 /* behind four sectors of setup and the boot sector */

#endif /* UNIT_BZIMAGE_H */
