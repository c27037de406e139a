"""The electrical model of a contact card slot: VCC, RST, CLK, the one I/O wire, the presence switch.

It holds a card, checks what the terminal does against ISO/IEC 7816-3 and EMV Book 1 part II (`violations`), moves
characters at their pace, and misbehaves on demand (`faults`).

What the ESP32's UART shows is modelled, not what a better one would: a character with wrong parity arrives as the wrong
byte with no mark on it (the UART keeps it, MicroPython has no event for it), the T=0 error signal does not exist, and
characters that follow each other without a pause arrive together when the last one ends or the FIFO reaches its
threshold.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tillbench.host.devices.slot_tap import Exchange, T0Tap
from tillbench.host.devices.slot_wire import CardTiming, F, Frame, other_convention, received
from tillbench.host.emulator.wires import GROUND, Clock, Nets, Timer, UartPort

_FIFO_THRESHOLD = 120  # characters (ESP-IDF default)
_CHARACTER_ETU = 12
_TURNAROUND_ETU = 16
_REST_US = 10_000  # between deactivation and the next activation
_PULL_US = 1_000  # a card that leaves after an exchange leaves when the terminal has seen its status bytes
_BREAK_ETU = 10


class CharacterCard(Protocol):
    """A card as the slot drives it: logical characters, times in etu."""

    def reset(self, cold: bool) -> bytes:
        """RST has gone high; return the answer to reset (TS as 3B or 3F)."""
        ...

    def receive(self, data: bytes) -> list[tuple[int, bytes]]:
        """The terminal has sent `data` (one character at a time); return what to send now, as runs of characters.

        The number before each run is the pause in etu after the last character on the line, of either side: from its
        end, 12 etu after its start, to the start of the run. Less than the protocol's least (0, or 4 after a
        character of the terminal) is raised to it.
        """
        ...


@dataclass
class SlotFaults:
    """What goes wrong. Characters count from 0 at power on; all of it can be changed at any time.

    Attributes:
        mute: no answer to reset.
        bad_atrs: sent, one after the other, instead of the card's next answers to reset.
        atr_delay_clk: from RST high to TS; 400 to 40,000 is legal.
        nulls: NULL procedure bytes (60) before each reply.
        reply_delay_etu: least time before each reply, from start to start of two characters as the work waiting time
            of 9,600 etu is.
        out_after_exchanges: the card leaves after this many TPDUs (0: after its answer to reset).
        out_after_characters: the card leaves after this many characters, of either side.
        echo_flips: bits that turn over in the echo of the terminal's n-th character: {n: mask}.
        flips: bits that turn over in the card's n-th character on its way to the terminal: {n: mask}.
    """

    mute: bool = False
    bad_atrs: list[bytes] = field(default_factory=list)
    atr_delay_clk: int = 2_000
    nulls: int = 0
    reply_delay_etu: int = 0
    out_after_exchanges: int | None = None
    out_after_characters: int | None = None
    echo_flips: dict[int, int] = field(default_factory=dict)
    flips: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Violation:
    """Something the terminal did that the standard forbids: when (microseconds) and what."""

    at_us: int
    what: str


@dataclass
class _Run:
    """Characters on the wire, one after the other: start of the first, time per character, all in nanoseconds."""

    lead_ns: float
    char_ns: float
    data: bytes
    timer: Timer | None = None

    @property
    def end_ns(self) -> float:
        return self.lead_ns + len(self.data) * self.char_ns

    def ended(self, now_ns: float) -> int:
        """How many of the characters are over."""
        return max(0, min(len(self.data), int((now_ns - self.lead_ns) / self.char_ns + 1e-6)))


class Slot:
    """One slot on the wires of a board.

    Args:
        clock: virtual time.
        nets: the copper; `rst`, `clk`, `vcc`, `present` name the slot's nets.
        uart: the far end of the UART whose TX and RX meet on I/O.
        rng: for the times of a bouncing switch.

    Attributes:
        exchanges: every TPDU since the start, PINs masked.
        on_exchange: hears each complete one as (command, response).
        violations: what the terminal did wrong.
        faults: what the slot and the card do wrong.
    """

    def __init__(
        self,
        clock: Clock,
        nets: Nets,
        uart: UartPort,
        *,
        rst: str = "P32",
        clk: str = "P33",
        vcc: str = "P13",
        present: str = "P27",
        rng: random.Random | None = None,
    ) -> None:
        self.faults = SlotFaults()
        self.violations: list[Violation] = []
        self.exchanges: list[Exchange] = []
        self.on_exchange: Callable[[bytes, bytes], None] = lambda command, response: None
        self.card: CharacterCard | None = None
        self.powered = False
        self.clock_hz = 0
        self.characters = 0
        self._clock = clock
        self._nets = nets
        self._uart = uart
        self._present = present
        self._rng = rng or random.Random(0)
        self._tap = T0Tap(lambda: clock.now)
        self._state: Literal["off", "reset", "answering", "ready", "dead"] = "off"
        self._rst = 0
        self._low_since = 0
        self._off_since = -_REST_US
        self._answered = False  # since power on
        self._timing = CardTiming()
        self._d = 1
        self._counted = 0
        self._last_lead_ns = 0.0
        self._last_sender: Literal["card", "terminal", ""] = ""
        self._tx_free_ns = 0.0
        self._sent = {"card": 0, "terminal": 0}
        self._card_runs: list[_Run] = []
        self._terminal_runs: list[_Run] = []
        self._bounces: list[Timer] = []
        nets.watch(vcc, self._on_vcc)
        nets.watch(rst, self._on_rst)
        nets.watch_pwm(clk, self._on_clk)
        uart.on_bytes = self._on_bytes

    # The card comes and goes

    def insert(self, card: CharacterCard, bounces: int = 0) -> None:
        """Put a card in; the switch opens again `bounces` times within some milliseconds.

        Raises:
            ValueError: there is one already.
        """
        if self.card is not None:
            raise ValueError("there is a card in the slot")
        self.card = card
        if self.powered:
            self._violation("VCC is on while a card goes in")
            self._state = "dead"
        self._switch(True, bounces)

    def remove(self, bounces: int = 0) -> None:
        """Take the card out, at whatever it is doing."""
        if self.card is None:
            return
        self._cut(self._card_runs, self._arrive_from_card)
        self._broken()
        self.card = None
        if self._state != "off":
            self._state = "dead"
        self._switch(False, bounces)

    def _switch(self, closed: bool, bounces: int) -> None:
        for timer in self._bounces:
            timer.cancel()
        self._bounces.clear()
        self._contact(closed)
        at = self._clock.now
        for turn in range(2 * bounces):
            at += self._rng.randrange(100, 3_000)
            level = closed if turn % 2 else not closed
            self._bounces.append(self._clock.at(at, lambda level=level: self._contact(level)))  # type: ignore[misc]

    def _contact(self, closed: bool) -> None:
        if closed:
            self._nets.close(self._present, GROUND)
        else:
            self._nets.open(self._present, GROUND)

    def power_lost(self) -> None:
        """The board lost its supply: everything falls at once, which is nobody's violation."""
        self._cut(self._card_runs, None)
        self._cut(self._terminal_runs, None)
        self._broken()
        self._state = "off"
        self.powered = False
        self.clock_hz = 0
        self._rst = 0
        self._off_since = self._clock.now

    # VCC, CLK, RST

    def _violation(self, what: str) -> None:
        self.violations.append(Violation(self._clock.now, what))

    def _on_vcc(self, level: int) -> None:
        if bool(level) == self.powered:
            return
        if level:
            if self._rst:
                self._violation("RST is high when VCC comes on")
            if self.clock_hz:
                self._violation("CLK runs when VCC comes on")
            if self._clock.now - self._off_since < _REST_US:
                self._violation("VCC comes on less than 10 ms after it went off")
            self.powered = True
            self._answered = False
            self.characters = 0
            self._sent = {"card": 0, "terminal": 0}
            self._last_sender = ""
            self._timing, self._d = CardTiming(), 1
            self._state = "reset"
            return
        if self._rst:
            self._violation("VCC goes off while RST is high")
        if self.clock_hz:
            self._violation("VCC goes off while CLK runs")
        self._cut(self._card_runs, self._arrive_from_card)
        self._cut(self._terminal_runs, self._arrive_from_terminal)
        self._broken()
        self.powered = False
        self._state = "off"
        self._off_since = self._clock.now
        # The pull-up hangs on VCC: the line falls, and the UART takes that for a character of zeros.
        self._clock.after(_BREAK_ETU * F // 4, lambda: self._uart.send(b"\x00"))

    def _on_clk(self, freq_hz: int, duty_u16: int) -> None:
        hz = freq_hz if 0 < duty_u16 < 65535 else 0
        if hz == self.clock_hz:
            return
        before, self.clock_hz = self.clock_hz, hz
        if not hz:
            if self._rst and self.powered:
                self._violation("CLK stops while RST is high")
                self._state = "dead"
            return
        if not self.powered:
            self._violation("CLK runs while VCC is off")
        if not 1_000_000 <= hz <= 5_000_000:
            self._violation(f"CLK at {hz} Hz: 1 to 5 MHz")
        if not 0.4 <= duty_u16 / 65536 <= 0.6:
            self._violation(f"CLK duty cycle {duty_u16 * 100 // 65536} %: 40 to 60 %")
        if before and self._rst:
            self._violation(f"CLK changes from {before} to {hz} Hz within a session")
            self._state = "dead"
        self._low_since = self._clock.now

    def _on_rst(self, level: int) -> None:
        if level == self._rst:
            return
        self._rst = level
        if not level:
            self._cut(self._card_runs, self._arrive_from_card)
            self._broken()
            self._low_since = self._clock.now
            self._timing, self._d = CardTiming(), 1
            if self.powered:
                self._state = "reset"
            return
        if not self.powered or not self.clock_hz:
            self._violation(f"RST goes high while {'CLK stands still' if self.powered else 'VCC is off'}")
            return
        cycles = (self._clock.now - self._low_since) * self.clock_hz // 1_000_000
        if not 40_000 <= cycles <= 45_000:
            self._violation(f"RST low for {cycles} clock cycles: 40,000 to 45,000")
        if self._state != "reset" or cycles < 400 or not 1_000_000 <= self.clock_hz <= 5_000_000:
            self._state = "dead"
            return
        self._answer()

    def _answer(self) -> None:
        cold = not self._answered
        self._answered = True
        self._state = "answering"
        if self.card is None:
            return
        atr = self.card.reset(cold)
        if self.faults.bad_atrs:
            atr = self.faults.bad_atrs.pop(0)
        if self.faults.mute or not atr:
            self._state = "dead"
            return
        self._timing = CardTiming.from_atr(atr)
        lead = self._clock.now * 1000 + self.faults.atr_delay_clk * 1e9 / self.clock_hz
        self._transmit(lead, atr)

    @property
    def _etu_ns(self) -> float:
        return F * 1e9 / self.clock_hz / self._d if self.clock_hz else 1e9

    # Characters of the card

    def _transmit(self, lead_ns: float, data: bytes) -> None:
        """Put characters on the wire, the first one at `lead_ns`."""
        step = 1 if self.faults.out_after_characters is not None else _FIFO_THRESHOLD
        char_ns = _CHARACTER_ETU * self._etu_ns
        for at in range(0, len(data), step):
            run = _Run(lead_ns + at * char_ns, char_ns, data[at : at + step])
            self._start(run, self._card_runs, self._arrive_from_card)
        self._last_lead_ns = lead_ns + (len(data) - 1) * char_ns
        self._last_sender = "card"

    def _start(self, run: _Run, runs: list[_Run], arrive: Callable[[_Run, int], None]) -> None:
        def over() -> None:
            runs.remove(run)
            arrive(run, len(run.data))

        runs.append(run)
        run.timer = self._clock.at(-int(-run.end_ns // 1000), over)

    def _cut(self, runs: list[_Run], arrive: Callable[[_Run, int], None] | None) -> None:
        """Stop sending: what is over has arrived, the rest never does."""
        stopped, runs[:] = list(runs), []
        for run in stopped:
            if run.timer is not None:
                run.timer.cancel()
        for run in stopped:
            ended = run.ended(self._clock.now * 1000)
            if arrive is not None and ended:
                arrive(run, ended)

    def _arrive_from_card(self, run: _Run, count: int) -> None:
        frame = self._timing.card_frame(run.char_ns / _CHARACTER_ETU)
        characters = bytearray()
        for value in run.data[:count]:
            wire = other_convention(value) if self._timing.inverse else value
            shown, _ = received(wire, frame, self._terminal_frame())
            characters.append(shown ^ self.faults.flips.get(self._sent["card"], 0))
            self._sent["card"] += 1
        self._uart.send(bytes(characters))
        answering = self._state == "answering"
        if answering and not self._card_runs and count == len(run.data):
            self._state = "ready"
            self._d = self._timing.d
            self._maybe_out(0)
        if not answering:
            for value in run.data[:count]:
                self._log(self._tap.card(value))
        self._count(count)

    # Characters of the terminal

    def _terminal_frame(self) -> Frame:
        return Frame(1e9 / self._uart.config.baud, self._uart.config.parity)

    def _on_bytes(self, data: bytes) -> None:
        config = self._uart.config
        symbols = 1 + config.bits + (config.parity is not None) + config.stop
        char_ns = symbols * 1e9 / config.baud
        lead = max(self._clock.now * 1000.0, self._tx_free_ns)
        self._check_terminal(lead, char_ns, len(data))
        step = 1 if self.faults.out_after_characters is not None else _FIFO_THRESHOLD
        for at in range(0, len(data), step):
            run = _Run(lead + at * char_ns, char_ns, data[at : at + step])
            self._start(run, self._terminal_runs, self._arrive_from_terminal)
        self._tx_free_ns = lead + len(data) * char_ns
        self._last_lead_ns = self._tx_free_ns - char_ns
        self._last_sender = "terminal"

    def _check_terminal(self, lead_ns: float, char_ns: float, count: int) -> None:
        if not self.powered:
            self._violation("I/O driven while VCC is off")
            return
        if self._state == "answering" or self._state == "reset":
            self._violation("I/O driven before the answer to reset is over")
        etu = self._etu_ns
        gap = (lead_ns - self._last_lead_ns) / etu + 0.01
        least = _CHARACTER_ETU + self._timing.guard
        if self._last_sender == "card" and gap < _TURNAROUND_ETU:
            self._violation(f"{gap:.1f} etu after the card's character: at least 16")
        if self._last_sender == "terminal" and gap < least * 0.98:
            self._violation(f"{gap:.1f} etu after the terminal's character: at least {least}")
        if count > 1 and char_ns < 0.98 * least * etu:
            self._violation(f"a character every {char_ns / etu:.1f} etu: at least {least}")

    def _arrive_from_terminal(self, run: _Run, count: int) -> None:
        if not self.powered:
            return
        echo = bytearray(run.data[:count])
        for i in range(count):
            for other in self._card_runs:
                if other.lead_ns < run.lead_ns + (i + 1) * run.char_ns and run.lead_ns + i * run.char_ns < other.end_ns:
                    echo[i] = 0  # both pull the open line low
            echo[i] ^= self.faults.echo_flips.get(self._sent["terminal"], 0)
            self._sent["terminal"] += 1
        self._uart.send(bytes(echo))
        for i in range(count):
            self._to_card(run.data[i], run.lead_ns + i * run.char_ns)
        self._count(count)

    def _to_card(self, value: int, lead_ns: float) -> None:
        if self.card is None or self._state != "ready":
            return
        wire, right = received(value, self._terminal_frame(), self._timing.card_frame(self._etu_ns))
        if not right:
            self._violation("a character reached the card with wrong parity")
            return
        logical = other_convention(wire) if self._timing.inverse else wire
        self._tap.terminal(logical)
        replies = self.card.receive(bytes([logical]))
        if replies:
            self._reply(replies, lead_ns)

    def _reply(self, replies: list[tuple[int, bytes]], lead_ns: float) -> None:
        faults = self.faults
        least = max(_TURNAROUND_ETU, faults.reply_delay_etu)
        for number, (pause, data) in enumerate(replies):
            if number == 0:
                for _ in range(faults.nulls):
                    self._transmit(lead_ns + least * self._etu_ns, b"\x60")
                    lead_ns, least = self._last_lead_ns, max(_CHARACTER_ETU, faults.reply_delay_etu)
            self._transmit(lead_ns + max(_CHARACTER_ETU + pause, least) * self._etu_ns, data)
            lead_ns, least = self._last_lead_ns, _CHARACTER_ETU

    # What is told

    def _count(self, count: int) -> None:
        self.characters += count
        limit = self.faults.out_after_characters
        if limit is not None and self.characters >= limit:
            self.faults.out_after_characters = None
            self.remove()

    def _broken(self) -> None:
        self._counted = 0
        self._log(self._tap.broken())

    def _log(self, exchange: Exchange | None) -> None:
        if exchange is None:
            return
        self.exchanges.append(exchange)
        if exchange.complete:
            self.on_exchange(exchange.command, exchange.response)
            self._counted += 1
            self._maybe_out(self._counted)

    def _maybe_out(self, exchanges: int) -> None:
        if self.faults.out_after_exchanges == exchanges:
            self.faults.out_after_exchanges = None
            self._clock.after(_PULL_US, self.remove)
