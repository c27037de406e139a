"""A reader of the machine's pcscd as a test asks for it: by a part of its name, or by its name in the board map, which
knows its serial number and what feeds it with cards."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tillbench.hil.feeder import Feeder, feeder_of
from tillbench.hil.qualification import scard
from tillbench.host.boards.reader_map import ReaderEntry, read_reader_map
from tillbench.host.emv_run.pcsc_slot import no_pcscd

SEEN_S = 30.0


class NotThere(Exception):
    """No such reader, or not the card that is wanted; the text says what there is."""


def pcsc_name(entry: ReaderEntry, names: Sequence[str], serial_number_of: Callable[[str], str]) -> str:
    """The PC/SC name of a reader.

    pcscd puts the serial number of a USB reader into its name, in parentheses, where the device has one; others may
    tell it as an attribute (PC/SC part 3, Vendor-Supplied Interface Device Serial Number).

    Raises:
        NotThere: none fits, or several do.
    """
    fits = [name for name in names if entry.reader.lower() in name.lower()]
    wanted = repr(entry.reader)
    if entry.serial_number is not None:
        number = entry.serial_number
        fits = [name for name in fits if f"({number})" in name] or [n for n in fits if serial_number_of(n) == number]
        wanted += f" with serial number {number}"
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise NotThere(f"{entry.name}: {' and '.join(fits)} are called {wanted}: give a serial number")
    raise NotThere(f"{entry.name}: no reader {wanted}; there is {', '.join(names) or 'none'}")


class LabReader:
    """A reader, and its feeder if it has one.

    Attributes:
        name: its PC/SC name.
        cards: those in the feeder, in the order of the map.
    """

    def __init__(self, wanted: str, boards: Path | None) -> None:
        """Raises NotThere; BoardMapError for a wrong map; FeederFault."""
        entries = read_reader_map(boards) if boards is not None else {}
        entry = entries.get(wanted, ReaderEntry(wanted, wanted))
        self._feeder: Feeder | None = feeder_of(entry)
        self.cards = dict(entry.cards)
        try:
            context = scard.Context()
            try:
                names = context.readers()
                self.name = pcsc_name(entry, names, lambda name: _serial_number(context, name))
            finally:
                context.close()
        except scard.ScardError as error:
            told = no_pcscd(str(error)) if error.code == scard.NO_SERVICE else error
            raise NotThere(f"{wanted}: {told}") from None

    @property
    def fed(self) -> bool:
        """Whether its card can be changed without a person."""
        return self._feeder is not None

    def insert(self, card: str | None = None) -> None:
        """Have a card put in, the first of the feeder if none is named; returns when pcscd has its ATR.

        Raises NotThere: no such card in the feeder, or none in the reader afterwards; FeederFault.
        """
        assert self._feeder is not None
        if card is not None and card not in self.cards:
            raise NotThere(f"{self.name}: no card {card} in its feeder; there is {', '.join(self.cards)}")
        self._feeder.load(self.cards[card] if card is not None else next(iter(self.cards.values())))
        self._wait(scard.PRESENT, "its feeder has put a card in, but pcscd sees none")

    def eject(self) -> None:
        """Have it taken out; returns when pcscd has seen that. Raises NotThere, FeederFault."""
        assert self._feeder is not None
        self._feeder.eject()
        self._wait(scard.EMPTY, "its feeder has taken the card out, but pcscd still sees one")

    def has_card(self) -> bool:
        """Whether there is a card in it. Raises ScardError."""
        context = scard.Context()
        try:
            return bool(context.state(self.name).state & scard.PRESENT)
        finally:
            context.close()

    def _wait(self, wanted: int, otherwise: str) -> None:
        context = scard.Context()
        try:
            deadline = time.monotonic() + SEEN_S
            seen = context.state(self.name)
            while not seen.state & wanted or (wanted == scard.PRESENT and not seen.atr):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise NotThere(f"{self.name}: {otherwise}")
                try:
                    seen = context.state(self.name, seen.state, int(left * 1000) + 1)
                except scard.ScardError as error:
                    if error.code != scard.TIMEOUT:
                        raise
        finally:
            context.close()


def _serial_number(context: scard.Context, name: str) -> str:
    """What the reader tells, "" if it tells nothing."""
    try:
        connection = context.connect(name, scard.DIRECT, 0)
    except scard.ScardError:
        return ""
    try:
        return connection.attribute(scard.SERIAL_NUMBER).rstrip(b"\x00").decode("ascii", "replace")
    except scard.ScardError:
        return ""
    finally:
        connection.disconnect()
