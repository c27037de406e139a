"""Two sets of books about the same money: the journal on the terminal's flash and the acquirer's ledger."""

from __future__ import annotations

import shutil
import struct
import tempfile
import zlib
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.acquirer import Acquirer
from tillbench.host.cards import CardProfile
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.state import FLASH_SIZE

from bench.wires import runner

OPENED, CHANGED, HELPED = 0x4F, 0x43, 0x48
STATE, AMOUNT, MASKED_PAN = 0x01, 0x04, 0x0A
PENDING, APPROVED = "P", "A"
Key = tuple[int, int]
"""Batch and trace number."""


@dataclass
class Entry:
    """One transaction as the terminal has it: state P, A, D or R, amount in minor units."""

    key: Key
    amount: int = 0
    state: str = ""
    masked_pan: str = ""

    def __str__(self) -> str:
        return f"batch {self.key[0]:06} STAN {self.key[1]:06} {self.masked_pan} {self.amount} {self.state}"


def parse_journal(data: bytes) -> list[Entry]:
    """The transactions of a journal, read by the layout that `terminal/store.py` and `transaction.py` document.

    Raises:
        ValueError: a byte that does not add up, a trace number opened twice, a change of what was never opened.
    """
    entries: dict[Key, Entry] = {}
    at = 0
    while at < len(data):
        magic, size = struct.unpack_from(">2sH", data, at)
        body = data[at + 4 : at + 4 + size]
        if magic != b"\xa7R" or struct.unpack_from(">I", data, at + 4 + size)[0] != zlib.crc32(
            data[at + 2 : at + 4 + size]
        ):
            raise ValueError(f"journal at {at}: no record, or a damaged one")
        kind, stan, batch = struct.unpack_from(">BII", body)
        key = (batch, stan)
        if kind == HELPED:  # remote assistance: about no transaction
            at += 8 + size
            continue
        if (key in entries) == (kind == OPENED):
            raise ValueError(
                f"journal at {at}: batch {batch} STAN {stan} {'again' if kind == OPENED else 'never'} opened"
            )
        entry = entries.setdefault(key, Entry(key))
        item = 9
        while item < len(body):
            tag, value = body[item], body[item + 2 : item + 2 + body[item + 1]]
            if tag == STATE:
                entry.state = value.decode()
            elif tag == AMOUNT:
                entry.amount = int.from_bytes(value, "big")
            elif tag == MASKED_PAN:
                entry.masked_pan = value.decode()
            item += 2 + len(value)
        at += 8 + size
    return list(entries.values())


class JournalReader:
    """Reads the journal off a flash image, with the device's own file system."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._device: Bench | None = None

    def read(self, flash: Path, copy: Path) -> list[Entry]:
        """The transactions on the image `flash`, which may be in use; `copy` is where a copy of it goes."""
        if self._device is None:
            folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="tillbench-long-"))
            self._device = self._open.enter_context(runner(Path(folder)))
        shutil.copy(flash, copy)
        return parse_journal(self._device.call("journal_probe:contents", str(copy), FLASH_SIZE, "journal") or b"")

    def close(self) -> None:
        """End the device."""
        self._open.close()


def disagreements(journal: list[Entry], acquirer: Acquirer, profiles: dict[str, CardProfile]) -> list[str]:
    """Where the books do not fit together; what is PENDING (the last transaction at most) may stand either way."""
    found: list[str] = []
    rows = acquirer.ledger.transactions()
    net: Counter[Key] = Counter()
    known = {entry.key: entry for entry in journal}
    for row in rows:
        key = (row.batch, row.stan)
        net[key] += row.booked
        entry = known.get(key)
        if entry is None:
            found.append(f"the ledger has what the journal never opened: {row!r}")
        elif (entry.amount, entry.masked_pan) != (row.amount, row.masked_pan):
            found.append(f"another amount or card: journal {entry}, ledger {row!r}")
    for entry in journal:
        expected = {-entry.amount} if entry.state == APPROVED else {0}
        if entry.state == PENDING:
            expected = {0, -entry.amount}
            if entry is not journal[-1]:
                found.append(f"pending, and yet not the last: {entry}")
        if net[entry.key] not in expected:
            found.append(f"journal {entry}: the ledger has moved {net[entry.key]}")
    moved: Counter[str] = Counter()
    for row in rows:
        if row.card is not None:
            moved[row.card.pan] += row.booked
    for pan in sorted({profile.pan for profile in profiles.values()}):
        before = next(profile.balance for profile in profiles.values() if profile.pan == pan)
        try:
            balance = acquirer.ledger.balance(pan)
        except LookupError:
            continue  # a card that the host is not to know
        if balance != before + moved[pan]:
            found.append(f"account of {pan[:6]}...{pan[-4:]}: {balance}, but booked to {before + moved[pan]}")
    return found
