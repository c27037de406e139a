"""A shop counter for the terminal on a fake board: a person with a card on one side, a real acquirer on the other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tillbench.host.acquirer import Acquirer, TerminalSetup
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.emulator.bench import Bench
from tillbench.host.terminal import menu_key
from tillbench.protocols.iso8583 import UNIONPAY, Message, framing

MERCHANT = "898110053110001"
TERMINAL = "12345678"
TMK = bytes.fromhex("1133557799BBDDFF2244668800AACCEE")
ENTER, CANCEL, CLEAR, MENU, DOWN = b"\x0d", b"\x18", b"\x08", b"\x81", b"\x84"

INSERT = ("card", True)
PULL = ("card", False)
STOP = ("stop",)

Deed = tuple[Any, ...]
Step = tuple[str, Sequence[Deed]]


def keys(codes: bytes) -> Deed:
    return ("keys", codes)


def choose(entry: str) -> Deed:
    """Choose in the menu on the screen by what stands there; it scrolls as far as that takes."""
    return ("choose", entry)


def menu(*entries: str) -> list[Step]:
    """Open the menu and choose, one menu after the other."""
    return [("READY", [keys(MENU)]), *((">", [choose(entry)]) for entry in entries)]


# A sale of 12.34 from the idle screen to the idle screen, step by step: what the screen shows, what people do then.
IDLE_TO_AMOUNT: list[Step] = [("READY", [keys(b"1234" + ENTER)])]
CARD_IN: list[Step] = [("INSERT CARD", [INSERT])]
PIN: list[Step] = [("ENTER PIN", [keys(b"123456" + ENTER)])]
CARD_OUT: list[Step] = [("REMOVE CARD", [PULL])]
REPRINT: list[Step] = [*menu("PRINT"), ("[PRINT", [choose("REPRINT LAST")])]
COPIES: list[Step] = [("TEAR OFF", [keys(ENTER)])]
DONE: list[Step] = [("READY", [STOP])]
PAY = [*IDLE_TO_AMOUNT, *CARD_IN, *PIN]
SALE = [*PAY, *CARD_OUT, *COPIES, *DONE]
FAILED_SALE = [*PAY, *CARD_OUT, *DONE]


class DoesNotFit(AssertionError):
    """A flow wanted more memory than the target's heap has."""


