// The port's own configuration, then what it defines hard and we want otherwise.
#include "ports/qemu/mpconfigport.h"

#undef MICROPY_PY_TIME
#define MICROPY_PY_TIME (1)
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_PY_TIME_INCLUDEFILE "bench_modtime.c"
// As on the Unix port: the bench hands out Unix time.
#define MICROPY_EPOCH_IS_1970 (1)

#undef MICROPY_PY_SELECT
#define MICROPY_PY_SELECT (1)

#undef MICROPY_PY_ASYNCIO
#define MICROPY_PY_ASYNCIO (1)

// Ctrl-C does not stop running code on this port, so the bench has a word in the shared PSRAM for it: at every backward
// jump the VM looks there, and raises KeyboardInterrupt. The traceback says where the code hung.
void benchhal_interrupt(void);
#define BENCHHAL_INTERRUPT (*(volatile uint32_t *)0x21f00018u)
#define MICROPY_VM_HOOK_LOOP if (BENCHHAL_INTERRUPT) { benchhal_interrupt(); }

// Called by mp_init().
void benchhal_init(void);
#define MICROPY_PORT_INIT_FUNC benchhal_init()
