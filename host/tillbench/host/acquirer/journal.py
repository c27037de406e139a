"""What came in and what went out, in order, for tests and consoles. Held in memory, the oldest forgotten first."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from tillbench.protocols.iso8583 import Message

REMEMBERED = 10_000


class Exchange(NamedTuple):
    """One message received and what became of it. `repr` shows no secrets: messages mask themselves."""

    number: int  # 1 for the first message since the start
    at: datetime
    mti: str  # of the request; "" when it had none to read
    request: Message | None  # None when it could not be read
    reply: Message | None  # None when there was nothing to answer; what was decided, also if a rule kept it back
    because: str  # the reason, in words
    fault: str  # what a rule did to it, in words; "" for nothing

    @property
    def code(self) -> str:
        """Field 39 of the answer, "" without one."""
        return self.reply.text(39) if self.reply else ""


_Kept = bytes | Message | None
_Row = tuple[int, datetime, str, _Kept, _Kept, str, str]
"""An exchange, with bytes in the place of messages that can be read again."""


class Journal:
    """The last `REMEMBERED` exchanges. Of their messages it keeps the bytes: thousands of messages that stay, with all
    their fields, give each new one memory that is in no cache, and a host under load is slower by a fifth."""

    def __init__(self, read: Callable[[bytes], Message]) -> None:
        """`read` makes a message of the bytes of one that was read, or made, before."""
        self._read = read
        self._rows: deque[_Row] = deque(maxlen=REMEMBERED)
        self._count = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __call__(self, mti: str | None = None, last: int = REMEMBERED) -> list[Exchange]:
        """Exchanges in the order received, all or those of one message type; the `last` so many of them."""
        rows = [row for row in self._rows if mti in (None, row[2])]
        return [
            Exchange(number, at, row_mti, self._message(came), self._message(went), because, fault)
            for number, at, row_mti, came, went, because, fault in rows[max(0, len(rows) - last) :]
        ]

    def _message(self, kept: _Kept) -> Message | None:
        return self._read(kept) if isinstance(kept, bytes) else kept

    def enter(
        self,
        at: datetime,
        mti: str,
        request: Message | None,
        reply: Message | None,
        because: str,
        fault: str,
        *,
        came: bytes = b"",
        went: bytes = b"",
    ) -> Exchange:
        """The next exchange, remembered. came, went: the bytes of `request` and `reply`, of those that have them."""
        self._count += 1
        self._rows.append((self._count, at, mti, came or request, went or reply, because, fault))
        return Exchange(self._count, at, mti, request, reply, because, fault)

    def expect(self, mti: str, *, code: str | None = None, count: int | None = None, **fields: str | bytes) -> Exchange:
        """The latest message of this type, or AssertionError with the list of what did come.

        `code` is the field 39 that it was answered with; `f11="000007"` and the like compare fields of the request;
        `count` demands exactly that many matches.
        """
        wanted = {int(name.removeprefix("f")): value for name, value in fields.items()}
        found = [
            exchange
            for exchange in self(mti)
            if code in (None, exchange.code)
            and all(exchange.request and exchange.request.fields.get(n) == value for n, value in wanted.items())
        ]
        if not found or count not in (None, len(found)):
            what = (
                f"{mti}"
                + (f" answered {code}" if code else "")
                + "".join(f" field {n}={v!r}" for n, v in wanted.items())
            )
            came = "\n".join(
                f"  {e.number}. {e.request or e.mti or '?'} -> {e.code or '-'} {e.because}" for e in self()
            )
            number = "at least one" if count is None else str(count)
            raise AssertionError(f"expected {number} {what}, found {len(found)} among:\n{came or '  nothing received'}")
        return found[-1]
