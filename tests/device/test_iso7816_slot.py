"""The slot driver and the electrical model, character by character under the steered clock."""

from __future__ import annotations

import pytest
from tillbench.host.devices.slot import Slot
from tillbench.host.devices.slot_card import ATR, ScriptedCard
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError
from tillbench.host.emulator.wires import UartConfig

from tests.device.slot_session import FOUND, READ, SELECT, VERIFY, inserted, opened_slot, session

CLK_US = 0.25
ETU_US = 93


@pytest.fixture
def slot(bench: Bench) -> Slot:
    return opened_slot(bench)


# Activation


def test_activation_keeps_order_and_times(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard())
    seen: list[tuple[str, int, int]] = []
    bench.nets.watch("P13", lambda level: seen.append(("VCC", level, bench.clock.now)))
    bench.nets.watch("P32", lambda level: seen.append(("RST", level, bench.clock.now)))
    bench.nets.watch_pwm("P33", lambda freq, duty: seen.append(("CLK", freq if duty else 0, bench.clock.now)))
    bench.settle()
    seen.clear()
    assert session(bench) == [ATR]
    assert [(name, level) for name, level, _ in seen] == [("VCC", 1), ("CLK", 4_000_000), ("RST", 1)]
    clock_on, reset_high = seen[1][2], seen[2][2]
    assert 40_000 * CLK_US <= reset_high - clock_on <= 45_000 * CLK_US
    assert slot.violations == []


def test_the_line_is_8e2_at_372_clock_cycles(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard())
    session(bench)
    config = bench.uart(2).config
    assert (config.baud, config.bits, config.parity, config.stop) == (10_753, 8, 0, 2)


def test_deactivation_is_rst_clk_io_vcc(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard())
    session(bench)
    order: list[str] = []
    bench.nets.watch("P13", lambda level: order.append("VCC"))
    bench.nets.watch("P32", lambda level: order.append("RST"))
    bench.nets.watch_pwm("P33", lambda freq, duty: order.append("CLK"))
    bench.settle()
    order.clear()
    configured = bench.uart(2).on_config

    def config_changes(config: UartConfig) -> None:
        order.append("I/O")
        configured(config)

    bench.uart(2).on_config = config_changes
    bench.call("slot_probe:deactivate")
    assert order == ["RST", "CLK", "I/O", "VCC"]
    assert not slot.powered
    assert slot.violations == []


def test_a_slow_answer_to_reset_is_waited_for(bench: Bench, slot: Slot) -> None:
    slot.faults.atr_delay_clk = 42_000
    inserted(bench, slot, ScriptedCard())
    assert session(bench) == [ATR]


def test_a_mute_card_is_switched_off_in_time(bench: Bench, slot: Slot) -> None:
    slot.faults.mute = True
    card = inserted(bench, slot, ScriptedCard())
    high: list[int] = []
    off: list[int] = []
    bench.nets.watch("P32", lambda level: high.append(bench.clock.now) if level else None)
    bench.nets.watch("P13", lambda level: None if level else off.append(bench.clock.now))
    bench.settle()
    off.clear()
    assert session(bench) == [("MUTE", "no answer to cold reset")]
    assert card.resets == [True]
    assert 42_000 * CLK_US < off[-1] - high[-1] < 42_000 * CLK_US + 50_000
    assert slot.violations == []


@pytest.mark.parametrize("bad", ["3C600000", "3B602500", "3BE000008131204536", "3B6F000041", "03"])
def test_a_bad_answer_gets_one_warm_reset(bench: Bench, slot: Slot, bad: str) -> None:
    slot.faults.bad_atrs.append(bytes.fromhex(bad))
    card = inserted(bench, slot, ScriptedCard())
    assert session(bench, READ) == [ATR, FOUND]
    assert card.resets == [True, False]
    assert slot.violations == []


def test_two_bad_answers_are_the_end(bench: Bench, slot: Slot) -> None:
    slot.faults.bad_atrs += [bytes.fromhex("3B602500"), bytes.fromhex("3BE000008131204536")]
    card = inserted(bench, slot, ScriptedCard())
    assert session(bench) == [("BAD_ATR", "TCK at offset 8: expected 35, found 36")]
    assert card.resets == [True, False]
    assert not slot.powered


