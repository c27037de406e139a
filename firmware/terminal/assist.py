"""Remote assistance: somebody elsewhere sees the screen and presses keys, as long as a person here agrees.

A helper asks over the desk while the terminal is idle, unlocked and somebody has signed on. The screen says who it is,
and only ENTER as the next key of the terminal's own keypad agrees. Requests, each the value of `"assist"`:

    {"who": "ANNA"}               asks; answered when the person here has: {"agreed": true}, or an error
    {"keys": ["1", "ENTER"]}      presses keys, at most eight
    {"here": true}                the helper is still there; ten seconds without a word end it
    {"end": true}                 ends it

Told meanwhile, without being asked: `{"rows": [four rows]}` with each picture, `{"hidden": true}` in its place while a
PIN, a password, a part of a key or a card number is entered, and in the end `{"ended": why}`. Hidden, every key of the
helper's is refused, and what was typed ahead is forgotten.

The agreement ends with CANCEL on the keypad, when the helper ends it or is gone, after five minutes without a key of
the helper's, when the case is opened, and with the power; nothing of it outlives a start. Whatever is done stands in
the journal before it is done; what cannot be written down is not done.
"""

import asyncio
import json
import struct
import time

from micropython import const

from terminal import desk, journal, store
from terminal.i18n import text
from terminal.parameters import ParameterError
from terminal.transaction import HELPED
from terminal.ui import keys
from terminal.ui.dialogs import Stop
from terminal.ui.waits import TIMED_OUT, first_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from terminal.app import Terminal

_SILENT_MS = const(10_000)
_UNUSED_MS = const(300_000)
_MOST_KEYS = const(8)
_NO_SPACE = const(28)
_WHO = const(16)
_COSTLY = ("asked", "keys", "keys refused")
"""What a helper may do as often as they like: not with the room that sales need, and each sale for its end."""
_NAMED = ("CLEAR", "ENTER", "CANCEL", "MENU", "FN", "UP", "DOWN", "FEED")


async def asked(terminal: Terminal, wish: "Any") -> "Any":
    """A helper asks, the person here answers; {"agreed": true}. Raises ParameterError, OSError."""
    who = wish.get("who") if isinstance(wish, dict) else None
    if not isinstance(who, str) or len(who) > _WHO or not who.strip() or not all(" " <= each <= "~" for each in who):
        raise ParameterError("who", "1 to %d ASCII characters, before anything else" % _WHO, who)
    if terminal.locked or not terminal.operator:
        raise ParameterError("assist", "an operator who has signed on", "nobody")
    _write(terminal, who, "asked")
    dialogs = terminal.dialogs
    dialogs.keypad.flush()
    terminal.screen.show(text("assist"), who, text("assist_may"), text("assist_keys"))
    try:
        if await dialogs.key(terminal.parameters.entry_ms, "help_assist") != keys.ENTER:
            raise Stop("cancelled")  # somebody was typing something else, whose ENTER is no answer to this
    except Stop as stop:
        _write(terminal, who, "refused" if stop.why == "cancelled" else "unanswered")
        raise ParameterError("assist", "consent", stop.why)
    _write(terminal, who, "agreed")
    terminal.assistance = Assistance(terminal, who)
    return {"agreed": True}


