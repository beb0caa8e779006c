/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ELF64 executables: what lies in PT_LOAD goes to its physical address. A PVH note, of Xen's, gives
 * an entry in 32-bit mode. Spec: ELF-64 Object File Format 1.5; Xen "x86/HVM direct boot ABI".
 */
#include "image.h"

#include "range.h"

/* ELF-64 "ELF Header" */
#define EI_CLASS     4
#define EI_DATA      5
#define E_TYPE       16
#define E_MACHINE    18
#define E_ENTRY      24
#define E_PHOFF      32
#define E_PHENTSIZE  54
#define E_PHNUM      56

#define ELF_MAGIC    0x464c457f /* "\177ELF" */
#define ELFCLASS64   2
#define ELFDATA2LSB  1
#define ET_EXEC      2
#define EM_X86_64    62
#define EM_AARCH64   183
#define EM_RISCV     243

/* ELF-64 "Program Headers" */
#define P_TYPE       0
#define P_OFFSET     8
#define P_VADDR      16
#define P_PADDR      24
#define P_FILESZ     32
#define P_MEMSZ      40
#define P_SIZE       56

#define PT_LOAD      1
#define PT_NOTE      4

/* ELF-64 "Note Section"; both sizes are rounded up to words in the file */
#define N_NAMESZ     0
#define N_DESCSZ     4
#define N_TYPE       8
#define N_SIZE       12

#define XEN_NAME                 0x6e6558 /* "Xen" */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define NO_ENTRY UINT64_MAX

/** struct elf - the file, and what has been found in it */
struct elf {
	const uint8_t *data;
	uint64_t size;
	uint64_t low_pa;   /* of all loads, a whole page */
	uint64_t entry_pa; /* NO_ENTRY: no load holds e_entry */
	uint64_t pvh_pa;   /* NO_ENTRY: no PVH note */
};

static uint64_t field(const uint8_t *header, unsigned int offset, unsigned int bytes)
{
	return kx_le_(header + offset, bytes);
}

static int kind_of(uint64_t machine, uint32_t *kind)
{
	switch (machine) {
	case EM_X86_64: *kind = KX_IMAGE_ELF_X86_64; return 0;
	case EM_AARCH64: *kind = KX_IMAGE_ELF_AARCH64; return 0;
	case EM_RISCV: *kind = KX_IMAGE_ELF_RISCV64; return 0;
	}
	return -KX_ERR_IMAGE_UNKNOWN;
}

/* e_entry is virtual; where no segment is mapped there it is physical, as in Linux's vmlinux. */
static void find_entry(struct elf *elf, const uint8_t *header)
{
	uint64_t entry = field(elf->data, E_ENTRY, 8), memsz = field(header, P_MEMSZ, 8);
	struct kx_range va = { field(header, P_VADDR, 8), memsz };
	struct kx_range pa = { field(header, P_PADDR, 8), memsz };

	if (kx_contains_(va, entry, 1))
		elf->entry_pa = entry - va.pa + pa.pa;
	else if (elf->entry_pa == NO_ENTRY && kx_contains_(pa, entry, 1))
		elf->entry_pa = entry;
}

/* A load starts at a page; what lies before its first byte there comes from the file too. */
static int add_load(struct elf *elf, const uint8_t *header, struct kx_image *image)
{
	struct kx_image_load *load;
	uint64_t pa = field(header, P_PADDR, 8), before = pa & KX_PAGE_MASK;
	uint64_t offset = field(header, P_OFFSET, 8), filesz = field(header, P_FILESZ, 8);
	uint64_t memsz = field(header, P_MEMSZ, 8);

	if (!memsz)
		return 0;
	if (!kx_in_file_(offset, filesz, elf->size))
		return -KX_ERR_IMAGE_TRUNCATED;
	if (filesz > memsz || before > offset || memsz > (uint64_t)1 << 52 || kx_wraps_(pa, memsz))
		return -KX_ERR_IMAGE_HEADER;
	if (image->load_count == KX_IMAGE_LOADS_MAX)
		return -KX_ERR_IMAGE_HEADER;
	load = &image->loads[image->load_count++];
	load->offset = pa - before; /* from zero, until the base is known */
	load->file_offset = offset - before;
	load->filesz = filesz ? filesz + before : 0;
	load->memsz = memsz + before;
	if (load->offset < elf->low_pa)
		elf->low_pa = load->offset;
	find_entry(elf, header);
	return 0;
}

