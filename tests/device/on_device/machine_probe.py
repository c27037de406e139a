"""Each class of the module `machine`, used directly."""

import asyncio
import time

import machine

_uarts = {}


def _refused(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except Exception as error:
        return type(error).__name__, error.errno if isinstance(error, OSError) else str(error)
    return None


def refusals():
    """What the ESP32 port refuses."""
    pin = machine.Pin(4)
    return {
        "pin 24": _refused(machine.Pin, 24),
        "pin 40": _refused(machine.Pin, 40),
        "pin -1": _refused(machine.Pin, -1),
        "pin text": _refused(machine.Pin, "A0"),
        "34 out": _refused(machine.Pin, 34, machine.Pin.OUT),
        "39 open drain": _refused(machine.Pin(39).init, machine.Pin.OPEN_DRAIN),
        "hard irq": _refused(pin.irq, handler=print, hard=True),
        "uart 3": _refused(machine.UART, 3),
        "uart bits": _refused(machine.UART, 1, 9600, bits=9),
        "uart stop": _refused(machine.UART, 1, 9600, stop=3),
        "uart invert": _refused(machine.UART, 1, 9600, invert=1),
        "uart hard irq": _refused(machine.UART(1).irq, print, hard=True),
        "i2c 2": _refused(machine.I2C, 2),
        "i2c nobody": _refused(machine.I2C(0).writeto, 0x33, b"x"),
        "i2c nobody reads": _refused(machine.I2C(0).readfrom, 0x33, 1),
        "spi 0": _refused(machine.SPI, 0),
        "spi 3": _refused(machine.SPI, 3),
        "spi positional mode": _refused(machine.SPI, 1, 500_000, 1)[:1],
        "spi empty": _refused(machine.SPI(1).write, b""),
        "spi half a word": _refused(machine.SPI(1, bits=16).write, b"x"),
        "spi lengths": _refused(machine.SPI(1).write_readinto, b"xy", bytearray(1)),
        "spi off": _refused(_spi_off),
        "soft spi pins": _refused(machine.SoftSPI, sck=pin, mosi=pin),
        "soft spi bits": _refused(machine.SoftSPI, bits=16, sck=pin, mosi=pin, miso=pin),
        "soft spi LSB": _refused(machine.SoftSPI, firstbit=machine.SPI.LSB, sck=pin, mosi=pin, miso=pin),
        "adc pin": _refused(machine.ADC, 5),
        "adc atten": _refused(machine.ADC, 34, atten=4),
        "adc width": _refused(machine.ADC(34).width, 13),
        "rtc length": _refused(machine.RTC().datetime, (2026, 1, 1)),
        "rtc memory": _refused(machine.RTC().memory, bytes(2049)),
        "wdt 1": _refused(machine.WDT, 1),
        "wdt 0 ms": _refused(machine.WDT, timeout=0),
        "pwm 0 Hz": _refused(machine.PWM, pin, freq=0),
        "pwm 41 MHz": _refused(machine.PWM, pin, freq=41_000_000),
        "pwm on 34": _refused(machine.PWM, machine.Pin(34)),
        "timer 4": _refused(machine.Timer, 4),
        "timer hard": _refused(machine.Timer(0).init, period=1, hard=True),
    }


def _spi_off():
    spi = machine.SPI(1)
    spi.deinit()
    spi.read(1)


def pin(id, **options):
    machine.Pin(id, **options)


def init_pin(id, mode, pull=-1, value=None):
    machine.Pin(id, mode, pull) if value is None else machine.Pin(id, mode, pull, value=value)
    return machine.Pin(id).value()


def levels(*ids):
    return [machine.Pin(id).value() for id in ids]


def set_pin(id, value):
    machine.Pin(id).value(value)


def pin_shapes():
    p = machine.Pin(13, machine.Pin.OUT, value=1)
    said = [p is machine.Pin(13), machine.Pin(p) is p, p(), repr(p)]
    p.toggle()
    said.append(p())
    p.on()
    said.append(p())
    p.off()
    said.append(p())
    p(1)
    said.append(p.value())
    q = machine.Pin(36, machine.Pin.IN, machine.Pin.PULL_UP)
    said.append(q.pull)  # 34 to 39 have none
    return said


_edges = []


def listen(id, trigger):
    _edges.clear()
    machine.Pin(id).irq(lambda p: _edges.append((p.value(), p.irq().flags())), trigger)


def edges():
    return list(_edges)


async def irq_rules():
    """Without arguments nothing changes; an exception ends the handler only; no handler inside of another."""
    p = machine.Pin(5, machine.Pin.OUT, value=0)
    order = []

    def handler(pin):
        order.append("in")
        if len(order) < 3:
            pin.value(1 - pin.value())
        order.append("out")
        raise ValueError("from a handler")

    p.irq(handler, machine.Pin.IRQ_RISING | machine.Pin.IRQ_FALLING)
    before = p.irq().trigger()
    p.value(1)
    p.irq(None)
    p.value(0)
    return before, order


def configure_uart(*inits):
    uart = machine.UART(1)
    for args, options in inits:
        uart.init(*args, **options)
    return machine.UART(1) is uart


def uart(timeout=0, timeout_char=0, rxbuf=256):
    machine.UART(1).deinit()
    _uarts[1] = machine.UART(1, 9600, timeout=timeout, timeout_char=timeout_char, rxbuf=rxbuf)


def uart_do(name, *args):
    start = time.ticks_us()
    value = getattr(_uarts[1], name)(*args)
    return value, time.ticks_diff(time.ticks_us(), start)


def uart_readinto(size, *args):
    buf = bytearray(size)
    return _uarts[1].readinto(buf, *args), bytes(buf)


def uart_sends(data):
    start = time.ticks_us()
    u = _uarts[1]
    said = [u.write(data), u.txdone()]
    u.flush()
    said.append(u.txdone())
    said.append(time.ticks_diff(time.ticks_us(), start))
    return said


async def uart_stream(count):
    reader = asyncio.StreamReader(_uarts[1])
    start = time.ticks_ms()
    said = [await reader.readexactly(count), await reader.readline()]
    said.append(time.ticks_diff(time.ticks_ms(), start))
    return said


def i2c_do(freq, name, *args, **options):
    i2c = machine.I2C(0, freq=freq)
    start = time.ticks_us()
    value = getattr(i2c, name)(*args, **options)
    return value, time.ticks_diff(time.ticks_us(), start)


def i2c_into(addr, n):
    i2c = machine.I2C(0)
    a, b = bytearray(n), bytearray(n)
    i2c.readfrom_into(addr, a)
    i2c.readfrom_mem_into(addr, 0x42, b)
    return bytes(a), bytes(b)


def spi_shapes():
    spi = machine.SPI(2, 10_000_000, polarity=1, sck=machine.Pin(5), miso=None)
    said = [spi is machine.SPI(2), spi is machine.SPI(1), repr(spi), repr(machine.SPI(1, 3_000_000))]
    spi.init(phase=1, firstbit=spi.LSB)
    soft = machine.SoftSPI(400_000, sck=machine.Pin(4), mosi=machine.Pin(0), miso=machine.Pin(2))
    soft.init(100_000, 1, mosi=machine.Pin(13))
    said.extend((repr(spi), repr(soft)))
    return said


def spi_talk(cs, steps, **options):
    """Each step in a selection of its own; (what was read, us) of each. `sck`: on a bus without a controller."""
    if "sck" in options:
        options.update({name: machine.Pin(options[name]) for name in ("sck", "mosi", "miso")})
        spi = machine.SoftSPI(**options)
    else:
        spi = machine.SPI(1, **options)
    select = machine.Pin(cs, machine.Pin.OUT, value=1)
    said = []
    for name, *args in steps:
        start = time.ticks_us()
        select(0)
        if name == "exchange":
            value = bytearray(len(args[0]))
            spi.write_readinto(args[0], value)
            value = bytes(value)
        elif name == "fill":
            value = bytearray(args[0])
            spi.readinto(value, *args[1:])
            value = bytes(value)
        else:
            value = getattr(spi, name)(*args)
        select(1)
        said.append((value, time.ticks_diff(time.ticks_us(), start)))
    return said


def adc_reads(pin, atten):
    adc = machine.ADC(machine.Pin(pin), atten=atten)
    return adc is machine.ADC(pin), repr(adc), adc.read_uv(), adc.read(), adc.read_u16()


def adc_width(pin, bits):
    adc = machine.ADC(pin)
    adc.width(bits)
    return adc.read()


def rtc_set(to, memory):
    rtc = machine.RTC()
    rtc.datetime(to)
    rtc.memory(memory)
    return rtc is machine.RTC(), rtc.datetime(), time.time()


def rtc_told():
    return machine.RTC().datetime(), machine.RTC().memory()


def rtc_init(to):
    machine.RTC().init(to)
    return machine.RTC().datetime()[:7]


async def watchdog(timeout_ms, feeds, pause_ms):
    dog = machine.WDT(timeout=timeout_ms)
    for _ in range(feeds):
        await asyncio.sleep_ms(pause_ms)
        dog.feed()
    while True:
        time.ticks_ms()


def pwm_shapes():
    p = machine.PWM(machine.Pin(25))
    said = [(p.freq(), p.duty_u16(), p.duty())]
    p.init(freq=1000, duty=1023)
    said.append((p.freq(), p.duty_u16()))
    p.duty_ns(250_000)
    said.append((p.duty_u16(), p.duty_ns()))
    p.init(duty_u16=100, duty=1023)
    said.append(p.duty_u16())
    p.freq(2000)
    said.append(p.freq())
    p.deinit()
    return said


async def timers():
    rung = []
    start = time.ticks_ms()

    def ring(timer):
        rung.append(time.ticks_diff(time.ticks_ms(), start))
        if len(rung) == 4:
            raise ValueError("a handler that fails")

    t = machine.Timer(0, period=10, callback=ring)
    await asyncio.sleep_ms(35)
    same = machine.Timer(0) is t
    t.init(mode=machine.Timer.ONE_SHOT, freq=50, callback=ring)
    await asyncio.sleep_ms(100)
    t.init(period=7, callback=ring)
    t.deinit()
    time.sleep_ms(50)
    soft = machine.Timer(-1)
    soft.init(mode=machine.Timer.ONE_SHOT, period=3, callback=ring)
    time.sleep_ms(10)
    return same, rung
