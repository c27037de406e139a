"""A day at the counter: errands with misfortunes on one terminal, and after each of them the books must agree."""

from __future__ import annotations

from pathlib import Path
from random import Random

from bench.long.books import APPROVED, PENDING, Entry, JournalReader, disagreements
from bench.long.counter import Counter
from bench.long.errand import Errand, draw
from bench.shop import new_terminal

LAST = Errand(100, "unionpay-no-pse")
"""What must always go well at the end of a day; nobody else uses that card."""


class Day:
    """Whole transactions on one terminal that lives through the case, its restarts and its power cuts."""

    name = "day"
    share = 3.0

    def __init__(self, errands: int = 8) -> None:
        self._errands = errands
        self._reader = JournalReader()

    def run(self, random: Random, folder: Path) -> str:
        """Errands until the day is over; the account of the last state of each."""
        counter = Counter(new_terminal(folder / "till", seed=str(random.random())))
        told: list[str] = []
        try:
            counter.open()
            cards = [profile for profile in counter.emulator.profiles.values() if profile.name != LAST.card]
            for _ in range(self._errands):
                errand = draw(random, cards)
                told.append(str(errand))
                told[-1] += f" -> {self._go(counter, errand, folder)}"
            told.append("the last errand of the day")
            self._close(counter, folder)
        except Exception as error:
            frames = [" | ".join(row.strip() for row in shown.rows) for shown in counter.emulator.screen.frames[-12:]]
            lines = [*told, "last frames:", *frames, f"{type(error).__name__}: {error}"]
            raise AssertionError("\n  ".join(["", *lines])) from error
        finally:
            counter.terminal.emulator.close()
        return "".join(sorted(line[-1] for line in told if "->" in line))

    def close(self) -> None:
        """End the device that reads the journals."""
        self._reader.close()

    def _go(self, counter: Counter, errand: Errand, folder: Path) -> str:
        """One errand; returns the state of its transaction, "-" when none was opened."""
        emulator = counter.emulator
        if errand.cut_after is not None:
            counter.restart(errand.cut_after)
        before = self._journal(counter, folder)
        for misfortune in errand.host:
            misfortune.put(counter.terminal.acquirer.rules)
        emulator.line.up = errand.line_up  # type: ignore[union-attr]  # the acquirer is in this process
        emulator.slot.faults.out_after_exchanges = errand.pull_after
        if errand.paper_rows is not None:
            emulator.printer.paper_left(errand.paper_rows)
        slips = len(emulator.printer.receipts())
        cut = emulator.bench.clock.after(errand.cut_us, emulator.power_off) if errand.cut_us is not None else None
        counter.serve(errand)
        if cut is not None:
            cut.cancel()
        emulator.line.up = True  # type: ignore[union-attr]  # the acquirer is in this process
        emulator.slot.faults.out_after_exchanges = None
        after = self._check(counter, folder)
        new = after[len(before) :]
        approved = [entry for entry in new if entry.state == APPROVED]
        shown = "APPROVED" in counter.said
        if [entry.amount for entry in new] not in ([], [errand.amount]):
            raise AssertionError(f"keyed in {errand.amount}, journal has {[str(entry) for entry in new]}")
        if shown and not approved:
            raise AssertionError(f"shown as approved, but the journal has {[str(entry) for entry in new]}")
        # The printer may have had the end of an earlier slip in its buffer still.
        paid = {f"RMB {entry.amount / 100:.2f}" for entry in after if entry.state == APPROVED}
        for slip in emulator.printer.receipts()[slips:]:
            prices = {line.strip() for line in slip.text.splitlines() if line.strip().startswith("RMB ")}
            if prices - paid:
                raise AssertionError(f"a slip for {prices - paid} without a sale")
        return new[0].state if new else "-"

    def _journal(self, counter: Counter, folder: Path) -> list[Entry]:
        return self._reader.read(counter.emulator.state.flash, folder / "flash copy.bin")

    def _check(self, counter: Counter, folder: Path) -> list[Entry]:
        journal = self._journal(counter, folder)
        found = disagreements(journal, counter.terminal.acquirer, counter.emulator.profiles)
        if found:
            raise AssertionError("the books do not agree:\n    " + "\n    ".join(found))
        return journal

    def _close(self, counter: Counter, folder: Path) -> None:
        """With a host that behaves again: what is owed is settled, and one more sale is approved."""
        counter.terminal.acquirer.rules.clear()
        counter.emulator.printer.load_paper()
        counter.restart()
        state = self._go(counter, LAST, folder)
        if state != APPROVED:
            raise AssertionError(f"a plain sale at the end of the day: {state}")
        owed = [entry for entry in self._check(counter, folder) if entry.state == PENDING]
        if owed:
            raise AssertionError(f"still owed at the end of the day: {[str(entry) for entry in owed]}")
