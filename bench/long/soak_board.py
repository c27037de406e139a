"""Boards of the soak: what runs the firmware, and what can happen to a board in a lab.

The board on a pseudo-terminal is started once and lives through all runs, as one on a desk does; its port has another
name each time it is plugged in, and is found by its serial number.
"""

from __future__ import annotations

import signal
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from random import Random

from tillbench.host.boards.board_map import Board
from tillbench.host.boards.board_port import BoardPort, Port
from tillbench.host.emulator.device_process import DeviceProcess
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.emulator.link import Wire
from tillbench.host.emulator.micropython import firmware_root
from tillbench.host.emulator.qemu import QemuProcess
from tillbench.host.emulator.serial_device import SerialDevice

from bench.long.link_garbage import Garbler
from tests.device.one_port_rig import Esp32Port, deployed_board

SERIAL_NUMBER = "SOAK0001"
_PLUG_IN_S = 10.0


class NoisyWire:
    """A wire that spoils what goes over it, in both directions, for a while."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.window = wire.window
        self._garblers: list[Garbler] = []
        self._left = [0, 0]

    def spoil(self, random: Random, gap: int, length: int) -> None:
        """From now on, for `length` bytes each way, one damage every `gap` bytes on average."""
        self._garblers = [Garbler(Random(random.random()), gap) for _ in range(2)]
        self._left = [length, length]

    @property
    def damaged(self) -> int:
        """How often something was damaged."""
        return sum(garbler.damaged for garbler in self._garblers)

    def _spoilt(self, direction: int, data: bytes) -> bytes:
        spoilt, whole = data[: self._left[direction]], data[self._left[direction] :]
        if spoilt:
            self._left[direction] -= len(spoilt)
            return self._garblers[direction](spoilt) + whole
        return whole

    def fileno(self) -> int:
        """The wire's."""
        return self._wire.fileno()

    def read(self) -> bytes:
        """What has come."""
        return self._spoilt(0, self._wire.read())

    def write(self, data: bytes) -> None:
        """Send `data`."""
        self._wire.write(self._spoilt(1, data))

    def close(self) -> None:
        """Let go."""
        self._wire.close()


class NoisyDevice:
    """A device whose wire can be spoilt."""

    def __init__(self, process: DeviceProcess) -> None:
        self._process = process
        self.heard = process.heard
        self.wire = NoisyWire(process.wire)

    def ended(self) -> int | None:
        """Its exit code, if it has ended by itself."""
        return self._process.ended()

    def printed(self, data: bytes) -> None:
        """What it has printed came between the frames."""
        self._process.printed(data)

    def console(self) -> str:
        """What it has printed."""
        return self._process.console()

    def interrupt(self) -> str:
        """Make it say where it hangs."""
        return self._process.interrupt()

    def kill(self) -> None:
        """The end of it."""
        self._process.kill()


class SoakBoard(ABC):
    """A board to which something can happen.

    Attributes:
        target: for `Options.target`.
    """

    target: str

    def __init__(self) -> None:
        self._going_on: threading.Timer | None = None

    @abstractmethod
    def start(self, emulator: Emulator) -> DeviceProcess:
        """Start the firmware on it, for this emulator."""

    @abstractmethod
    def unplug(self) -> None:
        """Its cable is pulled."""

    @abstractmethod
    def reset(self) -> None:
        """Its reset button is pressed."""

    @abstractmethod
    def signal(self, number: signal.Signals) -> None:
        """For the process that plays the board, if it runs."""

    def stall(self, seconds: float) -> None:
        """It stands still for so long."""
        self.stop()
        self._going_on = threading.Timer(seconds, self.signal, [signal.SIGCONT])
        self._going_on.start()

    def stop(self) -> None:
        """It stands still."""
        self.signal(signal.SIGSTOP)

    def mend(self) -> None:
        """Somebody has looked after it: it stands still no more, is plugged in and has its power."""
        if self._going_on is not None:
            self._going_on.cancel()
            self._going_on.join()
            self._going_on = None
        self.signal(signal.SIGCONT)

    def close(self) -> None:
        """The end of the soak."""
        self.mend()


class PtyBoard(SoakBoard):
    """A bare board on a port that behaves like an ESP32's UART."""

    target = f"serial:{SERIAL_NUMBER}"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._port = deployed_board(folder)
        self._plugged = True
        self._found = BoardPort(Board("soak", serial_number=SERIAL_NUMBER), self._listing)

    def _listing(self) -> list[Port]:
        return [Port(self._port.name, SERIAL_NUMBER)] if self._plugged else []

    def start(self, emulator: Emulator) -> DeviceProcess:  # noqa: ARG002  its flash is on the link
        """Found by its serial number, wherever it is plugged in now."""
        return SerialDevice.start(self._found.wait_for(_PLUG_IN_S))

    def unplug(self) -> None:
        """The port is gone, and the board's supply with it."""
        self._port.unplug()
        self._plugged = False

    def reset(self) -> None:
        """EN."""
        self._port.press_reset()

    def signal(self, number: signal.Signals) -> None:
        """For the REPL behind the port."""
        self._port.process.send_signal(number)

    def mend(self) -> None:
        """Plugged in, under another name."""
        super().mend()
        if not self._plugged:
            paths = self._port.paths
            self._port.close()
            self._port = Esp32Port(self._folder, heap=self._port.heap, paths=paths)
            self._plugged = True

    def close(self) -> None:
        """Switch it off."""
        super().close()
        self._port.close()


class QemuBoard(SoakBoard):
    """A board in QEMU; its cable is its supply too."""

    target = "qemu"

    def __init__(self) -> None:
        super().__init__()
        self._process: QemuProcess | None = None

    def start(self, emulator: Emulator) -> DeviceProcess:
        """A process of its own for each start."""
        folder, flash = emulator.state.path.resolve(), emulator.state.flash.resolve()
        self._process = QemuProcess.start(firmware_root() / "main.py", cwd=folder, flash=flash)
        return self._process

    def unplug(self) -> None:
        """Nothing of it runs any more."""
        self.signal(signal.SIGKILL)

    def reset(self) -> None:
        """The processor starts anew, and nobody types at its REPL."""
        assert self._process is not None
        self._process.monitor.reset()

    def signal(self, number: signal.Signals) -> None:
        """For QEMU."""
        if self._process is not None:
            self._process.process.send_signal(number)
