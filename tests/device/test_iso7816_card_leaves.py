"""A card that comes and goes in a slot on pins: pulled at any moment, a switch that bounces."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.devices.slot import Slot
from tillbench.host.devices.slot_card import ATR, ScriptedCard
from tillbench.host.emulator.bench import Bench

from tests.device.slot_session import FOUND, READ, SELECT, VERIFY, inserted, opened_slot, session


@pytest.fixture
def slot(bench: Bench) -> Slot:
    return opened_slot(bench)


def test_a_card_pulled_at_any_character_is_removed_and_off_at_once(
    bench: Bench, slot: Slot, device_target: str
) -> None:
    card = inserted(bench, slot, ScriptedCard())
    assert session(bench, SELECT, VERIFY) == [ATR, FOUND, b"\x90\x00"]
    everything = slot.characters
    assert everything > 60
    for n in range(1, everything, 1 if device_target == "unix" else 9):
        if slot.card is None:
            slot.insert(card)
            bench.run_for(0.1)
        pulled: list[int] = []
        off: list[int] = []
        slot.faults.out_after_characters = n
        bench.nets.on_closure, wire = _noting(bench, pulled), bench.nets.on_closure
        bench.nets.watch("P13", lambda level, off=off: None if level else off.append(bench.clock.now))  # type: ignore[misc]  # mypy does not infer a lambda with a default
        results = session(bench, SELECT, VERIFY)
        bench.nets.on_closure = wire
        assert results[-1] == ("REMOVED", ""), f"pulled after character {n}"
        assert not slot.powered
        assert [at - pulled[0] for at in off if at >= pulled[0]][:1] == [0], f"switched off late after character {n}"
    assert slot.violations == []


def _noting(bench: Bench, pulled: list[int]) -> Any:
    wire = bench.nets.on_closure

    def closure(a: str, b: str, closed: bool) -> None:
        if "GND" in (a, b) and not closed:
            pulled.append(bench.clock.now)
        wire(a, b, closed)

    return closure


@pytest.mark.parametrize("exchanges", [0, 1, 2, 3])
def test_a_card_pulled_between_exchanges(bench: Bench, slot: Slot, exchanges: int) -> None:
    slot.faults.out_after_exchanges = exchanges
    inserted(bench, slot, ScriptedCard())
    verify = [VERIFY] * 3
    assert session(bench, *verify, VERIFY) == [ATR, *[b"\x90\x00"] * exchanges, ("REMOVED", "")]
    assert not slot.powered


def test_removal_wins_over_time_out(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard(pause_etu=50_000))
    session(bench)
    bench.clock.after(937_000, slot.remove)
    before = bench.clock.now
    assert bench.call("slot_probe:exchange", READ) == ("REMOVED", "")
    assert bench.clock.now - before == 937_000


@pytest.mark.parametrize("us", [11_200, 15_000, 21_900, 22_100])
def test_a_card_pulled_during_activation(bench: Bench, slot: Slot, us: int) -> None:
    """Between VCC and the answer to reset: RST must not rise on a slot that is off."""
    inserted(bench, slot, ScriptedCard())
    bench.clock.after(us, slot.remove)
    assert session(bench) == [("REMOVED", "")]
    assert not slot.powered
    assert slot.violations == []


def test_a_lost_interrupt_does_not_turn_removal_into_time_out(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard(pause_etu=50_000))
    session(bench)
    bench.call("slot_probe:deaf")
    bench.clock.after(500_000, slot.remove)
    assert bench.call("slot_probe:exchange", READ) == ("REMOVED", "")
    assert not slot.powered


def test_a_pulled_card_stays_pulled_until_the_next_activation(bench: Bench, slot: Slot) -> None:
    card = inserted(bench, slot, ScriptedCard())
    session(bench)
    slot.remove()
    bench.run_for(0.1)
    assert not slot.powered
    inserted(bench, slot, card)
    assert bench.call("slot_probe:exchange", READ) == ("REMOVED", "the card is not active")
    assert session(bench, READ) == [ATR, FOUND]


# The switch


def test_an_idle_slot_sleeps_until_the_card_comes(bench: Bench, slot: Slot) -> None:
    said: list[str] = []
    in_an_hour: list[int] = []

    def insert() -> None:
        in_an_hour.append(len(said))
        slot.insert(ScriptedCard())

    bench.clock.after(3_600_000_000, insert)
    bench.on_message = lambda direction, channel, payload: said.append(f"{direction} {channel.name}")
    assert bench.call("slot_probe:wait_present") == 3_600_050
    assert in_an_hour[0] < 10, f"a polling slot, not a sleeping one: {said[:20]}"
    assert bench.call("slot_probe:present") is True


def test_a_bouncing_switch_is_one_insertion(bench: Bench, slot: Slot) -> None:
    slot.insert(ScriptedCard(), bounces=8)
    bench.settle()
    assert bench.call("slot_probe:present") is False
    waited = bench.call("slot_probe:wait_present")
    assert 50 <= waited <= 120
    assert session(bench, READ) == [ATR, FOUND]
    assert slot.violations == []


def test_a_short_touch_is_no_card(bench: Bench, slot: Slot) -> None:
    bench.clock.after(1_000_000, lambda: slot.insert(ScriptedCard()))
    bench.clock.after(1_030_000, slot.remove)
    bench.clock.after(5_000_000, lambda: slot.insert(ScriptedCard()))
    assert bench.call("slot_probe:wait_present") == 5_050


def test_removal_is_noticed_and_debounced(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard())
    bench.clock.after(2_000_000, lambda: slot.remove(bounces=5))
    waited = bench.call("slot_probe:wait_removed")
    assert 2_050 <= waited <= 2_120
    assert bench.call("slot_probe:present") is False


def test_a_card_already_in_at_power_on_is_present(bench: Bench) -> None:
    slot = Slot(bench.clock, bench.nets, bench.uart(2))
    slot.insert(ScriptedCard())
    assert bench.call("slot_probe:wait_present") == 0
    assert session(bench, READ) == [ATR, FOUND]
