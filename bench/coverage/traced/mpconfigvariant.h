// The Unix port as `variants/standard` has it, with line tracing. Compiled modules are not loaded, so the firmware runs
// from its sources; a constant stays a line of its own, or it would never be run.
#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#include "ports/unix/variants/mpconfigvariant_common.h"

#define MICROPY_PY_SYS_SETTRACE (1)
#undef MICROPY_COMP_CONST
#define MICROPY_COMP_CONST (0)
#undef MICROPY_PERSISTENT_CODE_LOAD
#define MICROPY_PERSISTENT_CODE_LOAD (0)
