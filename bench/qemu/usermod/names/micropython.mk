# Names that are in flash and not in the heap, as in an image with the firmware frozen into it.
ifneq ($(BENCH_NAMES),no)
QSTR_DEFS += $(USERMOD_DIR)/names.h
endif