def test_after_a_bad_answer_silence_is_mute(bench: Bench, slot: Slot) -> None:
    slot.faults.bad_atrs += [bytes.fromhex("3B602500"), b""]
    inserted(bench, slot, ScriptedCard())
    assert session(bench) == [("MUTE", "no answer to warm reset")]
    assert not slot.powered


def test_tb1_of_a_warm_answer_does_not_matter(bench: Bench, slot: Slot) -> None:
    card = inserted(bench, slot, ScriptedCard(bytes.fromhex("3B602500")))
    assert session(bench, READ) == [card.atr, FOUND]


def test_a_damaged_character_in_the_answer_means_warm_reset(bench: Bench, slot: Slot) -> None:
    slot.faults.flips[2] = 0x04
    card = inserted(bench, slot, ScriptedCard())
    assert session(bench, READ) == [ATR, FOUND]
    assert card.resets == [True, False]


def test_a_card_that_announces_t1_and_does_not_speak_it(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard(bytes.fromhex("3BE000008131204535")))
    assert session(bench) == [("PROTOCOL", "T=1: no valid block in 3 attempts")]
    assert not slot.powered


def test_without_a_card_nothing_is_switched_on(bench: Bench, slot: Slot) -> None:
    assert session(bench) == [("REMOVED", "no card in the slot")]
    assert not slot.powered
    assert bench.call("slot_probe:exchange", READ) == ("MUTE", "the card is not active")


def test_what_io_did_while_vcc_was_off_is_not_an_answer(bench: Bench, slot: Slot) -> None:
    """The line falls with VCC: the UART has a 00 in its buffer when the next session begins."""
    inserted(bench, slot, ScriptedCard())
    for _ in range(3):
        assert session(bench, READ) == [ATR, FOUND]
    assert slot.violations == []


# Characters


@pytest.mark.parametrize("one_by_one", [False, True])
def test_apdus_of_all_cases(bench: Bench, slot: Slot, one_by_one: bool) -> None:
    card = inserted(bench, slot, ScriptedCard(one_by_one=one_by_one))
    case_1 = bytes.fromhex("00820000")
    assert session(bench, case_1, READ, VERIFY, SELECT) == [ATR, b"\x90\x00", FOUND, b"\x90\x00", FOUND]
    assert card.commands == [
        case_1 + b"\x00",
        READ,
        READ[:4] + b"\x10",
        VERIFY,
        SELECT[:-1],
        bytes.fromhex("00C0000010"),
    ]
    assert slot.violations == []


def test_the_longest_command_and_answer(bench: Bench, slot: Slot) -> None:
    card = inserted(bench, slot, ScriptedCard())
    command = bytes.fromhex("00A40400FF") + bytes(range(255)) + b"\x00"
    assert session(bench, command) == [ATR, FOUND]
    assert card.commands[0] == command[:-1]
    bench.ask_memory()
    bench.settle()
    assert bench.faults["uart_overruns"] == 0
    assert slot.violations == []


def test_inverse_convention(bench: Bench, slot: Slot) -> None:
    card = inserted(bench, slot, ScriptedCard(bytes.fromhex("3F630000414243")))
    assert session(bench, SELECT, VERIFY) == [card.atr, FOUND, b"\x90\x00"]
    assert card.commands[0] == SELECT[:-1]
    assert slot.violations == []


@pytest.mark.parametrize(("ta1", "d"), [(0x11, 1), (0x12, 2), (0x13, 4)])
def test_specific_mode_changes_the_rate_at_once(bench: Bench, slot: Slot, ta1: int, d: int) -> None:
    atr = bytes([0x3B, 0xF0, ta1, 0x00, 0x00, 0x10, 0x00])
    inserted(bench, slot, ScriptedCard(atr))
    assert session(bench, SELECT, READ) == [atr, FOUND, FOUND]
    assert bench.uart(2).config.baud == round(10_752.69 * d)
    assert slot.violations == []


def test_extra_guard_time_is_kept(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard(bytes.fromhex("3B600005")))
    assert session(bench, SELECT)[1] == FOUND
    assert slot.violations == []


def test_null_bytes_buy_time(bench: Bench, slot: Slot) -> None:
    slot.faults.nulls = 3
    slot.faults.reply_delay_etu = 9_000
    inserted(bench, slot, ScriptedCard())
    assert session(bench, SELECT) == [ATR, FOUND]


