SRC_USERMOD_C += $(USERMOD_DIR)/romcode.c
LDFLAGS_USERMOD += -Wl,--wrap=mp_raw_code_load_file,--wrap=m_malloc,--wrap=m_malloc0,--wrap=m_realloc,--wrap=m_free
