"""The board's wires for PulseView and GTKWave: a Value Change Dump (IEEE 1364-2005, section 18).

Nets with the levels that the link tells, UART, I2C and SPI as the waveforms of what went over them. What nobody may see
is not there: the UARTs of card slot and serial line, the contactless reader's transfers, the keypad's contacts; and
while PIN entry is open nothing is, because even the times of pictures and sounds would tell something.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterable, Mapping
from typing import IO

from tillbench.host.emulator import waveforms
from tillbench.host.emulator.bench import Bench, board_parts
from tillbench.host.emulator.waveforms import Edge
from tillbench.protocols.link import Channel, Event, I2c, Net, Spi, System, Uart

UARTS = range(3)
I2C_BUSES = range(2)
SPI_BUSES = range(1, 3)
PINS = range(40)
_SETTLED_NS = 1_000_000_000
"""Changes are written in order: those of a long transfer may lie so far behind what comes next."""
_HIDDEN_PARTS = ("card", "serial_line", "host")


class VcdFile:
    """Writes what `bench` and its device say to each other, from now on.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, bench: Bench, file: IO[str]) -> None:
        self._bench = bench
        self._file = file
        self._ids: dict[str, str] = {}
        self._levels: dict[str, str] = {}
        self._changes: list[tuple[int, int, str, str]] = []
        self._count = 0
        self._written_ns = -1
        self._free_at: dict[str, int] = {}
        self._asked: tuple[str, bytes] | None = None
        self._blind = False
        self._hide(bench.parts)
        self._before = bench.on_message
        bench.on_message = self._hear
        self._header()
        if bench.pin_entry_open:
            self._pin_entry(is_open=True)

    def close(self) -> None:
        """Write what is left, and hear no more."""
        self._bench.on_message = self._before
        self._flush(None)
        self._file.close()

    # The file

    def _header(self) -> None:
        scopes = {
            "nets": [f"P{pin}" for pin in PINS],
            **{f"uart{number}": ["tx", "rx"] for number in UARTS},
            **{f"i2c{number}": ["scl", "sda"] for number in I2C_BUSES},
            **{f"spi{number}": ["sck", "mosi", "miso"] for number in SPI_BUSES},
        }
        self._file.write("$comment tillbench $end\n$timescale 1 ns $end\n")
        for scope, lines in scopes.items():
            self._file.write(f"$scope module {scope} $end\n")
            for line in lines:
                name = line if scope == "nets" else f"{scope}.{line}"
                self._ids[name] = _identifier(len(self._ids))
                self._file.write(f"$var wire 1 {self._ids[name]} {name.replace('.', '_')} $end\n")
            self._file.write("$upscope $end\n")
        self._file.write("$enddefinitions $end\n#0\n$dumpvars\n")
        for name, identifier in self._ids.items():
            self._levels[name] = self._at_rest(name)
            self._file.write(f"{self._levels[name]}{identifier}\n")
        self._file.write("$end\n")

    def _at_rest(self, name: str) -> str:
        return "1" if name.startswith(("uart", "i2c")) else "x"

    def _change(self, at_ns: int, name: str, value: str) -> None:
        if name in self._ids:
            self._count += 1
            heapq.heappush(self._changes, (at_ns, self._count, name, value))

    def _draw(self, wires: str, edges: Iterable[Edge], length_ns: int, *, ends_now: bool = True) -> None:
        """A transfer that has just ended, or begins now; never before the one before it on the same wires."""
        now = self._bench.clock.now * 1000
        begin = max(now - length_ns if ends_now else now, self._free_at.get(wires, 0))
        self._free_at[wires] = begin + length_ns
        bus = wires.partition(".")[0]
        for at, line, level in edges:
            self._change(begin + at, f"{bus}.{line}", str(level))

    def _flush(self, until_ns: int | None) -> None:
        while self._changes and (until_ns is None or self._changes[0][0] < until_ns):
            at, _, name, value = heapq.heappop(self._changes)
            if self._levels[name] == value:
                continue
            self._levels[name] = value
            if at > self._written_ns:
                self._file.write(f"#{at}\n")
                self._written_ns = at
            self._file.write(f"{value}{self._ids[name]}\n")

    # The link

    def _hear(self, direction: str, channel: Channel, payload: bytes) -> None:
        self._before(direction, channel, payload)
        op = payload[0] if payload else -1
        if channel == Channel.SYSTEM and op == System.HELLO:
            self._hide(board_parts(payload[1:].decode()))
        elif channel == Channel.EVENT and op == Event.PIN_ENTRY:
            self._pin_entry(bool(payload[1]))
        elif not self._blind:
            self._draw_message(direction, channel, op, payload)
        self._flush(self._bench.clock.now * 1000 - _SETTLED_NS)

    def _hide(self, parts: Mapping[str, Mapping[str, str]]) -> None:
        self._hidden_uarts = {int(parts[name]["uart"]) for name in _HIDDEN_PARTS if "uart" in parts.get(name, {})}
        reader = parts.get("contactless", {})
        self._hidden_chips = {(int(reader["i2c"]), int(reader["addr"]))} if "i2c" in reader else set()

    def _pin_entry(self, is_open: bool) -> None:
        """Everything is unknown meanwhile; what was on its way before is still drawn."""
        self._blind = is_open
        now, nets = self._bench.clock.now * 1000, self._bench.nets
        for name in self._ids:
            bus = name.partition(".")[0]
            level = nets.driven.get(name, nets.levels.get(name, "x")) if bus == name else self._at_rest(name)
            free = max(self._free_at.get(bus, 0), self._free_at.get(name, 0))
            self._change(max(now, free), name, "x" if is_open else str(level))
            self._free_at[name] = self._free_at[bus] = max(now, free)  # nothing is drawn across that moment

    def _draw_message(self, direction: str, channel: Channel, op: int, payload: bytes) -> None:
        now = self._bench.clock.now * 1000
        match channel:
            case Channel.NET if op == Net.LEVEL:
                self._change(now, payload[2:].decode(), str(payload[1]))
            case Channel.NET if op == Net.DRIVE:
                self._change(now, payload[2:].decode(), "01z"[payload[1]])
            case Channel.UART if op in (Uart.WRITE, Uart.DATA) and payload[1] not in self._hidden_uarts:
                self._uart(payload[1], "tx" if op == Uart.WRITE else "rx", payload[2:])
            case Channel.SPI if op == Spi.WRITE:
                self._spi(payload[1], payload[2:], None)
            case Channel.I2C | Channel.SPI if direction == "<":
                self._asked = (channel.name, payload)
            case Channel.I2C | Channel.SPI if self._asked is not None and self._asked[0] == channel.name:
                asked, self._asked = self._asked[1], None
                if channel == Channel.SPI and asked[0] == Spi.TRANSFER:
                    self._spi(asked[1], asked[2:], payload[1:])
                elif channel == Channel.I2C and (asked[1], asked[2]) not in self._hidden_chips:
                    self._i2c(asked, payload)

    def _uart(self, number: int, line: str, data: bytes) -> None:
        """Each direction goes its own way: what is sent begins now, what has come has ended."""
        config = self._bench.uart(number).config
        length = len(data) * waveforms.uart_ns(config)
        self._draw(f"uart{number}.{line}", waveforms.uart(config, data, line), length, ends_now=line == "rx")

    def _i2c(self, asked: bytes, answer: bytes) -> None:
        (acknowledged,) = struct.unpack_from("<h", answer, 1)
        read = asked[0] == I2c.READ
        data = answer[3:] if read else asked[3:]
        edges = waveforms.i2c(asked[2], data, acknowledged, read=read)
        self._draw(f"i2c{asked[1]}", edges, waveforms.i2c_ns(len(data)))

    def _spi(self, number: int, out: bytes, back: bytes | None) -> None:
        config = self._bench.spi(number).config
        edges = waveforms.spi(config, out, back)
        self._draw(f"spi{number}", edges, waveforms.spi_ns(config, len(out)))


def _identifier(number: int) -> str:
    """Printable characters from `!` on; one is enough for 94 of them."""
    return chr(ord("!") + number)
