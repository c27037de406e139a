"""How long the EMV kernel takes for each phase, beside what the virtual card takes for its part of it."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from tillbench.host.cards import load_profile
from tillbench.host.emv_run import KernelProcess, Order, Step
from tillbench.host.emv_run.sale import Counter, terminal_for

from bench.table import Section, times, us

CARD = "unionpay-cda-1984"
SALES = 7


class Clocked(Counter):
    """The counter, with the time that card and issuer take set aside."""

    spent = 0.0

    def apdu(self, command: bytes) -> bytes | None:
        start = time.perf_counter()
        try:
            return super().apdu(command)
        finally:
            self.spent += time.perf_counter() - start

    def online(self, chip_data: bytes) -> tuple[str, bytes] | None:
        start = time.perf_counter()
        try:
            return super().online(chip_data)
        finally:
            self.spent += time.perf_counter() - start


def measure(folder: Path) -> Section:
    """Medians of some sales with the longest keys."""
    del folder
    section = Section(
        "EMV kernel, time of each phase",
        f"A CDA sale with `{CARD}` (keys of 1984 bits) on the Unix port, medians of {SALES} sales after a first one. "
        "The kernel's time has the pipe to the card in it, and the first phase the terminal's configuration; the peer "
        "is the virtual card's and the issuer's own time in the same phase, in CPython.",
    )
    profile = load_profile(CARD)
    kernel_s: dict[str, list[float]] = defaultdict(list)
    card_s: dict[str, list[float]] = defaultdict(list)
    with KernelProcess() as kernel:
        for sale in range(SALES + 1):
            counter = Clocked(profile, Order(amount=20_000), profile.pin, True)
            last, spent = time.perf_counter(), 0.0

            def on_step(step: Step, counter: Clocked = counter, warm: bool = sale > 0) -> None:
                nonlocal last, spent
                now = time.perf_counter()
                own = counter.spent - spent
                if warm:
                    kernel_s[step.name].append(now - last - own)
                    card_s[step.name].append(own)
                last, spent = now, counter.spent

            result = kernel.transact(terminal_for(profile), Order(amount=20_000), counter, on_step)
            if result.outcome != "APPROVED_ONLINE":
                raise RuntimeError(f"{CARD}: {result.outcome}, {result.reason}")
    for name, found in kernel_s.items():
        peer = median(card_s[name])
        section.add(name.replace("_", " "), us(median(found)), f"{times(median(found), peer)} the card" if peer else "")
    total, peer = (median(map(sum, zip(*lists.values(), strict=True))) for lists in (kernel_s, card_s))
    section.add("all phases", us(total), f"{times(total, peer)} card and issuer")
    return section
