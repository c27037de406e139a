"""Which boards there are: a YAML file with a name for each.

    counter:
      chip: ESP32-S3
      mac: 24:0a:c4:00:01:02
      serial_number: "0001"     # or port: /dev/ttyUSB0
      reset: auto               # or buttons
      baud: 460800
      power: uhubctl -l 1-1 -p 2 -a cycle

The MAC is what a board is known by: ports change their names, and two boards of one kind have the same chip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.cards.located_yaml import Mapping, Scalar, Where, YamlError, read
from tillbench.host.devices.esp32.chips import CHIPS

READER = "reader"
"""An entry with this field is a card reader: `reader_map.py`."""
CHIP_NAMES = tuple(CHIPS)
RESETS = ("auto", "buttons")
FLASH_BAUD = 460_800
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
WATCHED = ("display", "keypad", "printer", "card")
"""Peripherals that the tapped build watches."""
PARTS = (*WATCHED, "stripe", "contactless", "scanner", "buzzer", "leds", "tamper", "battery", "drawer")
"""Peripherals that can be real."""
_NO_NAMES = ("unix", "qemu", "pty")
_FIELDS = ("chip", "mac", "port", "serial_number", "reset", "baud", "power", "real")


class BoardMapError(ValueError):
    """The file is not a board map, or has no such board; the message says where and what."""


@dataclass(frozen=True)
class Board:
    """One board.

    Attributes:
        name: as in the map; for a bare port, the port.
        chip: one of `CHIP_NAMES`; None: whichever it is.
        mac: its base MAC in lower case; None: whichever it is.
        port: where it is, unless it is looked for by `serial_number`.
        serial_number: of its USB bridge, or of its own USB port.
        reset: "auto": DTR and RTS work its EN and BOOT, or it is on its own USB; "buttons": a person does.
        baud: for flashing, after the first words at 115200.
        power: command that takes its power away and gives it back: a USB hub's, a relay's; None: nobody can.
        real: which of `PARTS` are soldered to it; with none, all are in the bench.
    """

    name: str
    chip: str | None = None
    mac: str | None = None
    port: str | None = None
    serial_number: str | None = None
    reset: str = "auto"
    baud: int = FLASH_BAUD
    power: str | None = None
    real: tuple[str, ...] = ()

    @property
    def build(self) -> str:
        """What the bench starts on it: with everything virtual, or with its real parts watched."""
        return "tapped" if self.real else "bare"


def read_board_map(path: Path) -> dict[str, Board]:
    """The boards of a map by name.

    Raises:
        BoardMapError: the file cannot be read, or a line of it is wrong.
    """
    whole = read_map(path)
    boards = {
        name: _board(name, value if isinstance(value, Mapping) else None, whole)
        for name, value in whole.items.items()
        if not (isinstance(value, Mapping) and READER in value.items)
    }
    for name in boards:
        if name in _NO_NAMES or ":" in name:
            where = whole.items[name].where
            raise BoardMapError(f"{where}: {name}: no name for a board: a target is called so already")
    _refuse_twins(list(boards.values()), whole)
    return boards


def _refuse_twins(boards: list[Board], whole: Mapping) -> None:
    """Tests on two boards must not be tests on one board twice. On one port there may be now this board, now that one,
    if their MACs tell them apart."""
    for at, board in enumerate(boards):
        for other in boards[:at]:
            where = whole.items[board.name].where
            if board.mac is not None and board.mac == other.mac:
                raise _wrong(where, board.name, "mac", f"{board.mac} is that of {other.name}")
            if board.port is not None and board.port == other.port and None in (board.mac, other.mac):
                raise _wrong(
                    where, board.name, "port", f"{board.port} is that of {other.name}; MACs would tell them apart"
                )


def read_map(path: Path) -> Mapping:
    """All entries of a map. Raises BoardMapError: the file cannot be read."""
    try:
        return read(path)
    except OSError as error:
        raise BoardMapError(f"{path}: {error.strerror}") from None
    except YamlError as error:
        raise BoardMapError(str(error)) from None


def valid_mac(text: str) -> bool:
    """True for a MAC as in "24:0a:c4:00:01:02"."""
    return bool(_MAC.fullmatch(text))


def _board(name: str, fields: Mapping | None, whole: Mapping) -> Board:
    if fields is None:
        raise BoardMapError(f"{whole.items[name].where}: {name}: expected `chip: ...`, `mac: ...` below it")
    found: dict[str, str] = {}
    for key, value in fields.items.items():
        if key not in _FIELDS:
            raise _wrong(value.where, name, key, f"no such field; there is {', '.join(_FIELDS)}")
        if not isinstance(value, Scalar):
            raise _wrong(value.where, name, key, "expected one value")
        found[key] = value.text.lower() if key == "mac" else value.text
    for key, allowed in (("chip", CHIP_NAMES), ("reset", RESETS)):
        if key in found and found[key] not in allowed:
            raise _wrong(
                fields.items[key].where, name, key, f"expected one of {', '.join(allowed)}, found {found[key]!r}"
            )
    if "mac" in found and not valid_mac(found["mac"]):
        raise _wrong(fields.items["mac"].where, name, "mac", f"expected 24:0a:c4:00:01:02, found {found['mac']!r}")
    if not ("port" in found or "serial_number" in found):
        raise BoardMapError(f"{fields.where}: {name}: expected port or serial_number")
    baud = found.pop("baud", str(FLASH_BAUD))
    if not baud.isdecimal() or not 9600 <= int(baud) <= 2_000_000:
        raise _wrong(fields.items["baud"].where, name, "baud", f"expected 9600 to 2000000, found {baud!r}")
    real = tuple(part.strip() for part in found.pop("real").split(",")) if "real" in found else ()
    for part in real:
        if part not in PARTS:
            raise _wrong(fields.items["real"].where, name, "real", f"expected {', '.join(PARTS)}, found {part!r}")
    return Board(name, baud=int(baud), real=real, **found)


def _wrong(where: Where, name: str, key: str, problem: str) -> BoardMapError:
    return BoardMapError(f"{where}: {name}: {key}: {problem}")


def choose(name_or_port: str, boards: dict[str, Board]) -> Board:
    """The board of that name, or the one of the map that is on that port, or whatever is there.

    Raises:
        BoardMapError: it is neither a name of the map nor a port.
    """
    if name_or_port in boards:
        return boards[name_or_port]
    if "/" not in name_or_port and not name_or_port.upper().startswith("COM"):
        known = ", ".join(boards) or "no map, so only ports, as in /dev/ttyUSB0"
        raise BoardMapError(f"{name_or_port}: no such board; there is {known}")
    on_port = [board for board in boards.values() if board.port == name_or_port]
    return on_port[0] if on_port else Board(name_or_port, port=name_or_port)
