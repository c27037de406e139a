"""The gallery is played, each scenario on the terminal that the one before has left."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.scenario import player
from tillbench.host.scenario.player import Outcome, play
from tillbench.host.scenario.recording import as_test
from tillbench.host.scenario.steps import Scenario, ScenarioFileError, as_yaml, gallery, read
from tillbench.host.terminal import CardTray
from tillbench.host.web.test_code import code_of
from tillbench.host.web.till import Till

from .played_readers import READER, PlayedReaders

CARDS = ("unionpay-debit", "visa-credit", "visa-blocked")


async def played(folder: Path) -> dict[str, Outcome]:
    profiles = [load_profile(name) for name in CARDS]
    till = Till(1, lambda: Emulator(Options(folder, seed=7, fast_keys=True), profiles))
    await till.start()
    try:
        await till.wait_for(lambda event: "AMOUNT OR MENU" in str(event.get("rows")), None, 60, "the idle screen")
        shipped = gallery()
        last = shipped.pop("b-tamper")
        outcomes = {name: await play(till, scenario) for name, scenario in shipped.items()}
        wrong = read(
            "name: wrong\nsteps:\n  - press: CANCEL\n  - ledger: {kind: sale, amount: '99.99'}\n", "wrong.yaml"
        )
        outcomes["wrong"] = await play(till, wrong)
        twice = f"name: lent\nsteps:\n  - reader: {READER}\n  - reader: {READER}\n  - remove: true\n"
        outcomes["lent"] = await play(till, read(twice, "lent.yaml"))
        outcomes["b-tamper"] = await play(till, last)
        assert await till.do(lambda emulator: emulator.acquirer and emulator.acquirer.ledger.faults()) == []
        return outcomes
    finally:
        await till.stop()


def test_the_gallery_plays_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the card in a reader that is lent once more is not in use by ourselves."""
    readers = PlayedReaders()
    readers.put(VirtualCard(load_profile("visa-credit")))
    monkeypatch.setattr(player, "lend", readers.lend)
    outcomes = asyncio.run(played(tmp_path))
    wrong = outcomes.pop("wrong")
    assert {name: outcome.problem for name, outcome in outcomes.items() if not outcome.passed} == {}
    assert len(outcomes) >= 9
    assert wrong.problem.startswith("step 2 (ledger kind sale, amount 99.99): sale: amount: expected 99.99, found ")


def test_the_gallery_is_worded_in_both_languages() -> None:
    words = [scenario.zh for scenario in gallery().values()]
    assert all(each and each.name != "" and any("\u4e00" <= letter for letter in each.look_for) for each in words)


@pytest.mark.parametrize("scenario", gallery().values(), ids=lambda scenario: scenario.name)
def test_what_is_written_is_read_again(scenario: Scenario) -> None:
    again = read(as_yaml(scenario), "again.yaml")
    assert again == scenario


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: x\nsteps:\n  - press: 1\n  - pres: 2\n", "s.yaml:4: steps.1"),
        ("name: x\nsteps:\n  - press: 1 HELP\n", "s.yaml:3: steps.0.press: no key 'HELP'"),
        ("name: x\nsteps:\n  - {press: '1', see: READY}\n", "s.yaml:3: steps.0: expected one step, found 2"),
        ("name: x\nsteps:\n  - pin: '1234'\n", "s.yaml:3: steps.0.pin"),
        ("name: x\n", "steps: Field required"),
        ("- 1\n", "s.yaml: expected a mapping"),
        ("name: [\n", "s.yaml:"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(ScenarioFileError) as caught:
        read(text, "s.yaml")
    assert told in str(caught.value)


@pytest.mark.parametrize("scenario", gallery().values(), ids=gallery())
def test_as_a_test_it_names_nothing_that_it_has_not(scenario: Scenario) -> None:
    tree = ast.parse(as_test(scenario))
    imported = {each.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for each in node.names}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert used <= {"till_terminal", *imported, *stored}


@pytest.mark.parametrize(("what", "verb"), [("swiped", "swipe"), ("tapped", "tap"), ("inserted", "insert")])
def test_a_card_that_is_moved_is_copied_as_the_verb_that_moves_it(what: str, verb: str) -> None:
    event = {"wire": "card", "event": f"unionpay-debit {what}"}
    assert code_of(event) == f"terminal.card.{verb}('unionpay-debit')"
    assert hasattr(CardTray, verb)


def test_of_what_is_entered_and_shown_nothing_is_copied() -> None:
    event = {"wire": "screen", "event": "*", "rows": ["PASS PHRASE", "Kilo", "*******k", "abc #=ABC"]}
    assert code_of(event) == "# screen: *"
