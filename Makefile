# SPDX-License-Identifier: BSD-2-Clause
# libkx. `make help` lists the targets.

ARCH  ?= riscv64
ARCHES := $(patsubst arch/%/trampoline.S,%,$(wildcard arch/*/trampoline.S))
ifeq ($(filter $(ARCH),$(ARCHES)),)
$(error ARCH=$(ARCH) is none of: $(ARCHES))
endif

include toolchain.mk

VERSION := $(shell awk '/ KX_VERSION_MAJOR /{ a = $$3 } / KX_VERSION_MINOR /{ print a "." $$3 }' include/kx/kx.h)
PYTHON  := /usr/bin/python3
BUILD   := build/$(ARCH)$(if $(filter 1,$(LLVM)),-llvm)
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include

LIB       := $(BUILD)/libkx.a
PURGATORY := $(BUILD)/kx-purgatory-$(ARCH).bin
PURGATORY_RO := $(BUILD)/purgatory.ro
BLOBS     := $(BUILD)/kx-trampoline-$(ARCH).bin $(PURGATORY)
# What the machine is given: the flat file, but x86's is given an ELF file with a PVH note
HOST_x86_64 := $(BUILD)/kx-host.elf
HOST      := $(or $(HOST_$(ARCH)),$(BUILD)/kx-host.bin)
PAYLOAD   := $(BUILD)/kx-payload.bin
KX_STATUS := build/kx-status

.PHONY: all
all: $(LIB) $(BLOBS) $(PURGATORY_RO) $(HOST) $(BUILD)/kx-host.bin $(PAYLOAD) $(KX_STATUS) ## build library, blobs and test images for ARCH

INCLUDES := -Iinclude -Iarch -Iarch/$(ARCH) -Ilib -Ilib/console -Ilib/purgatory
# V=1 shows the commands
say = $(if $(V),,@printf '  %-8s%s\n' $(1) $@;)
COMPILE   = $(call say,CC)$(CC) $(KX_CFLAGS) $(CFLAGS) $(INCLUDES) -MMD -MP -c -o $@ $<
ASSEMBLE  = $(call say,AS)$(CC) $(KX_ASFLAGS) $(INCLUDES) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c toolchain.mk Makefile
	@mkdir -p $(@D)
	$(COMPILE)

$(BUILD)/%.o: %.S toolchain.mk Makefile
	@mkdir -p $(@D)
	$(ASSEMBLE)

# ---- the control page: enter.S, trampoline.S, return.S, walk.S and fault.S, linked alone; and, with
# probe.S in the place of walk.S, the page of a dry run ----

PAGE_OBJS       := $(addprefix $(BUILD)/arch/$(ARCH)/,enter.o trampoline.o return.o fault.o)
TRAMPOLINE_OBJS := $(PAGE_OBJS) $(BUILD)/arch/$(ARCH)/walk.o
PROBE_OBJS      := $(PAGE_OBJS) $(BUILD)/arch/$(ARCH)/probe.o

$(BUILD)/kx-trampoline.elf: $(TRAMPOLINE_OBJS)
$(BUILD)/kx-probe.elf: $(PROBE_OBJS)
$(BUILD)/kx-trampoline.elf $(BUILD)/kx-probe.elf: linker/trampoline.ld
	$(call say,LD)$(LD) $(KX_LDFLAGS) -T linker/trampoline.ld -e kx_enter_ -o $@ $(filter %.o,$^)

$(BUILD)/kx-trampoline-$(ARCH).bin $(BUILD)/kx-probe-$(ARCH).bin: $(BUILD)/kx-%-$(ARCH).bin: $(BUILD)/kx-%.elf
	$(call say,OBJCOPY)$(OBJCOPY) -O binary -j .page $< $@

# ---- the library ----

# The same hash in C twice: the library and purgatory.ro take the fast one, the flat purgatory the small one
SHA256_FAST  := lib/sha256_unrolled.c
SHA256_SMALL := lib/sha256_portable.c
PROGRAM_SRCS := $(filter-out %/check.c %/error.c %/seal.c %/digests.c,$(wildcard lib/purgatory/*.c)) \
	$(addprefix arch/$(ARCH)/,machine.c kexec.c legacy.c)
# Where an architecture may have its own
GENERIC  := lib/sha256_pair.c $(if $(wildcard arch/$(ARCH)/ports.h),lib/quiesce/no_ports.c)
LIB_SRCS := $(filter-out $(PROGRAM_SRCS) $(GENERIC) $(SHA256_SMALL) lib/tool/%, \
	$(wildcard lib/*.c lib/*/*.c arch/$(ARCH)/*.c))
SHA256_PAIR := $(firstword $(wildcard arch/$(ARCH)/sha256_pair.S) lib/sha256_pair.c)
SHA256_SRCS := $(filter-out %/sha256_pair.S,$(wildcard arch/$(ARCH)/sha256_*.S))
LIB_OBJS := $(patsubst %,$(BUILD)/%.o,$(sort $(basename $(LIB_SRCS) $(SHA256_SRCS) $(SHA256_PAIR) \
	$(addprefix arch/$(ARCH)/,park.S call.S crash.S)))) \
	$(BUILD)/lib/page.o $(BUILD)/lib/page_probe.o

# $(call page_flags,trampoline): of lib/page.S, for the page of that name
page_flags = -Wa,-I$(BUILD) -DKX_PAGE=kx_$(1)_page_ -DKX_PAGE_FILE='"kx-$(1)-$(ARCH).bin"'
$(BUILD)/lib/page.o: lib/page.S $(BUILD)/kx-trampoline-$(ARCH).bin
	$(ASSEMBLE) $(call page_flags,trampoline)

$(BUILD)/lib/page_probe.o: lib/page.S $(BUILD)/kx-probe-$(ARCH).bin
	$(ASSEMBLE) $(call page_flags,probe)

$(LIB_OBJS): CFLAGS += -fstack-usage # what include/kx/kx.h says of it is tested
$(LIB): $(LIB_OBJS)
	$(call say,AR)rm -f $@; $(AR) rcs $@ $^

# ---- kx-status: a program of the build machine; reads records of every architecture ----

$(KX_STATUS): lib/tool/kx-status.c $(addprefix lib/,status_read.c status_causes.c status_sum.c error.c mem.c \
		purgatory/error.c) $(wildcard include/kx/*.h lib/*.h lib/*/*.h)
	@mkdir -p $(@D)
	$(call say,HOSTCC)$(HOSTCC) -std=c11 -D_DEFAULT_SOURCE -O2 $(WARNINGS) $(INCLUDES) -o $@ $(filter %.c,$^)

.PHONY: kx-status
kx-status: $(KX_STATUS) ## build the tool that says in words what a status record holds

# ---- purgatory: a flat blob, and the same inside kexec-tools ----

PURGATORY_SRCS_aarch64 := lib/arena.c lib/table.c lib/memory.c arch/aarch64/idmap.c
PURGATORY_SRCS := $(wildcard lib/console/*.c) $(PURGATORY_SRCS_$(ARCH)) $(SHA256_SRCS) \
	$(addprefix lib/,mem.c clock.c sha256.c sha256_k.c) \
	$(addprefix lib/purgatory/,check.c error.c fault.c run.c stack.S) \
	$(addprefix arch/$(ARCH)/,purgatory.S machine.c cpu.c console.c sha256.c)
# Where two hashes at once are faster than one after the other
HALVES_x86_64 := lib/sha256_halves.c lib/purgatory/halves.c $(SHA256_PAIR)
FLAT_SRCS  := $(PURGATORY_SRCS) $(SHA256_SMALL) $(addprefix lib/,status.c status_sum.c) \
	$(addprefix lib/purgatory/,flat.c record.c policy.c enter.c info.S) \
	$(or $(HALVES_$(ARCH)),lib/purgatory/no_halves.c)
# -pie and -z text: whatever would have to be relocated shows up, and stops the link
PURGATORY_LDFLAGS := $(LDARCH_$(ARCH)) -nostdlib -pie --no-dynamic-linker -z text -z noexecstack \
	-z max-page-size=4096 --build-id=none --gc-sections -e kx_purgatory_start_ -L arch/$(ARCH)
# Small before fast, and compiled as a whole; but the hashes are the library's objects: what was measured
AS_MEASURED := lib/sha256.c lib/sha256_k.c $(SHA256_SMALL) $(SHA256_FAST)
objects = $(patsubst %,$(BUILD)/%.o,$(basename $(filter %.S $(AS_MEASURED),$(1)))) \
	$(patsubst %.c,$(BUILD)/small/%.o,$(filter %.c,$(filter-out $(AS_MEASURED),$(1))))
$(call objects,$(filter-out $(SHA256_FAST),$(AS_MEASURED))): CFLAGS += $(MEASUREDFLAGS) # fast, too
$(call objects,$(SHA256_FAST)): CFLAGS += $(FASTFLAGS)

$(BUILD)/small/%.o: %.c toolchain.mk Makefile
	@mkdir -p $(@D)
	$(COMPILE) $(SMALLFLAGS)

$(BUILD)/kx-purgatory.elf: $(call objects,$(FLAT_SRCS)) linker/purgatory.ld arch/$(ARCH)/early.ld
	$(call say,LD)$(call LINK_SMALL,$(PURGATORY_LDFLAGS) -T linker/purgatory.ld -Map=$(@:.elf=.map)) \
	  -o $@ $(filter %.o,$^)

$(BUILD)/kx-purgatory-$(ARCH).bin: $(BUILD)/kx-purgatory.elf
	$(call say,OBJCOPY)$(OBJCOPY) -O binary -j .purgatory.text $< $@

# The same, linked, with the symbols of kexec's loaders. They want a relocatable file: its sections are
# the linked bytes, its symbols what nm says of them, and it has nothing to relocate.
# One section, zeros and all; aarch64's tables would make the file larger than the one it replaces.
RO_ZEROS_aarch64 := nobits
RO_ZEROS := $(or $(RO_ZEROS_$(ARCH)),bytes)
RO_SRCS := $(PURGATORY_SRCS) $(SHA256_FAST) $(addprefix lib/purgatory/,kexec.c no_policy.c no_halves.c fdt.c) \
	$(addprefix arch/$(ARCH)/,kexec.c kexec_symbols.S $(notdir $(wildcard arch/$(ARCH)/legacy.c)))

$(BUILD)/purgatory-ro.elf: $(call objects,$(RO_SRCS)) linker/purgatory.ld arch/$(ARCH)/early.ld
	$(call say,LD)$(call LINK_SMALL,$(PURGATORY_LDFLAGS) -T linker/purgatory.ld -Map=$(@:.elf=.map)) \
	  -o $@ $(filter %.o,$^)

$(BUILD)/purgatory-ro.bin: $(BUILD)/purgatory-ro.elf
	$(call say,OBJCOPY)$(OBJCOPY) -O binary -j .purgatory.text $< $@

$(BUILD)/purgatory-ro.S: $(BUILD)/purgatory-ro.bin linker/wrap.sh
	$(call say,WRAP)NM=$(NM) sh linker/wrap.sh $(BUILD)/purgatory-ro.elf $< $(RO_ZEROS) > $@.new && mv $@.new $@

# An assembler makes .data and .bss whether it is asked to or not.
$(PURGATORY_RO): $(BUILD)/purgatory-ro.S
	$(call say,AS)$(CC) $(KX_ASFLAGS) -c -o $@.o $<
	@$(OBJCOPY) -x -R .data -R .bss -R .note.GNU-stack $@.o $@ && rm $@.o

.PHONY: purgatory
purgatory: $(PURGATORY) $(PURGATORY_RO) ## build purgatory alone

# ---- kexec-tools, built from upstream's sources with that purgatory in it ----

KEXEC       := $(BUILD)/kexec
KEXEC_TOOLS := $(BUILD)/kexec-tools
BUILD_KEXEC := boot-tests/kexec-tools/build.sh

.PHONY: kexec-tools force
kexec-tools: $(KEXEC) ## build kexec-tools' kexec, static, with our purgatory in it

# Left as it is, unless its sources or what is in boot-tests/kexec-tools have changed
$(KEXEC_TOOLS)/Makefile: force
	@sources=$$($(PYTHON) boot-tests/fetch.py kexec-tools) && \
	  $(BUILD_KEXEC) tree "$$sources" $(ARCH)-linux-gnu $(@D)

$(KEXEC): $(KEXEC_TOOLS)/Makefile $(PURGATORY_RO)
	$(call say,KEXEC)$(BUILD_KEXEC) kexec $(KEXEC_TOOLS) $(PURGATORY_RO) $@

# ---- the bare-metal programs of the tests ----

IMAGE_VA_riscv64 := 0xffffffff80000000
IMAGE_VA_aarch64 := 0xffffffff80000000
IMAGE_VA_x86_64  := 0xffffffff80000000
# Where the ELF files are loaded, on machines that are given them instead of the flat ones
IMAGE_PA_riscv64 := $(IMAGE_VA_riscv64)
IMAGE_PA_aarch64 := $(IMAGE_VA_aarch64)
IMAGE_PA_x86_64  := 0x200000
IMAGE_PAGE_riscv64 := 0x1000
IMAGE_PAGE_aarch64 := 0x10000
IMAGE_PAGE_x86_64  := 0x1000
IMAGE_STACK_SIZE := 0x4000
# How the platform is told: a device tree, or what PCs have, PVH start information and boot_params
PLATFORM_riscv64 := fdt
PLATFORM_aarch64 := fdt
PLATFORM_x86_64  := pc

LIBFDT_NAMES := fdt fdt_ro fdt_rw fdt_wip fdt_sw fdt_empty_tree fdt_addresses fdt_check
LIBFDT       := $(BUILD)/libfdt
LIBFDT_OBJS  := $(LIBFDT_NAMES:%=$(LIBFDT)/%.o)
TESTFLAGS = -Iboot-tests/bare -Iboot-tests/bare/$(ARCH) -Iboot-tests/host -Iboot-tests/payload -I$(LIBFDT) \
	-Iboot-tests/host/$(ARCH) -DIMAGE_VA=$(IMAGE_VA_$(ARCH)) -DIMAGE_PA=$(IMAGE_PA_$(ARCH)) -DHOST_ARCH='"$(ARCH)"'

$(LIBFDT)/libfdt.h:
	@mkdir -p $(LIBFDT)
	@sources=$$($(PYTHON) boot-tests/fetch.py libfdt) && cp $$sources/*.[ch] $(LIBFDT)/

$(LIBFDT)/%.c: $(LIBFDT)/libfdt.h ;
.SECONDARY:

$(LIBFDT)/%.o: $(LIBFDT)/%.c toolchain.mk
	$(call say,CC)$(CC) $(KX_CFLAGS) $(CFLAGS) -w -Iboot-tests/bare/libc $(TESTFLAGS) -c -o $@ $<

IMAGE_LDFLAGS := --defsym=IMAGE_VA=$(IMAGE_VA_$(ARCH)) \
	--defsym=IMAGE_PA=$(IMAGE_PA_$(ARCH)) --defsym=IMAGE_PAGE=$(IMAGE_PAGE_$(ARCH)) \
	--defsym=IMAGE_STACK_SIZE=$(IMAGE_STACK_SIZE)

image_objs = $(patsubst %,$(BUILD)/%.o,$(basename $(foreach d,$(1),$(wildcard boot-tests/$(d)/*.[cS]))))
BARE_OBJS    := $(call image_objs,bare bare/$(ARCH))
HOST_OBJS    := $(call image_objs,host host/$(ARCH) host/$(PLATFORM_$(ARCH)))
MONITOR_OBJS := $(call image_objs,monitor)
PAYLOAD_OBJS := $(call image_objs,payload payload/$(ARCH) payload/$(PLATFORM_$(ARCH)))

$(BARE_OBJS) $(HOST_OBJS) $(PAYLOAD_OBJS) $(MONITOR_OBJS): INCLUDES += -Iboot-tests/bare/libc $(TESTFLAGS)
$(HOST_OBJS) $(PAYLOAD_OBJS) $(MONITOR_OBJS): | $(LIBFDT)/libfdt.h

$(BUILD)/kx-host.elf: $(HOST_OBJS) $(BARE_OBJS) $(LIBFDT_OBJS) $(LIB) linker/image.ld
	$(call say,LD)$(LD) $(KX_LDFLAGS) $(IMAGE_LDFLAGS) -T linker/image.ld -o $@ $(filter %.o %.a,$^)

$(BUILD)/kx-payload.elf: $(PAYLOAD_OBJS) $(BARE_OBJS) $(LIBFDT_OBJS) $(LIB) linker/image.ld
	$(call say,LD)$(LD) $(KX_LDFLAGS) $(IMAGE_LDFLAGS) -T linker/image.ld -o $@ $(filter %.o %.a,$^)

$(BUILD)/boot-tests/host/purgatory_blob.o: boot-tests/host/purgatory_blob.S $(PURGATORY)
	@mkdir -p $(@D)
	$(ASSEMBLE) -Wa,-I$(BUILD) -DKX_PURGATORY_FILE='"$(notdir $(PURGATORY))"'

# riscv64: a hypervisor with the host as its guest
MONITOR      := $(if $(filter riscv64,$(ARCH)),$(BUILD)/kx-monitor.bin)
all: $(MONITOR)

$(BUILD)/boot-tests/monitor/start.o: boot-tests/monitor/start.S $(HOST)
	@mkdir -p $(@D)
	$(ASSEMBLE) -Wa,-I$(BUILD) -DKX_GUEST_FILE='"$(notdir $(HOST))"'

$(BUILD)/kx-monitor.elf: $(MONITOR_OBJS) $(BARE_OBJS) $(LIBFDT_OBJS) linker/image.ld
	$(call say,LD)$(LD) $(KX_LDFLAGS) $(IMAGE_LDFLAGS) -T linker/image.ld -o $@ $(filter %.o,$^)

$(BUILD)/kx-%.bin: $(BUILD)/kx-%.elf
	$(call say,OBJCOPY)$(OBJCOPY) -O binary $< $@
ifeq ($(ARCH),x86_64) # a bzImage: the setup header lies in front, outside of what is loaded
	@$(OBJCOPY) -O binary -j .setup --set-section-flags .setup=alloc $< $@.setup
	@cat $@ >> $@.setup && mv $@.setup $@
endif

# ---- unit and property tests: programs of the build machine ----

UNIT       := $(BUILD)/unit
UNIT_TESTS := $(patsubst boot-tests/unit/%.c,$(UNIT)/%,$(wildcard boot-tests/unit/test_*.c))
UNIT_SRCS  := $(filter-out %/flat.c %/kexec.c %/no_policy.c %/no_halves.c lib/sha256_pair.c lib/quiesce/% lib/tool/%, \
		$(wildcard lib/*.c lib/*/*.c)) \
	$(addprefix arch/$(ARCH)/,idmap.c boot.c) \
	$(addprefix boot-tests/unit/,fake.c machine.c $(ARCH)/paging.c)
