"""`tillbench demo --page`: the same sale on the page, which stays."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from tillbench.host.cli.demo import digits_of, make_folder, verdict
from tillbench.host.cli.page_tills import page_tills
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.pcsc.readers import ComputerReaders
from tillbench.host.web.errand import Impossible, InVain
from tillbench.host.web.event_data import visible
from tillbench.host.web.serve import Show
from tillbench.host.web.till import Till

LOOK_S = 1.5
"""How long the result is shown before the card is taken."""


def on_page(card: str, amount: str, seed: int | None, out: Path, target: str, stack: ExitStack) -> Show:
    """A terminal on which a sale is played, which tells how it ended; then it stays.

    Raises:
        Refused: the amount is none, or the folder cannot be made.
        ProfileError: there is no such card.
    """
    keys = " ".join(digits_of(amount))
    state = stack.enter_context(tempfile.TemporaryDirectory(prefix="tillbench-"))
    options = Options(Path(state), target=target, seed=seed, realtime=True)
    (till,) = page_tills(options, card, stack)
    make_folder(out)
    return Show([till], ComputerReaders(), lambda: _played(till, card, f"{keys} ENTER", out))


async def _played(till: Till, card: str, keys: str, out: Path) -> None:
    """Whoever has the page may do something else meanwhile; it stays theirs."""
    try:
        told = await _sale(till, card, keys, out)
    except (Impossible, InVain) as error:
        told = f"NOT PLAYED TO ITS END: {error}"
    print(told, flush=True)


async def _sale(till: Till, card: str, keys: str, out: Path) -> str:
    """Be merchant and cardholder, as in `tillbench demo`, but the slips are left hanging; the verdict."""
    await till.see("READY", since=0)
    await till.type(keys)
    await till.see("INSERT CARD")
    pin = (await till.act(lambda emulator: emulator.entry.insert(card))).profile.pin
    shown = visible(await till.see("APPLICATION", "ENTER PIN", "REMOVE CARD"))
    if "APPLICATION" in shown:
        await till.type("1")
        shown = visible(await till.see("ENTER PIN", "REMOVE CARD"))
    if "ENTER PIN" in shown:
        await till.type(" ".join(pin) + " ENTER")
        shown = visible(await till.see("REMOVE CARD"))
    approved = "NOT APPROVED" not in shown and "APPROVED" in shown
    await till.do(lambda emulator: emulator.screen.now.save(out / "screen.png"))
    await till.pass_time(LOOK_S)
    await till.act(lambda emulator: emulator.entry.remove())
    if approved:
        await till.see("TEAR OFF")
        await till.do(lambda emulator: emulator.printer.receipts()[-1].png(out / "receipt.png"))
        await till.type("ENTER")

    def code(emulator: Emulator) -> str:
        exchanged = emulator.acquirer.journal("0200") if emulator.acquirer else []
        return exchanged[-1].code if exchanged else "no message sent"

    return verdict(approved, await till.do(code), out)
