"""Faults of the contact slot and of what moves on its wires: power, line, presence switch, cards that misbehave."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from tillbench.host.cards import T1Card, T1Options, VirtualCard, load_profile
from tillbench.host.devices.character_card import CharacterCard
from tillbench.host.devices.slot import Slot
from tillbench.host.devices.slot_card import ATR, RECORD, ScriptedCard
from tillbench.host.emulator.bench import Bench

from tests.device.fault_catalogue import Fault
from tests.device.fault_wires import on_borrowed_wires

SELECT = bytes.fromhex("00A404000E315041592E5359532E444446303100")
READ = bytes.fromhex("00B2010C00")
FOUND = RECORD + b"\x90\x00"
T1_ATR = bytes.fromhex("3BE000008131204535")
_BAD_ATR = bytes.fromhex("3BE000008131204536")

Prepare = Callable[[Bench, Slot], None]


def _nothing(_bench: Bench, _slot: Slot) -> None:
    pass


def _session(
    prepare: Prepare = _nothing, card: Callable[[], CharacterCard] = ScriptedCard, apdus: tuple[bytes, ...] = (READ,)
) -> Callable[[Bench], Any]:
    """Answer to reset and responses, or the reason of a failure; whether the slot is off then; what it did wrong."""

    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        slot = Slot(bench.clock, bench.nets, bench.uart(2))
        bench.call("slot_probe:open_slot")
        slot.violations.clear()  # what others have done on these pins
        prepare(bench, slot)
        slot.insert(card())
        bench.run_for(0.1)
        results = bench.call("slot_probe:run", *apdus)
        outcome = [result[0] if isinstance(result, tuple) else result for result in results]
        off = not slot.powered
        bench.call("slot_probe:deactivate")
        return outcome, off, [violation.what for violation in slot.violations]

    return play


def _set(**faults: Any) -> Prepare:
    def prepare(_: Bench, slot: Slot) -> None:
        for name, value in faults.items():
            setattr(slot.faults, name, copy(value))  # a list is used up; the fault is played on every target

    return prepare


def _no_echo(bench: Bench, slot: Slot) -> None:
    hear = bench.uart(2).on_bytes

    def after_reset(data: bytes) -> None:
        if slot.characters < len(ATR):
            hear(data)

    bench.uart(2).on_bytes = after_reset


class _Spoilt(T1Card):
    """A T=1 card whose n-th block is spoilt on its way."""

    def __init__(self, number: int, spoil: Callable[[bytes], bytes], **options: Any) -> None:
        super().__init__(VirtualCard(load_profile("visa-cda").model_copy(update={"atr": T1_ATR})), T1Options(**options))
        self._number = number
        self._spoil = spoil
        self._count = 0

    def receive(self, data: bytes | int) -> list[tuple[int, bytes]]:
        pieces = []
        for pause, block in super().receive(data):
            spoilt = self._spoil(block) if self._count == self._number else block
            self._count += 1
            if spoilt:
                pieces.append((pause, spoilt))
        return pieces


def _garbled(block: bytes) -> bytes:
    return block[:-1] + bytes([block[-1] ^ 1])


def _t1(number: int, spoil: Callable[[bytes], bytes]) -> Callable[[Bench], Any]:
    """Whether ATR and a SELECT get through a T=1 card of which one block is spoilt."""
    play = _session(card=lambda: _Spoilt(number, spoil), apdus=(SELECT,))

    def judged(bench: Bench) -> Any:
        outcome, off, violations = play(bench)
        return [result if isinstance(result, str) else len(result) for result in outcome], off, violations

    return judged


@on_borrowed_wires
def _bounces(bench: Bench) -> Any:
    slot = Slot(bench.clock, bench.nets, bench.uart(2))
    bench.call("slot_probe:open_slot")
    slot.insert(ScriptedCard(), bounces=8)
    bench.settle()
    return bench.call("slot_probe:present"), 50 <= bench.call("slot_probe:wait_present") <= 120


@on_borrowed_wires
def _touch(bench: Bench) -> Any:
    slot = Slot(bench.clock, bench.nets, bench.uart(2))
    bench.call("slot_probe:open_slot")
    bench.clock.after(1_000_000, lambda: slot.insert(ScriptedCard()))
    bench.clock.after(1_030_000, slot.remove)
    bench.clock.after(5_000_000, lambda: slot.insert(ScriptedCard()))
    return bench.call("slot_probe:wait_present")


def _pulled(deaf: bool) -> Callable[[Bench], Any]:
    """The card leaves while its answer is awaited: the reason, and how long the slot stays on after that."""

    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        slot = Slot(bench.clock, bench.nets, bench.uart(2))
        bench.call("slot_probe:open_slot")
        slot.insert(ScriptedCard(pause_etu=50_000))
        bench.run_for(0.1)
        bench.call("slot_probe:run")
        if deaf:
            bench.call("slot_probe:deaf")
        off: list[int] = []
        bench.nets.watch("P13", lambda level: None if level else off.append(bench.clock.now))
        bench.clock.after(500_000, slot.remove)
        at = bench.clock.now + 500_000
        reason = bench.call("slot_probe:exchange", READ)[0]
        return reason, slot.powered, deaf or [moment - at for moment in off][:1] == [0]

    return play


_SLOT, _LINE, _SWITCH = ("drivers.iso7816:CardSlot.", "drivers.card_line:CardLine.", "drivers.card_switch:CardSwitch.")

_INVALID, _QUIET = "iso7816.t1:BlockProtocol._invalid", _LINE + "wait_quiet"


def _fault(
    name: str, answer: str, handling: str, play: Callable[[Bench], Any], expected: Any, awaited: bool = False
) -> Fault:
    return Fault("card slot", name, answer, handling, None, play, expected, awaited)


FAULTS = [
    _fault("mute card", "switched off", _SLOT + "deactivate", _session(_set(mute=True)), (["MUTE"], True, [])),
    _fault(
        "damaged answer to reset",
        "one warm reset, the second answer counts",
        _SLOT + "_reset",
        _session(_set(flips={2: 0x04})),
        ([ATR, FOUND], False, []),
    ),
    _fault(
        "two bad answers to reset",
        "switched off",
        "iso7816.atr:Atr.check_tck",
        _session(_set(bad_atrs=[_BAD_ATR, _BAD_ATR])),
        (["BAD_ATR"], True, []),
    ),
    _fault(
        "bad answer, then none",
        "mute: switched off",
        _SLOT + "deactivate",
        _session(_set(bad_atrs=[_BAD_ATR, b""])),
        (["MUTE"], True, []),
    ),
    _fault(
        "another sends at the same time: the echo differs",
        "collision: switched off",
        _LINE + "_check_echo",
        _session(_set(echo_flips={len(ATR) + 2: 0x10})),
        ([ATR, "COLLISION"], True, []),
        True,
    ),
    _fault(
        "no echo: TX or RX is off",
        "collision: switched off",
        _LINE + "_check_echo",
        _session(_no_echo),
        ([ATR, "COLLISION"], True, []),
        True,
    ),
    _fault(
        "wrong parity in a procedure byte, which the UART does not tell",
        "protocol error: switched off",
        "iso7816.t0:Tpdu._procedure",
        _session(_set(flips={len(ATR): 0x80})),
        ([ATR, "PROTOCOL"], True, []),
    ),
    _fault(
        "silent beyond its waiting time",
        "switched off",
        _SLOT + "deactivate",
        _session(card=lambda: ScriptedCard(pause_etu=11_600)),
        ([ATR, "TIMEOUT"], True, []),
    ),
    _fault(
        "late, within its waiting time",
        "waited for",
        _SLOT + "_wait_at_t0",
        _session(card=lambda: ScriptedCard(pause_etu=9_500)),
        ([ATR, FOUND], False, []),
    ),
    _fault(
        "longer waiting time in TC2",
        "counts",
        _SLOT + "_wait_at_t0",
        _session(card=lambda: ScriptedCard(bytes.fromhex("3BE00000400F"), pause_etu=14_000)),
        ([bytes.fromhex("3BE00000400F"), FOUND], False, []),
    ),
    Fault(
        "card slot",
        "inverse convention on the line",
        "both sides turned over",
        "drivers.card_line:other_convention",
        0,
        _session(card=lambda: ScriptedCard(bytes.fromhex("3F630000414243"))),
        ([bytes.fromhex("3F630000414243"), FOUND], False, []),
    ),
    _fault("pulled in mid-exchange", "off at once", _SLOT + "_on_open", _pulled(False), ("REMOVED", False, True)),
    _fault(
        "pulled, and the interrupt is lost",
        "removed, not silent",
        _LINE + "check_present",
        _pulled(True),
        ("REMOVED", False, True),
    ),
    Fault(
        "card slot",
        "the switch bounces",
        "present when it has been quiet for 50 ms",
        _SWITCH + "_settled",
        True,
        _bounces,
        (False, True),
    ),
    Fault("card slot", "a short touch", "is no card", _SWITCH + "_settled", True, _touch, 5050),
    *(
        _fault(f"T=1: {name}", "asked for again", handling, _t1(1, spoil), ([9, 32], False, []), awaited)
        for name, spoil, handling, awaited in (
            ("a block is lost", lambda block: b"", "iso7816.t1:BlockProtocol._invalid", False),
            ("a block breaks off", lambda block: block[: len(block) // 2], "iso7816.t1:BlockProtocol._invalid", False),
            (
                "LEN too large",
                lambda block: block[:2] + b"\xf0" + block[3:],
                "iso7816.t1:BlockProtocol._invalid",
                False,
            ),
            (
                "a garbled block with rubbish behind it",
                lambda block: _garbled(block) + bytes(30),
                _LINE + "wait_quiet",
                True,
            ),
        )
    ),
]
