/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors in words, for hosts that print them. */
#include <kx/kx.h>

#include "purgatory.h"

const char *kx_strerror(int error)
{
	switch (error > 0 ? -error : error) { /* INT_MIN has no positive */
	case 0: return "ok: no error";

	case -KX_ERR_ARGUMENT: return "argument: a pointer, count or option that cannot be served";
	case -KX_ERR_MISALIGNED: return "misaligned: an address or size is off its alignment";
	case -KX_ERR_WRAPS: return "wraps: an address plus its size goes past 2^64";
	case -KX_ERR_SEGMENT_SIZE:
		return "segment-size: empty, filesz beyond memsz, or pieces that do not add up";
	case -KX_ERR_SEGMENT_OVERLAP: return "segment-overlap: two segments share a destination";
	case -KX_ERR_OUTSIDE_RAM: return "outside-ram: a source, a destination or the arena is not in RAM";
	case -KX_ERR_RESERVED: return "reserved: a source, a destination or the arena is in reserved memory";
	case -KX_ERR_DEST_OVER_ARENA: return "dest-over-arena: a destination touches the arena";
	case -KX_ERR_DEST_OVER_LIST: return "dest-over-list: a destination touches the page list";
	case -KX_ERR_DEST_OVER_TABLES:
		return "dest-over-tables: a destination touches the translation tables";
	case -KX_ERR_DEST_OVER_CONTROL:
		return "dest-over-control: a destination touches the control page";
	case -KX_ERR_SOURCE_OVER_ARENA: return "source-over-arena: a source lies in the arena";
	case -KX_ERR_SOURCE_OVER_WRITER:
		return "source-over-writer: a source lies in memory that hardware keeps writing";
	case -KX_ERR_ARENA_SMALL: return "arena-small: the arena has too few bytes left";
	case -KX_ERR_STATUS_RANGE:
		return "status-range: the status record lies in what the hop reads or writes";
	case -KX_ERR_CALLBACK_CYCLE: return "callback-cycle: callbacks that wait for each other";
	case -KX_ERR_CALLBACK_LATE:
		return "callback-late: a registration or a second start after the first";
	case -KX_ERR_CALLBACK_GONE: return "callback-gone: a call to a device that is stopped";
	case -KX_ERR_DEST_OVER_CPU:
		return "dest-over-cpu: a destination or the arena touches what a stopped CPU depends on";
	case -KX_ERR_DEST_OVER_WRITER:
		return "dest-over-writer: a destination or the arena touches what hardware keeps writing";
	case -KX_ERR_RANGES_SMALL: return "ranges-small: the array of ranges is full";

	case -KX_ERR_LIST_FLAG: return "list-flag: a word with no flag, an unknown one or several";
	case -KX_ERR_LIST_ORDER: return "list-order: a source before any destination";
	case -KX_ERR_LIST_LOOP: return "list-loop: the list leads back into itself";
	case -KX_ERR_LIST_UNTERMINATED:
		return "list-unterminated: a list page ends without indirection or done";
	case -KX_ERR_LIST_DEST_TWICE: return "list-dest-twice: two words write one page";
	case -KX_ERR_LIST_SOURCE_LOST:
		return "list-source-lost: a page is read after it was overwritten";
	case -KX_ERR_LIST_PAIR: return "list-pair: pages change places in a way that cannot be undone";

	case -KX_ERR_IMAGE_UNKNOWN: return "image-unknown: not a format that libkx knows";
	case -KX_ERR_IMAGE_TRUNCATED: return "image-truncated: bytes that the header names are missing";
	case -KX_ERR_IMAGE_HEADER: return "image-header: a header field that cannot be right";
	case -KX_ERR_IMAGE_ENDIAN: return "image-endian: a big-endian image";
	case -KX_ERR_IMAGE_ARCH: return "image-arch: an image for another architecture";

	case -KX_ERR_CPU_RUNNING: return "cpu-running: another CPU did not stop in time";
	case -KX_ERR_CPU_FIRMWARE: return "cpu-firmware: firmware or APIC cannot deal with a CPU";
	case -KX_ERR_PAGING_MODE: return "paging-mode: a translation mode that libkx does not know";
	case -KX_ERR_IDMAP_RANGE:
		return "idmap-range: an address that the paging mode cannot map to itself";
	case -KX_ERR_ENTER_RANGE:
		return "enter-range: an address that the mode of entry cannot reach";
	case -KX_ERR_CPU_NOT_BOOT: return "cpu-not-boot: this is not the boot CPU";
	case -KX_ERR_MEMORY_TYPE: return "memory-type: the host's tables know no ordinary cached memory";
	case -KX_ERR_DRY_FAULT: return "dry-fault: a dry run took an exception on its way";
	case -KX_ERR_DRY_VECTORS: return "dry-vectors: fault vectors were not in force on the way";
	case -KX_ERR_DEVICE_KIND: return "device-kind: a kind that cannot be stopped here";
	case -KX_ERR_DEVICE_ABSENT: return "device-absent: registers read as all ones";
	case -KX_ERR_DEVICE_TIMEOUT: return "device-timeout: a device did not acknowledge in time";
	case -KX_ERR_DEVICE_LOCKED: return "device-locked: a register did not take what was written";
	case -KX_ERR_DEVICE_FAULT: return "device-fault: a device reports an error while it is stopped";
	case -KX_ERR_DEVICE_ACTIVE: return "device-active: a stopped device is found to run";
	case -KX_ERR_IOMMU_POLICY:
		return "iommu-policy: an IOMMU that cannot be left as the policy asks";
	case -KX_ERR_PCI_BUS_MASTER: return "pci-bus-master: bus mastering stays on";
	case -KX_ERR_PCI_PENDING: return "pci-pending: requests of a function do not come to an end";
	case -KX_ERR_CALLBACK_FAILED: return "callback-failed: a device callback failed";
	case -KX_ERR_CALLBACK_OVERRUN: return "callback-overrun: a device callback took too long";
	case -KX_ERR_CALLBACK_REFUSED:
		return "callback-refused: a member of a group refused, so none of it was stopped";

	case -KX_ERR_STATUS_NONE: return "status-none: no status record, or one of another version";
	case -KX_ERR_STATUS_DAMAGED: return "status-damaged: a status record whose sum does not hold";
	}
	return kx_purgatory_strerror_(error);
}
