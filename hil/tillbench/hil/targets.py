"""What runs the firmware in a test, what each of these has, and what becomes of a test that needs more."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from tillbench.hil.absent import absent
from tillbench.hil.strikes import Strikes, StrikesDamaged

if TYPE_CHECKING:
    from tillbench.host.boards.board_map import Board

SERIAL = "serial:"
TAPPED = "tapped:"
CAPABILITIES = {
    "unix": frozenset({"clock", "power", "tls", "sha1", "files", "hang-up", "memory", "speed"}),
    "qemu": frozenset({"clock", "power", "psram", "snapshot"}),
    "serial": frozenset({"clock", "power"}),
    "tapped": frozenset(),
}
"""By target; "serial" is a board on a port with everything virtual, whatever the port, "tapped" one with real parts.

- "clock": time is the bench's, and jumps; "power": it can be cut.
- "tls", "sha1": modules of MicroPython's C code that not every port has.
- "files": the board sees the computer's files; "psram": memory that the bench shares.
- "snapshot": the terminal can be kept as it is, and put back.
- "hang-up": it hears that the bench has gone.
- "memory": a heap of megabytes, for tests whose cases take more than a terminal.
- "speed": as quick as the computer, for tests that do something hundreds of times.

A board of a map that has real parts (`real: display, printer`) has "real-display" and "real-printer" too.
"""
REAL = "real-"


RUN_HERE = ("unix", "qemu")


def target_name(text: str) -> str:
    """A value of `--till-target`; argparse's own error for one that can be none."""
    if text in RUN_HERE or any(text.startswith(kind) and len(text) > len(kind) for kind in (SERIAL, TAPPED)):
        return text
    if text in CAPABILITIES or not text.replace("-", "").replace("_", "").isalnum():
        raise argparse.ArgumentTypeError(
            f"expected unix, qemu, serial:PORT, tapped:PORT or the name of a board, found {text!r}"
        )
    return text


def chosen_targets(config: pytest.Config) -> list[str]:
    """The `--till-target` options, each once; empty if there is none."""
    return list(dict.fromkeys(config.getoption("--till-target") or ()))


def check_boards(config: pytest.Config) -> None:
    """Refuse a board that no map knows, before any test runs.

    Raises:
        pytest.UsageError: the map cannot be read, or lacks the name.
    """
    names = [name for name in chosen_targets(config) if name not in RUN_HERE and not name.startswith((SERIAL, TAPPED))]
    file: Path | None = config.getoption("--till-boards")
    if file is None:
        if names:
            raise pytest.UsageError(
                f"--till-target {names[0]}: expected unix, qemu, serial:PORT or tapped:PORT; a board's name needs "
                "--till-boards FILE"
            )
        return
    from tillbench.host.boards.board_map import BoardMapError, read_board_map
    from tillbench.host.boards.reader_map import read_reader_map

    try:
        boards = read_board_map(file)
        read_reader_map(file)
        for name in boards:
            Strikes(file).of(name)
    except (BoardMapError, StrikesDamaged) as error:
        raise pytest.UsageError(f"--till-boards {error}") from None
    for name in names:
        if name not in boards:
            raise pytest.UsageError(f"--till-target {name}: no such board in {file}; there is {', '.join(boards)}")


def check_needs(item: pytest.Item, target: str) -> None:
    """Skip the test, by name, if the target lacks something that its `till_needs` markers name."""
    from tillbench.host.boards.board_map import PARTS

    needed = {name for mark in item.iter_markers("till_needs") for name in mark.args}
    if not needed:
        return
    unknown = needed - frozenset().union(*CAPABILITIES.values()) - {REAL + part for part in PARTS}
    if unknown:
        pytest.fail(f"till_needs({sorted(unknown)[0]!r}): no target has a capability of that name", pytrace=False)
    lacking = sorted(needed - capabilities(target, item.config))
    if lacking:
        pytest.skip(f"target {target} lacks: {', '.join(lacking)}")


def capabilities(target: str, config: pytest.Config) -> frozenset[str]:
    """What a target has, of `CAPABILITIES` and, by its map, of real parts."""
    if target in RUN_HERE:
        return CAPABILITIES[target]
    board = _board_of(target, config)
    if board.real or target.startswith(TAPPED):
        return CAPABILITIES["tapped"] | {REAL + part for part in board.real}
    return CAPABILITIES["serial"]


def _board_of(target: str, config: pytest.Config | None) -> Board:
    """As in the map, or what is on a port."""
    from tillbench.host.boards.board_map import Board, read_board_map

    for kind in (SERIAL, TAPPED):
        if target.startswith(kind):
            return Board(target, port=target.removeprefix(kind))
    assert config is not None
    boards: Path = config.getoption("--till-boards")
    return read_board_map(boards)[target]


def require(target: str, image: str = "heap100k", config: pytest.Config | None = None) -> str:
    """The target, a board by its port; skips the test, by what is missing, where it cannot be had. With
    `--till-require-hardware` that is an error, and QEMU in CI too.

    Args:
        target: a value of `--till-target`.
        image: MicroPython image for QEMU, one of `tillbench.host.emulator.qemu_images.IMAGES`.
        config: pytest's, for boards.

    Raises:
        NoQemu: in CI.
    """
    if target == "qemu":
        from tillbench.host.emulator.qemu_images import NoQemu, find_image, find_qemu

        try:
            find_qemu()
            find_image(image)
        except NoQemu as error:
            if os.environ.get("CI"):
                raise
            _absent(config, str(error))
    if target in RUN_HERE:
        return target
    board = _board_of(target, config)
    kind = TAPPED if board.real or target.startswith(TAPPED) else SERIAL
    return f"{kind}{_port_of(board, target, config)}"


def _port_of(board: Board, target: str, config: pytest.Config | None) -> str:
    """Where a board is."""
    from tillbench.host.boards.board_port import BoardPort, NoBoard

    if not target.startswith((SERIAL, TAPPED)):
        assert config is not None
        if why := Strikes(config.getoption("--till-boards")).benched(target):
            _absent(config, f"target {target}: {why}")
    try:
        port = BoardPort(board).find()
    except NoBoard as error:
        _absent(config, f"target {target}: {error}")
    if "://" not in port and not Path(port).exists():
        _absent(config, f"target {target}: there is no {port}")
    return port


def strike_if_lost(item: pytest.Item, error: BaseException) -> None:
    """A board of the map that goes away in a test has a strike for it."""
    file: Path | None = item.config.getoption("--till-boards")
    callspec = getattr(item, "callspec", None)
    target = (callspec.params.get("till_target") if callspec else None) or next(iter(chosen_targets(item.config)), "")
    if file is None or target in ("", *RUN_HERE) or target.startswith((SERIAL, TAPPED)):
        return
    from tillbench.host.emulator.link import LinkLost

    if isinstance(error, LinkLost):
        try:
            Strikes(file).add(target, f"{item.name}: {error}".splitlines()[0])
        except (OSError, StrikesDamaged) as why:
            item.warn(pytest.PytestWarning(f"{target} has no strike for it: {why}"))


def _absent(config: pytest.Config | None, what: str) -> NoReturn:
    if config is None:
        pytest.skip(what)
    absent(config, what)
