"""A serial smart-card controller: CCID requests over a UART, a card in its slot, TPDU level (USB CCID 1.1, chapter 6).

It has the contacts and the clock; the card is driven as a slot drives it, a character at a time, and an answer takes as
long as its characters do on I/O. It asks a card for a character with wrong parity once more, hears what it sends
itself, and waits for a switch that bounces: the terminal hears nothing of `nulls`, `echo_flips`, and at T=0 `flips`.
"""

from __future__ import annotations

from collections.abc import Callable

from construct import Container
from tillbench.host.devices.card_holder import CardHolder
from tillbench.host.devices.character_card import CharacterCard
from tillbench.host.devices.controller_contacts import CHARACTER_ETU, CLOCK_HZ, Agreed, CardSilent, tpdu
from tillbench.host.devices.slot_tap import T0Tap, T1Tap
from tillbench.host.emulator.wires import Clock, Timer, UartPort
from tillbench.protocols import ccid
from tillbench.protocols.ccid import CardState, Message, SlotError

_ANSWERS = {
    Message.IccPowerOn: Message.DataBlock,
    Message.IccPowerOff: Message.SlotStatus,
    Message.GetSlotStatus: Message.SlotStatus,
    Message.XfrBlock: Message.DataBlock,
    Message.SetParameters: Message.Parameters,
}
_ATR_WAIT_CLK = 40_000
_MORE_TIME_US = 1_000_000
_PULL_US = 1_000


