"""A board with one port: its REPL becomes the bench link, and is given back."""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Callable
from typing import Any

from tillbench.host.emulator.calls import DeviceError
from tillbench.host.emulator.link import LinkClosed, LinkEnd, LinkLost, Wire
from tillbench.protocols import literal
from tillbench.protocols.link import Channel, Control, Run, System, control

INTERRUPT = b"\r\x03\x03"
TO_RAW = b"\r\x01"
TO_FRIENDLY = b"\r\x02"
EXECUTE = b"\x04"
RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
FRIENDLY_PROMPT = b">>> "
_CLOSE_FRAME = control(0, 0, Control.CLOSE)


class NoRepl(LinkLost):
    """The board does not answer as a MicroPython REPL does."""


class Repl:
    """A MicroPython REPL on a wire.

    Args:
        wire: where it is.
        patience_s: how long an answer may take.
    """

    def __init__(self, wire: Wire, patience_s: float = 5.0) -> None:
        self.wire = wire
        self.patience_s = patience_s
        self._heard = b""

    def interrupt(self) -> None:
        """Stop whatever runs, a link that a bench has left behind too, and get to the raw prompt.

        Raises:
            NoRepl: there is no raw REPL.
        """
        self._to_raw(INTERRUPT, _CLOSE_FRAME + INTERRUPT, _CLOSE_FRAME + INTERRUPT)

    def leave_link(self) -> None:
        """As `interrupt`, for a board on which the link is open.

        Raises:
            NoRepl: there is no raw REPL.
        """
        self._to_raw(_CLOSE_FRAME, _CLOSE_FRAME + INTERRUPT, _CLOSE_FRAME + INTERRUPT)

    def soft_reset(self) -> None:
        """From the raw prompt to the raw prompt of a MicroPython that has just started.

        Raises:
            NoRepl: it does not come back.
        """
        self.wire.write(EXECUTE)
        # A chip stays in the raw REPL; where the reset is a new start, there is a friendly prompt.
        if self._until_any((RAW_PROMPT, FRIENDLY_PROMPT), self.patience_s)[1] == FRIENDLY_PROMPT:
            self.interrupt()

    def _to_raw(self, *ways: bytes) -> None:
        for way in ways:
            self.wire.write(way)
            self.wire.write(TO_RAW)
            try:
                self.until(RAW_PROMPT, self.patience_s / 3)
                return
            except NoRepl as error:
                last = error
        raise last

    def execute(self, line: str) -> None:
        """Start one line at the raw prompt; what it prints comes after this."""
        self.wire.write(line.encode() + EXECUTE)
        self.until(b"OK", self.patience_s)

    def friendly(self) -> None:
        """Go to the friendly prompt, as a person finds it."""
        self.wire.write(TO_FRIENDLY)
        self.until(FRIENDLY_PROMPT, self.patience_s)

    def until(self, marker: bytes, patience_s: float) -> bytes:
        """What comes before `marker`.

        Raises:
            NoRepl: it does not come.
        """
        return self._until_any((marker,), patience_s)[0]

    def _until_any(self, markers: tuple[bytes, ...], patience_s: float) -> tuple[bytes, bytes]:
        """What comes before the first of `markers` that comes, and which one that is."""
        deadline = time.monotonic() + patience_s
        while not (found := [marker for marker in markers if marker in self._heard]):
            left = deadline - time.monotonic()
            if left <= 0:
                wanted = " or ".join(map(repr, markers))
                raise NoRepl(f"expected {wanted} from a MicroPython REPL, found {self._heard[-200:]!r}")
            if select.select([self.wire], [], [], left)[0]:
                self._heard += self.wire.read()
        marker = min(found, key=self._heard.index)
        before, _, self._heard = self._heard.partition(marker)
        return before, marker

    def rest(self) -> bytes:
        """What came after the last marker, once."""
        rest, self._heard = self._heard, b""
        return rest


