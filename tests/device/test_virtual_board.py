"""The virtual board against the documented behaviour of MicroPython's ESP32 port."""

from __future__ import annotations

from functools import partial

import pytest
from tillbench.host.emulator.bench import Bench, WaitTimeout
from tillbench.host.emulator.wires import UartConfig

IN, OUT, OPEN_DRAIN = 1, 3, 7
PULL_DOWN, PULL_UP = 1, 2
RISING, FALLING = 1, 2


def test_what_the_port_refuses(bench: Bench) -> None:
    said = bench.call("machine_probe:refusals")
    enodev = ("OSError", 19)
    assert said.pop("hard irq")[0] == "TypeError", "the port knows no such argument"
    assert said == {
        "pin 24": ("ValueError", "invalid pin"),
        "pin 40": ("ValueError", "invalid pin"),
        "pin -1": ("ValueError", "invalid pin"),
        "pin text": ("ValueError", "invalid pin"),
        "34 out": ("ValueError", "pin can only be input"),
        "39 open drain": ("ValueError", "pin can only be input"),
        "uart 3": ("ValueError", "UART(3) does not exist"),
        "uart bits": ("ValueError", "invalid data bits"),
        "uart stop": ("ValueError", "invalid stop bits"),
        "uart invert": ("ValueError", "invalid inversion mask"),
        "uart hard irq": ("ValueError", "hard IRQ is not supported"),
        "i2c 2": ("ValueError", "I2C(2) doesn't exist"),
        "i2c nobody": enodev,
        "i2c nobody reads": enodev,
        "spi 0": ("ValueError", "SPI(0) doesn't exist"),
        "spi 3": ("ValueError", "SPI(3) doesn't exist"),
        "spi positional mode": ("TypeError",),
        "spi empty": ("ValueError", "buffer too short"),
        "spi half a word": ("ValueError", "buffer too short"),
        "spi lengths": ("ValueError", "buffers must be the same length"),
        "spi off": ("OSError", "transfer on deinitialized SPI"),
        "soft spi pins": ("ValueError", "must specify all of sck/mosi/miso"),
        "soft spi bits": ("ValueError", "bits must be 8"),
        "soft spi LSB": ("ValueError", "firstbit must be MSB"),
        "adc pin": ("ValueError", "invalid pin"),
        "adc atten": ("ValueError", "invalid atten"),
        "adc width": ("ValueError", "invalid bits"),
        "rtc length": ("ValueError", "requested length 8 but object has length 3"),
        "rtc memory": ("ValueError", "buffer too long"),
        "wdt 1": ("ValueError", ""),
        "wdt 0 ms": ("ValueError", "WDT timeout too short"),
        "pwm 0 Hz": ("ValueError", "frequency must be from 1Hz to 40MHz"),
        "pwm 41 MHz": ("ValueError", "frequency must be from 1Hz to 40MHz"),
        "pwm on 34": ("ValueError", "invalid pin"),
        "timer 4": ("ValueError", "invalid Timer number, max 4"),
        "timer hard": ("ValueError", "hard Timers are not implemented"),
    }


# Pins


def test_pin_objects(bench: Bench) -> None:
    assert bench.call("machine_probe:pin_shapes") == [True, True, 1, "Pin(13)", 0, 1, 0, 1, -1]


@pytest.mark.parametrize(("pull", "expected"), [(PULL_UP, 1), (PULL_DOWN, 0)])
def test_pulls(bench: Bench, pull: int, expected: int) -> None:
    assert bench.call("machine_probe:init_pin", 4, IN, pull) == expected
    bench.nets.drive("P4", 1 - expected)
    assert bench.call("machine_probe:levels", 4) == [1 - expected]
    bench.nets.drive("P4", None)
    assert bench.call("machine_probe:levels", 4) == [expected]


def test_input_only_pins_have_no_pull(bench: Bench) -> None:
    bench.nets.drive("P36", 0)
    assert bench.call("machine_probe:init_pin", 36, IN, PULL_UP) == 0
    bench.nets.drive("P36", None)
    assert bench.call("machine_probe:levels", 36) == [0], "a net that nobody drives keeps its charge"