@pytest.mark.parametrize("interval", [9_504, 9_600, 10_080])
def test_a_card_within_its_waiting_time_is_waited_for(bench: Bench, slot: Slot, interval: int) -> None:
    inserted(bench, slot, ScriptedCard(pause_etu=interval - 12))
    assert session(bench, SELECT, READ) == [ATR, FOUND, FOUND]


def test_a_card_beyond_its_waiting_time_is_switched_off(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard(pause_etu=11_600))
    session(bench)
    before = bench.clock.now
    assert bench.call("slot_probe:exchange", READ)[0] == "TIMEOUT"
    waited = bench.clock.now - before - 5 * 12 * ETU_US
    assert 9_600 * ETU_US < waited < 2 * 9_600 * ETU_US
    assert not slot.powered
    assert [exchange.complete for exchange in slot.exchanges] == [False]


def test_a_longer_waiting_time_in_tc2_counts(bench: Bench, slot: Slot) -> None:
    atr = bytes.fromhex("3BE00000400F")
    inserted(bench, slot, ScriptedCard(atr, pause_etu=14_000))
    assert session(bench, READ) == [atr, FOUND]


def test_a_card_that_only_asks_for_time_is_given_up(bench: Bench, slot: Slot) -> None:
    slot.faults.nulls = 1_000_000
    card = ScriptedCard()
    slot.faults.nulls = 200
    slot.faults.reply_delay_etu = 9_000
    inserted(bench, slot, card)
    session(bench)
    before = bench.clock.now
    reason, detail = bench.call("slot_probe:exchange", READ)
    assert (reason, "NULL bytes" in detail) == ("TIMEOUT", True)
    assert 60_000_000 < bench.clock.now - before < 62_000_000
    assert not slot.powered


@pytest.mark.parametrize("character", [0, 4, 5, 12, 18])
def test_a_wrong_echo_is_a_collision(bench: Bench, slot: Slot, character: int) -> None:
    slot.faults.echo_flips[character] = 0x10
    inserted(bench, slot, ScriptedCard())
    reason, detail = session(bench, SELECT)[1]
    assert reason == "COLLISION"
    assert "differs" in detail
    assert not slot.powered


def test_a_missing_echo_is_a_collision(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard())
    session(bench)
    bench.uart(2).on_bytes = lambda data: None
    assert bench.call("slot_probe:exchange", READ) == ("COLLISION", "no echo of 5 characters")
    assert not slot.powered


def test_a_damaged_procedure_byte_is_a_protocol_error(bench: Bench, slot: Slot) -> None:
    slot.faults.flips[len(ATR)] = 0x80
    inserted(bench, slot, ScriptedCard())
    reason, detail = session(bench, SELECT)[1]
    assert reason == "PROTOCOL"
    assert "found 24" in detail
    assert not slot.powered


def test_a_malformed_apdu_is_the_callers_fault_and_harms_no_card(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard())
    session(bench)
    with pytest.raises(DeviceError) as error:
        bench.call("slot_probe:exchange", b"\x00\xa4\x04\x00\x05\x01")
    assert error.value.type == "ValueError"
    assert bench.call("slot_probe:exchange", READ) == FOUND


def test_a_cancelled_exchange_leaves_no_card_half_way(bench: Bench, slot: Slot) -> None:
    inserted(bench, slot, ScriptedCard(pause_etu=5_000))
    session(bench)
    assert bench.call("slot_probe:cancelled_exchange", READ, 100) == "cancelled"
    assert not slot.powered
    assert session(bench, READ) == [ATR, FOUND]
    assert slot.violations == []


# Cost


def test_hundreds_of_exchanges_leave_no_garbage_behind(bench: Bench, slot: Slot, device_target: str) -> None:
    inserted(bench, slot, ScriptedCard())
    session(bench, READ)
    for _ in range(20):
        bench.call("slot_probe:exchange", SELECT)
    before = bench.ask_memory().used
    for _ in range(300 if device_target == "unix" else 50):
        assert bench.call("slot_probe:exchange", SELECT) == FOUND
    assert bench.ask_memory().used - before < 256
    assert slot.violations == []
