/* SPDX-License-Identifier: BSD-2-Clause */
/* For libfdt, which includes it; a cross compiler's own leads into a libc that is not there. */
#define INT_MAX  __INT_MAX__
#define UINT_MAX (2u * __INT_MAX__ + 1)