class Entropy:
    """The same bytes in every run."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, n: int) -> bytes:
        self.count += 1
        return hashlib.shake_128(b"terminal rig %d" % self.count).digest(n)


class Counter:
    """One terminal, its flash, its acquirer and one customer; `run` switches the terminal on for a while."""

    def __init__(self, device: Bench, card: str = "unionpay-debit", pin: str = "") -> None:
        self.device = device
        self.profile = load_profile(card)
        if pin:
            self.profile = self.profile.model_copy(update={"pin": pin})
        self.card = VirtualCard(self.profile)
        self.acquirer = Acquirer("sqlite://", lambda: datetime(2026, 11, 23, 16, 1, 1), Entropy())
        self.acquirer.provision([self.profile], [TerminalSetup(TERMINAL, MERCHANT, TMK)])
        self.frames: list[tuple[str, ...]] = []
        self.sent: list[Message] = []
        self.received: list[Message] = []
        self.apdus = 0
        self.pull_at: int | None = None  # the card leaves instead of answering this command (counted from 1)
        self.line_up = True
        self.tmk = TMK
        self.line_delay_ms = 20
        self.cut_at_send: int | None = None  # the power fails as this message leaves: the host does not get it
        self.cut_after_send: int | None = None  # the power fails when the host has decided on this message
        self.twist: Callable[[Message], Message | bytes | None] | None = None  # what becomes of an answer
        self.attend: Callable[[tuple[str, ...]], list[Deed]] | None = None  # instead of a script
        self._first = b""
        self._script: list[Step] = []
        device.call("terminal_probe:new_flash")

    @property
    def balance(self) -> int:
        return self.acquirer.ledger.balance(self.profile.pan)

    def run(self, *script: Step, cut_after: int = -1, torn: bool = True) -> dict[str, Any]:
        """Plays the steps, each when its text comes up on the screen; ends with a STOP or a power cut."""
        self._script = list(script)
        self._line = self.acquirer.connect()
        self.card.reset()
        host: dict[str, Callable[..., Any]] = {
            "screen": self._screen,
            "apdu": self._apdu,
            "line_open": self._open,
            "line_send": self._send,
        }
        try:
            result: dict[str, Any] = self.device.call("terminal_probe:run", self.tmk, cut_after, torn, host=host)
        except DoesNotFit as fault:
            raise DoesNotFit(self._account(str(fault))) from None
        if not result["dead"]:
            assert not self._script, f"never came to {self._script[0][0]!r}; last frames: {self.frames[-5:]}"
        return result

    def flash_image(self) -> bytes:
        """Every byte of the flash chip."""
        image = b""
        while part := self.device.call("terminal_probe:image", len(image), 4096):
            image += part
        return image

    def repeat_first_message(self) -> None:
        """The host gets the first message of this terminal once more, from somewhere else."""
        self.acquirer.connect().feed(self._first)

    def shown(self, text: str) -> bool:
        return any(text in row for rows in self.frames for row in rows)

    def _account(self, trace: str) -> str:
        """Which flow it was, how many bytes it wanted, how many there are."""
        flow = re.search(r'File "(?:flows|care|operators)/(\w+)\.py"', trace) or re.search(r" in (\w+)\n.*$", trace)
        wanted = re.search(r"allocating (\d+) bytes", trace)
        heap = self.device.ask_memory()
        return (
            f"{flow[1] if flow else 'the terminal'} does not fit into the heap of {heap.used + heap.free:,} bytes: "
            f"{int(wanted[1]) if wanted else 0:,} more were wanted; {heap.used:,} are in use\n{trace}"
        )

    def _screen(self, rows: tuple[str, ...]) -> list[Deed]:
        self.frames.append(rows)
        if "MemoryError" in rows:
            raise DoesNotFit("Traceback" + self.device.console().rpartition("Traceback")[2])
        assert len(self.frames) < 2000, f"no end of frames: {self.frames[-8:]}"
        if self.attend:
            return self.attend(rows)
        if not self._script or not any(self._script[0][0] in row for row in rows):
            return []
        deeds = self._script[0][1]
        if deeds and deeds[0][0] == "choose":
            key = menu_key(rows, deeds[0][1])
            if key == "DOWN":
                return [keys(DOWN)]
            deeds = [keys(key.encode()), *deeds[1:]]
        self._script.pop(0)
        return list(deeds)

    def _apdu(self, apdu: bytes) -> bytes | None:
        self.apdus += 1
        if self.apdus == self.pull_at:
            return None
        return self.card.transmit(apdu)

    def _open(self) -> int:
        """Milliseconds until the line is open, -1 for never."""
        self._line = self.acquirer.connect()
        return self.line_delay_ms if self.line_up else -1

    def _send(self, data: bytes) -> list[tuple[int, bytes | None]] | None:
        self._first = self._first or data
        self.sent.append(UNIONPAY.decode(framing.FrameReader().feed(data)[0].body))
        if len(self.sent) == self.cut_at_send:
            return None
        replies: list[tuple[int, bytes | None]] = []
        for reply in self._line.feed(data):
            answer: bytes | None = reply.data
            if reply.data:
                frame = framing.FrameReader().feed(reply.data)[0]
                message = UNIONPAY.decode(frame.body)
                self.received.append(message)
                twisted = self.twist(message) if self.twist else message
                if isinstance(twisted, Message):
                    answer = framing.build(frame.tpdu, frame.header, UNIONPAY.encode(twisted))
                else:
                    answer = twisted and framing.build(frame.tpdu, frame.header, twisted)
            if answer:
                replies.append((reply.delay_us // 1000, answer))
            if reply.close:
                replies.append((reply.delay_us // 1000, None))
        return None if len(self.sent) == self.cut_after_send else replies


def messages(counter: Counter) -> list[str]:
    """The types of what the terminal has sent, in order."""
    return [message.mti for message in counter.sent]
