"""The line as the flows see it: opened when something is to be said, given back after it, perhaps kept for the next."""

import time

from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Awaitable, Protocol

    from terminal.app import Terminal
    from terminal.board import Reader, Writer

    class Way(Protocol):
        """What leads to a host."""

        @property
        def keep_ms(self) -> int:
            """For how long an open line is kept after an exchange; 0: not at all."""
            ...

        @property
        def destination(self) -> str:
            """Where it leads to now: a line that was kept is for no other."""
            ...

        async def open(self) -> "tuple[Reader, Writer]":
            """Raises NoLine."""
            ...

        def is_quiet(self, __writer: Writer) -> bool:
            """Nothing has come since it was last read: neither an end nor a byte."""
            ...


class NoLine(Stop):
    """The host cannot be reached: not a byte of a message has left."""


class HostLine:
    """The way that the settings name."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    @property
    def keep_ms(self) -> int:
        """As the setting; a serial line is always there, so there is nothing to keep."""
        parameters = self._terminal.parameters
        return 0 if parameters.line == "serial" else parameters.keep_alive_ms

    @property
    def destination(self) -> str:
        """Every setting that a connection depends on."""
        p = self._terminal.parameters
        return "%s %s %d %s" % (p.line, p.host, p.port, p.tls_name)

    async def open(self) -> "tuple[Reader, Writer]":
        """Raises NoLine."""
        from terminal.line.ways import open_way

        return await open_way(self._terminal)

    def is_quiet(self, writer: Writer) -> bool:
        """As `board.Line.is_quiet`."""
        return self._terminal.board.line.is_quiet(writer)


class WatchedLine:
    """One line at a time; `up` says whether it could be opened the last time that it was wanted, None before that."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._kept: "tuple[Reader, Writer] | None" = None
        self._kept_at = 0
        self._kept_for = ""
        self.up: bool | None = None
        self.failures = 0
        """Since the start."""
        self.unanswered = 0
        """Requests that nothing came back to, since the start."""
        self.answered = 0
        """Answers that belonged to their requests, since the start."""
        self.wishes = ""
        """Processing requests out of the host's headers that nobody has seen to yet, one digit each."""

    async def open(self) -> "tuple[Reader, Writer]":
        """The line that was kept, if it is surely still good, or a new one. Raises NoLine.

        A line on which anything stirs is not used again: an end of the host's would take a request with it, and a byte
        could only belong to something that nobody waits for any more.
        """
        if self._kept is not None:
            kept = self._kept
            if self._is_fresh() and self._way.is_quiet(kept[1]):
                self._kept = None
                return kept
            await self.let_go()
        return await self.watched(self._way.open())

    async def watched(self, opening: "Awaitable[tuple[Reader, Writer]]") -> "tuple[Reader, Writer]":
        """What `opening` opens, with an eye on how it ends. Raises as that does."""
        self.up = False
        self.failures += 1
        streams = await opening
        self.failures -= 1
        self.up = True
        return streams

    async def give_back(self, reader: Reader, writer: Writer, whole: bool) -> None:
        """After an exchange. `whole`: it came to its end, and nothing is left in the line. Never raises."""
        if whole and self._way.keep_ms and self._kept is None:
            self._kept = (reader, writer)
            self._kept_at = time.ticks_ms()
            self._kept_for = self._way.destination
        else:
            await close(writer)

    async def let_go(self, even_fresh: bool = True) -> None:
        """Closes a line that was kept; `even_fresh` False: only one that was kept long enough."""
        if self._kept is not None and (even_fresh or not self._is_fresh()):
            writer = self._kept[1]
            self._kept = None
            await close(writer)

    def _is_fresh(self) -> bool:
        age = time.ticks_diff(time.ticks_ms(), self._kept_at)
        return 0 <= age < self._way.keep_ms and self._kept_for == self._way.destination

    def wish(self, digit: str) -> None:
        """Takes the processing request of a header: "0" is none, and one that is known already is not taken twice."""
        if digit in "1234567" and digit not in self.wishes:
            self.wishes += digit


async def close(writer: Writer) -> None:
    """Ends a connection. Never raises."""
    try:
        writer.close()
        await writer.wait_closed()
    except OSError:
        pass
