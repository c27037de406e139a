"""What somebody did at a terminal, as a scenario: the acts, and between them what the screen answered.

No PIN is known here, and none is written: that keys were pressed while PIN entry was open becomes `pin: right`, or
`pin: wrong` when the host's answer says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tillbench.host.scenario.steps import LAST_SLIP, Scenario, Step
from tillbench.host.web.events import Event
from tillbench.host.web.test_code import NOT_TOLD, telling

WRONG_PIN = ("55", "75")
DOWN_AND_UP = 2
SLIP_CODES = ("TB2/", "TT2/")
"""What the code of a slip begins with (firmware/terminal/slips/record.py): another terminal's key makes another one."""


def recorded(events: Sequence[Event], name: str) -> Scenario | None:
    """The scenario of some events; None when nothing was done."""
    steps = list(_merged(_steps(events)))
    return (
        Scenario(name=name, steps=tuple(steps)) if any("see" not in step.model_fields_set for step in steps) else None
    )


def _steps(events: Sequence[Event]) -> Iterator[Step]:
    shown: Event | None = None
    typed = -1  # times that a key went down or up since PIN entry opened; -1: it is not open
    asked = False  # whether the screen that asks for the PIN has been seen
    printed: list[str] = []
    for at, event in enumerate(events):
        if event["wire"] == "printer" and event["event"] != "cut":
            printed.append(str(event["event"]).strip())
            continue
        if "frame" in event:
            if typed < 0:
                shown = event
            elif not asked:  # later ones show how much of the PIN is there
                asked = True
                yield Step(see=telling(event["rows"]))
            continue
        what = str(event["event"])
        if what == "PIN entry opens":
            typed, asked, shown = 0, False, None
            continue
        if what == "PIN entry closes":
            if typed > DOWN_AND_UP:
                yield Step(pin="wrong" if _is_refused(events[at:]) else "right")
            elif typed > 0:
                yield Step(press="ENTER")
            typed = -1
            continue
        if event["wire"] == "keys" and what == NOT_TOLD and typed >= 0:
            typed += 1
            continue
        act = _act(event, printed)
        if act is not None and act.slip is not None:
            printed = []
        if act is None:
            continue
        if shown is not None:
            yield Step(see=telling(shown["rows"]))
            shown = None
        yield act
    if shown is not None:
        yield Step(see=telling(shown["rows"]))


def _act(event: Event, printed: Sequence[str]) -> Step | None:
    """What somebody did, if that is what the event tells; or the slip that was cut, with a line that tells which."""
    if "step" in event:
        return Step.model_validate(event["step"])
    words = str(event["event"]).split()
    match event["wire"]:
        case "keys" if words[-1] == "down" and words[0] != NOT_TOLD:
            return Step(press=words[0])
        case "card" if words[-1] == "inserted":
            return Step(half=words[0]) if words[1] == "half" else Step(insert=words[0])
        case "card" if words[-1] == "removed":
            return Step(remove=True)
        case "card" if words[-1] == "swiped":
            return Step(swipe=words[0])
        case "card" if words[-1] == "tapped":
            return Step(tap=words[0])
        case "scanner":
            return Step(scan=LAST_SLIP if event["event"].startswith(SLIP_CODES) else event["event"][:200])
        case "case":
            return Step.model_validate({"case": words[0]})
        case "power":
            return Step.model_validate({"power": words[0]})
        case "printer" if words == ["cut"]:
            return Step(slip=next((line for line in printed if "COPY" in line), printed[0]) if printed else " ")
    return None


def _is_refused(events: Iterable[Event]) -> bool:
    """Whether the next answer of the host is that the PIN is wrong."""
    for event in events:
        if event["wire"] == "host" and event["event"].startswith("<-"):
            lines = event.get("lines", [])
            return any(line.strip().startswith("39 ") and line.split(": ")[1][:2] in WRONG_PIN for line in lines)
    return False


def _merged(steps: Iterable[Step]) -> Iterator[Step]:
    """Keys in a row as one step; screens in between that only echo them are left out."""
    keys: list[str] = []
    between: list[Step] = []
    for step in steps:
        if step.press is not None:
            keys.append(step.press)
            between.clear()
        elif keys and step.see is not None:
            between.append(step)
        else:
            if keys:
                yield Step(press=" ".join(keys))
                yield from between
            keys, between = [], []
            yield step
    if keys:
        yield Step(press=" ".join(keys))
        yield from between


def as_test(scenario: Scenario) -> str:
    """The same as a test for pytest with tillbench's plugin, whatever the project's settings are."""
    name = "".join(each if each.isalnum() and each.isascii() else "_" for each in scenario.name.lower()).strip("_")
    lines = [f"def test_{name or 'recorded'}(till_terminal):", "    terminal = till_terminal"]
    lines += [f"    {line}" for step in scenario.steps for line in _python(step)]
    if any(step.rule for step in scenario.steps):
        lines[:0] = ["from tillbench.host.acquirer.rule_file import RuleEntry", "", ""]
    return "\n".join(lines) + "\n"


def _python(step: Step) -> Iterator[str]:
    value: Any = getattr(step, step.verb)
    match step.verb:
        case "press":
            yield f"terminal.press({value!r})"
        case "see":
            texts = (value,) if isinstance(value, str) else value
            yield f"terminal.screen.wait_any({', '.join(map(repr, texts))})"
        case "insert":
            yield f"terminal.card.insert({value!r})"
        case "half":
            yield f"terminal.card.insert({value!r}, half=True)"
        case "reader":
            yield f"terminal.card.insert_from_reader({value!r})"
        case "remove":
            yield "terminal.card.remove()"
        case "swipe" | "tap":
            yield f"terminal.card.{step.verb}({value!r})"
        case "scan":
            yield "terminal.scan_slip()" if value == LAST_SLIP else f"terminal.scan({value!r})"
        case "case":
            yield f"terminal.tamper.{'open' if value == 'opened' else 'close'}()"
        case "pin" if value == "right":
            yield 'terminal.press(" ".join(terminal.card.pin) + " ENTER")'
        case "pin":
            yield 'terminal.press("9 9 0 9 9 0 ENTER")'
        case "slip":
            yield "slip = terminal.receipt()"
            if value.strip():
                yield f"assert {value!r} in slip.text"
        case "paper":
            yield f"terminal.emulator.printer.{'paper_left(0)' if value == 'out' else 'load_paper()'}"
        case "power" if value.startswith("cut-after"):
            yield "terminal.power.cut()"
            yield f"terminal.power.cut(after_writes={value.split()[1]})"
            yield "terminal.emulator.power_on()"
        case "power":
            yield f"terminal.power.{'restore' if value == 'on' else 'cut'}()"
        case "network":
            yield f"terminal.line.up = {value == 'plugged'}"
        case "rule":
            given = value.model_dump(exclude_unset=True, mode="json")
            yield f"terminal.acquirer.rules.add([RuleEntry.model_validate({given!r}).rule()])"
        case "host":
            mti, _, code = value.partition(" ")
            yield f"terminal.acquirer.expect({mti!r}" + (f", code={code!r})" if code else ")")
        case "ledger":
            given = {"kind": value.kind} | ({"response_code": value.code} if value.code else {})
            if value.in_force is not None:
                given["standing"] = value.in_force
            yield f"assert terminal.acquirer.ledger.transactions(**{given!r})"
        case "skip":
            yield f"terminal.clock.advance({value!r})"
