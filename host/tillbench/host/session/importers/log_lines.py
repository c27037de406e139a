"""What all logs have: lines, hexadecimal in many dresses, a command that waits for its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillbench.host.session.folding import exchange_of
from tillbench.host.session.record import Event, Reset, digits

_LEAST_COMMAND, _LEAST_ANSWER = 4, 2
_MOST_BYTES = 65_544


class LogError(ValueError):
    """A line that cannot be read: its number, what was expected and found."""

    def __init__(self, line: int, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.line = line


def hexadecimal(text: str, line: int, what: str, least: int = 1) -> bytes:
    """Bytes from digits with blanks, colons, commas, 0x between them. Raises LogError."""
    plain = re.sub(r"0[xX]|[\s:,]", "", text)
    if not re.fullmatch(r"([0-9A-Fa-f]{2})*", plain):
        wrong = re.search(r"[^0-9A-Fa-f]", plain)
        raise LogError(line, f"{what} in hexadecimal", repr(wrong.group()) if wrong else "half a byte")
    if not least <= len(plain) // 2 <= _MOST_BYTES:
        raise LogError(line, f"{what} of {least} to {_MOST_BYTES} bytes", f"{len(plain) // 2}")
    return bytes.fromhex(plain)


class Pairing:
    """Puts commands and answers together; times in microseconds, from the log's beginning."""

    def __init__(self) -> None:
        self._waiting: tuple[bytes, int, int] | None = None

    def reset(self, atr: bytes, t_us: int = 0) -> Iterator[Event]:
        """An answer to reset."""
        yield from self._unanswered()
        yield Reset(t_us=t_us, atr=digits(atr))

    def command(self, text: str, line: int, t_us: int = 0) -> Iterator[Event]:
        """A command; one that is still waiting got no answer."""
        data = hexadecimal(text, line, "a command", _LEAST_COMMAND)
        yield from self._unanswered()
        self._waiting = data, line, t_us

    def answer(self, text: str, line: int, t_us: int = 0, took_us: int | None = None) -> Iterator[Event]:
        """The answer to the command that is waiting."""
        data = hexadecimal(text, line, "an answer", _LEAST_ANSWER)
        if self._waiting is None:
            raise LogError(line, "a command before it", "an answer")
        command, _line, at = self._waiting
        self._waiting = None
        yield exchange_of(command, data, at, took_us if took_us is not None else max(t_us - at, 0) or None)

    def end(self) -> Iterator[Event]:
        """No more lines."""
        yield from self._unanswered()

    def _unanswered(self) -> Iterator[Event]:
        if self._waiting is not None:
            command, _line, at = self._waiting
            self._waiting = None
            yield exchange_of(command, None, at)


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1, without what is blank."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, line
