/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: putting the devices of the IBM PC back to what its BIOS leaves.
 * Spec: FreeVGA "VGA I/O Port Index", mode 3; Intel 8259A "Initialization Command Words".
 */
#include "legacy.h"

#include "ports.h"

#define MISC 0x67 /* colour, 28 MHz, 400 lines */

static const uint8_t sequencer[] = { 0x03, 0x00, 0x03, 0x00, 0x02 };
static const uint8_t crtc[] = {
	0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0x00,
	0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff,
};
static const uint8_t graphics[] = { 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x00, 0xff };
static const uint8_t attributes[] = {
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a,
	0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0x00, 0x0f, 0x08, 0x00,
};

static void write_indexed(uint16_t port, const uint8_t *values, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		port_write(port, (uint8_t)i);
		port_write(port + 1, values[i]);
	}
}

void kx_vga_reset_(void)
{
	port_write(0x3c2, MISC);
	write_indexed(0x3c4, sequencer, sizeof(sequencer));
	port_write(0x3d4, 0x11); /* unlock the first eight */
	port_write(0x3d5, 0x0e);
	write_indexed(0x3d4, crtc, sizeof(crtc));
	write_indexed(0x3ce, graphics, sizeof(graphics));
	for (uint32_t i = 0; i < sizeof(attributes); i++) {
		port_read(0x3da); /* what is written next is an index */
		port_write(0x3c0, (uint8_t)i);
		port_write(0x3c0, attributes[i]);
	}
	port_read(0x3da);
	port_write(0x3c0, 0x20); /* the screen on */
}

void kx_pic_reset_(void)
{
	port_write(0x20, 0x11); /* cascade, edges, four words */
	port_write(0x21, 0x08);
	port_write(0x21, 0x04);
	port_write(0x21, 0x01);
	port_write(0xa0, 0x11);
	port_write(0xa1, 0x70);
	port_write(0xa1, 0x02);
	port_write(0xa1, 0x01);
	port_write(0x21, 0xb8); /* open: timer, keyboard, cascade, floppy */
	port_write(0xa1, 0x8f); /* mouse, coprocessor, disk */
}