class OnePortBoard:
    """The bench's end of one-port mode. The board's clock is its own; nothing is steered.

    Args:
        wire: the serial port.
        program: the device's module whose `serve()` runs over the link.
        patience_s: how long the board may be deaf.
    """

    def __init__(self, wire: Wire, program: str = "runner", patience_s: float = 20.0) -> None:
        self.wire = wire
        self.program = program
        self.patience_s = patience_s
        self.board = ""
        self.console = ""
        self.on_message: Callable[[Channel, bytes], None] = lambda channel, payload: None
        self.end = LinkEnd(wire, patience_s)
        self._raw_console = b""
        self._ready = False
        self._outcome: tuple[Run, Any] | None = None
        self._calls: dict[str, Callable[..., Any]] = {}

    def start(self, settings: dict[str, str] | None = None) -> None:
        """From the REPL to the link: one line typed, the board's hello answered.

        Args:
            settings: what the board is told beside `steered=0`.

        Raises:
            NoRepl: there is no REPL.
            LinkLost: the line raised an exception; the message ends with the traceback.
        """
        repl = Repl(self.wire)
        repl.interrupt()
        repl.execute(f"import port.one_port;port.one_port.run({self.program!r})")
        self.board = ""
        self.console = ""
        self._raw_console = b""
        self.end = LinkEnd(self.wire, self.patience_s)
        self.end.on_stray = self._stray
        self._ready = False
        self._heard(lambda: self.end.feed(repl.rest()))
        self._wait(lambda: bool(self.board))
        told = {"steered": "0", **(settings or {})}
        text = "\n".join(f"{key}={value}" for key, value in told.items())
        self.end.send(Channel.SYSTEM, bytes([System.WELCOME]) + text.encode())
        self._wait(lambda: self._ready)

    def _wait(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.patience_s
        while not true():
            if "\x04>" in self.console or time.monotonic() > deadline:
                raise LinkLost(self._told("the board does not start the link"))
            self._heard(lambda: self.end.listen(0.2))

    def call(
        self,
        target: str,
        *args: Any,
        host: dict[str, Callable[..., Any]] | None = None,
        timeout_s: float = 60.0,
        **kwargs: Any,
    ) -> Any:
        """Run `module:name` on the board, as `Bench.call` does.

        Raises:
            DeviceError: the function raised.
            TimeoutError: it did not return within `timeout_s` seconds.
            LinkLost: the board is gone, or has given the REPL back.
        """
        self._calls = host or {}
        self._outcome = None
        self.end.send(Channel.RUN, bytes([Run.CALL]) + literal.encode((target, args, kwargs)))
        deadline = time.monotonic() + timeout_s
        while self._outcome is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{target} did not return within {timeout_s:g} s")
            self._heard(lambda: self.end.listen(deadline - time.monotonic()))
        op, value = self._outcome
        if op == Run.ERROR:
            raise DeviceError(*value)
        return value

    def close(self) -> None:
        """Close the link: the board gives the REPL back, at the friendly prompt.

        Raises:
            LinkLost: the board does not do so.
        """
        for _ in range(8):
            try:
                self.end.close()
                deadline = time.monotonic() + self.patience_s / 8
                while time.monotonic() < deadline:
                    self.end.receive(deadline - time.monotonic())
            except LinkClosed:
                break
        else:
            raise LinkLost(self._told("the board does not close the link"))
        Repl(self.wire).friendly()

    def _heard(self, listen: Callable[[], list[tuple[Channel, bytes]]]) -> None:
        try:
            messages = listen()
        except LinkClosed as error:
            # The traceback that explains it comes after the last frame, up to the raw prompt.
            with contextlib.suppress(LinkLost):
                self._stray(Repl(self.wire).until(b"\x04>", 1.0))
            raise LinkClosed(self._told(str(error))) from error
        except LinkLost as error:
            raise type(error)(self._told(str(error))) from error
        for channel, payload in messages:
            self.on_message(channel, payload)
            if channel == Channel.SYSTEM and payload[:1] == bytes([System.HELLO]):
                self.board = payload[1:].decode()
            elif channel == Channel.SYSTEM and payload[:1] == bytes([System.IDLE]):
                self._ready = True
            elif channel == Channel.RUN:
                self._ran(payload[0], payload[1:])
            elif channel == Channel.CONSOLE:
                self._stray(payload)

    def _ran(self, op: int, data: bytes) -> None:
        value = literal.decode(data)
        if op != Run.ASK:
            self._outcome = (Run(op), value)
            return
        name, args = value
        try:
            answer = bytes([Run.ANSWER]) + literal.encode(self._calls[name](*args))
        except Exception as error:
            self.end.send(Channel.RUN, bytes([Run.REFUSED]) + literal.encode(f"{type(error).__name__}: {error}"))
            raise
        self.end.send(Channel.RUN, answer)

    def _stray(self, data: bytes) -> None:
        self._raw_console += data
        self.console = self._raw_console.decode(errors="replace").replace("\r\n", "\n")
        self.on_message(Channel.CONSOLE, data)

    def _told(self, what: str) -> str:
        tail = "\n".join(self.console.strip("\x04> \n").splitlines()[-15:])
        return what + (f"; its console ends with\n{tail}" if tail else "")
