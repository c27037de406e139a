// The clock that MicroPython's `time` asks for, from the board's 25 MHz counter, and a way to wait without spinning.

#include "py/mphal.h"
#include "py/runtime.h"

// Arm MPS2 FPGAIO block, COUNTER at +0x18: counts clock cycles in 32 bits, so it wraps every 172 s.
#define FPGAIO_COUNTER (*(volatile uint32_t *)0x40028018u)
#define COUNTS_PER_US (25)

// Differences are added up: right as long as somebody asks at least once in 172 s.
static uint64_t counts(void) {
    static uint32_t last;
    static uint64_t total;
    uint32_t now = FPGAIO_COUNTER;
    total += (uint32_t)(now - last);
    last = now;
    return total;
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return FPGAIO_COUNTER;
}

mp_uint_t mp_hal_ticks_us(void) {
    return counts() / COUNTS_PER_US;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return counts() / (COUNTS_PER_US * 1000);
}

uint64_t mp_hal_time_ns(void) {
    return counts() * (1000 / COUNTS_PER_US);
}

void mp_hal_delay_us(mp_uint_t us) {
    uint64_t end = counts() + (uint64_t)us * COUNTS_PER_US;
    while (counts() < end) {
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end = counts() + (uint64_t)ms * (COUNTS_PER_US * 1000);
    while (counts() < end) {
        mp_event_handle_nowait();
    }
}

void benchhal_interrupt(void) {
    BENCHHAL_INTERRUPT = 0;
    mp_sched_exception(mp_obj_new_exception(&mp_type_KeyboardInterrupt));
}

// UART1, the bench's door bell. Its receive interrupt is enabled but masked by PRIMASK: it never calls a handler,
// it only ends the WFI. So an idle board costs the computer nothing, and no vector has to be ours.
#define UART1_DATA (*(volatile uint32_t *)0x40005000u)
#define UART1_CTRL (*(volatile uint32_t *)0x40005008u)
#define UART1_INTCLEAR (*(volatile uint32_t *)0x4000500cu)
#define UART1_BAUDDIV (*(volatile uint32_t *)0x40005010u)
#define UART1_RX_IRQ (2)
#define NVIC_ISER (*(volatile uint32_t *)0xe000e100u)
#define NVIC_ICPR (*(volatile uint32_t *)0xe000e280u)

// QEMU looks again at who listens on which UART only when its main loop turns; switching a receiver on does not turn it,
// so what was sent before would wait for ever. Reading a data register turns it, whichever UART it is.
static void turn_main_loop(void) {
    (void)UART1_DATA;
}

// UART0, the REPL, was switched on just before.
void benchhal_init(void) {
    turn_main_loop();
}

// bell_open(): UART1 on, both ways, receive interrupt to the NVIC.
static mp_obj_t bell_open(void) {
    __asm volatile ("cpsid i" : : : "memory");
    UART1_BAUDDIV = 16;
    UART1_CTRL = 0x0b; // TX, RX, RX interrupt
    NVIC_ISER = 1u << UART1_RX_IRQ;
    turn_main_loop();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(bell_open_obj, bell_open);

// bell_wait(): sleep until UART1 has received something since the last call. The caller reads the bytes afterwards.
//
// The pending bit goes before the level that sets it, and both before the bytes: what comes in between is then either
// read by the caller or pends again. In any other order a bell can be lost for ever.
static mp_obj_t bell_wait(void) {
    __asm volatile ("dsb\n wfi" : : : "memory");
    NVIC_ICPR = 1u << UART1_RX_IRQ;
    UART1_INTCLEAR = 2;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(bell_wait_obj, bell_wait);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_benchhal) },
    { MP_ROM_QSTR(MP_QSTR_bell_open), MP_ROM_PTR(&bell_open_obj) },
    { MP_ROM_QSTR(MP_QSTR_bell_wait), MP_ROM_PTR(&bell_wait_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t benchhal_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_benchhal, benchhal_module);
