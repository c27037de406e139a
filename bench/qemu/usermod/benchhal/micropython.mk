SRC_USERMOD_C += $(USERMOD_DIR)/benchhal.c