PROPERTY   := $(UNIT_SRCS) $(addprefix boot-tests/unit/,property.c scene.c)
# Both hashes in C, the small one by a name of its own
$(foreach d,$(UNIT) $(UNIT)/plain $(BUILD)/fuzz,$(d)/$(SHA256_SMALL:.c=.o)): INCLUDES += -Dkx_sha256_portable_=kx_sha256_small_
UNIT_PAGES := $(UNIT)/lib/page.o $(UNIT)/lib/page_probe.o
checked = $(patsubst %.c,$(UNIT)/%.o,$(1)) $(UNIT_PAGES)
plain   = $(patsubst %.c,$(UNIT)/plain/%.o,$(1)) $(UNIT_PAGES)
HOSTCOMPILE = $(call say,HOSTCC)$(HOSTCC) $(HOSTCFLAGS) $(INCLUDES) -Iboot-tests/unit -MMD -MP -c -o $@ $<

.PHONY: units
units: $(UNIT_TESTS) $(UNIT)/property-list $(UNIT)/property-code $(UNIT)/property-return ## build the unit and property tests

$(UNIT)/%.o: %.c toolchain.mk Makefile
	@mkdir -p $(@D)
	$(HOSTCOMPILE) $(SANITIZE)

# Without the sanitizers, which an emulator does not go well with
$(UNIT)/plain/%.o: %.c toolchain.mk Makefile
	@mkdir -p $(@D)
	$(HOSTCOMPILE)

