"""Loops to be timed from outside: the device's own clock is steered and says nothing about speed."""

# mypy: disable-error-code="import-not-found"

from crypto.des import TDES
from port import vault


def link_round_trips(n: int) -> None:
    """`n` times one byte asked for and got over the link."""
    for _ in range(n):
        vault.entropy(1)


def frames(n: int) -> None:
    """`n` whole pictures to the display, each different from the one before."""
    from drivers.ssd1306 import SSD1306
    from machine import I2C, Pin

    panel = SSD1306(I2C(0, scl=Pin(22), sda=Pin(21), freq=400_000), 60)
    panel.init()
    for i in range(n):
        panel.fb.fill(i & 1)
        panel.show()


async def exchanges(n: int, apdu: bytes) -> bytes:
    """`n` times a command to the card and its answer, character by character; returns the last answer."""
    from drivers.iso7816 import CardSlot
    from machine import PWM, UART, Pin

    slot = CardSlot(
        UART(2, 9600, tx=25, rx=26, rxbuf=512),
        Pin(32, Pin.OUT, value=0),
        PWM(Pin(33), freq=4_000_000, duty_u16=0),
        Pin(13, Pin.OUT, value=0),
        Pin(27, Pin.IN, Pin.PULL_UP),
    )
    await slot.activate()
    answer = b""
    for _ in range(n):
        answer = await slot.exchange(apdu)
    slot.deactivate()
    return answer


def tdes_blocks(n: int, key: bytes) -> None:
    """`n` blocks enciphered under one key."""
    cipher = TDES(key)
    block = bytes(8)
    for _ in range(n):
        block = cipher.encrypt(block)


def tdes_keys(n: int, key: bytes) -> None:
    """`n` key schedules."""
    for _ in range(n):
        TDES(key)
