"""The PSRAM of QEMU's mps2-an385 as a file: flash, firmware and the two rings of the bench link.

The layout is the device's too (`firmware/port/psram.py`; a test holds them together). The flash is at the front, so the
file *is* the flash image: nothing is copied at power on or off, and what a killed board had programmed is there.
"""

from __future__ import annotations

import mmap
import os
import socket
import time
from pathlib import Path

from tillbench.host.emulator.link import LinkLost

BASE = 0x2100_0000
"""Address on the device."""
SIZE = 0x100_0000
FLASH = 0x00_0000
ROM = 0x40_0000
ROM_SIZE = 0x90_0000
CODE = 0xD0_0000
CODE_SIZE = 0x10_0000
NAMES = 0xE0_0000
NAMES_SIZE = 0x10_0000
CONTROL = 0xF0_0000
OUT = 0xF0_1000
OUT_SIZE = 0x4000
BUFFERS = 0xF0_5000
IN = 0xF1_0000
IN_SIZE = 0x2_0000
MAGIC_WORD = b"TBR1"

# Control words, by number. "Out" and "in" as the device sees them.
MAGIC, OUT_HEAD, OUT_TAIL, IN_HEAD, IN_TAIL, ASLEEP, INTERRUPT = range(7)
CONTROL_SIZE = 4 * 7

FULL_S = 10.0


class Psram:
    """The file, mapped: `flash_size` bytes of flash stay as they are, the rest is cleared."""

    def __init__(self, path: Path, flash_size: int, rom: bytes, names: bytes = b"", *, rings: bool = True) -> None:
        # The device makes a table of the names behind their list.
        for what, found, most in (("firmware image", rom, ROM_SIZE), ("list of names", names, NAMES_SIZE // 3)):
            if len(found) > most:
                raise ValueError(f"{what}: expected at most {most} bytes, got {len(found)}")
        self.path = path
        self.flash_size = flash_size
        # Whatever is behind the flash is left over from a bench that was killed.
        os.truncate(path, flash_size)
        os.truncate(path, SIZE)
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)
        self.bytes = memoryview(self._map)
        self.control = self.bytes[CONTROL : CONTROL + CONTROL_SIZE].cast("I")
        self.bytes[ROM : ROM + len(rom)] = rom
        self.bytes[NAMES : NAMES + len(names)] = names
        if rings:
            self.bytes[CONTROL : CONTROL + 4] = MAGIC_WORD

    def close(self) -> None:
        """Let go of the file, which is a flash image and nothing else again."""
        self.control.release()
        self.bytes.release()
        self._map.close()
        os.truncate(self.path, self.flash_size)


class RingWire:
    """The bench's end of the rings; `bell` is the far end of the board's UART1."""

    window: int | None = None

    def __init__(self, psram: Psram, bell: socket.socket) -> None:
        self._bell = bell
        self._control = psram.control
        self._out = psram.bytes[OUT : OUT + OUT_SIZE]
        self._in = psram.bytes[IN : IN + IN_SIZE]
        self._head = 0
        self._tail = 0

    def fileno(self) -> int:
        """The door bell's file descriptor."""
        return self._bell.fileno()

    def read(self) -> bytes:
        """What has come."""
        alive = True
        try:
            alive = self._bell.recv(4096, socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            pass
        except OSError:
            alive = False
        data = self._drain()
        if not data and not alive:
            raise LinkLost("the device has gone away: QEMU has ended")
        return data

    def _drain(self) -> bytes:
        head, tail = self._control[OUT_HEAD], self._tail
        if head >= tail:
            data = bytes(self._out[tail:head])
        else:
            data = bytes(self._out[tail:]) + bytes(self._out[:head])
        self._tail = head
        self._control[OUT_TAIL] = head
        return data

    def write(self, data: bytes) -> None:
        """Send all of `data`, and ring if the device sleeps."""
        patience = time.monotonic() + FULL_S
        while data:
            free = (self._control[IN_TAIL] - self._head - 1) % IN_SIZE
            n = min(len(data), free, IN_SIZE - self._head)
            if n:
                self._in[self._head : self._head + n] = data[:n]
                self._head = (self._head + n) % IN_SIZE
                self._control[IN_HEAD] = self._head
                data = data[n:]
            elif time.monotonic() > patience:
                raise LinkLost(f"the device has read nothing for {FULL_S:g} s")
            self.ring()

    def ring(self, always: bool = False) -> None:
        """Wake the device, if it sleeps."""
        if always or self._control[ASLEEP]:
            try:
                self._bell.send(b"\x01", socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass  # enough unheard bells are there
            except OSError as error:
                raise LinkLost(f"the device has gone away: {error.strerror}") from error

    def resume(self) -> None:
        """Go on where the control words say that the rings are, which were put back with the device."""
        self._head = self._control[IN_HEAD]
        self._tail = self._control[OUT_HEAD]
        self._control[OUT_TAIL] = self._tail

    def close(self) -> None:
        """Let go of memory and bell."""
        self._out.release()
        self._in.release()
        self._bell.close()
