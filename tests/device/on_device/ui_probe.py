"""Display, keypad, buzzer and LEDs on the device, for tests/device/test_display.py and its neighbours."""

import asyncio
import gc
import time

from drivers.buzzer import Buzzer
from drivers.keypad import Keypad
from drivers.leds import Leds
from drivers.ssd1306 import SSD1306
from machine import I2C, PWM, Pin
from runner import host

ROWS = (32, 33, 25, 26, 27)
COLS = (14, 12, 13, 15)

_parts = {}


def display():
    if "display" not in _parts:
        _parts["display"] = SSD1306(I2C(0, scl=Pin(22), sda=Pin(21), freq=400_000))
    return _parts["display"]


def keypad():
    if "keypad" not in _parts:
        _parts["keypad"] = Keypad([Pin(row) for row in ROWS], [Pin(col) for col in COLS])
        _parts["keypad"].start()
    return _parts["keypad"]


async def renew():
    """As after a restart of the application: every part is made anew."""
    pad = _parts.pop("keypad", None)
    if pad is not None:
        pad.stop()
        await asyncio.sleep_ms(0)
    _parts.clear()


# Display


def init():
    display().init()


def texts(lines):
    """Draws (row, text, inverse) and commits."""
    panel = display()
    panel.clear()
    for row, text, inverse in lines:
        panel.text(row, text, inverse)
    panel.show()
    return panel.frame


def draw(text, col, row, inverse=False):
    from drivers.glyphs import draw_text

    draw_text(display().fb, text, col, row, inverse)
    display().show()


def pixels(points):
    """Sets single pixels and commits."""
    panel = display()
    panel.clear()
    for x, y in points:
        panel.fb.pixel(x, y, 1)
    panel.show()


def call(name, *args):
    return getattr(display(), name)(*args)


def commits(count):
    """The frame numbers that on_commit is told, each in its turn with the test's function."""
    told = []

    def commit(number):
        told.append(number)
        host("commit", number)

    panel = SSD1306(I2C(0), on_commit=commit)
    panel.init()
    for _ in range(count):
        panel.show()
    return told


class _SilentBus:
    def writeto(self, addr, buf):
        return len(buf)


def show_garbage(count):
    """Heap bytes that `count` calls of show() leave behind, on a bus that allocates nothing."""
    panel = SSD1306(_SilentBus())
    panel.show()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(count):
        panel.show()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


# Keypad


async def keys(count, timeout_ms=5000):
    """Key codes as they come, and the time of each in ms from now; fewer if the time is over."""
    pad = keypad()
    start = time.ticks_ms()
    got = []
    try:
        while len(got) < count:
            left = timeout_ms - time.ticks_diff(time.ticks_ms(), start)
            code = await asyncio.wait_for_ms(pad.get(), left)
            got.append((code, time.ticks_diff(time.ticks_ms(), start)))
    except asyncio.TimeoutError:
        pass
    return got


async def wait(ms):
    keypad()
    await asyncio.sleep_ms(ms)


def state():
    pad = keypad()
    return {"overflows": pad.overflows, "ghosts": pad.ghosts, "stuck": pad.stuck(), "ring": bytes(pad._ring)}


def held(code):
    return keypad().held_ms(code)


def poll():
    return keypad().poll()


def flush():
    keypad().flush()


async def stop():
    pad = keypad()
    pad.stop()
    await asyncio.sleep_ms(0)
    return [Pin(col).drive() for col in COLS], [Pin(row).handler is None for row in ROWS]


def restart():
    keypad().start()


def bad_keymap(length):
    Keypad([Pin(row) for row in ROWS], [Pin(col) for col in COLS], bytes(length))


async def scans(ms):
    """How often the matrix is read in `ms`."""
    pad = keypad()
    count = 0
    read = pad._read

    def counted():
        nonlocal count
        count += 1
        return read()

    pad._read = counted
    await asyncio.sleep_ms(ms)
    pad._read = read
    return count


# Buzzer, LEDs


def buzzer():
    if "buzzer" not in _parts:
        _parts["buzzer"] = Buzzer(PWM(Pin(23), freq=1000, duty_u16=0))
    return _parts["buzzer"]


async def beeps(*sounds):
    for ms, hz, pause in sounds:
        await buzzer().beep(ms, hz)
        await asyncio.sleep_ms(pause)


async def beep_over(first, second, after_ms):
    """A second beep begins `after_ms` after the first."""
    task = asyncio.create_task(buzzer().beep(*first))
    await asyncio.sleep_ms(after_ms)
    await buzzer().beep(*second)
    await task
    await asyncio.sleep_ms(50)


async def beep_cancelled(ms, after_ms):
    task = asyncio.create_task(buzzer().beep(ms, 1000))
    await asyncio.sleep_ms(after_ms)
    task.cancel()
    await asyncio.sleep_ms(50)


def leds(lit_level=1):
    _parts["leds"] = Leds({"green": Pin(4), "yellow": Pin(5), "red": Pin(18), "blue": Pin(19)}, lit_level)


def led(name, on):
    _parts["leds"].set(name, on)


def leds_off():
    _parts["leds"].off()
