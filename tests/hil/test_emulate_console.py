"""`tillbench emulate` in a terminal window of 80 columns and 24 lines, driven by what a keyboard sends."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

COLUMNS, LINES = 80, 24
PATIENCE_S = 40.0
MAIN = "from tillbench.host.cli import main; main()"
F5, UP = "\x1b[15~", "\x1b[A"
LEAVES_ALTERNATE_SCREEN = "\x1b[?1049l"


def _in_a_window() -> None:
    """Ctrl-C is a signal, and nobody has said that it be ignored, as shells do for what runs in the background."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Window:
    """A terminal window with the command in it: what it writes, and what is typed into it."""

    def __init__(self, *options: str) -> None:
        self._keyboard, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.before = termios.tcgetattr(inside)
        self._inside = inside
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", MAIN, "emulate", "--temp", "--seed", "7", *options],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=_in_a_window,
            env={**environment, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"},
        )
        self.written = ""
        self._seen = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def type(self, keys: str) -> None:
        os.write(self._keyboard, keys.encode())

    @property
    def rows(self) -> list[str]:
        """The last picture that is there as a whole."""
        picture = self.written.split("\x1b[J")[-2].split("\x1b[H")[-1]
        return [row.removesuffix("\r").removesuffix("\x1b[K") for row in picture.split("\n")]

    def wait(self, text: str) -> None:
        """Read on until `text` has been written since the last wait."""
        deadline = time.monotonic() + PATIENCE_S
        while (at := self.written.find(text, self._seen)) < 0:
            left = deadline - time.monotonic()
            assert left > 0, f"no {text!r} in\n{self.written[self._seen :]}"
            assert self._read(left), f"no {text!r} before it ended; it wrote\n{self.written[-2000:]}"
        self._seen = at + len(text)

    def _read(self, seconds: float) -> bool:
        """Take what is written within that time; False at the end."""
        if not select.select([self._keyboard], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._keyboard, 65536)
        except OSError:  # EIO: nobody has the other end any more
            return False
        self.written += self._decoder.decode(data)
        return bool(data)

    def end(self) -> tuple[int, str]:
        """Wait for the exit code; with what was written after the alternate screen was left."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and self._read(0.05):  # nobody ends who has to wait for a full window
            assert time.monotonic() < deadline, f"it does not end; it wrote\n{self.written[-2000:]}"
        code = self.process.wait(PATIENCE_S)
        while select.select([self._keyboard], [], [], 0)[0]:
            self._read(0)
        return code, self.written.rpartition(LEAVES_ALTERNATE_SCREEN)[2]

    def check_restored(self) -> None:
        assert termios.tcgetattr(self._inside) == self.before
        assert "\x1b[?25h" in self.written, "the cursor is there again"

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._keyboard)
        os.close(self._inside)


@pytest.fixture
def window(request: pytest.FixtureRequest) -> Iterator[Window]:
    options: tuple[str, ...] = getattr(request, "param", ())
    opened = Window(*options)
    yield opened
    opened.close()


def test_a_person_keys_in_an_amount_and_inserts_a_card(window: Window) -> None:
    window.wait("0810 network management answer")
    window.type(f"{F5}c")  # a key that means nothing types nothing
    window.wait("CANCEL up")
    assert not any(f"{digit} down" in window.written for digit in range(10))
    assert any("power on | no card in the slot | next to insert: unionpay-debit" in row for row in window.rows)
    assert len(window.rows) <= LINES
    assert max(map(len, window.rows)) <= COLUMNS
    window.type("12\r")
    window.wait("ENTER up")
    window.type("i")
    window.wait("PIN entry opens")
    window.type("987654")
    window.wait("* keys     *")
    assert not any(f"{digit} down" in window.written for digit in range(4, 10))
    window.type("o")
    window.wait("unionpay-debit removed")
    window.type("w")
    window.wait("power OFF | no card in the slot")
    window.type("5iow")
    window.wait("power on | no card")
    window.type("q")
    assert window.end() == (0, "")
    window.check_restored()


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("window", "name"),
    [(("--card", "visa-credit"), "visa-credit"), (("--card", "unionpay-cda"), "unionpay-cda")],
    indirect=["window"],
)
def test_the_card_that_was_asked_for_is_the_next(window: Window, name: str) -> None:
    window.wait(f"next to insert: {name}")
    window.type("n")
    window.wait("next to insert: ")
    window.type("\x03")
    assert window.end() == (130, "")
    window.check_restored()


@pytest.mark.parametrize("window", [("--acquirer", "127.0.0.1:9")], indirect=True)
def test_acquirer_away_is_told_in_the_picture(window: Window, tmp_path: Path) -> None:
    """Port 9 of this machine: nobody listens there, or nobody who speaks ISO 8583."""
    window.wait("acquirer 127.0.0.1:9 is away: ")
    window.process.terminate()
    assert window.end() == (0, "")
    window.check_restored()
