# QEMU's Cortex-M3 board with what a payment terminal needs on top of the stock image: LittleFS, time, select.
include boards/MPS2_AN385/mpconfigboard.mk

MICROPY_VFS_LFS2 = 1
SRC_C += shared/timeutils/timeutils.c

CFLAGS += -I$(BOARD_DIR) -DMP_CONFIGFILE='"bench_mpconfigport.h"'
LDFLAGS += -T $(BOARD_DIR)/noexidx.ld
