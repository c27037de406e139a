"""The chip: frames in, frames out, and a field that it looks for cards in (NXP UM0701-02)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tillbench.host.devices.pn532.faults import Pn532Faults
from tillbench.host.devices.pn532.field import Field, Picc
from tillbench.host.emulator.wires import Clock, Timer
from tillbench.protocols.pn532 import (
    ACK,
    FROM_CHIP,
    MORE,
    NAK,
    SYNTAX_ERROR,
    TO_CHIP,
    Command,
    FrameReader,
    Status,
    frame,
)

WAKE_US = 2_000
_ACK_US = 300
_COMMAND_US = 1_000
_LOOK_US = 5_000
_BYTE_US = 86
"""Nine bits at 106 kbit/s."""
_CARD_US = 5_000
_TYPES = {0x20: False, 0x23: True}
"""InAutoPoll's: ISO/IEC 14443-4 type A, type B."""
_ENDLESS = 0xFF


@dataclass(frozen=True)
class _Search:
    """A command that looks for cards, their types, and its answer when they are found."""

    code: int
    type_b: tuple[bool, ...]
    answer: Callable[[list[Picc]], bytes]


class Pn532:
    """After power-on it sleeps, and finds no card before SAMConfiguration has put it into its normal mode.

    What it has to say waits in `outbox`, the first thing first, for whoever fetches it (`ports.py`); `on_outbox` is
    told of each change.

    Args:
        clock: the bench's.
        field: in front of its antenna.
        piece: the most bytes of a card's answer that one of its own has.
    """

    def __init__(self, clock: Clock, field: Field, piece: int = 262) -> None:
        self.faults = Pn532Faults()
        self.field = field
        self.outbox: deque[bytes] = deque()
        self.on_outbox: Callable[[], None] = lambda: None
        self.commands: list[int] = []
        """Codes of those that it has heard."""
        self.naks = 0
        self._clock = clock
        self._piece = piece
        self._reader = FrameReader()
        self._due: list[Timer] = []
        field.on_enter = self._entered
        self._asleep = True
        self._forget()

    def _forget(self) -> None:
        self._stuck = False
        self._last = (0, b"")
        self._in_normal_mode = False
        self._search: _Search | None = None
        self._targets: dict[int, Picc] = {}
        self._retries = _ENDLESS
        self._command = bytearray()
        self._rest = b""
        self.field.on = False

    # Power

    @property
    def awake(self) -> bool:
        """It hears what is sent."""
        return not self._asleep and not self.faults.absent

    def wake(self) -> None:
        """Something moves on its interface."""
        if self._asleep and not self.faults.absent:
            self._clock.after(WAKE_US, self._woken)

    def _woken(self) -> None:
        self._asleep = False

    def power_dip(self) -> None:
        """Its supply breaks down for a moment: it sleeps, and knows nothing any more."""
        self._drop()
        self._forget()
        self._asleep = True

    # Frames

    def hear(self, data: bytes) -> None:
        """Bytes from the controller, in any pieces."""
        if not self.awake:
            return
        for content in self._reader.feed(data):
            if content == ACK:
                self._stuck = False
                self._search = None
                self._drop()
            elif content == NAK:
                self.naks += 1
                self._deliver(*self._last, _ACK_US)
            elif content[0] == TO_CHIP and not self._stuck and not self.faults.happens("deaf", content[1]):
                self._take(content[1:])

    def _take(self, command: bytes) -> None:
        self._search = None
        self._drop()
        code = command[0]
        self.commands.append(code)
        if self.faults.happens("garbled_acks", code):
            self._say(ACK[:3] + b"\x55" + ACK[4:] + bytes(2), _ACK_US)
        elif not self.faults.happens("lost_acks", code):
            self._say(ACK, _ACK_US)
        if self.faults.happens("stuck", code):
            self._stuck = True
        elif self.faults.happens("syntax_errors", code):
            self._say(SYNTAX_ERROR, _COMMAND_US)
        else:
            self._execute(code, command[1:])

    def _drop(self) -> None:
        for timer in self._due:
            timer.cancel()
        self._due.clear()
        self.outbox.clear()
        self.on_outbox()

    def _say(self, said: bytes, after_us: int, then: Callable[[], None] = lambda: None) -> None:
        def arrive() -> None:
            then()
            self.outbox.append(said)
            self.on_outbox()

        self._due.append(self._clock.after(after_us, arrive))

    def _answer(self, code: int, data: bytes, after_us: int = _COMMAND_US) -> None:
        if self.faults.happens("stale", code):
            self._say(frame(bytes([FROM_CHIP, Command.SAM_CONFIGURATION + 1])), _COMMAND_US)
        self._deliver(code, frame(bytes([FROM_CHIP, code + 1]) + data), after_us + self.faults.busy_us)

    def _deliver(self, code: int, answer: bytes, after_us: int) -> None:
        """Send an answer, also for the second time, with what happens to it on its way."""
        if not answer:
            return
        said = answer[:3] + bytes([answer[3] ^ self.faults.length_mask(code)]) + answer[4:]
        if self.faults.happens("wrong_data", code):
            said = said[:-3] + bytes([said[-3] ^ 0x10]) + said[-2:]
        if self.faults.happens("cut", code):
            said = said[: 8 + (len(said) - 8) // 2]
        self._say(self.faults.noise + said, after_us, lambda: self._keep(code, answer))

    def _keep(self, code: int, answer: bytes) -> None:
        self._last = (code, answer)

    # Commands

    def _execute(self, code: int, data: bytes) -> None:
        match code:
            case Command.GET_FIRMWARE_VERSION:
                self._answer(code, bytes([self.faults.ic, 1, 6, 7]))
            case Command.SAM_CONFIGURATION:
                self._in_normal_mode = data[0] == 1
                self._answer(code, b"")
            case Command.RF_CONFIGURATION:
                self._configure(data)
                self._answer(code, b"")
            case Command.IN_LIST_PASSIVE_TARGET:
                self._list(most=data[0], type_b=data[1] == 3)
            case Command.IN_AUTO_POLL:
                self._poll(data)
            case Command.IN_DATA_EXCHANGE:
                self._exchange(data)
            case Command.IN_RELEASE:
                self._targets.clear()
                self._answer(code, bytes([Status.GOOD]))
            case _:
                self._say(SYNTAX_ERROR, _COMMAND_US)

    def _configure(self, data: bytes) -> None:
        item, *values = data
        if item == 1:
            self.field.on = bool(values[0] & 1)
            if not self.field.on:
                self._targets.clear()
        elif item == 5:
            self._retries = values[2]

    def _list(self, most: int, type_b: bool) -> None:
        def found(piccs: list[Picc]) -> bytes:
            data = bytes([len(piccs[:most])])
            self._targets.clear()
            for number, picc in enumerate(piccs[:most], 1):
                self._targets[number] = picc
                self._command.clear()
                self._rest = b""
                if picc.card is not None:
                    picc.card.reset()
                data += bytes([number]) + picc.target_data
            return data

        self._targets.clear()
        search = _Search(Command.IN_LIST_PASSIVE_TARGET, (type_b,), found)
        self._look(search, endless=self._retries == _ENDLESS)

    def _poll(self, data: bytes) -> None:
        def found(piccs: list[Picc]) -> bytes:
            answer = bytes([len(piccs[:2])])
            for number, picc in enumerate(piccs[:2], 1):
                told = bytes([number]) + picc.target_data
                answer += bytes([0x23 if picc.type_b else 0x20, len(told)]) + told
            return answer

        types = tuple(_TYPES[code] for code in data[2:] if code in _TYPES)
        self._look(_Search(Command.IN_AUTO_POLL, types, found), endless=data[0] == _ENDLESS)

    def _look(self, search: _Search, *, endless: bool) -> None:
        self.field.on = True
        piccs = self._seen(search)
        if piccs or not endless:
            self._answer(search.code, search.answer(piccs), _LOOK_US * (3 if piccs else 2))
        else:
            self._search = search

    def _seen(self, search: _Search) -> list[Picc]:
        if not self._in_normal_mode:
            return []
        return [picc for type_b in search.type_b for picc in self.field.found(type_b=type_b)]

    def _entered(self) -> None:
        """A card: if one is looked for, it is found a moment later, unless it is gone again."""
        if self._search is not None:
            self._due.append(self._clock.after(_LOOK_US, self._find))

    def _find(self) -> None:
        search = self._search
        if search is not None and (piccs := self._seen(search)):
            self._search = None
            self._answer(search.code, search.answer(piccs))

    def _exchange(self, data: bytes) -> None:
        target, sent = data[0], data[1:]
        code = Command.IN_DATA_EXCHANGE
        picc = self._targets.get(target & ~MORE)
        status = self.faults.statuses.pop(0) if self.faults.statuses else Status.GOOD
        if picc is None:
            status = Status.NO_SUCH_TARGET
        if status != Status.GOOD or picc is None:
            self._answer(code, bytes([status]))
            return
        self._command += sent
        if target & MORE:
            self._answer(code, bytes([Status.GOOD]))
            return
        if self._command or not self._rest:
            answer = self.field.transmit(picc, bytes(self._command))
            self._command.clear()
            if answer is None:
                self._answer(code, bytes([Status.TIME_OUT]), 40 * _COMMAND_US)
                return
            self._rest = answer
        piece, self._rest = self._rest[: self._piece], self._rest[self._piece :]
        status_byte = MORE if self._rest else Status.GOOD
        self._answer(code, bytes([status_byte]) + piece, _CARD_US + _BYTE_US * (len(sent) + len(piece)))
