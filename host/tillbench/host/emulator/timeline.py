"""Every wire on one timeline, fit to be printed, stored and shown: PANs masked, PINs and keys absent.

While PIN entry is open, keys are `*`, and so is the time of everything: the screen and the buzzer answer each key, and
how long a person takes from key to key tells something of which keys they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

from tillbench.host.devices.keypad import KeyEvent
from tillbench.host.devices.paper import PrintedLine
from tillbench.host.devices.slot_tap import masked
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.emulator.screen import Shown
from tillbench.protocols.ccid import Describer
from tillbench.protocols.emv.describe import ApduDescriber
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, describe
from tillbench.protocols.iso8583.framing import Frame, FrameReader, build
from tillbench.protocols.link import Channel, Event, Net, Uart

MASK = "*"
TLS_RECORDS = range(20, 24)
"""First byte of a record: change cipher spec, alert, handshake, application data (RFC 5246); then the version, 3.x."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Attributes:
        t_us: virtual time in microseconds; None while PIN entry hides it.
        wire: keys, screen, card, ccid, host, printer, scanner, leds, buzzer, log, power.
        event: what, in a word or two.
        lines: details, decoded and masked.
        shown: the frame, on the wire "screen".
        secret: what `shown` shows is for the person in front of it alone.
        printed: the line, on the wire "printer".
        raw: the bytes, for decoders: command and response on the wire "card", length prefix and message on "host".
            They hold card data: nothing that is shown or stored may be made of them without masking.
    """

    t_us: int | None
    wire: str
    event: str
    lines: tuple[str, ...] = ()
    shown: Shown | None = None
    secret: bool = False
    printed: PrintedLine | None = None
    raw: tuple[bytes, ...] = field(default=(), repr=False)

    def as_line(self) -> str:
        """One line for people, without the details: seconds, wire, event."""
        stamp = MASK if self.t_us is None else f"{self.t_us / 1_000_000:.3f}"
        return f"{stamp:>10} {self.wire:8} {self.event}"

    def as_json(self) -> str:
        """One line of a trace file."""
        row: dict[str, object] = {"t_us": MASK if self.t_us is None else self.t_us, "wire": self.wire}
        row["event"] = self.event
        if self.lines:
            row["lines"] = list(self.lines)
        if self.shown is not None and not self.secret:
            row["frame"] = self.shown.number
            row["pixels"] = self.shown.hash
        return json.dumps(row, ensure_ascii=False)


@dataclass
class _Wire:
    """A running hash of the raw bytes on one wire: equal traces mean equal wires."""

    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.digest.update(data)


class Timeline:
    """Listens to an emulator and tells its listeners, in order."""

    def __init__(self, emulator: Emulator) -> None:
        self.listeners: list[Callable[[Entry], None]] = []
        self._emulator = emulator
        self._clock = emulator.bench.clock
        self._wires: dict[str, _Wire] = {}
        self._apdus = ApduDescriber()
        self._controller = Describer()
        self._readers: dict[str, FrameReader] = {}
        self._printer_heard = False
        emulator.key_listeners.append(self._key)
        emulator.pin_listeners.append(self._pin_entry)
        emulator.entry.listeners.append(self._card)
        emulator.entry.apdu_listeners.append(self._apdu)
        emulator.controller_listeners.append(self._ccid)
        emulator.power_listeners.append(self._power)
        emulator.sound_listeners.append(lambda hz: self.tell("buzzer", f"{hz} Hz" if hz else "silent"))
        emulator.led_listeners.append(lambda name, on: self.tell("leds", f"{name} {'on' if on else 'off'}"))
        emulator.scan_listeners.append(lambda text: self.tell("scanner", text))
        emulator.case_listeners.append(lambda is_open: self.tell("case", "opened" if is_open else "shut"))
        emulator.screen.listeners.append(self._screen)
        emulator.bench.on_log = lambda text: self.tell("log", text)
        emulator.bench.on_message = self._raw
        emulator.line.on_bytes = self._host_bytes

    def tell(self, wire: str, event: str, lines: tuple[str, ...] = (), **more: Any) -> None:
        """Add an entry of now; more: what else an `Entry` has."""
        now = None if self._emulator.pin_entry_open else self._clock.now
        self._tell(Entry(now, wire, event, lines, **more))

    def _tell(self, entry: Entry) -> None:
        for listener in self.listeners:
            listener(entry)

    def _key(self, event: KeyEvent) -> None:
        self._tell(Entry(event.at_us, "keys", f"{event.key} {event.action}" if event.at_us is not None else MASK))

    def _pin_entry(self, is_open: bool) -> None:
        self._tell(Entry(self._clock.now, "keys", "PIN entry opens" if is_open else "PIN entry closes"))

    def _card(self, event: str) -> None:
        self.tell("card", event)

    def _apdu(self, command: bytes, response: bytes) -> None:
        title, *rest = self._apdus.describe(command, response)
        self.tell("card", title, tuple(rest), raw=(masked(command), response))

    def _ccid(self, direction: str, frame: bytes) -> None:
        said = self._controller.request(frame) if direction == "<" else self._controller.answer(frame)
        if said is not None:
            self.tell("ccid", f"{'->' if direction == '<' else '<-'} {said}")

    def _screen(self, shown: Shown) -> None:
        secret = self._emulator.bench.screen_tells
        event = MASK if secret else " | ".join(row.strip() for row in shown.rows if row.strip())
        self.tell("screen", event, shown=shown, secret=secret)

    def _power(self, on: bool) -> None:
        self._readers.clear()
        self.tell("power", "on" if on else "off")
        if on and not self._printer_heard:
            self._printer_heard = True
            self._emulator.printer.line_listeners.append(self._printed)
            self._emulator.printer.receipt_listeners.append(lambda receipt: self.tell("printer", "cut"))
            self._emulator.printer.drawer.listeners.append(self._drawer)

    def _drawer(self, pin: int) -> None:
        self.tell("printer", f"drawer opened by a pulse on pin {pin}")

    def _printed(self, line: PrintedLine) -> None:
        self.tell("printer", line.text, printed=line)

    def _host_bytes(self, direction: str, data: bytes) -> None:
        self._wire(f"host {direction}", data)
        if data[0] in TLS_RECORDS and data[1:2] == b"\x03":
            # No frame begins so: its length would be out of range.
            self.tell("host", f"{'->' if direction == '<' else '<-'} TLS, {len(data)} bytes")
            return
        reader = self._readers.setdefault(direction, FrameReader())
        arrow = "->" if direction == "<" else "<-"
        try:
            for frame in reader.feed(data):
                self._host_frame(arrow, frame)
        except FormatError as error:
            self.tell("host", f"{arrow} not a frame: {error}")
            del self._readers[direction]

    def _host_frame(self, arrow: str, frame: Frame) -> None:
        raw = (build(frame.tpdu, frame.header, frame.body),)
        try:
            title, *rest = describe(UNIONPAY.decode(frame.body))
        except FormatError as error:
            self.tell("host", f"{arrow} malformed: {error}", raw=raw)
            return
        self.tell("host", f"{arrow} {title}", tuple(rest), raw=raw)

    def _raw(self, direction: str, channel: Channel, payload: bytes) -> None:
        if channel == Channel.UART and payload[0] in (Uart.WRITE, Uart.DATA):
            self._wire(f"uart{payload[1]} {direction}", payload[2:])
        elif channel == Channel.SPI:
            self._wire(f"spi{payload[1]} {direction}" if direction == "<" else "spi >", payload[1:])
        elif channel == Channel.I2C:
            self._wire(f"i2c{payload[1]} {direction}" if direction == "<" else "i2c >", payload[1:])
        elif channel == Channel.EVENT and payload[0] == Event.FRAME:
            self._wire("frames", payload)
        elif channel == Channel.NET and payload[0] in (Net.LEVEL, Net.PWM):
            self._wire("nets", payload)

    def _wire(self, name: str, data: bytes) -> None:
        wire = self._wires.get(name)
        if wire is None:
            wire = self._wires[name] = _Wire()
        wire.add(data)

    def summary(self) -> list[Entry]:
        """For each wire, how many raw bytes went over it and their SHA-256."""
        return [
            Entry(self._clock.now, name, "end", (f"{wire.size} bytes", f"sha256 {wire.digest.hexdigest()}"))
            for name, wire in sorted(self._wires.items())
        ]


class TraceFile:
    """A timeline in a file, one JSON object a line.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, timeline: Timeline, file: IO[str]) -> None:
        self._timeline = timeline
        self._file = file
        timeline.listeners.append(self._write)

    def _write(self, entry: Entry) -> None:
        self._file.write(entry.as_json() + "\n")

    def close(self) -> None:
        """Write the sums of the raw wires, and close."""
        for entry in self._timeline.summary():
            self._write(entry)
        self._file.close()