def test_open_drain_lets_another_pull_down(bench: Bench) -> None:
    bench.call("machine_probe:init_pin", 4, OPEN_DRAIN, PULL_UP, 1)
    bench.call("machine_probe:init_pin", 5, OPEN_DRAIN, -1, 1)
    bench.nets.close("P4", "P5")
    assert bench.call("machine_probe:levels", 4, 5) == [1, 1]
    bench.call("machine_probe:set_pin", 5, 0)
    assert bench.call("machine_probe:levels", 4, 5) == [0, 0]
    bench.ask_memory()
    assert bench.faults["shorts"] == 0


def test_a_short_is_counted_once_and_zero_wins(bench: Bench) -> None:
    bench.call("machine_probe:init_pin", 4, OUT, -1, 1)
    bench.call("machine_probe:init_pin", 5, OUT, -1, 0)
    bench.nets.close("P4", "P5")
    for _ in range(3):
        assert bench.call("machine_probe:levels", 4, 5) == [0, 0]
    bench.nets.open("P4", "P5")
    assert bench.call("machine_probe:levels", 4, 5) == [1, 0]
    bench.ask_memory()
    assert bench.faults["shorts"] == 1
    bench.nets.close("P4", "P5")
    bench.call("machine_probe:levels", 4)
    bench.ask_memory()
    assert bench.faults["shorts"] == 2


def test_three_keys_of_a_rectangle_make_the_fourth(bench: Bench) -> None:
    """Rows 4 and 5 with pull-ups, columns 12 and 14; the scan pulls a column down."""
    for row in (4, 5):
        bench.call("machine_probe:init_pin", row, IN, PULL_UP)
    bench.call("machine_probe:init_pin", 12, OPEN_DRAIN, -1, 1)
    bench.call("machine_probe:init_pin", 14, OPEN_DRAIN, -1, 0)
    bench.nets.close("P4", "P12")
    bench.nets.close("P5", "P12")
    assert bench.call("machine_probe:levels", 4, 5) == [1, 1]
    bench.nets.close("P4", "P14")
    assert bench.call("machine_probe:levels", 4, 5) == [0, 0], "5 and 14 are not joined by a key of their own"
    bench.nets.open("P4", "P12")
    assert bench.call("machine_probe:levels", 4, 5) == [0, 1]


def test_a_watched_net_tells_each_change_once(bench: Bench) -> None:
    seen: list[int] = []
    bench.nets.watch("P16", seen.append)
    bench.call("machine_probe:init_pin", 16, OUT, -1, 0)
    for value in (1, 1, 0, 0, 1):
        bench.call("machine_probe:set_pin", 16, value)
    assert seen == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [(RISING, [(1, RISING)]), (FALLING, [(0, FALLING)]), (RISING | FALLING, [(1, RISING), (0, FALLING)])],
)
def test_irq_edges(bench: Bench, trigger: int, expected: list[tuple[int, int]]) -> None:
    bench.nets.drive("P27", 0)
    bench.call("machine_probe:init_pin", 27, IN)
    bench.call("machine_probe:listen", 27, trigger)
    bench.nets.drive("P27", 1)
    bench.settle()
    bench.nets.drive("P27", 0)
    bench.settle()
    assert bench.call("machine_probe:edges") == expected


