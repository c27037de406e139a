"""The power fails at every moment of every flow: nothing is lost, nothing doubled, and the terminal sells again.

`python -m tests.hil.power_cuts` cuts before, in the middle of and after every flash operation and every frame of the
line, of each flow of the table, and prints `flows N, cut points M, lost L, doubled D`. A test does a few of them.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tillbench.hil.plugin import EPOCH
from tillbench.host.cards import load_profile
from tillbench.host.day.agreement import differences
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from . import business, shop

CARDS = (shop.UNIONPAY, "unionpay-stripe")
SETTINGS: dict[str, str | int] = {"change_defaults": 0, "advices_at_once": 1}
PARTS = ("nothing", "half", "all")
"""Of the last flash operation that is done, by halves."""
LINE_US = 20_001
"""A frame has crossed the line, and what it was told to is done."""
MOST = 400
"""Flash operations of a flow at which something must be wrong."""
_VOUCHER = re.compile(r"VOUCHER NO: +(\d{6})")
_NO_BUSINESS = ("reversal", "balance", "script notice")


@dataclass(frozen=True)
class Flow:
    """A row of the table: what is done before, the transaction, a message type that is not answered the first time."""

    name: str
    act: Callable[[Terminal], None]
    before: Callable[[Terminal], None] = lambda terminal: None
    silent: str = ""


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
    """What came of the cuts of one flow."""

    flow: str
    cuts: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def _sell(terminal: Terminal) -> None:
    shop.finish(terminal, shop.decide(terminal))


def _sell_by_stripe(terminal: Terminal) -> None:
    shop.key_in(terminal)
    terminal.card.swipe("unionpay-stripe")
    business.ask(terminal, "ENTER PIN", "123456")
    shop.finish(terminal, shop.wait(terminal, *shop.DECIDED))


def _void(terminal: Terminal) -> None:
    shop.finish(terminal, business.void(terminal, business.last(terminal, "sale").stan))


def _refund(terminal: Terminal) -> None:
    sale = business.last(terminal, "sale")
    shop.finish(terminal, business.refund(terminal, sale.rrn, f"{sale.at:%m%d}", shop.AMOUNT))


def _hold(terminal: Terminal) -> None:
    shop.finish(terminal, business.hold(terminal))


def _follow(entry: str) -> Callable[[Terminal], None]:
    def act(terminal: Terminal) -> None:
        held = business.last(terminal, "preauth")
        shop.finish(terminal, business.follow(terminal, entry, held, shop.AMOUNT))

    return act


def _hold_and_complete(terminal: Terminal) -> None:
    _hold(terminal)
    _follow("COMPLETION")(terminal)


def _completion_advice(terminal: Terminal) -> None:
    shop.finish(terminal, business.complete_later(terminal, business.last(terminal, "preauth"), shop.AMOUNT))


def _completion_void(terminal: Terminal) -> None:
    stan = business.last(terminal, "completion").stan
    shop.finish(terminal, business.void(terminal, stan, entry="PRE-AUTHS/COMPL. VOID"))


def _offline_sale(terminal: Terminal) -> None:
    business.offline_sale(terminal, load_profile(shop.UNIONPAY).pan, shop.AMOUNT)


def _change(entry: str, amount: int) -> Callable[[Terminal], None]:
    return lambda terminal: _as_far(business.change(terminal, entry, business.last(terminal, "sale").stan, amount))


def _settle(result: str) -> Callable[[Terminal], None]:
    def act(terminal: Terminal) -> None:
        business.begin_settling(terminal)
        shown = shop.wait(terminal, result, "NO ANSWER")
        shop.press(terminal, "ENTER")
        if "NO ANSWER" not in shown:
            terminal.receipt()
        shop.idle(terminal)

    return act


def _sell_and_store(terminal: Terminal) -> None:
    """A batch of two, of which the host knows one."""
    _sell(terminal)
    terminal.desk.ask({"settings": {"advices_at_once": 9}})
    _offline_sale(terminal)


def _sell_and_differ(terminal: Terminal) -> None:
    """A batch of which the host has a sale more than the terminal."""
    _sell(terminal)
    _offline_sale(terminal)
    business.book_behind_the_terminals_back(terminal, business.last(terminal, "sale"), 6600)


def _as_far(outcome: shop.Outcome) -> None:
    assert outcome.approved, outcome.screen


FLOWS = (
    Flow("sale", _sell),
    Flow("sale, unanswered", _sell, silent="0200"),
    Flow("sale by stripe", _sell_by_stripe),
    Flow("void", _void, _sell),
    Flow("void, unanswered", _void, _sell, silent="0200"),
    Flow("refund", _refund, _sell),
    Flow("refund, unanswered", _refund, _sell, silent="0220"),
    Flow("pre-authorisation", _hold),
    Flow("pre-authorisation void", _follow("PRE-AUTH VOID"), _hold),
    Flow("completion", _follow("COMPLETION"), _hold),
    Flow("completion, unanswered", _follow("COMPLETION"), _hold, silent="0200"),
    Flow("completion advice", _completion_advice, _hold),
    Flow("completion void", _completion_void, _hold_and_complete),
    Flow("offline sale", _offline_sale),
    Flow("offline sale, unanswered", _offline_sale, silent="0220"),
    Flow("tip", _change("TIP", 100), _sell),
    Flow("adjustment", _change("ADJUSTMENT", 1000), _sell),
    Flow("settlement", _settle("BALANCED"), _sell_and_store),
    Flow("settlement, totals unanswered", _settle("BALANCED"), _sell, silent="0500"),
    Flow("settlement, upload unanswered", _settle("BALANCED"), _sell, silent="0320"),
    Flow("settlement out of balance", _settle("DIFFERENCES SENT"), _sell_and_differ),
)


def open_till(state: Path) -> Terminal:
    """The terminal that has its state there."""
    return Terminal(Options(state, seed=7, epoch=EPOCH), [load_profile(name) for name in CARDS])


def prepared(flow: Flow, folder: Path) -> Path:
    """The state in which the flow begins."""
    state = folder / "before"
    with open_till(state) as terminal:
        terminal.screen.wait_text("READY")
        terminal.desk.ask({"settings": SETTINGS})
        flow.before(terminal)
    return state


def acted(terminal: Terminal, flow: Flow) -> bool:
    """Does what the power allows of the flow; True if it ended before the power failed."""
    try:
        shop.idle(terminal)
        flow.act(terminal)
    except (shop.PowerGone, WaitTimeout, LookupError):
        if terminal.power.on:
            raise
    finally:
        if terminal.card.inserted is not None:
            terminal.card.remove()
    return terminal.power.on


def arm(terminal: Terminal, cut: Cut) -> None:
    """Lets the power fail there."""
    if not cut.frame:
        terminal.power.cut(after_writes=cut.at, halves=cut.halves)
        return
    line, passed = shop.line(terminal), 0
    send = line.send

    def hear(direction: str, data: bytes) -> None:
        nonlocal passed
        passed += 1
        if passed == cut.at:
            terminal.emulator.bench.clock.after(cut.after_us, terminal.emulator.power_off)

    def send_half(number: int, data: bytes) -> None:
        send(number, data[: len(data) // 2] if passed + 1 == cut.at else data)

    line.on_bytes = hear
    if cut.half:
        line.send = send_half  # type: ignore[method-assign]


def cut_once(flow: Flow, state: Path, folder: Path, cut: Cut, result: Result) -> bool:
    """One run of the flow with the power cut there, and everything that must be true then; False if it was over before.

    Raises AssertionError for what is neither lost nor doubled and wrong all the same.
    """
    copy = folder / "cut"
    shutil.copytree(state, copy)
    try:
        terminal = open_till(copy)
        if flow.silent:
            terminal.acquirer.rules.silence(flow.silent)
        arm(terminal, cut)
        with terminal:
            if acted(terminal, flow):
                return False
            terminal.acquirer.rules.clear()
            shop.line(terminal).on_bytes = lambda direction, data: None
            terminal.screen.turn_page()
            terminal.power.restore()
            shop.idle(terminal)
            assert "READY" in terminal.screen.text, f"{flow.name}, {cut}: it shows\n{terminal.screen.text}"
            assert shop.sell(terminal, amount=4321).approved, f"{flow.name}, {cut}: it does not sell any more"
            compare(terminal, flow, cut, result)
        result.cuts += 1
        return True
    finally:
        shutil.rmtree(copy)


def compare(terminal: Terminal, flow: Flow, cut: Cut, result: Result) -> None:
    """What both sides have of it: transaction by transaction, their totals, the slips, the books by themselves."""
    ours = {
        (row["batch"], row["stan"]) for row in terminal.desk.ask({"journal": {"state": "approved"}})["transactions"]
    }
    entries = [each for each in terminal.acquirer.ledger.transactions() if each.kind not in _NO_BUSINESS]
    undone = {each.original_id for each in terminal.acquirer.ledger.transactions(kind="reversal")}
    booked = [e for e in entries if e.response_code == "00" and e.id not in undone]
    # What is settled is no longer in the journal: there both sides' totals are compared.
    left = [e for e in booked if e.settlement_id is None]
    theirs = {(e.batch, e.stan) for e in left if e.stan < business.HIDDEN}
    if terminal.desk.ask({"settlement": {}})["stage"]:
        result.lost += [f"{flow.name}, {cut}: {words}" for words in differences(terminal)]
    result.lost += [f"{flow.name}, {cut}: {at}" for at in sorted(ours - theirs)]
    result.doubled += [f"{flow.name}, {cut}: {at}" for at in sorted(theirs - ours)]
    if ours == theirs and len(theirs) == len(left):
        business.check_totals(terminal)
    for slip in terminal.emulator.printer.receipts():
        for voucher in _VOUCHER.findall(slip.text):
            assert int(voucher) in {e.stan for e in booked}, f"{flow.name}, {cut}: a slip of what is not booked"


def cuts_of_flash() -> Iterator[Iterator[Cut]]:
    """Operation by operation."""
    return ((Cut(at, halves) for halves in range(len(PARTS))) for at in range(1, MOST))


def cuts_of_frames() -> Iterator[Iterator[Cut]]:
    """Frame by frame: on the line, half of it, across it, and a little later."""
    moments = ((0, False), (LINE_US, True), (LINE_US, False), (1, False))
    return ((Cut(at, frame=True, after_us=us, half=half) for us, half in moments) for at in range(1, MOST))


def run(flow: Flow, every: int = 1, first: int = 0) -> Result:
    """All cuts of a flow, or each `every`-th of them, beginning with the `first`."""
    result = Result(flow.name)
    with tempfile.TemporaryDirectory(prefix="tillbench-cuts-") as name:
        folder = Path(name)
        state = prepared(flow, folder)
        for group in (cuts_of_flash(), cuts_of_frames()):
            number = 0
            for moments in group:
                over = False
                for cut in moments:
                    number += 1
                    if (number - 1 - first) % every == 0 and not cut_once(flow, state, folder, cut, result):
                        over = True
                if over:
                    break
    return result


def summary(results: list[Result]) -> str:
    """The line that tells it all."""
    cuts, lost, doubled = (sum(n) for n in zip(*((r.cuts, len(r.lost), len(r.doubled)) for r in results), strict=True))
    return f"flows {len(results)}, cut points {cuts}, lost {lost}, doubled {doubled}"


def main() -> int:
    """The command; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.hil.power_cuts", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--jobs", type=int, default=1, help="flows at the same time (default: 1)")
    parser.add_argument("--flow", choices=[flow.name for flow in FLOWS], help="only this one")
    parser.add_argument("--every", type=int, default=1, help="only each n-th moment (default: 1)")
    options = parser.parse_args()
    chosen = [flow for flow in range(len(FLOWS)) if options.flow in (None, FLOWS[flow].name)]
    results = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for result in pool.map(_run_row, chosen, [options.every] * len(chosen)):
            print(f"{result.flow}: cut points {result.cuts}", *result.lost, *result.doubled, sep="\n  ", flush=True)
            results.append(result)
    print(summary(results))
    return int(any(result.lost or result.doubled for result in results))


def _run_row(row: int, every: int) -> Result:
    return run(FLOWS[row], every)


if __name__ == "__main__":
    sys.exit(main())