$(UNIT)/lib/page.o: lib/page.S $(BUILD)/kx-trampoline-$(ARCH).bin
	@mkdir -p $(@D)
	$(call say,HOSTCC)$(HOSTCC) $(call page_flags,trampoline) -c -o $@ $<

$(UNIT)/lib/page_probe.o: lib/page.S $(BUILD)/kx-probe-$(ARCH).bin
	@mkdir -p $(@D)
	$(call say,HOSTCC)$(HOSTCC) $(call page_flags,probe) -c -o $@ $<

$(UNIT_TESTS): $(UNIT)/%: $(UNIT)/boot-tests/unit/%.o \
		$(call checked,$(UNIT_SRCS) $(addprefix boot-tests/unit/,lab.c lab_test.c purgatory_test.c seal_test.c))
	$(call say,HOSTLD)$(HOSTCC) $(SANITIZE) -o $@ $^ -lcmocka

$(UNIT)/property-list: $(call checked,$(PROPERTY) boot-tests/unit/walk_list.c)
	$(call say,HOSTLD)$(HOSTCC) $(SANITIZE) -o $@ $^

$(UNIT)/call.bin: $(BUILD)/arch/$(ARCH)/call.o
	@mkdir -p $(@D)
	$(call say,LD)$(LD) $(KX_LDFLAGS) -Ttext=0 -e kx_call_ -o $(@:.bin=.elf) $<
	@$(OBJCOPY) -O binary -j .text $(@:.bin=.elf) $@

