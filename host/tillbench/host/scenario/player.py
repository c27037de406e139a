"""Playing a scenario on a till, step by step, at the speed of its clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tillbench.host.acquirer import Acquirer, reports
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.emulator.lines import AcquirerLine
from tillbench.host.emv_run.pcsc_slot import NoReader
from tillbench.host.pcsc.lent_card import lend
from tillbench.host.scenario.steps import LAST_SLIP, Entry, Scenario, Step
from tillbench.host.web.errand import Impossible, InVain
from tillbench.host.web.till import PATIENCE_S, Till

IDLE = "AMOUNT OR MENU"
PAPER_ROWS = 30_000 * 8


@dataclass(frozen=True)
class Outcome:
    """How it went: `problem` is "" when every step did what it says; else which step did not, and why."""

    passed: bool
    steps: int
    problem: str = ""


class NotSo(Exception):
    """The books, or the host, say otherwise than a step."""


async def play(till: Till, scenario: Scenario, told: Callable[[int, Step], Awaitable[None]] | None = None) -> Outcome:
    """Play it from the idle screen.

    told: hears of each step before it is taken.

    Raises:
        Impossible: the terminal does not show its idle screen, in English.
    """
    shown = await till.do(lambda emulator: emulator.screen.text)
    if IDLE not in shown:
        raise Impossible(f"a scenario begins at the idle screen ({IDLE!r}); the terminal shows\n{shown}")
    slips = await till.do(lambda emulator: len(emulator.printer.receipts()))
    messages = await till.do(_messages)
    player = _Player(till, slips, messages)
    for number, step in enumerate(scenario.steps, 1):
        if told is not None:
            await told(number, step)
        try:
            await player.take(step)
        except (InVain, Impossible, NotSo, ValueError, LookupError, NoReader) as error:
            return Outcome(False, number, f"step {number} ({step}): {error}")
    return Outcome(True, len(scenario.steps))


class _Player:
    def __init__(self, till: Till, slips: int, messages: int) -> None:
        self._till = till
        self._messages = messages
        self._slips = slips

    async def take(self, step: Step) -> None:
        """Do one step. Raises what keeps it from being done."""
        value: Any = getattr(step, step.verb)
        await getattr(self, f"_{step.verb}")(value)

    async def _press(self, keys: str) -> None:
        await self._till.type(keys)

    async def _see(self, wanted: str | tuple[str, ...]) -> None:
        texts = (wanted,) if isinstance(wanted, str) else wanted

        await self._till.see(*texts)

    async def _insert(self, name: str, *, half: bool = False) -> None:
        await self._till.act(lambda emulator: emulator.entry.insert(name, half=half))

    async def _half(self, name: str) -> None:
        await self._insert(name, half=True)

    async def _reader(self, name: str) -> None:
        await self._till.insert_lent(name, lend)

    async def _remove(self, _: object) -> None:
        await self._till.act(lambda emulator: emulator.entry.remove())

    async def _swipe(self, name: str) -> None:
        await self._till.act(lambda emulator: emulator.entry.swipe(name))

    async def _tap(self, name: str) -> None:
        await self._till.act(lambda emulator: emulator.entry.tap(name))

    async def _scan(self, what: str) -> None:
        await self._till.act(lambda emulator: emulator.scan_slip() if what == LAST_SLIP else emulator.scan(what))

    async def _case(self, how: str) -> None:
        await self._till.act(lambda emulator: emulator.case.open() if how == "opened" else emulator.case.close())

    async def _pin(self, which: str) -> None:
        def digits(emulator: Emulator) -> str:
            right = emulator.entry.pin
            return right if which == "right" else right.translate(_OTHER_DIGITS)

        await self._till.type(" ".join(await self._till.do(digits)) + " ENTER")

    async def _slip(self, text: str) -> None:
        number = self._slips + 1
        if await self._till.do(lambda emulator: len(emulator.printer.receipts())) < number:
            await self._till.wait_for(
                lambda event: event.get("slips", 0) >= number, None, PATIENCE_S, f"a slip with {text!r}"
            )
        self._slips = number
        found = await self._till.do(lambda emulator: emulator.printer.receipts()[number - 1].text)
        if text not in found:
            raise NotSo(f"expected {text!r} on the slip, found\n{found}")

    async def _tear(self, _: object) -> None:
        await self._till.do(lambda _emulator: self._till.tear())

    async def _paper(self, which: str) -> None:
        await self._till.do(lambda emulator: emulator.printer.paper_left(0 if which == "out" else PAPER_ROWS))

    async def _power(self, how: str) -> None:
        def switch(emulator: Emulator) -> None:
            emulator.bench.settings.pop("cut_after", None)
            if how == "off":
                emulator.power_off()
                return
            if how != "on":
                emulator.bench.settings["cut_after"] = how.split()[1]
            emulator.power_off()
            emulator.power_on()

        await self._till.act(switch)

    async def _network(self, how: str) -> None:
        def plug(emulator: Emulator) -> None:
            if not isinstance(emulator.line, AcquirerLine):
                raise Impossible("the acquirer is elsewhere")
            emulator.line.up = how == "plugged"

        await self._till.do(plug)

    async def _rule(self, rule: Any) -> None:
        await self._till.do(lambda emulator: _acquirer(emulator).rules.add([rule.rule()]))

    async def _host(self, message: str) -> None:
        mti, _, code = message.partition(" ")

        def expect(emulator: Emulator) -> None:
            came = _acquirer(emulator).journal(last=_messages(emulator) - self._messages)
            if not any(each.mti == mti and code in ("", each.code) for each in came):
                told = ", ".join(f"{each.mti} {each.code}" for each in came)
                raise NotSo(f"the host has received {told or 'nothing'} since the scenario began")

        await self._till.do(expect)

    async def _ledger(self, wanted: Entry) -> None:
        def look(emulator: Emulator) -> None:
            rows = [row for row in reports.entries(_acquirer(emulator).ledger) if row["kind"] == wanted.kind]
            if not rows:
                raise NotSo(f"no {wanted.kind} in the ledger")
            found = rows[-1]
            given = {"code": wanted.code, "amount": wanted.amount}
            if wanted.in_force is not None:
                given["in force"] = "yes" if wanted.in_force else "no"
            for name, value in given.items():
                if value not in (None, found[name]):
                    raise NotSo(f"{wanted.kind}: {name}: expected {value}, found {found[name]}")

        await self._till.do(look)

    async def _skip(self, seconds: float) -> None:
        def ahead(emulator: Emulator) -> None:
            if emulator.bench.pace is not None:
                emulator.bench.pace.skip(seconds)

        await self._till.do(ahead)
        await self._till.pass_time(seconds)


_OTHER_DIGITS = str.maketrans("0123456789", "9876543210")


def _messages(emulator: Emulator) -> int:
    """Number of the last one that the host has received."""
    received = emulator.acquirer.journal(last=1) if emulator.acquirer is not None else []
    return received[-1].number if received else 0


def _acquirer(emulator: Emulator) -> Acquirer:
    if emulator.acquirer is None:
        raise Impossible("the acquirer is elsewhere: there is none in this process")
    return emulator.acquirer
