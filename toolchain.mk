# SPDX-License-Identifier: BSD-2-Clause
# Tools and flags, nothing else. ARCH is riscv64, aarch64 or x86_64; LLVM=1 takes Clang and LLD.

CROSS_riscv64 := riscv64-linux-gnu-
CROSS_aarch64 := aarch64-linux-gnu-
CROSS_x86_64  := x86_64-linux-gnu-
CROSS_COMPILE ?= $(CROSS_$(ARCH))

ifeq ($(LLVM),1)
CC      := clang --target=$(ARCH)-linux-gnu
LD      := ld.lld
AR      := llvm-ar
NM      := llvm-nm
OBJCOPY := llvm-objcopy
OBJDUMP := llvm-objdump
READELF := llvm-readelf
SIZE    := llvm-size
else
CC      := $(CROSS_COMPILE)gcc
LD      := $(CROSS_COMPILE)ld
AR      := $(CROSS_COMPILE)ar
NM      := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
OBJDUMP := $(CROSS_COMPILE)objdump
READELF := $(CROSS_COMPILE)readelf
SIZE    := $(CROSS_COMPILE)size
endif

# General registers only, no red zone, no code that a later link or load would have to patch, no return address
# that is signed: keys change while C runs. But landing pads, as hosts may call by pointer;
# on riscv64, whose compilers of 2022 know of none, at least no calls that are jumps through t1.
ARCHFLAGS_riscv64 := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-relax -msmall-data-limit=0 \
	-fno-optimize-sibling-calls
ARCHFLAGS_aarch64 := -march=armv8-a -mgeneral-regs-only -mstrict-align -mno-outline-atomics -mbranch-protection=bti
ARCHFLAGS_x86_64  := -march=x86-64 -mgeneral-regs-only -mno-red-zone -fcf-protection=branch
ifeq ($(LLVM),1)
ARCHFLAGS_riscv64 := -march=rv64imac -mabi=lp64 -mcmodel=medany -mno-relax -msmall-data-limit=0 \
	-fno-optimize-sibling-calls
ARCHFLAGS_x86_64  := -march=x86-64 -mgeneral-regs-only -mno-red-zone -fcf-protection=branch
endif

# Purgatory is one program of small files that call each other once: the link sees it whole (-flto), and
# nothing in it is a megabyte away from anything. What is given to others as objects is not like that.
# What is moved out of a loop takes a register, which a function of a few lines has to save.
SMALLFLAGS_riscv64 := -mrelax -malign-data=natural -foptimize-sibling-calls
SMALLFLAGS_aarch64 := -mcmodel=tiny -mbranch-protection=none
SMALLFLAGS_x86_64  := -malign-data=abi -fcf-protection=none
ifeq ($(LLVM),1)
SMALLFLAGS_riscv64 :=
SMALLFLAGS_x86_64  := -fcf-protection=none
MEASUREDFLAGS := -Os
FASTFLAGS := -O3
SMALLFLAGS := -Oz -flto $(SMALLFLAGS_$(ARCH))
LINK_SMALL  = $(LD) $(1)
else
MEASUREDFLAGS := -Os -fno-move-loop-invariants
# The hash in C: sums as they are written, one after the other, so that few words wait in registers
FASTFLAGS := -O3 -fno-tree-reassoc -fno-schedule-insns
SMALLFLAGS := -Oz -flto -flto-partition=none -fno-move-loop-invariants $(SMALLFLAGS_$(ARCH))
LINK_SMALL  = $(CC) $(KX_CFLAGS) $(CFLAGS) $(SMALLFLAGS) -nostdlib -pie $(patsubst %,-Xlinker %,$(1))
endif

# The emulation that ld needs where it was built for several
LDARCH_riscv64 := -melf64lriscv
LDARCH_aarch64 := -maarch64linux
LDARCH_x86_64  := -melf_x86_64

WARNINGS := -Wall -Wextra -Werror -Wundef -Wshadow -Wstrict-prototypes -Wmissing-prototypes

# The last lines keep compilers from calling memset and memcpy, from building tables of pointers,
# and from adding what a distribution's defaults would: every one of these needs something that is
# not there between two kernels.
CFLAGS ?= -O2 -g
KX_CFLAGS := -std=c11 -ffreestanding -fvisibility=hidden -fpie $(WARNINGS) $(ARCHFLAGS_$(ARCH)) \
	-fno-common -fno-strict-aliasing -fno-asynchronous-unwind-tables -fno-unwind-tables \
	-fno-stack-protector -U_FORTIFY_SOURCE -fno-jump-tables -fno-builtin -ffunction-sections
ifneq ($(LLVM),1)
KX_CFLAGS += -fno-tree-loop-distribute-patterns -fno-tree-switch-conversion
endif
KX_ASFLAGS := $(ARCHFLAGS_$(ARCH)) $(WARNINGS) -D__ASSEMBLER__
KX_LDFLAGS := $(LDARCH_$(ARCH)) -nostdlib -static -z noexecstack --build-id=none

# Programs of the build machine: the unit tests
HOSTCC     := $(if $(filter 1,$(LLVM)),clang,gcc)
HOSTCFLAGS := -std=c11 -O1 -g -D_GNU_SOURCE $(WARNINGS) -fno-omit-frame-pointer
SANITIZE   := -fsanitize=address,undefined -fno-sanitize-recover=all
