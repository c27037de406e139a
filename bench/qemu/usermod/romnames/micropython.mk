SRC_USERMOD_C += $(USERMOD_DIR)/romnames.c
