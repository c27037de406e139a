"""The power fails at every moment of every flow: nothing is lost, nothing doubled, and the terminal sells again.

`python -m tests.hil.power_cuts` cuts before, in the middle of and after every flash operation and every frame of the
line, of each flow of `power_cut_flows.py`, and prints `flows N, cut points M, lost L, doubled D`. A test does a few.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text as sql
from tillbench.hil.plugin import EPOCH
from tillbench.host.acquirer.schema import Base
from tillbench.host.cards import load_profile
from tillbench.host.day.agreement import differences
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from . import business, shop
from .commissioning import commission
from .power_cut_flows import CARDS, FLOWS, SETTINGS, Flow, decide_by_number

PARTS = ("nothing", "half", "all")
"""Of the last flash operation that is done, by halves."""
LINE_US = 20_001
"""A frame has crossed the line, and what it was told to is done."""
MOST = 400
"""Flash operations of a flow at which something must be wrong."""
_VOUCHER = re.compile(r"VOUCHER NO: +(\d{6})")
_OTHER_BATCH = "CODE 77"
_NO_BUSINESS = ("reversal", "balance", "script notice")
_OF_THE_FIRST = ("0100", "0200")
"""Message types of which each trace number has one message."""


@dataclass(frozen=True)
class Cut:
    """Where the power fails: in the flash operation `at`, or `after_us` after the frame `at` passes, of which `half`
    arrives or all."""

    at: int
    halves: int = 1
    frame: bool = False
    after_us: int = 0
    half: bool = False

    def __str__(self) -> str:
        if not self.frame:
            return f"flash operation {self.at}, done: {PARTS[self.halves]}"
        return f"frame {self.at}, {'half of it, ' * self.half}after {self.after_us} us"


@dataclass
class Result:
    """What came of the cuts of one flow.

    Attributes:
        directions: of the frames of the flow, when nothing is cut.
        recovered: for each state that a cut has left behind, the trace numbers that are booked after the recovery.
    """

    flow: str
    cuts: int = 0
    directions: str = ""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)
    recovered: dict[str, set[int]] = field(default_factory=dict)

    @property
    def failures(self) -> list[str]:
        """All of them."""
        return self.lost + self.doubled + self.otherwise


def open_till(state: Path, flow: Flow) -> Terminal:
    """The terminal that has its state there."""
    options = Options(state, seed=7, epoch=EPOCH, fast_keys=True, prepared=flow.ready)
    return Terminal(options, [load_profile(name) for name in CARDS])


def prepared(flow: Flow, folder: Path) -> Path:
    """The state in which the flow begins."""
    state = folder / "before"
    if not flow.new:
        with open_till(state, flow) as terminal:
            if flow.ready:
                terminal.screen.wait_text("READY")
                terminal.desk.ask({"settings": SETTINGS})
            flow.before(terminal)
    return state


def acted(terminal: Terminal, flow: Flow) -> bool:
    """Does what the power allows of the flow; True if it ended before the power failed."""
    try:
        if not flow.at_start:
            shop.idle(terminal)
        flow.act(terminal)
    except (shop.PowerGone, WaitTimeout, LookupError):
        if terminal.power.on:
            raise
    finally:
        if terminal.card.inserted is not None:
            terminal.card.remove()
    return terminal.power.on


def arm(terminal: Terminal, cut: Cut) -> list[str]:
    """Lets the power fail there; the directions of the frames that pass until then."""
    line, passed = shop.line(terminal), list[str]()
    send = line.send

    def hear(direction: str, data: bytes) -> None:
        passed.append(direction)
        if cut.frame and len(passed) == cut.at:
            terminal.emulator.bench.clock.after(cut.after_us, terminal.emulator.power_off)

    def send_half(number: int, data: bytes) -> None:
        send(number, data[: len(data) // 2] if len(passed) + 1 == cut.at else data)

    line.on_bytes = hear
    if cut.half:
        line.send = send_half  # type: ignore[method-assign]  # in its place for this test
    if not cut.frame:
        terminal.power.cut(after_writes=cut.at, halves=cut.halves)
    return passed


def cut_once(flow: Flow, state: Path, folder: Path, cut: Cut, result: Result) -> bool:
    """One run of the flow with the power cut there, and everything that must be true then; False if it was over
    before."""
    copy = folder / "cut"
    if state.exists():
        shutil.copytree(state, copy)
    try:
        terminal = open_till(copy, flow)
        flow.host(terminal)
        frames = arm(terminal, cut)
        try:
            terminal.emulator.power_on()
            if acted(terminal, flow):
                result.directions = result.directions or "".join(frames)
                return False
            _recover(terminal, flow, cut, result)
        except (AssertionError, LookupError) as error:
            result.otherwise.append(f"{flow.name}, {cut}: {error}")
        finally:
            terminal.emulator.close()
        result.cuts += 1
        return True
    finally:
        shutil.rmtree(copy)


def _recover(terminal: Terminal, flow: Flow, cut: Cut, result: Result) -> None:
    """The power comes back, the terminal settles what it owes and sells once more; or that is known from another cut
    that has left the same flash, the same cards and the same books. AssertionError for what is neither lost nor
    doubled and wrong all the same."""
    left = fingerprint(terminal)
    if left not in result.recovered:
        terminal.acquirer.rules.clear()
        shop.line(terminal).on_bytes = lambda direction, data: None
        terminal.screen.turn_page()
        terminal.power.restore()
        if flow.commissioned:
            commission(terminal)
        shop.idle(terminal)
        assert "READY" in terminal.screen.text, f"it shows\n{terminal.screen.text}"
        shown = sold(terminal, flow)
        if _OTHER_BATCH in shown:  # the host has heard of a new batch, and the terminal signs on for it
            shown = sold(terminal, flow)
        assert shop.Outcome(shown, ()).approved, f"it does not sell any more\n{shown}"
        result.recovered[left] = compare(terminal, f"{flow.name}, {cut}", result)
    for slip in terminal.emulator.printer.receipts():
        if "*** TRAINING ***" in slip.text:
            continue  # it says itself that it is booked nowhere
        for voucher in _VOUCHER.findall(slip.text):
            assert int(voucher) in result.recovered[left], f"a slip of what is not booked\n{slip.text}"


def sold(terminal: Terminal, flow: Flow) -> str:
    """How one more sale ends; there is no paper, because two slips would take as long as the rest."""
    terminal.emulator.printer.paper_left(0)
    decide = shop.decide if flow.with_chip else decide_by_number
    shown = decide(terminal, amount=4321)
    if terminal.card.inserted is not None:
        terminal.card.remove()
    if shop.Outcome(shown, ()).approved:
        shop.wait(terminal, "OUT OF PAPER")
        terminal.press("CANCEL")
    shop.idle(terminal)
    return shown


def fingerprint(terminal: Terminal) -> str:
    """Of everything from which the recovery begins."""
    state, found = terminal.emulator.state.path, hashlib.sha256()
    for name in ("flash.bin", "cards.json", "keyslot.json"):
        path = state / name
        found.update(path.read_bytes() if path.exists() else b"-")
    with terminal.acquirer.ledger.reading() as session:
        for table in Base.metadata.sorted_tables:
            found.update(repr(session.execute(sql(f"SELECT * FROM {table.name}")).all()).encode())
    return found.hexdigest()


def compare(terminal: Terminal, where: str, result: Result) -> set[int]:
    """What both sides have of it: transaction by transaction, their totals, the books by themselves, the messages.

    Returns the trace numbers that are booked.
    """
    ours = {
        (row["batch"], row["stan"]) for row in terminal.desk.ask({"journal": {"state": "approved"}})["transactions"]
    }
    entries = [each for each in terminal.acquirer.ledger.transactions() if each.kind not in _NO_BUSINESS]
    undone = {each.original_id for each in terminal.acquirer.ledger.transactions(kind="reversal")}
    booked = [e for e in entries if e.response_code in ("00", "10") and e.id not in undone]
    # What is settled is no longer in the journal: there both sides' totals are compared.
    left = [e for e in booked if e.settlement_id is None]
    theirs = {(e.batch, e.stan) for e in left if e.stan < business.HIDDEN}
    if terminal.desk.ask({"settlement": {}})["stage"]:
        result.lost += [f"{where}: {words}" for words in differences(terminal)]
    result.lost += [f"{where}: {at}" for at in sorted(ours - theirs)]
    result.doubled += [f"{where}: {at}" for at in sorted(theirs - ours)]
    if ours == theirs and len(theirs) == len(left):
        business.check_totals(terminal)
    firsts = Counter(
        (e.mti, e.request.text(11)) for e in terminal.acquirer.journal() if e.request and e.mti in _OF_THE_FIRST
    )
    assert firsts.total() == len(firsts), f"a trace number was used twice: {firsts.most_common(1)}"
    return {e.stan for e in booked}


def cuts_of_flash(operations: int = MOST) -> Iterator[Cut]:
    """Before the first operation, and in the middle of and after each.

    Before the next one is after this one: between them nothing changes that a restart begins with, but for what a frame
    does to the host, and frames are cut themselves.
    """
    yield Cut(1, 0)
    for at in range(1, operations + 1):
        yield Cut(at, 1)
        yield Cut(at, 2)


def cuts_of_frames(directions: str) -> Iterator[Cut]:
    """Frames from the device ("<"): lost on the line, arrived by half, arrived and answered. To it (">"): received."""
    for at, direction in enumerate(directions, 1):
        for after_us, half in ((0, False), (LINE_US, True), (LINE_US, False)) if direction == "<" else ((1, False),):
            yield Cut(at, frame=True, after_us=after_us, half=half)


def run(flow: Flow, every: int = 1) -> Result:
    """All cuts of a flow, or each `every`-th of them."""
    result = Result(flow.name)
    with tempfile.TemporaryDirectory(prefix="tillbench-cuts-") as name:
        folder = Path(name)
        state = prepared(flow, folder)
        if cut_once(flow, state, folder, Cut(0), result):
            return result  # it does not even work while the power lasts
        for cut in itertools.islice(cuts_of_flash(), None, None, every):
            if not cut_once(flow, state, folder, cut, result):
                break
        for cut in itertools.islice(cuts_of_frames(result.directions), None, None, every):
            assert cut_once(flow, state, folder, cut, result), f"{flow.name}, {cut}: there is no such frame any more"
    return result


def summary(results: list[Result]) -> str:
    """The line that tells it all."""
    cuts = sum(result.cuts for result in results)
    lost, doubled, otherwise = (sum(len(getattr(r, n)) for r in results) for n in ("lost", "doubled", "otherwise"))
    words = f"flows {len(results)}, cut points {cuts}, lost {lost}, doubled {doubled}"
    return words + (f", otherwise wrong {otherwise}" if otherwise else "")


def main() -> int:
    """The command; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.hil.power_cuts", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--jobs", type=int, default=1, help="flows at the same time (default: 1)")
    parser.add_argument("--flow", action="append", choices=[flow.name for flow in FLOWS], help="only this one; again")
    parser.add_argument("--every", type=int, default=1, help="only each n-th moment (default: 1)")
    options = parser.parse_args()
    chosen = [row for row, flow in enumerate(FLOWS) if not options.flow or flow.name in options.flow]
    results = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for result in pool.map(_run_row, chosen, [options.every] * len(chosen)):
            states = f"{result.flow}: cut points {result.cuts}, different states {len(result.recovered)}"
            print(states, *result.failures, sep="\n  ", flush=True)
            results.append(result)
    print(summary(results))
    return int(any(result.failures for result in results))


def _run_row(row: int, every: int) -> Result:
    return run(FLOWS[row], every)


if __name__ == "__main__":
    sys.exit(main())
