"""What a tapped board mirrors, on a link of its own whose bench takes nothing, or all."""

import asyncio
import sys
from struct import pack
from struct import unpack_from as unpack

import machine
import utime
from port import link


class Wire:
    """Keeps what is written; acknowledges it as soon as `awake`."""

    lossy = False

    def __init__(self):
        self.frames = []
        self.awake = False
        self.waits = 0
        self.answer = b""

    def readinto(self, room):
        got, self.answer = self.answer, b""
        room[: len(got)] = got
        return len(got) or None

    def write(self, frame):
        self.frames.append(bytes(frame))
        channel, seq = frame[5], frame[3]
        if self.awake:
            from binascii import crc32

            body = pack("<HBBBB", 4, 0, seq, 0, ~(4 + seq) & 0xFF) + pack("<BBH", 1, 0, 0)
            self.answer = b"\xa5" + body + pack("<I", crc32(body))
        return channel

    def wait(self, ms):
        self.waits += 1
        if not self.answer:
            utime.sleep_ms(ms)
        return bool(self.answer)


def tapped():
    """The module, on the virtual `machine`: what it takes for real parts."""
    sys.modules["umachine"] = machine
    from port import tapped

    return tapped


class OwnLink:
    """In place of the board's own link, which is there again afterwards."""

    def __enter__(self):
        self.kept = link._link
        self.wire = Wire()
        link._link = link.Link(self.wire)
        return self.wire

    def __exit__(self, *_):
        link._link = self.kept


def messages(wire):
    """(channel, payload) of each counted frame."""
    return [(frame[5], frame[7 : 7 + unpack("<H", frame, 1)[0]]) for frame in wire.frames if frame[5]]


def nobody_takes_it():
    """What is sent of ten pictures of 1 KB, of a pass phrase's beginning and of a word to a bench that takes nothing,
    and of one more picture when it does: channels, and what is told instead of what was lost. How often it waited,
    from the third picture on and from the fourth."""
    tap = tapped()
    tap.patience_ms = 50
    picture = b"\x03\x00\x3c", bytes(1025)
    with OwnLink() as wire:
        waits = []
        for _ in range(10):
            waits.append(wire.waits)
            tap.tell(link.I2C, *picture)
        tap.Events().pin_entry(2)
        tap.log("a word, for which there would be room")
        tap.tell(link.I2C, *picture)
        waited = wire.waits - waits[2], wire.waits - waits[3]
        wire.awake = True
        link._link.ask()
        tap.tell(link.I2C, *picture)
        told = messages(wire)
        return [channel for channel, _ in told], [payload for channel, payload in told if channel != link.I2C], waited


class Slot:
    def __init__(self):
        self.heard = []

    def present(self):
        return True

    async def exchange(self, apdu):
        self.heard.append(bytes(apdu))
        return b"\x90\x00"


async def exchange(*apdus):
    """What the slot hears, and what the bench is told."""
    slot = Slot()
    with OwnLink() as wire:
        wire.awake = True
        card = tapped().Card(slot)
        assert card.present()
        for apdu in apdus:
            assert await card.exchange(apdu) == b"\x90\x00"
            await asyncio.sleep(0)
        return slot.heard, messages(wire)


class Keypad:
    def __init__(self):
        self.pressed = []
        self.put = self.pressed.append


def keys():
    """What the terminal gets of fingers and of the bench, and what the bench is told, PIN entry open for the second."""
    keypad = Keypad()
    tap = tapped()
    with OwnLink() as wire:
        wire.awake = True
        events = tap.Events()
        tap.keys(keypad, events)
        keypad.put(0x31)
        events.pin_entry(True)
        keypad.put(0x32)
        link._link.handlers[link.EVENT](memoryview(b"\x03\x33"))
        return keypad.pressed, messages(wire)
