"""Espressif's `esptool`, run as a program.

It is GPL, so no line of it is imported here. What it says is read for three things: which chip, which MAC, and why it
did not work.
"""

from __future__ import annotations

import importlib.util
import os
import re
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from tillbench.host.boards.board_map import Board

SILENCE_S = 150.0
"""The longest thing that it does without a word is to erase a whole flash: two minutes at most, says its source."""
VERIFIED = "Hash of data verified."
_CHIP = re.compile(r"^Connected to (\S+) on ", re.MULTILINE)
_MAC = re.compile(r"^MAC: +([0-9a-f:]{17})$", re.MULTILINE)
_FATAL = re.compile(r"(?:A fatal error occurred: |ERROR: )(.*)")
_ADVICE = (
    (r"No serial data received|Failed to connect", "not in download mode: hold BOOT, press EN (RST), release BOOT"),
    (r"No more data to read|Lost connection|returned no data|multiple access", "the port went away: look at the cable"),
    (r"Running stub flasher\.\.\.\s*$", "the chip has not started esptool's program: try --no-stub"),
    (r"MD5 of file does not match|Hash of data", "the flash holds other bytes than were sent"),
)
_ENVIRONMENT = {"COLUMNS": "500", "NO_COLOR": "1", "TERM": "dumb"}
"""A line of its output is a line."""


class NoEsptool(Exception):
    """`esptool` is not installed."""


class EsptoolFailed(Exception):
    """It could not do what it was asked; the message has its reason and, where one is known, what to do."""


@dataclass(frozen=True)
class Identity:
    """Who answers on a port."""

    chip: str
    mac: str


def run(
    board: Board,
    port: str,
    *arguments: str,
    on_line: Callable[[str], None] = lambda line: None,
    silence_s: float = SILENCE_S,
) -> str:
    """Run it; returns all that it says.

    Args:
        board: for its reset and its rate.
        port: where it is.
        arguments: the command and what belongs to it.
        on_line: each line as it comes.
        silence_s: it is ended when it says nothing for so long; some of its reads wait for ever.

    Raises:
        NoEsptool: it is not installed.
        EsptoolFailed: it ended with an error, or was ended.
    """
    if importlib.util.find_spec("esptool") is None:
        raise NoEsptool("no esptool, which writes to a board's flash: pip install 'tillbench[boards]'")
    before, after = ("default-reset", "hard-reset") if board.reset == "auto" else ("no-reset", "no-reset")
    common = ["--port", port, "--before", before, "--after", after, "--connect-attempts", "3"]
    process = subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-m", "esptool", *common, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **_ENVIRONMENT},
    )
    try:
        said, ended = _listen(process, on_line, silence_s)
    finally:
        process.kill()  # where it is still there
        process.wait()
    if not ended:
        raise EsptoolFailed(f"{board.name} ({port}): esptool said nothing for {silence_s:g} s; {_advice(said)}")
    if process.returncode:
        raise EsptoolFailed(f"{board.name} ({port}): {_reason(said)}")
    return said


def _listen(process: subprocess.Popen[bytes], on_line: Callable[[str], None], silence_s: float) -> tuple[str, bool]:
    """What it says, and whether it has ended by itself."""
    assert process.stdout is not None
    said, told = b"", 0
    with process.stdout as output:
        while select.select([output], [], [], silence_s)[0]:
            data = os.read(output.fileno(), 65536)
            if not data:
                process.wait()
                return said.decode(errors="replace"), True
            said += data
            while (end := said.find(b"\n", told)) >= 0:
                on_line(said[told:end].decode(errors="replace"))
                told = end + 1
    return said.decode(errors="replace"), False


def _advice(said: str) -> str:
    advice = [text for pattern, text in _ADVICE if re.search(pattern, said)]
    return advice[0] if advice else "unplug the board, plug it in, try again"


def _reason(said: str) -> str:
    fatal = _FATAL.search(said)
    reason = fatal[1].strip() if fatal else (said.strip().splitlines() or ["esptool said nothing"])[-1]
    return f"{reason.rstrip('.')}; {_advice(said)}"


def identify(board: Board, port: str, *, stub: bool = True, silence_s: float = SILENCE_S) -> Identity:
    """Ask the chip who it is; nothing is written.

    Raises:
        NoEsptool: as `run`.
        EsptoolFailed: nobody answers, or not with a chip and a MAC.
    """
    said = run(board, port, *([] if stub else ["--no-stub"]), "read-mac", silence_s=silence_s)
    chip, mac = _CHIP.search(said), _MAC.search(said)
    if chip is None or mac is None:
        raise EsptoolFailed(f"{board.name} ({port}): expected a chip and a MAC from esptool, found: {said[-300:]}")
    return Identity(chip[1], mac[1])
