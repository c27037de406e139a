"""`--till-reader board`: a board as the PC/SC reader, with the pcscd that it needs, for one process of pytest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest
from tillbench.hil.absent import absent, absent_software
from tillbench.hil.targets import chosen_targets, require
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.micropython import NoMicroPython
from tillbench.host.emulator.qemu_images import NoQemu
from tillbench.host.pcsc import NoPcsc, SerialPcscd
from tillbench.host.pcsc.daemon import BOARD_READER
from tillbench.host.reader import BoardSlot, ReaderBoard

NAME = f"{BOARD_READER} 00 00"


@contextmanager
def board_reader(config: pytest.Config) -> Iterator[BoardSlot]:
    """The board of `--till-target` (unix without it), and the variable that leads PC/SC programs to its pcscd. Skips
    where one of them cannot be had."""
    if find_spec("smartcard") is None:
        absent_software(config, "reader board: no pyscard here: pip install 'tillbench[pcsc]'")
    target = require((chosen_targets(config) or ["unix"])[0], config=config)
    try:
        board = ReaderBoard(target, fast=True, seed=config.getoption("--till-seed"))
    except (LinkLost, NoMicroPython, NoQemu) as error:
        absent(config, f"reader board: {error}")
    with board:
        try:
            pcscd = SerialPcscd(board.port.name)
        except NoPcsc as error:
            absent_software(config, f"reader board: {error}")
        with pcscd, pytest.MonkeyPatch.context() as patch:
            pcscd.wait()
            for name, value in pcscd.environment.items():
                patch.setenv(name, value)
            yield BoardSlot(board)
