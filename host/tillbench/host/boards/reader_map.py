"""Which PC/SC readers there are: entries of the board map (`board_map.py`) that have a `reader`.

acs:
  reader: ACR39U                 # a part of its PC/SC name
  serial_number: RR554-012345    # two readers of one kind have the same name
  feeder: feed-card {place}      # or serial:/dev/ttyACM3: what puts cards in and takes them out
  cards:                         # what is in the feeder, and where
    visa-test: "1"
    mastercard-test: "2"
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tillbench.host.boards.board_map import READER, BoardMapError, read_map
from tillbench.host.cards.located_yaml import Mapping, Scalar, Value

PLACE = "{place}"
_FIELDS = (READER, "serial_number", "feeder", "cards")


@dataclass(frozen=True)
class ReaderEntry:
    """One reader.

    Attributes:
        name: as in the map.
        reader: a part of its PC/SC name; with the numbers at its end where it has several slots.
        serial_number: as pcscd shows it in the name, or as the reader tells it; None: the name is enough.
        feeder: command with `PLACE` in it, or "serial:" and a port; None: a person changes its card.
        cards: places in the feeder by the names of the cards.
    """

    name: str
    reader: str
    serial_number: str | None = None
    feeder: str | None = None
    cards: dict[str, str] = field(default_factory=dict)


def read_reader_map(path: Path) -> dict[str, ReaderEntry]:
    """The readers of a map by name.

    Raises:
        BoardMapError: the file cannot be read, or a line of it is wrong.
    """
    return {
        name: _entry(name, value)
        for name, value in read_map(path).items.items()
        if isinstance(value, Mapping) and READER in value.items
    }


def _entry(name: str, value: Mapping) -> ReaderEntry:
    found: dict[str, str] = {}
    cards: dict[str, str] = {}
    for key, each in value.items.items():
        if key not in _FIELDS:
            raise BoardMapError(f"{each.where}: {name}: {key}: no such field; there is {', '.join(_FIELDS)}")
        if key == "cards":
            cards = _places(name, each)
        elif isinstance(each, Scalar):
            found[key] = each.text
        else:
            raise BoardMapError(f"{each.where}: {name}: {key}: expected one value")
    feeder = found.get("feeder", "")
    if cards and not feeder:
        raise BoardMapError(f"{value.where}: {name}: cards: expected a feeder that has them")
    if feeder and not cards:
        raise BoardMapError(f"{value.where}: {name}: feeder: expected cards, with the places where they are")
    if feeder and not feeder.startswith("serial:") and PLACE not in feeder:
        where = value.items["feeder"].where
        raise BoardMapError(
            f"{where}: {name}: feeder: expected serial:PORT, or a command with {PLACE}, found {feeder!r}"
        )
    return ReaderEntry(name, cards=cards, **found)


def _places(name: str, value: Value) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise BoardMapError(f"{value.where}: {name}: cards: expected a name and a place on each line")
    places = {}
    for card, place in value.items.items():
        if not isinstance(place, Scalar) or not place.text.strip() or not place.text.isprintable():
            raise BoardMapError(f"{place.where}: {name}: cards: {card}: expected its place in the feeder")
        places[card] = place.text
    return places
