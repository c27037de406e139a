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
from typing import Literal, Protocol, runtime_checkable

from tillbench.host.devices.slot_faults import SlotFaults, Violation
from tillbench.host.devices.slot_power import CardPower
from tillbench.host.devices.slot_tap import Exchange, T0Tap, T1Tap, Tap
from tillbench.host.devices.slot_wire import CardTiming, F, Frame, Run, Sender, other_convention, received
from tillbench.host.emulator.wires import GROUND, Clock, Nets, Timer, UartPort

_FIFO_THRESHOLD = 120  # characters (ESP-IDF default)
_CHARACTER_ETU = 12
_PULL_US = 1_000  # a card that leaves after an exchange leaves when the terminal has seen its status bytes
_BREAK_US = 930


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


@runtime_checkable
class BlockCard(Protocol):
    """A card that speaks T=1 besides wants to know when a block of the terminal breaks off."""

    def line_quiet(self) -> None:
        """The terminal's last character is longer ago than the character waiting time."""
        ...


@runtime_checkable
class NegotiatingCard(Protocol):
    """A card that takes a PPS besides: the bit rate adjustment D for what comes after what it sends now."""

    d: int


class Slot:
    """One slot on the wires of a board.

    Args:
        clock: virtual time.
        nets: the copper; `rst`, `clk`, `vcc`, `present` name the slot's nets.
        uart: the far end of the UART whose TX and RX meet on I/O.
        rng: for the times of a bouncing switch.

    Attributes:
        card: what is in the slot.
        characters: how many have gone over the line since power on, of either side.
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
        # Asked once a card: to ask a protocol takes longer than to carry a character.
        self._block_card: BlockCard | None = None
        self._negotiating_card: NegotiatingCard | None = None
        self.characters = 0
        self._clock = clock
        self._nets = nets
        self._uart = uart
        self._present = present
        self._rng = rng or random.Random(0)
        self._tap: Tap = T0Tap(lambda: clock.now)
        self._state: Literal["off", "reset", "answering", "ready", "dead"] = "off"
        self._answered = False  # since power on
        self._timing = CardTiming()
        self._d = 1
        self._exchanged = 0
        self._last_lead_ns = 0.0
        self._last_sender: Literal["card", "terminal", ""] = ""
        self._tx_free_ns = 0.0
        self._last_received_ns = 0.0  # start of the last character that the card got
        self._sent = {"card": 0, "terminal": 0}
        self._from_card = Sender(clock, self._arrive_from_card)
        self._from_terminal = Sender(clock, self._arrive_from_terminal)
        self._bounces: list[Timer] = []
        self._power = CardPower(clock, nets, vcc, clk, rst, self._violation)
        self._power.on_power = self._on_power
        self._power.on_reset_low = self._on_reset_low
        self._power.on_reset_high = self._on_reset_high
        self._power.on_clock_lost = self._on_clock_lost
        uart.on_bytes = self._on_bytes

    @property
    def powered(self) -> bool:
        """True while VCC is on."""
        return self._power.powered

    def _violation(self, what: str) -> None:
        self.violations.append(Violation(self._clock.now, what))

    # The card comes and goes

    def insert(self, card: CharacterCard, bounces: int = 0) -> None:
        """Put a card in; the switch opens again `bounces` times within some milliseconds.

        Raises:
            ValueError: there is one already.
        """
        if self.card is not None:
            raise ValueError("there is a card in the slot")
        self.card = card
        self._block_card = card if isinstance(card, BlockCard) else None
        self._negotiating_card = card if isinstance(card, NegotiatingCard) else None
        if self.powered:
            self._violation("VCC is on while a card goes in")
            self._state = "dead"
        self._switch(True, bounces)

    def remove(self, bounces: int = 0) -> None:
        """Take the card out, at whatever it is doing."""
        if self.card is None:
            return
        self.card = self._block_card = self._negotiating_card = None
        self._from_card.cut()
        self._broken()
        if self._state != "off":
            self._state = "dead"
        self._switch(False, bounces)

    def _switch(self, closed: bool, bounces: int) -> None:
        for timer in self._bounces:
            timer.cancel()
        self._bounces.clear()
        self._contact(closed)
        at = self._clock.now
        for _ in range(bounces):
            for level in (not closed, closed):
                at += self._rng.randrange(100, 3_000)
                self._bounces.append(self._clock.at(at, self._contact_later(level)))

    def _contact_later(self, closed: bool) -> Callable[[], None]:
        return lambda: self._contact(closed)

    def _contact(self, closed: bool) -> None:
        if closed:
            self._nets.close(self._present, GROUND)
        else:
            self._nets.open(self._present, GROUND)

    # Power and reset

    def power_lost(self) -> None:
        """The board lost its supply: everything falls at once, which is nobody's violation."""
        self._from_card.forget()
        self._from_terminal.forget()
        self._broken()
        self._power.lost()
        self._state = "off"

    def _on_power(self, on: bool) -> None:
        if on:
            self._answered = False
            self.characters = 0
            self._sent = {"card": 0, "terminal": 0}
            self._last_sender = ""
            self._timing, self._d = CardTiming(), 1
            self._state = "reset"
            return
        self._from_card.cut()
        self._from_terminal.forget()
        self._broken()
        self._state = "off"
        # The pull-up hangs on VCC: the line falls, and the UART takes that for a character of zeros.
        self._clock.after(_BREAK_US, lambda: self._uart.send(b"\x00"))

    def _on_clock_lost(self) -> None:
        self._from_card.cut()
        self._state = "dead"

    def _on_reset_low(self) -> None:
        self._from_card.cut()
        self._broken()
        self._timing, self._d = CardTiming(), 1
        if self.powered:
            self._state = "reset"

    def _on_reset_high(self, answers: bool) -> None:
        cold = not self._answered
        self._answered = True
        if not answers or self._state != "reset":
            self._state = "dead"
            return
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
        self._tap = (T1Tap if self._timing.blocks else T0Tap)(lambda: self._clock.now)
        self._transmit(self._clock.now * 1000 + self.faults.atr_delay_clk * 1e9 / self._power.clock_hz, atr)

    # Characters of the card

    @property
    def _etu_ns(self) -> float:
        return F * 1e9 / self._power.clock_hz / self._d

    @property
    def _at_once(self) -> int:
        return 1 if self.faults.out_after_characters is not None else _FIFO_THRESHOLD

    def _transmit(self, lead_ns: float, data: bytes) -> None:
        """Put characters on the wire, the first one at `lead_ns`."""
        self._last_lead_ns = self._from_card.send(lead_ns, _CHARACTER_ETU * self._etu_ns, data, self._at_once)
        self._last_sender = "card"

    def _arrive_from_card(self, run: Run, count: int) -> None:
        frame = self._timing.card_frame(run.char_ns / _CHARACTER_ETU)
        characters = bytearray()
        for value in run.data[:count]:
            wire = other_convention(value) if self._timing.inverse else value
            shown, _ = received(wire, frame, self._terminal_frame())
            characters.append(shown ^ self.faults.flips.get(self._sent["card"], 0))
            self._sent["card"] += 1
        self._uart.send(bytes(characters))
        if self._state == "answering":
            if not self._from_card.runs and count == len(run.data):
                self._state = "ready"
                self._d = self._timing.d
                self._maybe_out(0)
        else:
            for value in run.data[:count]:
                self._log(self._tap.card(value))
            if not self._from_card.runs and self._negotiating_card is not None:
                self._d = self._negotiating_card.d
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
        self._last_lead_ns = self._from_terminal.send(lead, char_ns, data, self._at_once)
        self._last_sender = "terminal"
        self._tx_free_ns = self._last_lead_ns + char_ns

    def _check_terminal(self, lead_ns: float, char_ns: float, count: int) -> None:
        if not self.powered:
            self._violation("I/O driven while VCC is off")
            return
        if self._state in ("answering", "reset"):
            self._violation("I/O driven before the answer to reset is over")
            return
        if self._state == "dead":
            return
        etu = self._etu_ns
        gap = (lead_ns - self._last_lead_ns) / etu + 0.01
        least = _CHARACTER_ETU + self._timing.guard
        if self._last_sender == "card" and gap < self._timing.turnaround:
            self._violation(f"{gap:.1f} etu after the card's character: at least {self._timing.turnaround}")
        if self._last_sender == "terminal" and gap < least * 0.98:
            self._violation(f"{gap:.1f} etu after the terminal's character: at least {least}")
        if isinstance(self._tap, T1Tap) and self._tap.in_block and gap > self._timing.cwt:
            self._violation(f"{gap:.1f} etu between characters of a block: at most {self._timing.cwt}")
        if count > 1 and char_ns < 0.98 * least * etu:
            self._violation(f"a character every {char_ns / etu:.1f} etu: at least {least}")

    def _arrive_from_terminal(self, run: Run, count: int) -> None:
        if not self.powered:
            return
        echo = bytearray(run.data[:count])
        for i in range(count):
            lead = run.lead_ns + i * run.char_ns
            if any(other.overlaps(lead, lead + run.char_ns) for other in self._from_card.runs):
                echo[i] = 0  # both pull the open line low
            echo[i] ^= self.faults.echo_flips.get(self._sent["terminal"], 0)
            self._sent["terminal"] += 1
            self._to_card(run.data[i], lead)
        self._uart.send(bytes(echo))
        self._count(count)

    def _to_card(self, value: int, lead_ns: float) -> None:
        if self.card is None or self._state != "ready":
            return
        wire, right = received(value, self._terminal_frame(), self._timing.card_frame(self._etu_ns))
        if not right:
            self._violation("a character reached the card with wrong parity or stop bits")
            return
        logical = other_convention(wire) if self._timing.inverse else wire
        pause = (lead_ns - self._last_received_ns) / self._etu_ns
        self._last_received_ns = lead_ns
        if pause > self._timing.cwt + 0.5 and self._block_card is not None:
            self._block_card.line_quiet()
        self._tap.terminal(logical)
        replies = self.card.receive(bytes([logical]))
        if replies:
            self._reply(replies, lead_ns)

    def _reply(self, replies: list[tuple[int, bytes]], lead_ns: float) -> None:
        faults = self.faults
        least = max(self._timing.turnaround, faults.reply_delay_etu)
        for number, (pause, data) in enumerate(replies):
            if number == 0 and not self._timing.blocks:
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
        self._exchanged = 0
        self._log(self._tap.broken())

    def _log(self, exchange: Exchange | None) -> None:
        if exchange is None:
            return
        self.exchanges.append(exchange)
        if exchange.complete:
            self.on_exchange(exchange.command, exchange.response)
            self._exchanged += 1
            self._maybe_out(self._exchanged)

    def _maybe_out(self, exchanges: int) -> None:
        if self.faults.out_after_exchanges == exchanges:
            self.faults.out_after_exchanges = None
            leaving = self.card
            self._clock.after(_PULL_US, lambda: self.remove() if self.card is leaving else None)
