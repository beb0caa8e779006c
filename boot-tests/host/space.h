/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's address space, in what is alike on every architecture; used by each one's mmu.c. */
#ifndef HOST_SPACE_H
#define HOST_SPACE_H

#include <stdint.h>

#define SPACE_HIDDEN __attribute__((visibility("hidden")))

/** struct space - all of an address space, or one half of it */
struct space {
	uint64_t root_pa;
	unsigned int bits;  /* of an address */
	unsigned int shift; /* of a page */
};

/* Where the image was loaded; where start.S takes it, or 0 where it stays; and where all memory is then. */
extern uint64_t mmu_image_pa SPACE_HIDDEN, mmu_image_va SPACE_HIDDEN, mmu_linear_va SPACE_HIDDEN;

/* The entry for va on a level, 0 for pages; called untranslated and translated alike. */
uint64_t *space_entry(const struct space *space, uint64_t va, unsigned int level);

/* Map this part of the image where it is to be, page by page. */
void space_map_image(const struct space *space, const char *from, const char *to, uint64_t bits);

/* ---- of mmu.c ---- */

/* Where image_start is now: at its load address until start.S has crossed over. By assembly, because to a
 * compiler the address of an object never changes. */
uint64_t mmu_image_at(void);

/* The physical address of an empty table. */
uint64_t mmu_new_table(void);

/* An entry that leads to a table, and that table; an entry for memory. */
uint64_t mmu_link(uint64_t table_pa);
uint64_t mmu_linked_pa(uint64_t entry);
uint64_t mmu_leaf(uint64_t pa, uint64_t bits);

#endif /* HOST_SPACE_H */