$(UNIT)/call.o: boot-tests/unit/call.S $(UNIT)/call.bin
	$(call say,HOSTCC)$(HOSTCC) -DKX_CALL_FILE='"$(UNIT)/call.bin"' -c -o $@ $<

$(UNIT)/property-return: $(call plain,$(UNIT_SRCS) boot-tests/unit/round_trip.c boot-tests/unit/$(ARCH)/emulator.c) \
		$(UNIT)/call.o
	$(call say,HOSTLD)$(HOSTCC) -o $@ $^ -lunicorn

$(UNIT)/property-code: $(call plain,$(PROPERTY) boot-tests/unit/walk_code.c boot-tests/unit/$(ARCH)/emulator.c)
	$(call say,HOSTLD)$(HOSTCC) -o $@ $^ -lunicorn

-include $(shell test -d $(UNIT) && find $(UNIT) -name '*.d')

# ---- fuzz targets: programs of the build machine, by Clang; see boot-tests/test_fuzz.py ----

FUZZ         := $(BUILD)/fuzz
FUZZ_TARGETS := $(patsubst boot-tests/fuzz/%.c,$(FUZZ)/%,$(wildcard boot-tests/fuzz/fuzz_*.c))
FUZZ_SRCS    := $(UNIT_SRCS) $(addprefix boot-tests/host/,fit.c tree.c fdt/platform.c)
FUZZ_OBJS    := $(FUZZ_SRCS:%.c=$(FUZZ)/%.o) $(UNIT_PAGES) $(LIBFDT_NAMES:%=$(FUZZ)/libfdt/%.o)
FUZZFLAGS    := -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
FUZZCOMPILE  = $(call say,FUZZCC)clang $(HOSTCFLAGS) $(FUZZFLAGS) $(INCLUDES) -Iboot-tests/fuzz -Iboot-tests/unit \
	-Iboot-tests/host -Iboot-tests/bare -I$(LIBFDT) -MMD -MP -c -o $@ $<