class Assistance:
    """What somebody has agreed to. It stands in the place of the board's events meanwhile, to hear of PIN entry."""

    def __init__(self, terminal: Terminal, who: str) -> None:
        self.idle = False
        """Somebody who waits for a key at the idle screen says so: then the desk's other services are open too."""
        self.over = asyncio.Event()
        self._terminal = terminal
        self._who = who
        self._hidden = False
        self._used_at = time.ticks_ms()
        self._events = terminal.board.events
        terminal.board.events = self
        terminal.board.keypad.on_press = self._pressed_here
        terminal.screen.on_show = self._mirror
        self._task = asyncio.create_task(self._serve())

    def pin_entry(self, open: int) -> None:
        """What must not be seen is entered from now on, or no longer."""
        if open and not self.over.is_set():
            self._terminal.board.keypad.flush()
            self._tell({"hidden": True})
        self._hidden = bool(open)
        self._events.pin_entry(open)

    async def _serve(self) -> None:
        desk_of_board = self._terminal.board.desk
        assert desk_of_board is not None
        try:
            while not self.over.is_set():
                first, request = await first_of(_SILENT_MS, desk_of_board.request(), self.over.wait())
                if first == TIMED_OUT:
                    self.end("silent")
                elif first == 0:
                    desk_of_board.reply(desk.served(self._terminal, request) or b"{}")
                    if time.ticks_diff(time.ticks_ms(), self._used_at) > _UNUSED_MS:
                        self.end("unused")
        finally:
            self.end("fault")  # unless it has ended already

    def wish(self, wish: "Any") -> "Any":
        """The answer to a request of the helper's. Raises ParameterError, OSError: then nothing was done."""
        asks = list(wish) if isinstance(wish, dict) else []
        if asks == ["keys"]:
            return {"pressed": self._press(wish["keys"])}
        if asks == ["end"]:
            self.end("helper")
        elif asks != ["here"]:
            raise ParameterError("assist", "keys, here or end", asks)
        return {}

    def _press(self, names: "Any") -> int:
        if not isinstance(names, list) or not 0 < len(names) <= _MOST_KEYS:
            raise ParameterError("keys", "a list of 1 to %d" % _MOST_KEYS, names)
        codes = [_code(name) for name in names]
        if self._hidden:
            _write(self._terminal, self._who, "keys refused", str(len(names)))
            raise ParameterError("keys", "none while something secret is entered", len(names))
        _write(self._terminal, self._who, "keys", " ".join(names))
        self._used_at = time.ticks_ms()
        for code in codes:
            self._terminal.board.keypad.put(code)
        return len(codes)

    def _pressed_here(self, code: int) -> None:
        if code == keys.CANCEL:
            self.end("cancelled")

    def _mirror(self, rows: "list[str]") -> None:
        if not self._hidden:
            self._tell({"rows": rows})

    def _tell(self, what: "Any") -> None:
        desk_of_board = self._terminal.board.desk
        assert desk_of_board is not None
        desk_of_board.tell(json.dumps(what).encode())

    def end(self, why: str) -> None:
        """Nobody sees or presses anything from now on."""
        if self.over.is_set():
            return
        terminal = self._terminal
        terminal.board.events = self._events
        terminal.board.keypad.on_press = None
        terminal.screen.on_show = None
        terminal.assistance = None
        self.over.set()
        try:
            _write(terminal, self._who, "ended", why)
        except OSError:
            pass  # its beginning is written down, and the end needs nobody's leave
        self._tell({"ended": why})


def _code(name: "Any") -> int:
    if isinstance(name, str):
        if len(name) == 1 and name in "0123456789*#":
            return ord(name)
        if name in _NAMED:
            return getattr(keys, name)  # type: ignore[no-any-return]  # the names are those of its keys
    raise ParameterError("keys", "digits, * # or " + ", ".join(_NAMED), name)


def _write(terminal: Terminal, who: str, what: str, detail: str = "") -> None:
    """A record HELPED: kind(1) | zero(4) | batch(4) | time, operator, who, what, detail, each with a tab behind it but
    the last. Raises OSError: also where the flash has only room for what becomes of a transaction."""
    real = terminal.put_aside[0] if terminal.put_aside is not None else terminal.journal
    if what in _COSTLY and store.free_bytes(terminal.board.storage) < 2 * journal.RESERVE:
        raise OSError(_NO_SPACE)
    words = "\t".join((terminal.clock.now(), terminal.operator, who, what, detail))
    real.log(struct.pack(">BII", HELPED, 0, terminal.counters.batch) + words.encode())


def history(terminal: Terminal) -> "Iterator[list[str]]":
    """What was done in the open batch, oldest first: time, operator, who, what, detail. Raises store.Damaged."""
    for _, body in store.records(terminal.journal.path):
        if body[0] == HELPED:
            yield str(body[9:], "utf-8").split("\t")
