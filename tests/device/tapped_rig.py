"""An ESP32 with real parts, as far as that can be had without one: the firmware's build for it on MicroPython's Unix
port, whose UARTs are pseudo-terminals with a printer and a card controller at their far ends, and its acquirer on TCP.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import threading
import tty
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tillbench.host.acquirer import Acquirer, TerminalSetup
from tillbench.host.acquirer.server import serve
from tillbench.host.boards.build import slot_files
from tillbench.host.cards import VirtualCard
from tillbench.host.cards.pps import in_characters
from tillbench.host.devices.ccid_controller import CcidController
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.printer import Printer
from tillbench.host.emulator.compiler import cache_dir
from tillbench.host.emulator.emulator import MERCHANT_ID, TERMINAL_ID
from tillbench.host.emulator.micropython import firmware_root
from tillbench.host.emulator.wires import Clock, UartConfig, UartPort

from tests.device.one_port_rig import Esp32Port

COPPER = Path(__file__).parent / "copper"
KEY = bytes(range(16))
PRINTER, CARD = 1, 2
_SETTLED_US = 5_000_000
"""Nothing that a part does for one byte takes longer; it does so at once."""


class World:
    """What is soldered to the board, in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self._clock = Clock()
        self._lock = threading.Lock()
        self._ports = {number: UartPort(number) for number in (PRINTER, CARD)}
        self._ends: dict[int, UartPort] = {}
        self._lines: list[int] = []
        names = {}
        for number, port in self._ports.items():
            far, near = os.openpty()
            tty.setraw(near)
            names[str(number)] = os.ttyname(near)
            self._lines += [far, near]
            self._ends[far] = port
            port.to_device = _writes_to(far)
        (folder / "lines").write_text(json.dumps(names))
        self._ports[PRINTER].configured(UartConfig(9600))
        self.printer = Printer(self._clock, self._ports[PRINTER])
        self.controller = CcidController(self._clock, self._ports[CARD])
        self._display = folder / "display"
        self._end, self._ender = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            ready = select.select([*self._ends, self._end], [], [])[0]
            if self._end in ready:
                return
            with self._lock:
                for line in ready:
                    self._ends[line].on_bytes(os.read(line, 4096))
                until = self._clock.now + _SETTLED_US
                while (due := self._clock.next_due()) is not None and due <= until:
                    self._clock.advance_to(due)

    def insert(self, card: VirtualCard) -> None:
        """By hand."""
        with self._lock:
            self.controller.insert(in_characters(card))

    def remove(self) -> None:
        """By hand."""
        with self._lock:
            self.controller.remove()

    def glass(self) -> bytes:
        """What the display shows, by the bytes that it has acknowledged."""
        panel, data = Panel(random.Random(1)), self._display.read_bytes()
        while data:
            size = 2 + int.from_bytes(data[:2], "little")
            panel.write(data[2:size])
            data = data[size:]
        return panel.pixels()

    def close(self) -> None:
        os.write(self._ender, b"\0")
        self._thread.join()
        for line in (*self._lines, self._end, self._ender):
            os.close(line)


def _writes_to(line: int) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        os.write(line, data)

    return write


class AcquirerHost:
    """The acquirer that the board was provisioned for, on TCP, in a thread of its own."""

    def __init__(self, folder: Path, cards: list[VirtualCard]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        url = f"sqlite:///{folder / 'ledger'}"

        async def start() -> tuple[Acquirer, int]:
            acquirer = Acquirer(url, datetime.now, random.Random(2).randbytes, lmk=bytes(16))
            acquirer.provision([card.profile for card in cards], [TerminalSetup(TERMINAL_ID, MERCHANT_ID, KEY)])
            self._server = await serve(acquirer, port=0)
            return acquirer, self._server.port

        self.acquirer, self.port = asyncio.run_coroutine_threadsafe(start(), self._loop).result(30)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def tapped_board(folder: Path, acquirer_port: int) -> Esp32Port:
    """The board, deployed and provisioned; `folder` is its flash."""
    site = {"acquirer_host": "127.0.0.1", "acquirer_port": acquirer_port, "ssid": "lab", "wifi_key": "", "slot": "ccid"}
    (folder / "site.json").write_text(json.dumps({**site, "keys": {"TMK": KEY.hex()}}))
    slot = folder / "slot"
    for name, code in slot_files(firmware_root(), "tapped", cache_dir()).items():
        (slot / name).parent.mkdir(parents=True, exist_ok=True)
        (slot / name).write_bytes(code)
    return Esp32Port(folder, heap="2M", paths=(COPPER / "till", COPPER / "keypad", slot))
