"""Flash a board: nothing is written before the board has proved that it is the one that is meant."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.boards import esptool
from tillbench.host.boards.board_map import Board
from tillbench.host.boards.board_port import BoardPort
from tillbench.host.boards.esptool import EsptoolFailed, Identity
from tillbench.host.boards.image import Image


class WrongBoard(Exception):
    """Another chip or another board than the map, or the image, says: nothing was written."""


def check(board: Board, identity: Identity, image: Image | None = None) -> None:
    """Raises:
    WrongBoard: chip or MAC are not the map's, or the image is for another chip.
    """
    if board.chip is not None and identity.chip != board.chip:
        raise WrongBoard(f"{board.name}: chip: expected {board.chip}, found {identity.chip}; nothing was written")
    if board.mac is not None and identity.mac != board.mac:
        raise WrongBoard(f"{board.name}: MAC: expected {board.mac}, found {identity.mac}; nothing was written")
    if image is not None and image.chip != identity.chip:
        raise WrongBoard(f"{image.path} is for {image.chip}, {board.name} is {identity.chip}; nothing was written")


def flash(
    port: BoardPort, image: Image, *, stub: bool = True, on_line: Callable[[str], None] = lambda line: None
) -> Identity:
    """Identify the board, erase its flash, write the image, have the chip's own MD5 of it compared.

    Args:
        port: the board.
        image: what to write.
        stub: with the flasher program that esptool loads into the chip's memory; without it, erased is only what is
            written, and files on the board survive.
        on_line: what esptool says.

    Raises:
        NoBoard: its port is not there.
        WrongBoard: it is another one. Nothing was written.
        EsptoolFailed: esptool could not do it, or the chip holds other bytes than the file.
    """
    board = port.board
    with port.lent("esptool") as name:
        identity = esptool.identify(board, name, stub=stub)
        check(board, identity, image)
        how = ["--baud", str(board.baud)] if stub else ["--no-stub"]
        what = ["--erase-all"] if stub else []
        chip = ["--chip", identity.chip.lower().replace("-", "")]
        said = esptool.run(
            board, name, *chip, *how, "write-flash", *what, hex(image.offset), str(image.path), on_line=on_line
        )
        if esptool.VERIFIED not in said:
            raise EsptoolFailed(
                f"{board.name}: esptool has not verified what it wrote; treat the board as half written"
            )
    return identity
