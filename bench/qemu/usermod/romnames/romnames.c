// The firmware's names outside of the heap: what an image has anyway that the firmware is frozen into.
//
// MicroPython keeps names in a chain of pools, of which those that are built into the image are in flash. A ROMFS brings
// its names too late for that: they would make pools in the heap. This module puts one more pool into the chain, in
// memory that is not heap, before the first module is loaded.

#include <string.h>

#include "py/qstr.h"
#include "py/runtime.h"

#define NEXT_POOL (20) // as after the image's own

// A pool in the heap that was there before, for names that were typed: a collection does not look for it behind ours.
MP_REGISTER_ROOT_POINTER(const void *romnames_before);

// romnames.add(address): names that the image does not know, from a list at `address`: their count as a word, then of each
// the length as a byte, its characters and a zero, in ascending order, each once. The pool is made behind the list.
static mp_obj_t romnames_add(mp_obj_t address_in) {
    const uint8_t *entry = (const uint8_t *)mp_obj_get_int_truncated(address_in);
    size_t count = *(const uint32_t *)entry;
    const uint8_t *first = entry + sizeof(uint32_t);

    const uint8_t *end = first;
    for (size_t i = 0; i < count; ++i) {
        end += end[0] + 2;
    }
    qstr_pool_t *pool = (qstr_pool_t *)MP_ALIGN((uintptr_t)end, sizeof(uintptr_t));
    #if MICROPY_QSTR_BYTES_IN_HASH
    pool->hashes = (qstr_hash_t *)(pool->qstrs + count);
    pool->lengths = (qstr_len_t *)(pool->hashes + count);
    #else
    pool->lengths = (qstr_len_t *)(pool->qstrs + count);
    #endif

    size_t added = 0;
    for (entry = first; entry < end; entry += entry[0] + 2) {
        // A second number for a name of the image would hide the first one, under which the image looks it up.
        if (qstr_find_strn((const char *)entry + 1, entry[0]) != MP_QSTRnull) {
            continue;
        }
        #if MICROPY_QSTR_BYTES_IN_HASH
        pool->hashes[added] = qstr_compute_hash(entry + 1, entry[0]);
        #endif
        pool->lengths[added] = entry[0];
        pool->qstrs[added++] = (const char *)entry + 1;
    }
    if (added) {
        MP_STATE_VM(romnames_before) = MP_STATE_VM(last_pool);
        pool->prev = MP_STATE_VM(last_pool);
        pool->total_prev_len = QSTR_TOTAL();
        pool->is_sorted = 1;
        pool->len = added;
        // No room is left: the next name makes a pool in the heap, for twice as many as this says.
        pool->alloc = added < NEXT_POOL / 2 ? added : NEXT_POOL / 2;
        MP_STATE_VM(last_pool) = pool;
    }
    return MP_OBJ_NEW_SMALL_INT(added);
}
static MP_DEFINE_CONST_FUN_OBJ_1(romnames_add_obj, romnames_add);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_romnames) },
    { MP_ROM_QSTR(MP_QSTR_add), MP_ROM_PTR(&romnames_add_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t romnames_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_romnames, romnames_module);