static int read_notes(struct elf *elf, const uint8_t *header)
{
	uint64_t at = field(header, P_OFFSET, 8), left = field(header, P_FILESZ, 8);

	if (!kx_in_file_(at, left, elf->size))
		return -KX_ERR_IMAGE_TRUNCATED;
	while (left >= N_SIZE) {
		const uint8_t *note = elf->data + at;
		uint64_t name = kx_align_up_(field(note, N_NAMESZ, 4), 4);
		uint64_t size = N_SIZE + name + kx_align_up_(field(note, N_DESCSZ, 4), 4);

		if (size > left)
			return -KX_ERR_IMAGE_TRUNCATED;
		if (field(note, N_TYPE, 4) == XEN_ELFNOTE_PHYS32_ENTRY && name == 4 &&
		    field(note, N_SIZE, 4) == XEN_NAME && field(note, N_DESCSZ, 4) >= 4)
			elf->pvh_pa = field(note, N_SIZE + 4, 4);
		at += size;
		left -= size;
	}
	return 0;
}

static int read_headers(struct elf *elf, struct kx_image *image)
{
	uint64_t at = field(elf->data, E_PHOFF, 8), count = field(elf->data, E_PHNUM, 2);

	if (field(elf->data, E_PHENTSIZE, 2) != P_SIZE)
		return -KX_ERR_IMAGE_HEADER;
	if (!kx_in_file_(at, count * P_SIZE, elf->size))
		return -KX_ERR_IMAGE_TRUNCATED;
	for (; count--; at += P_SIZE) {
		const uint8_t *header = elf->data + at;
		uint64_t type = field(header, P_TYPE, 4);
		int error = 0;

		if (type == PT_LOAD)
			error = add_load(elf, header, image);
		else if (type == PT_NOTE)
			error = read_notes(elf, header);
		if (error)
			return error;
	}
	return 0;
}

/* None does where there are no loads. */
static int holds(const struct kx_image *image, uint64_t entry)
{
	for (size_t i = 0; i < image->load_count; i++)
		if (entry - image->loads[i].offset < image->loads[i].memsz)
			return 1;
	return 0;
}

int kx_image_elf64_(const uint8_t *data, uint64_t size, struct kx_image *image)
{
	struct elf elf = { data, size, UINT64_MAX, NO_ENTRY, NO_ENTRY };
	int error;

	if (kx_le_(data, 4) != ELF_MAGIC || data[EI_CLASS] != ELFCLASS64)
		return -KX_ERR_IMAGE_UNKNOWN;
	if (data[EI_DATA] != ELFDATA2LSB)
		return -KX_ERR_IMAGE_ENDIAN;
	if (field(data, E_TYPE, 2) != ET_EXEC) /* what can move would have to be relocated */
		return -KX_ERR_IMAGE_HEADER;
	error = kind_of(field(data, E_MACHINE, 2), &image->kind);
	if (!error)
		error = read_headers(&elf, image);
	if (error)
		return error;

	image->align = KX_PAGE_SIZE;
	image->base_pa = elf.low_pa;
	for (size_t i = 0; i < image->load_count; i++)
		image->loads[i].offset -= elf.low_pa;
	if (image->kind == KX_IMAGE_ELF_X86_64 && elf.pvh_pa != NO_ENTRY) {
		image->flags |= KX_IMAGE_PVH | KX_IMAGE_ENTER_32;
		elf.entry_pa = elf.pvh_pa;
	}
	image->entry = elf.entry_pa - elf.low_pa;
	return holds(image, image->entry) ? 0 : -KX_ERR_IMAGE_HEADER;
}
