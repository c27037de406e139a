// What a frozen module has in flash, outside of the heap: an image that the firmware is frozen into, without freezing it.
//
// Of a module that is run in place from ROMFS, MicroPython keeps the byte code and the texts where they are, and makes the
// rest in the heap: a record of each function and the tables of its names and constants. None of that ever changes, and
// in a frozen module all of it is flash. This module has it made in memory that is not heap, once: who imports a
// module that was forgotten finds it there, as a frozen one is found.
//
// What a module makes when it runs (its globals, functions, classes, objects) is in the heap, here as there.

#include <string.h>

#include "py/persistentcode.h"
#include "py/reader.h"
#include "py/runtime.h"

#define MOST_OF_A_MODULE (16384) // with less room than this the heap is taken as always

typedef struct _loaded_t {
    struct _loaded_t *next;
    qstr file;
    mp_module_constants_t constants;
    const mp_raw_code_t *rc;
} loaded_t;

static uint8_t *first, *next, *end; // of the memory that is not heap
static const char *folder;
static loaded_t *loaded;
static bool loading;

static void *take(size_t size) {
    uint8_t *at = next;
    next = MP_ALIGN(at + size, sizeof(uintptr_t));
    return at;
}

static bool is_ours(const void *pointer) {
    return (const uint8_t *)pointer >= first && (const uint8_t *)pointer < end;
}

static bool has_room(size_t size) {
    return (size_t)(end - next) >= size + sizeof(uintptr_t);
}

// The linker gives everybody these for MicroPython's own (--wrap).

void *__real_m_malloc(size_t size);
void *__wrap_m_malloc(size_t size) {
    return loading && has_room(size) ? take(size) : __real_m_malloc(size);
}

void *__real_m_malloc0(size_t size);
void *__wrap_m_malloc0(size_t size) {
    return loading && has_room(size) ? memset(take(size), 0, size) : __real_m_malloc0(size);
}

void *__real_m_realloc(void *old, size_t old_size, size_t size);
void *__wrap_m_realloc(void *old, size_t old_size, size_t size) {
    if (old == NULL) {
        return __wrap_m_malloc(size); // so do the digits of a large integer begin
    }
    if (!is_ours(old)) {
        return __real_m_realloc(old, old_size, size);
    }
    return memcpy(__wrap_m_malloc(size), old, old_size < size ? old_size : size);
}

void __real_m_free(void *pointer, size_t size);
void __wrap_m_free(void *pointer, size_t size) {
    if (!is_ours(pointer)) {
        __real_m_free(pointer, size);
    }
}

static loaded_t *find(qstr file) {
    for (loaded_t *module = loaded; module != NULL; module = module->next) {
        if (module->file == file) {
            return module;
        }
    }
    return NULL;
}

static loaded_t *load(qstr file) {
    mp_module_context_t context;
    mp_compiled_module_t compiled = { .context = &context };
    mp_reader_t reader;
    mp_reader_new_file(&reader, file); // made in the heap, and garbage soon
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        loading = false;
        // Not the exception itself: it was made where no collection sees what it points at.
        mp_raise_msg(&mp_type_ImportError, MP_ERROR_TEXT("damaged .mpy file"));
    }
    loading = true;
    mp_raw_code_load(&reader, &compiled);
    loaded_t *module = take(sizeof(loaded_t));
    loading = false;
    nlr_pop();
    *module = (loaded_t) { loaded, file, context.constants, compiled.rc };
    loaded = module;
    return module;
}

void __real_mp_raw_code_load_file(qstr file, mp_compiled_module_t *compiled);
void __wrap_mp_raw_code_load_file(qstr file, mp_compiled_module_t *compiled) {
    loaded_t *module = find(file);
    if (module == NULL) {
        if (folder == NULL || strncmp(qstr_str(file), folder, strlen(folder)) != 0 || !has_room(MOST_OF_A_MODULE)) {
            __real_mp_raw_code_load_file(file, compiled);
            return;
        }
        module = load(file);
    }
    compiled->context->constants = module->constants;
    compiled->rc = module->rc;
}

// romcode.keep(folder, address, size): from now on the code of modules below `folder`, which must be memory that can be
// read in place, is described in the `size` bytes at `address`. Once; the memory is never given back.
static mp_obj_t romcode_keep(mp_obj_t folder_in, mp_obj_t address_in, mp_obj_t size_in) {
    if (folder != NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("romcode has its memory already"));
    }
    first = next = (uint8_t *)mp_obj_get_int_truncated(address_in);
    end = first + mp_obj_get_int_truncated(size_in);
    folder = qstr_str(mp_obj_str_get_qstr(folder_in)); // a name is never forgotten
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(romcode_keep_obj, romcode_keep);

// romcode.used(): bytes of it that are taken.
static mp_obj_t romcode_used(void) {
    return mp_obj_new_int_from_uint(next - first);
}
static MP_DEFINE_CONST_FUN_OBJ_0(romcode_used_obj, romcode_used);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_romcode) },
    { MP_ROM_QSTR(MP_QSTR_keep), MP_ROM_PTR(&romcode_keep_obj) },
    { MP_ROM_QSTR(MP_QSTR_used), MP_ROM_PTR(&romcode_used_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t romcode_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_romcode, romcode_module);
