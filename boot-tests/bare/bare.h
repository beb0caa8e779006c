/* SPDX-License-Identifier: BSD-2-Clause */
/* What the bare-metal programs of the tests share: a console, printing, the few strings of C. */
#ifndef BARE_H
#define BARE_H

#include <stddef.h>
#include <stdint.h>

/* All is linked into one image: nothing goes through a table of addresses, which would hold those of
 * the link, not those of the load. Left on for whatever is declared after this header. */
#pragma GCC visibility push(hidden)

/* print.c: %s %c %u %lu %zu %x %lx with a width and leading zeros; a newline ends with CR LF */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* string.c: what libfdt asks for, and compilers */
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *in, int byte, size_t size);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t most);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t most);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

/* <arch>/machine.c */
void machine_put(char c);
_Noreturn void machine_off(int failed);
void machine_pads(int on); /* riscv64 under the monitor: jumps through registers have to lead to landing pads */

/* What the payload comes back with, if it does */
#define PAYLOAD_VALUE  0x123456789abcdef0
#define PAYLOAD_DETAIL 0xfedcba9876543210

#endif /* BARE_H */
