"""The same case twice: the same trace, to the byte."""

from __future__ import annotations

import hashlib
from pathlib import Path
from random import Random

from tillbench.host.emulator.timeline import Timeline

from bench.long.counter import Counter
from bench.long.errand import Errand, draw
from bench.shop import new_terminal


class Determinism:
    """Two errands with their misfortunes, played twice from the same seed in folders of different names."""

    name = "twice"
    share = 1.0

    def run(self, random: Random, folder: Path) -> str:
        """Play twice and compare every entry of the timeline, and the sums of all wires."""
        seed, plan = str(random.random()), random.random()
        first = self._play(seed, Random(plan), folder / "a")
        second = self._play(seed, Random(plan), folder / "another one")
        for number, (one, other) in enumerate(zip(first, second, strict=False)):
            if one != other:
                raise AssertionError(f"entry {number} of the traces differs:\n  {one}\n  {other}")
        if len(first) != len(second):
            raise AssertionError(f"{len(first)} entries in the first trace, {len(second)} in the second")
        return f"sha256 {hashlib.sha256(chr(10).join(first).encode()).hexdigest()[:8]}"

    def _play(self, seed: str, random: Random, state: Path) -> list[str]:
        counter = Counter(new_terminal(state, seed=seed))
        timeline = Timeline(counter.emulator)
        entries: list[str] = []
        timeline.listeners.append(lambda entry: entries.append(entry.as_json()))
        try:
            counter.open()
            cards = list(counter.emulator.profiles.values())
            for _ in range(2):
                errand = draw(random, cards)
                self._go(counter, errand)
        finally:
            counter.terminal.emulator.close()
        entries += [entry.as_json() for entry in timeline.summary()]
        return entries

    def _go(self, counter: Counter, errand: Errand) -> None:
        for misfortune in errand.host:
            misfortune.put(counter.terminal.acquirer.rules)
        counter.emulator.slot.faults.out_after_exchanges = errand.pull_after
        emulator = counter.emulator
        cut = emulator.bench.clock.after(errand.cut_us, emulator.power_off) if errand.cut_us is not None else None
        counter.serve(errand)
        if cut is not None:
            cut.cancel()
        counter.emulator.slot.faults.out_after_exchanges = None

    def close(self) -> None:
        """Nothing is shared."""
