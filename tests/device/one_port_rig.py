"""An ESP32's serial port around a Unix port REPL.

The host opens a pty through pyserial. A thread carries bytes between it and the REPL as the chip does: what comes
goes into a buffer of 260 bytes that the program empties, what exceeds it is dropped without a word, and byte 03 is an
interrupt instead of a byte whenever `micropython.kbd_intr` says so.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import termios
import threading
import tty
from dataclasses import dataclass, field
from pathlib import Path

from tillbench.host.boards.build import slot_files
from tillbench.host.emulator.compiler import cache_dir
from tillbench.host.emulator.micropython import find_micropython, firmware_root

from tests.device.runner_rig import PROBES

STDIN_SIZE = 260
BOOT_LOG = (
    b"\xa5\x00ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n\xa5\xa5\x80"
)


@dataclass
class Traffic:
    """What the buffer has seen."""

    dropped: int = 0
    most: int = 0
    interrupts: int = 0
    received: int = 0


@dataclass
class Esp32Port:
    """The board; `name` is the port to open.

    Args:
        cwd: working directory of the REPL.
        stdin_size: bytes that its receive buffer holds.
        paths: directories of modules; by default the test runner's and the firmware's.
        heap: for the calls of the test runner, whose arguments are text; a chip has less, and calls with less.
    """

    cwd: Path
    stdin_size: int = STDIN_SIZE
    heap: str = "1M"
    paths: tuple[Path, ...] = ()
    traffic: Traffic = field(default_factory=Traffic)

    def __post_init__(self) -> None:
        self._host, self._port = os.openpty()
        tty.setraw(self._port)
        self.name = os.ttyname(self._port)
        self._wake, self._waker = os.pipe()
        self._lock = threading.Lock()
        self._start()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _start(self) -> None:
        paths = self.paths or (*PROBES, firmware_root())
        self.process = subprocess.Popen(
            [str(find_micropython()), "-i", "-X", f"heapsize={self.heap}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            cwd=self.cwd,
            env={**os.environ, "MICROPYPATH": ":".join([*map(str, paths), ".frozen"])},
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._booted = False
        self._stdin = self.process.stdin.fileno()
        self._stdout = self.process.stdout.fileno()

    def _carry(self) -> None:
        while True:
            ready = select.select([self._host, self._stdout, self._wake], [], [])[0]
            if self._wake in ready:
                return
            if self._host in ready:
                self._to_board(os.read(self._host, 65536))
            if self._stdout in ready:
                data = os.read(self._stdout, 65536)
                if data:
                    self._booted = self._booted or b">>> " in data
                    self._to_host(data)
                else:
                    # The program has ended, which on a chip is a reset.
                    self._end()
                    self._to_host(BOOT_LOG)
                    self._start()

    def _to_host(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._host, data) :]

    def _to_board(self, data: bytes) -> None:
        with self._lock:
            self.traffic.received += len(data)
            while b"\x03" in data and self._interruptible():
                before, _, data = data.partition(b"\x03")
                self._fill(before)
                self.traffic.interrupts += 1
                self.process.send_signal(signal.SIGINT)
            self._fill(data)

    def _fill(self, data: bytes) -> None:
        if self.process.poll() is not None:
            self.traffic.dropped += len(data)
            return
        unread = self._unread()
        fits = data[: max(0, self.stdin_size - unread)]
        self.traffic.dropped += len(data) - len(fits)
        self.traffic.most = max(self.traffic.most, unread + len(fits))
        with contextlib.suppress(BrokenPipeError):  # the program ends at this moment
            os.write(self._stdin, fits)

    def _unread(self) -> int:
        return int.from_bytes(fcntl.ioctl(self._stdin, termios.FIONREAD, bytes(4)), "little")

    def _interruptible(self) -> bool:
        """True if the program catches SIGINT, which is what `kbd_intr(3)` does on this port."""
        if not self._booted:
            return False
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
        return bool(int(caught.split()[1], 16) & 1 << signal.SIGINT - 1)

    def disturb(self, data: bytes) -> None:
        """Bytes on the line that no program wrote."""
        os.write(self._host, data)

    def press_reset(self) -> None:
        """The button EN."""
        self.process.kill()

    def unplug(self) -> None:
        """Pull the cable: the port is gone."""
        self._stop()
        os.close(self._port)
        os.close(self._host)
        self._host = self._port = -1

    def _end(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def _stop(self) -> None:
        os.write(self._waker, b"x")
        self._thread.join()

    def close(self) -> None:
        """Switch everything off."""
        if self._host >= 0:
            self.unplug()
        self._end()
        os.close(self._wake)
        os.close(self._waker)


def deployed_board(folder: Path) -> Esp32Port:
    """A board with the files that a deploy puts into its slot, all parts virtual; `folder` is its working directory."""
    slot = folder / "slot"
    for name, code in slot_files(firmware_root(), "bare", cache_dir()).items():
        (slot / name).parent.mkdir(parents=True, exist_ok=True)
        (slot / name).write_bytes(code)
    return Esp32Port(folder, heap="2M", paths=(slot,))