class CcidController(CardHolder):
    """The chip on the far end of a UART.

    Attributes:
        requests: kinds of the requests that it has obeyed.
        on_request: hears each frame that came, `on_answer` whatever it sends beside the echo.
        echo: it sends each request back first, as the family does.
        lost: numbers of frames from the board, from 1, that do not arrive.
        damaged: numbers of answers, from 1, with a flipped bit on their way.
        cut: numbers of answers, from 1, that break off.
        deaf: it says nothing at all.
        slow_us: so much longer it takes to answer a transfer; it asks for more time each second.
        stale: sends this before its next answer.
    """

    ANSWER_US = 2_000

    def __init__(self, clock: Clock, port: UartPort) -> None:
        super().__init__(clock)
        self.requests: list[int] = []
        self.on_request: Callable[[bytes], None] = lambda frame: None
        self.on_answer: Callable[[bytes], None] = lambda frame: None
        self.echo = True
        self.lost: set[int] = set()
        self.damaged: set[int] = set()
        self.cut: set[int] = set()
        self.deaf = False
        self.slow_us = 0
        self.stale = b""
        self._port = port
        self._heard = bytearray()
        self._frames = self._answers = 0
        self._active = False
        self._agreed = Agreed()
        self._took_us = 0
        self._of_card = 0  # characters of the card since power on
        self._last = b""
        self._timers: list[Timer] = []
        port.on_bytes = self._hear

    # The card comes and goes

    def insert(self, card: CharacterCard, bounces: int = 0) -> None:
        """See `CardHolder`."""
        del bounces
        self._take_in(card)
        self._active = False

    def remove(self, bounces: int = 0) -> None:
        """See `CardHolder`."""
        del bounces
        if self.card is not None:
            self.card = None
            self._off()

    def power_lost(self) -> None:
        """See `CardHolder`."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._heard.clear()
        self._last = b""
        self._off()

    def _off(self) -> None:
        self._active = False
        self.characters = self._of_card = 0
        self._broken()

    def _until_read_us(self) -> int:
        return self._took_us + self.ANSWER_US + _PULL_US

    @property
    def powered(self) -> bool:
        """See `CardHolder`."""
        return self._active

    @property
    def state(self) -> CardState:
        """bmICCStatus."""
        if self.card is None:
            return CardState.ABSENT
        return CardState.ACTIVE if self._active else CardState.INACTIVE

    # The line

    def _hear(self, data: bytes) -> None:
        self._heard += data
        while self._heard:
            if self._heard[:3] == ccid.REPEAT:
                del self._heard[:3]
                self.on_request(ccid.REPEAT)
                if not self.deaf:
                    self._send(self._last)
                continue
            if len(self._heard) < 7:
                return
            size = 13 + int.from_bytes(self._heard[3:7], "little")
            if len(self._heard) < size:
                return
            whole = bytes(self._heard[:size])
            del self._heard[:size]
            self._frames += 1
            if not self.deaf and self._frames not in self.lost:
                self.on_request(whole)
                self._take(whole)

    def _send(self, data: bytes) -> None:
        self.on_answer(data)
        self._port.send(data)

    def _take(self, whole: bytes) -> None:
        message = ccid.unframed(whole)
        if message is None:
            self._violation("a frame whose last byte is not the exclusive or of the others")
            self._send(ccid.REPEAT)
            return
        request = ccid.REQUEST.parse(message)
        if self.echo:
            self._port.send(whole)
        if self.stale:
            self._send(ccid.frame(self.stale))
            self.stale = b""
        self.requests.append(request.kind)
        self._took_us = 0
        asked = self.card
        data, error = self._obey(request)
        late = self._took_us + (self.slow_us if request.kind == Message.XfrBlock else 0)
        self._timers = [timer for timer in self._timers if timer.due > self._clock.now]
        for at in range(_MORE_TIME_US, late, _MORE_TIME_US):
            self._timers.append(self._clock.after(at, lambda: self._send(ccid.MORE_TIME)))

        def answer() -> None:
            gone = bool(data) and self.card is not asked
            self._answer(request, *((b"", SlotError.ICC_MUTE) if gone else (data, error)))

        self._timers.append(self._clock.after(self.ANSWER_US + late, answer))

    def _answer(self, request: Container[object], data: bytes, error: SlotError | None) -> None:
        message = ccid.ANSWER.build(
            {
                "kind": _ANSWERS.get(request.kind, Message.SlotStatus),
                "length": len(data),
                "slot": request.slot,
                "sequence": request.sequence,
                "status": self.state | (0 if error is None else ccid.FAILED),
                "error": error or 0,
                "extra": request.special[0] if request.kind == Message.SetParameters else 0,
                "data": data,
            }
        )
        answer = ccid.frame(message)
        self._answers += 1
        self._last = answer
        if self._answers in self.damaged:
            answer = _flipped(answer)
        if self._answers in self.cut:
            answer = answer[:9]
        self._send(answer)

    # Requests

    def _obey(self, request: Container[object]) -> tuple[bytes, SlotError | None]:
        """Data and no error, or an error."""
        if request.kind not in _ANSWERS:
            self._violation(f"a request that it does not know: {request.kind:02X}")
            return b"", SlotError.COMMAND_NOT_SUPPORTED
        if request.kind == Message.IccPowerOff:
            self._off()
            return b"", None
        if request.kind == Message.GetSlotStatus:
            return b"", None
        if self.card is None:
            return b"", SlotError.ICC_MUTE
        if request.kind == Message.IccPowerOn:
            return self._reset(self.card)
        if not self._active:
            return b"", SlotError.ICC_MUTE
        if request.kind == Message.SetParameters:
            try:
                self._agreed.set(request.special[0], request.data)
            except ValueError as error:
                self._violation(f"SetParameters: {error}")
                return b"", SlotError.BAD_LENGTH
            tap = T1Tap if self._agreed.protocol else T0Tap
            self._tap = tap(lambda: self._clock.now)
            return request.data, None
        return self._transfer(request.data)

    def _reset(self, card: CharacterCard) -> tuple[bytes, SlotError | None]:
        cold = not self._active
        self._off()
        self._agreed = Agreed()
        delay = self.faults.atr_delay_clk
        atr = self._answered_to_reset(card.reset(cold)) if delay <= _ATR_WAIT_CLK else b""
        if not atr:
            return b"", SlotError.ICC_MUTE
        self._active = True
        self._took_us += round(delay * 1_000_000 / CLOCK_HZ) + self._agreed.us(len(atr) * CHARACTER_ETU)
        self._of_card = len(atr)
        self._count(len(atr))
        self._maybe_out(0)
        return (atr, None) if self.card else (b"", SlotError.ICC_MUTE)

    def _transfer(self, data: bytes) -> tuple[bytes, SlotError | None]:
        try:
            if self._agreed.protocol:
                block = self._say(data)
                return (block, None) if block else (b"", SlotError.ICC_MUTE)
            return tpdu(self._say, data), None
        except CardSilent:
            return b"", SlotError.ICC_MUTE
        except ValueError:
            return b"", SlotError.PROCEDURE_BYTE_CONFLICT

    # Characters

    def _say(self, data: bytes) -> bytes:
        said = bytearray()
        for at in range(len(data)):
            self._still_there()
            self._tap.terminal(data[at])
            self._spend(CHARACTER_ETU, 1)
            card = self._still_there()
            for pause, run in card.receive(data[at : at + 1]):
                wait = max(pause, self.faults.reply_delay_etu - CHARACTER_ETU)
                if wait > self._agreed.waiting_etu:
                    raise CardSilent
                self._spend(wait, 0)
                for character in run:
                    said.append(self._heard_from_card(character))
        return bytes(said)

    def _heard_from_card(self, character: int) -> int:
        self._still_there()
        flip = self.faults.flips.get(self._of_card, 0) if self._agreed.protocol else 0
        self._of_card += 1
        self._spend(CHARACTER_ETU, 1)
        self._log(self._tap.card(character))
        return character ^ flip

    def _spend(self, etu: int, characters: int) -> None:
        self._took_us += self._agreed.us(etu)
        self._count(characters)

    def _still_there(self) -> CharacterCard:
        if self.card is None:
            raise CardSilent
        return self.card


def _flipped(answer: bytes) -> bytes:
    return answer[:-1] + bytes([answer[-1] ^ 0x04])