.PHONY: fuzzers
fuzzers: $(FUZZ_TARGETS) ## build the fuzz targets

$(FUZZ)/%.o: %.c toolchain.mk Makefile | $(LIBFDT)/libfdt.h
	@mkdir -p $(@D)
	$(FUZZCOMPILE)

$(FUZZ)/libfdt/%.o: $(LIBFDT)/%.c
	@mkdir -p $(@D)
	$(FUZZCOMPILE) -w -fno-sanitize=alignment

# An archive: a target takes what it needs, and may have its own in the place of some of it.
$(FUZZ)/libfuzzed.a: $(FUZZ_OBJS)
	$(call say,AR)rm -f $@; ar rcs $@ $^

$(FUZZ_TARGETS): $(FUZZ)/%: $(FUZZ)/boot-tests/fuzz/%.o $(FUZZ)/libfuzzed.a
	$(call say,HOSTLD)clang -fsanitize=address,undefined,fuzzer -o $@ $^

-include $(shell test -d $(FUZZ) && find $(FUZZ) -name '*.d')

# ---- unit tests of lib/quiesce/: a window of registers in the place of mmio.c ----

QUIESCE_UNIT  := $(BUILD)/unit-quiesce
QUIESCE_TESTS := $(patsubst boot-tests/unit/quiesce/%.c,$(QUIESCE_UNIT)/%,\
	$(wildcard boot-tests/unit/quiesce/test_*.c))