def test_irq_handlers_do_not_nest_nor_end_the_program(bench: Bench) -> None:
    trigger, order = bench.call("machine_probe:irq_rules")
    assert trigger == RISING | FALLING
    assert order == ["in", "out"] * (len(order) // 2)
    assert len(order) >= 4


# UART


def test_uart_settings_reach_the_far_end_and_stay(bench: Bench) -> None:
    """`init` changes what it is given, and nothing else."""
    configs: list[UartConfig] = []
    bench.uart(1).on_config = configs.append
    assert bench.call(
        "machine_probe:configure_uart",
        ((9600, 7, 0, 2), {}),
        ((), {"timeout": 5}),
        ((), {"parity": None}),
        ((19200,), {"parity": 1}),
    )
    assert configs == [
        UartConfig(),
        UartConfig(9600, 7, 0, 2),
        UartConfig(9600, 7, 0, 2),
        UartConfig(9600, 7, None, 2),
        UartConfig(19200, 7, 1, 2),
        UartConfig(19200, 7, 1, 2),  # the constructor again
    ]


def test_an_overrun_loses_the_newest_and_is_counted(bench: Bench) -> None:
    bench.call("machine_probe:uart", rxbuf=128)
    bench.uart(1).send(bytes(range(200)))
    assert bench.call("machine_probe:uart_do", "any")[0] == 128
    assert bench.call("machine_probe:uart_do", "read")[0] == bytes(range(128))
    bench.ask_memory()
    assert bench.faults["uart_overruns"] == 72


def test_reads_without_time_out(bench: Bench) -> None:
    bench.call("machine_probe:uart")
    assert bench.call("machine_probe:uart_do", "read") == (None, 0)
    assert bench.call("machine_probe:uart_do", "read", 4) == (None, 0)
    assert bench.call("machine_probe:uart_do", "readline") == (None, 0)
    assert bench.call("machine_probe:uart_readinto", 3) == (None, bytes(3))
    bench.uart(1).send(b"one\ntwo\nthree")
    assert bench.call("machine_probe:uart_do", "any")[0] == 13
    assert bench.call("machine_probe:uart_do", "readline")[0] == b"one\n"
    assert bench.call("machine_probe:uart_do", "read", 2)[0] == b"tw"
    assert bench.call("machine_probe:uart_readinto", 6, 3) == (3, b"o\nt\0\0\0")
    assert bench.call("machine_probe:uart_do", "read", 100)[0] == b"hree"


def test_time_out_for_the_first_character_and_between_characters(bench: Bench) -> None:
    """As the driver reads: up to `timeout` for one byte, `timeout_char` for the others, and then the same again."""
    bench.call("machine_probe:uart", timeout=50, timeout_char=10)
    assert bench.call("machine_probe:uart_do", "read", 5) == (None, 50_000)
    for at, data in ((20, b"a"), (25, b"b"), (200, b"late")):
        bench.clock.after(at * 1000, partial(bench.uart(1).send, data))
    value, took = bench.call("machine_probe:uart_do", "read", 5)
    assert (value, took) == (b"ab", 80_000)


def test_transmission_takes_its_time(bench: Bench) -> None:
    bench.call("machine_probe:uart")
    sent: list[bytes] = []
    bench.uart(1).on_bytes = sent.append
    assert bench.call("machine_probe:uart_sends", b"0123456789") == [10, False, True, 10 * 1042]
    assert sent == [b"0123456789"]


def test_asyncio_stream_on_a_uart(bench: Bench) -> None:
    bench.call("machine_probe:uart")
    for at, data in ((10, b"ab"), (20, b"cde"), (30, b"f\nrest")):
        bench.clock.after(at * 1000, partial(bench.uart(1).send, data))
    assert bench.call("machine_probe:uart_stream", 4) == [b"abcd", b"ef\n", 30]


# I2C


class Eeprom:
    """Registers that count up from the address written last."""

    def __init__(self, acks: int = 1000) -> None:
        self.at = 0
        self.acks = acks
        self.written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.written.append(data)
        self.at = data[0] if data else self.at
        return min(len(data), self.acks)

    def read(self, n: int) -> bytes:
        return bytes((self.at + i) & 0xFF for i in range(n))


def test_scan_finds_the_chips(bench: Bench) -> None:
    for addr in (0x08, 0x3C, 0x77):
        bench.i2c(0).attach(addr, Eeprom())
    assert bench.call("machine_probe:i2c_do", 400_000, "scan")[0] == [0x08, 0x3C, 0x77]


def test_transfers_take_nine_clocks_a_byte(bench: Bench) -> None:
    bench.i2c(0).attach(0x50, Eeprom())
    assert bench.call("machine_probe:i2c_do", 100_000, "writeto", 0x50, bytes(99)) == (99, 9000)
    assert bench.call("machine_probe:i2c_do", 400_000, "readfrom", 0x50, 99) == (bytes(range(99)), 2250)


def test_registers(bench: Bench) -> None:
    chip = Eeprom()
    bench.i2c(0).attach(0x50, chip)
    assert bench.call("machine_probe:i2c_do", 400_000, "readfrom_mem", 0x50, 0x10, 3)[0] == b"\x10\x11\x12"
    bench.call("machine_probe:i2c_do", 400_000, "writeto_mem", 0x50, 0x1234, b"xy", addrsize=16)
    assert chip.written[-1] == b"\x12\x34xy"
    bench.call("machine_probe:i2c_do", 400_000, "writevto", 0x50, [b"a", b"bc"])
    assert chip.written[-1] == b"abc"
    assert bench.call("machine_probe:i2c_into", 0x50, 2) == (b"ab", b"\x42\x43")


def test_a_chip_that_stops_acknowledging(bench: Bench) -> None:
    bench.i2c(0).attach(0x50, Eeprom(acks=2))
    assert bench.call("machine_probe:i2c_do", 400_000, "writeto", 0x50, b"12345")[0] == 2


# ADC, RTC, watchdog


def test_adc(wires: Bench) -> None:
    """Between the ends of what the attenuation lets it tell apart; a net that has no voltage is low or high."""
    wires.nets.set_voltage("P34", 1_300_000)
    assert wires.call("machine_probe:adc_reads", 34, 3) == (True, "ADC(Pin(34), atten=3)", 1_300_000, 2047, 32759)
    assert wires.call("machine_probe:adc_reads", 34, 0)[2:] == (950_000, 4095, 65535)
    wires.nets.set_voltage("P34", 0)
    assert wires.call("machine_probe:adc_reads", 34, 3)[2:] == (150_000, 0, 0)
    wires.nets.drive("P35", 1)
    assert wires.call("machine_probe:adc_reads", 35, 3)[2:] == (2_450_000, 4095, 65535)
    assert wires.call("machine_probe:adc_width", 35, 9) == 511


def test_the_rtc_survives_a_reset_and_no_power_cut(bench: Bench) -> None:
    leap = (2028, 2, 29, 1, 23, 59, 58, 0)
    same, told, seconds = bench.call("machine_probe:rtc_set", leap, b"kept")
    assert (same, told[:7], seconds) == (True, leap[:7], 1_835_481_598)
    bench.run_for(5)
    with pytest.raises(WaitTimeout):
        bench.call("board_probe:reset")
    told, memory = bench.call("machine_probe:rtc_told")
    assert (told[:4], memory) == ((2028, 3, 1, 2), b"kept")
    bench.power_off()
    bench.power_on()
    told, memory = bench.call("machine_probe:rtc_told")
    assert (told[:3], memory) == ((2026, 11, 23), b"")
    assert bench.call("machine_probe:rtc_init", (2026, 12, 31, 1, 2, 3, 0, 0)) == (2026, 12, 31, 3, 1, 2, 3)


def test_the_watchdog_resets_who_does_not_feed_it(bench: Bench) -> None:
    """Also one that hangs in a loop that asks for the time."""
    hellos: list[int] = []
    bench.on_hello = lambda: hellos.append(bench.clock.now)
    begun = []
    for feeds, pause_ms in ((0, 0), (5, 15)):
        begun.append(bench.clock.now)
        with pytest.raises(WaitTimeout):
            bench.call("machine_probe:watchdog", 20, feeds, pause_ms)
    assert [at - before for at, before in zip(hellos, begun, strict=True)] == [20_000, 95_000]


# PWM, timers, time, reset


def test_pwm(bench: Bench) -> None:
    seen: list[tuple[int, int]] = []
    bench.nets.watch_pwm("P25", lambda freq, duty: seen.append((freq, duty)))
    said = bench.call("machine_probe:pwm_shapes")
    assert said[0] == (5000, 32768, 511)
    assert said[1] == (1000, 65535)
    assert said[2][0] == 16383
    assert abs(said[2][1] - 250_000) < 20
    assert said[3:] == [100, 2000]
    assert seen == [(5000, 32768), (1000, 65535), (1000, 16383), (1000, 100), (2000, 100), (0, 100)]


def test_timers_ring_on_the_steered_clock(bench: Bench) -> None:
    """Periodic, once, stopped, and id -1; a handler that fails ends neither the timer nor the program."""
    assert bench.call("machine_probe:timers") == (True, [10, 20, 30, 55, 188])


def test_time_functions(bench: Bench) -> None:
    assert bench.call("board_probe:times") == {
        "us": 150,
        "ms": 250,
        "same": 0,
        "add": 10,
        "date": (2026, 11, 23),
        "round": 86400 * 365,
        "ns": True,
    }


def test_reset_starts_the_program_again(bench: Bench) -> None:
    bench.nets.watch("P16", lambda level: None)
    bench.call("machine_probe:init_pin", 16, OUT, -1, 1)
    hellos: list[int] = []
    bench.on_hello = lambda: hellos.append(bench.clock.now)
    with pytest.raises(WaitTimeout):
        bench.call("board_probe:reset")  # the call itself has no end
    assert len(hellos) == 1
    assert bench.call("machine_probe:levels", 16) == [0], "pins are inputs again"
