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
from typing import Literal

from tillbench.host.devices.card_holder import CardHolder
from tillbench.host.devices.character_card import BlockCard, CharacterCard, NegotiatingCard
from tillbench.host.devices.slot_power import CardPower
from tillbench.host.devices.slot_tap import T0Tap, T1Tap
from tillbench.host.devices.slot_wire import CardTiming, F, Frame, Run, Sender, other_convention, received
from tillbench.host.emulator.wires import GROUND, Clock, Nets, Timer, UartPort

_FIFO_THRESHOLD = 120  # characters (ESP-IDF default)
_CHARACTER_ETU = 12
_PULL_US = 1_000
_BREAK_US = 930


class Slot(CardHolder):
    """One slot on the wires of a board.

    Args:
        clock: virtual time.
        nets: the copper; `rst`, `clk`, `vcc`, `present` name the slot's nets.
        uart: the far end of the UART whose TX and RX meet on I/O.
        rng: for the times of a bouncing switch.
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
        super().__init__(clock)
        # Asked once a card: to ask a protocol takes longer than to carry a character.
        self._block_card: BlockCard | None = None
        self._negotiating_card: NegotiatingCard | None = None
        self._nets = nets
        self._uart = uart
        self._present = present
        self._rng = rng or random.Random(0)
        self._state: Literal["off", "reset", "answering", "ready", "dead"] = "off"
        self._answered = False  # since power on
        self._timing = CardTiming()
        self._d = 1
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
        """See `CardHolder`."""
        return self._power.powered

    # The card comes and goes

    def insert(self, card: CharacterCard, bounces: int = 0) -> None:
        """See `CardHolder`."""
        self._take_in(card)
        self._block_card = card if isinstance(card, BlockCard) else None
        self._negotiating_card = card if isinstance(card, NegotiatingCard) else None
        if self.powered:
            self._violation("VCC is on while a card goes in")
            self._state = "dead"
        self._switch(True, bounces)

    def remove(self, bounces: int = 0) -> None:
        """See `CardHolder`."""
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
        """See `CardHolder`."""
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
        atr = self._answered_to_reset(self.card.reset(cold))
        if not atr:
            self._state = "dead"
            return
        self._timing = CardTiming.from_atr(atr)
        self._tap = (T1Tap if self._timing.blocks else T0Tap)(lambda: self._clock.now)
        self._transmit(self._clock.now * 1000 + self.faults.atr_delay_clk * 1e9 / self._power.clock_hz, atr)

    def _until_read_us(self) -> int:
        return _PULL_US

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