QUIESCE_OBJS  := $(patsubst %.c,$(QUIESCE_UNIT)/%.o,$(filter-out %/mmio.c %/no_ports.c,$(wildcard lib/quiesce/*.c)) \
	$(addprefix lib/,clock.c cpus.c error.c mem.c park.c) \
	$(addprefix boot-tests/unit/quiesce/,window.c rig.c))

$(QUIESCE_UNIT)/%.o: %.c toolchain.mk Makefile
	@mkdir -p $(@D)
	$(call say,HOSTCC)$(HOSTCC) $(HOSTCFLAGS) $(INCLUDES) -Ilib/quiesce -MMD -MP -c -o $@ $<

$(QUIESCE_TESTS): $(QUIESCE_UNIT)/%: $(QUIESCE_UNIT)/boot-tests/unit/quiesce/%.o $(QUIESCE_OBJS)
	$(call say,HOSTLD)$(HOSTCC) $(HOSTCFLAGS) -o $@ $^ -lcmocka

.PHONY: units-quiesce
units-quiesce: $(QUIESCE_TESTS) ## build and run the unit tests of lib/quiesce/
	@set -e; for t in $^; do $$t; done

# ---- measuring: the same objects as in the blobs, beside those of the peers ----

BENCH      := $(BUILD)/bench
BENCH_PEER_x86_64  := kexec
BENCH_PEER_aarch64 := kexec
BENCH_PEER_riscv64 := linux
# Where the guest that counts instructions is loaded, linked for that address
BENCH_PA_aarch64 := 0x50000000
BENCH_PA_riscv64 := 0x80200000
BENCH_OBJS := $(patsubst %,$(BENCH)/%.o,$(basename $(wildcard boot-tests/bench/$(ARCH)/*.S)) \
	boot-tests/bench/peer_$(BENCH_PEER_$(ARCH))) $(BENCH)/peer.o $(BENCH)/small.o

$(BENCH)/%.o: %.c toolchain.mk Makefile
	@mkdir -p $(@D)
	$(COMPILE)

$(BENCH)/%.o: %.S toolchain.mk Makefile
	@mkdir -p $(@D)
	$(ASSEMBLE)

$(BENCH)/peer.o: boot-tests/bench/peer.py
	@mkdir -p $(@D)
	$(call say,PEER)$(PYTHON) $< --arch $(ARCH) $@

# Beside the library's, that of the flat purgatory
$(BENCH)/small.o: $(call objects,$(SHA256_SMALL))
	$(call say,OBJCOPY)$(OBJCOPY) --redefine-sym kx_sha256_portable_=bench_small $< $@

$(BENCH)/boot-tests/bench/count.o: INCLUDES += $(TESTFLAGS)
$(BENCH)/count.elf: $(BENCH)/boot-tests/bench/count.o $(BENCH_OBJS) $(BARE_OBJS) $(LIB) \
		$(BUILD)/arch/$(ARCH)/walk.o linker/image.ld
	$(call say,LD)$(LD) $(KX_LDFLAGS) --defsym=IMAGE_VA=$(BENCH_PA_$(ARCH)) \
	  --defsym=IMAGE_PA=$(BENCH_PA_$(ARCH)) --defsym=IMAGE_PAGE=$(IMAGE_PAGE_$(ARCH)) \
	  --defsym=IMAGE_STACK_SIZE=$(IMAGE_STACK_SIZE) -T linker/image.ld -o $@ $(filter %.o %.a,$^)

$(BENCH)/scaling: boot-tests/bench/scaling.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call say,HOSTLD)$(HOSTCC) $(HOSTCFLAGS) -O2 $(INCLUDES) -no-pie -o $@ $(filter %.c %.a,$^)

# A program of this machine. The peer's purgatory is meant to be writable and executable at once.
$(BENCH)/native: boot-tests/bench/native.c $(BENCH_OBJS) $(LIB) $(BUILD)/arch/$(ARCH)/walk.o Makefile
	$(call say,HOSTLD)$(HOSTCC) $(HOSTCFLAGS) -O2 $(INCLUDES) -no-pie -Wl,--no-warn-rwx-segments,-z,noexecstack \
	  -o $@ $(filter %.c %.o %.a,$^) -lcrypto

# ---- the two commands of the README ----

.PHONY: deps boot check check-kexec
deps: ## install the Debian packages that building and testing need (as root)
	@test -x $(PYTHON) || { apt-get update && apt-get install -y --no-install-recommends python3; }
	$(PYTHON) boot-tests/fetch.py deps

BOOT_FLAGS := $(if $(SMP),--smp $(SMP)) $(if $(APPEND),--append "$(APPEND)") \
	$(if $(KERNEL),--kernel "$(KERNEL)") $(if $(INITRD),--initrd "$(INITRD)") \
	$(if $(BOOTARGS),--bootargs="$(BOOTARGS)") \
	$(if $(SHELL_ON),--shell) $(if $(TIMEOUT),--timeout $(TIMEOUT))

boot: $(HOST) $(PAYLOAD) $(KX_STATUS) ## boot Linux, Debian's or yours, through libkx; SHELL_ON=1 SMP= KERNEL= INITRD= BOOTARGS= APPEND= TIMEOUT=
	$(PYTHON) boot-tests/boot.py --arch $(ARCH) --host $(HOST) --fallback $(PAYLOAD) $(BOOT_FLAGS)

# As many jobs as there are CPUs, unless -j says how many
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

all-%: ## all-<arch>: build for one architecture, with GCC and with Clang
	$(MAKE) $(JOBS) ARCH=$* all kexec-tools units
	$(MAKE) $(JOBS) ARCH=$* LLVM=1 all

# TESTS=boot-tests/test_boot.py or CHECK_FLAGS="-k sv48 -x" narrow it down
TESTS ?= boot-tests
export HOPS MUTANTS FUZZ_S # of boot-tests/test_hops.py, test_mutants.py, test_fuzz.py
check: $(ARCHES:%=all-%) ## build everything and run every test, on all architectures
	$(PYTHON) -m pytest -q -n 2 $(ARCHES:%=--arch=%) $(CHECK_FLAGS) $(TESTS)

kexec-tools-%: ## kexec-tools-<arch>: the same as kexec-tools ARCH=<arch>
	$(MAKE) ARCH=$* kexec-tools

check-kexec: $(ARCHES:%=kexec-tools-%) ## run the tests of purgatory inside kexec-tools alone
	$(PYTHON) -m pytest -q -n 2 $(ARCHES:%=--arch=%) $(CHECK_FLAGS) boot-tests/test_kexec.py

QUIESCE_CHECKS := $(patsubst %,boot-tests/test_%.py,quiesce lpi cpus confirm writers paging_code state_code state outside)
QUIESCE_UNITS  := test_cpus or test_park or test_state

.PHONY: check-quiesce
check-quiesce: $(ARCHES:%=all-%) ## run the tests of lib/quiesce/ and of the CPU's registers alone
	$(MAKE) check TESTS="$(QUIESCE_CHECKS)"
	$(PYTHON) -m pytest -q $(ARCHES:%=--arch=%) -k "$(QUIESCE_UNITS)" boot-tests/test_units.py

.PHONY: state
state: $(HOST) $(PAYLOAD) $(BUILD)/kx-payload.elf ## the registers that a cold boot and a jump leave, as a table; APPEND=kx.dirt=on
	$(PYTHON) boot-tests/state.py --arch $(ARCH) $(if $(WAY),--way $(WAY)) $(if $(APPEND),--append "$(APPEND)")

.PHONY: check-faults mutants
check-faults: $(ARCHES:%=all-%) ## all about faults, half an hour: silent ends, violations of the audit, mutation score
	$(PYTHON) boot-tests/check_faults.py $(if $(STEP),--step $(STEP))

.PHONY: inject
inject: $(HOST) $(PAYLOAD) ## inject a fault at every instruction of ARCH's blobs, and print what came of it; STEP=n WAY=...
	$(PYTHON) boot-tests/inject.py --arch $(ARCH) --step $(or $(STEP),1) $(if $(WAY),--way $(WAY)) \
	  $(if $(SCENE),--scene "$(SCENE)")

mutants: ## print the mutation score of the unit tests: every line deleted, inverted...; SET=planner, purgatory, quiesce
	$(PYTHON) boot-tests/mutate.py $(if $(SET),--set $(SET))

# ---- installation ----

BLOB_ARRAYS := $(BLOBS:.bin=.h)
# For those who have little room: linked before libkx.a, it stands for the fast one that is in there
SMALL_HASH  := $(BUILD)/kx-sha256-small.o

$(SMALL_HASH): $(call objects,$(SHA256_SMALL))
	$(call say,COPY)cp $< $@

# A blob as a C array, for those who would rather compile it in than load a file
$(BUILD)/%.h: $(BUILD)/%.bin
	$(call say,ARRAY){ \
	  printf '/* SPDX-License-Identifier: BSD-2-Clause */\n/* %s as bytes. */\n' $*; \
	  printf 'static const unsigned char %s[] __attribute__((aligned(4096))) = {\n' $(subst -,_,$*); \
	  od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; \
	  printf '};\n'; } > $@

$(BUILD)/libkx.pc: Makefile include/kx/kx.h force
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' 'blobs=$${prefix}/share/kx' \
	  'small=$${libdir}/$(notdir $(SMALL_HASH))' '' \
	  'Name: libkx' 'Description: The code that runs between two kernels ($(ARCH))' \
	  'Version: $(VERSION)' 'Cflags: -I$${includedir}' 'Libs: -L$${libdir} -lkx' > $@

# What `make install` puts where, and `make uninstall` removes
IN_INCLUDE := $(wildcard include/kx/*.h)
IN_SHARE   := $(BLOBS) $(BLOB_ARRAYS) LICENSE
TO_INCLUDE  = $(DESTDIR)$(INCLUDEDIR)/kx
TO_LIB      = $(DESTDIR)$(LIBDIR)
TO_SHARE    = $(DESTDIR)$(PREFIX)/share/kx

.PHONY: install uninstall
install: $(LIB) $(SMALL_HASH) $(BLOBS) $(BLOB_ARRAYS) $(PURGATORY_RO) $(BUILD)/libkx.pc ## install for ARCH; DESTDIR= PREFIX= LIBDIR= INCLUDEDIR=
	install -d $(TO_INCLUDE) $(TO_LIB)/pkgconfig $(TO_SHARE)
	install -m 644 $(IN_INCLUDE) $(TO_INCLUDE)
	install -m 644 $(LIB) $(SMALL_HASH) $(TO_LIB)
	install -m 644 $(BUILD)/libkx.pc $(TO_LIB)/pkgconfig
	install -m 644 $(IN_SHARE) $(TO_SHARE)
	install -m 644 $(PURGATORY_RO) $(TO_SHARE)/purgatory-$(ARCH).ro

uninstall: ## remove what `make install` with the same words has put there
	rm -f $(addprefix $(TO_INCLUDE)/,$(notdir $(IN_INCLUDE))) $(TO_LIB)/libkx.a $(TO_LIB)/$(notdir $(SMALL_HASH)) $(TO_LIB)/pkgconfig/libkx.pc \
	  $(addprefix $(TO_SHARE)/,$(notdir $(IN_SHARE)) purgatory-$(ARCH).ro)
	$(if $(wildcard $(TO_INCLUDE) $(TO_SHARE)),rmdir --ignore-fail-on-non-empty $(wildcard $(TO_INCLUDE) $(TO_SHARE)))

# purgatory.ro of kexec-tools 2.0.32, as Debian builds it
PEER_SIZE_x86_64  := ", kexec-tools' 29688"
PEER_SIZE_aarch64 := ", kexec-tools' 13648"
PEER_SIZE = $(or $(PEER_SIZE_$(ARCH)),"")

# All architectures, unless one was asked for
BENCH_ARCHES := $(if $(filter command% environment%,$(origin ARCH)),$(ARCH),$(ARCHES))
BENCH_PROGRAMS_x86_64  := $(BENCH)/native $(BENCH)/scaling
BENCH_PROGRAMS_aarch64 := $(BENCH)/count.elf
BENCH_PROGRAMS_riscv64 := $(BENCH)/count.elf

.PHONY: bench bench-programs
bench-programs: $(BENCH_PROGRAMS_$(ARCH)) $(BUILD)/kx-trampoline.elf $(PURGATORY) $(PURGATORY_RO)

bench-%: ## bench-<arch>: build what `make bench` runs for it
	$(MAKE) ARCH=$* LLVM= bench-programs all

bench: $(BENCH_ARCHES:%=bench-%) ## measure beside peers and limits: goals G1 to G12, S1 and S2; all, or ARCH alone
	$(PYTHON) boot-tests/bench.py $(BENCH_ARCHES:%=--arch=%)

.PHONY: size
size: $(BLOBS) $(BUILD)/kx-trampoline.elf $(LIB) $(PURGATORY) $(PURGATORY_RO) ## print sizes
	@printf '%-32s%6u of 4096 bytes used\n' kx-trampoline-$(ARCH).bin \
	  $$((0x$$($(NM) $(BUILD)/kx-trampoline.elf | sed -n 's/ . kx_page_used_$$//p')))
	@printf '%-32s%6u bytes\n' kx-purgatory-$(ARCH).bin $$(wc -c < $(PURGATORY))
	@printf '%-32s%6u bytes%s\n' purgatory.ro $$(wc -c < $(PURGATORY_RO)) $(PEER_SIZE)
	@$(SIZE) -t $(LIB) | tail -n 1 | awk '{ printf "%-32s%6u bytes of text\n", "libkx.a", $$1 }'

.PHONY: clean
clean: ## remove what was built; downloads are kept, see boot-tests/fetch.py
	rm -rf build

.PHONY: help
help: ## this list
	@echo "ARCH is one of: $(ARCHES) (now $(ARCH)); LLVM=1 builds with Clang and LLD"
	@sed -n 's/^\([a-z][a-z%-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 18

-include $(LIB_OBJS:.o=.d) $(patsubst %.o,%.d,$(call objects,$(FLAT_SRCS) $(RO_SRCS))) \
	$(TRAMPOLINE_OBJS:.o=.d) $(PROBE_OBJS:.o=.d) $(BARE_OBJS:.o=.d) $(HOST_OBJS:.o=.d) \
	$(PAYLOAD_OBJS:.o=.d) $(MONITOR_OBJS:.o=.d)
-include $(QUIESCE_OBJS:.o=.d) \
	$(QUIESCE_TESTS:$(QUIESCE_UNIT)/%=$(QUIESCE_UNIT)/boot-tests/unit/quiesce/%.d)
