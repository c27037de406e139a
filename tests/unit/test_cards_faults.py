"""Faults hit the APDU they are meant for and no other."""

from typing import Any

import pytest
from pydantic import ValidationError
from tillbench.host.cards import CardMute, CardProfile, Faults, T0Card, T1Card, VirtualCard, load_profile
from tillbench.host.cards.fault_profile import FaultProfile
from tillbench.host.cards.t1 import epilogue
from tillbench.host.pcsc.served_card import ETU_S, ServedCard
from tillbench.protocols.apdu import Ins, Response

from .cards_terminal import ARQC, TC, Issuer, Terminal, terminal_for

UNIONPAY = load_profile("unionpay-debit")
VISA = load_profile("visa-credit")


def test_a_status_word_at_the_nth_apdu_since_the_reset() -> None:
    card = VirtualCard(UNIONPAY)
    card.faults.answer(0x6F00, at=2)
    terminal = Terminal(card.transmit)
    aid = UNIONPAY.applications[0].aid
    for _ in range(2):
        card.reset()
        assert [terminal.select(aid).sw for _ in range(3)] == [0x9000, 0x6F00, 0x9000]
    card.faults.clear()
    card.reset()
    assert [terminal.select(aid).sw for _ in range(3)] == [0x9000] * 3


def test_the_faulted_command_is_not_executed() -> None:
    card = VirtualCard(UNIONPAY)
    card.faults.answer(0x6985, ins=Ins.GET_PROCESSING_OPTIONS)
    card.reset()
    terminal = Terminal(card.transmit)
    terminal.select(UNIONPAY.applications[0].aid)
    assert terminal.initiate().sw == 0x6985
    assert terminal.get_data(0x9F36).data[-1] == 0
    assert terminal.initiate().sw == 0x9000


def test_the_nth_of_one_instruction_and_every_one_from_there() -> None:
    card = VirtualCard(UNIONPAY)
    card.faults.answer(0x6A83, ins=Ins.READ_RECORD, nth=2, lasting=True)
    card.reset()
    terminal = Terminal(card.transmit)
    terminal.select(UNIONPAY.applications[0].aid)
    terminal.initiate()
    assert [terminal.read_record(2, 1).sw for _ in range(4)] == [0x9000, 0x6A83, 0x6A83, 0x6A83]
    card.faults.clear()
    card.faults.answer(0x6F00, at=6, lasting=True)
    card.reset()
    assert [terminal.select(b"\xa0").sw for _ in range(7)] == [0x9000] * 5 + [0x6F00] * 2


def test_mute_at_apdu_level() -> None:
    card = VirtualCard(UNIONPAY)
    card.faults.mute(at=2)
    card.reset()
    terminal = Terminal(card.transmit)
    terminal.select(UNIONPAY.applications[0].aid)
    assert card.is_silent(Ins.SELECT)
    with pytest.raises(CardMute, match="APDU 2"):
        terminal.initiate()
    assert not card.is_silent(Ins.SELECT)
    assert terminal.initiate().sw == 0x9000


@pytest.mark.parametrize("header", ["00A404000E", "00B2010C00", "80AE80001D"])
def test_mute_through_t0_stays_mute_until_the_reset(header: str) -> None:
    card = VirtualCard(UNIONPAY)
    card.faults.mute(ins=bytes.fromhex(header)[1])
    t0 = T0Card(card)
    t0.reset()
    assert t0.receive(bytes.fromhex(header)) == []
    assert t0.receive(bytes.fromhex("00A404000E")) == []
    assert card.apdu_count == 1
    t0.reset()
    assert t0.receive(bytes.fromhex(header)) != []


@pytest.mark.parametrize("profile", [UNIONPAY, VISA], ids=["format-2", "format-1"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_wrong_cryptogram_in_both_formats(profile: object, nth: int) -> None:
    assert profile in (UNIONPAY, VISA)
    chosen = UNIONPAY if profile is UNIONPAY else VISA
    faults = Faults()
    faults.wrong_cryptogram(nth)
    terminal = terminal_for(VirtualCard(chosen, faults=faults))
    issuer = Issuer(chosen)
    terminal.generate_ac(ARQC)
    sound = terminal.values[0x9F26] == issuer.cryptogram(terminal.values)
    assert sound is (nth == 2)
    if sound:
        terminal.values[0x8A] = b"00"
        terminal.generate_ac(TC, 0x8D)
        assert terminal.values[0x9F26] != issuer.cryptogram(terminal.values)
    good = issuer.cryptogram(terminal.values)
    assert terminal.values[0x9F26] == good[:-1] + bytes([good[-1] ^ 0x01])


def test_a_wrong_cryptogram_leaves_a_refusal_alone() -> None:
    card = VirtualCard(UNIONPAY)
    card.faults.wrong_cryptogram()
    assert Terminal(card.transmit).generate_ac(ARQC).sw == 0x6985


def test_any_change_of_an_answer() -> None:
    card = VirtualCard(UNIONPAY)
    card.faults.change(lambda answer: Response(answer.data[:-1], answer.sw), ins=Ins.READ_RECORD)
    card.reset()
    terminal = Terminal(card.transmit)
    terminal.select(UNIONPAY.applications[0].aid)
    terminal.initiate()
    raw = card.transmit(bytes.fromhex("00B2011400"))
    assert raw[-2:] == b"\x90\x00"
    assert len(card.transmit(bytes.fromhex("00B2011400"))) == len(raw) + 1


def test_wrong_atrs_in_turn() -> None:
    card = VirtualCard(UNIONPAY)
    card.faults.wrong_atr(bytes.fromhex("3F"), b"")
    t0 = T0Card(card)
    assert [t0.reset(cold=True), t0.reset(cold=False), t0.reset()] == [b"\x3f", b"", UNIONPAY.atr]


def test_a_fault_must_say_where() -> None:
    faults = Faults()
    with pytest.raises(ValueError, match="either `at`"):
        faults.answer(0x6F00)
    with pytest.raises(ValueError, match="either `at`"):
        faults.mute(at=1, ins=Ins.SELECT)


def card_with(*faults: dict[str, Any], **changes: Any) -> VirtualCard:
    base = UNIONPAY.model_dump() | {"faults": faults} | changes
    return VirtualCard(CardProfile.model_validate(base))


@pytest.mark.parametrize(
    ("fault", "data"),
    [
        ({"flip": 0}, "9E36020001"),
        ({"flip": -1}, "9F36020000"),
        ({"flip": 5}, "9F36020001"),  # there is no such byte
        ({"cut": 2}, "9F3602"),
        ({"append": "AABB"}, "9F36020001AABB"),
        ({"replace": ""}, ""),
        ({"replace": "9F3600"}, "9F3600"),
    ],
)
def test_faults_of_a_profile_on_the_data(fault: dict[str, Any], data: str) -> None:
    terminal = terminal_for(card_with({"ins": "GET DATA", **fault}))
    answer = terminal.get_data(0x9F36)
    assert (answer.sw, answer.data.hex().upper()) == (0x9000, data)
    assert terminal.get_data(0x9F36).data.hex().upper() == "9F36020001"


def test_faults_of_a_profile_on_the_command() -> None:
    terminal = terminal_for(card_with({"ins": "AE", "nth": 2, "answer": "6985"}, {"ins": "VERIFY", "mute": "true"}))
    with pytest.raises(CardMute):
        terminal.verify("123456")
    assert terminal.verify("123456").sw == 0x9000
    assert terminal.generate_ac(ARQC).sw == 0x9000
    assert terminal.generate_ac(TC, 0x8D).sw == 0x6985
    card = card_with({"at": 1, "answer": "6A81", "lasting": True}, wrong_atrs=["", "3F"])
    assert [card.reset(), card.reset(), card.reset()] == [b"", b"\x3f", UNIONPAY.atr]
    assert card.transmit(bytes.fromhex("00A4040007A0000003330101")) == b"\x6a\x81"


def test_faults_handed_in_stand_in_place_of_the_profiles() -> None:
    base = card_with({"ins": "GET DATA", "answer": "6F00", "lasting": True}).profile
    assert terminal_for(VirtualCard(base)).get_data(0x9F36).sw == 0x6F00
    assert terminal_for(VirtualCard(base, faults=Faults())).get_data(0x9F36).sw == 0x9000


def first_delay(pieces: list[tuple[int, bytes]]) -> int:
    return pieces[0][0]


def test_a_late_answer_at_t_0_is_late_once() -> None:
    card = VirtualCard(UNIONPAY)
    card.faults.late(20_000, ins=Ins.SELECT)
    t0 = T0Card(card)
    t0.reset()
    usual = t0.options.delay
    name = b"1PAY.SYS.DDF01"
    assert first_delay(t0.receive(bytes.fromhex("00A404000E"))) == usual  # the procedure byte
    late = t0.receive(name)
    assert (first_delay(late), late[0][1][0]) == (usual + 20_000, 0x61)
    assert first_delay(t0.receive(b"\x00\xc0\x00\x00" + late[0][1][1:])) == usual
    t0.receive(bytes.fromhex("00A404000E"))
    assert first_delay(t0.receive(name)) == usual  # the second SELECT is none of its


def test_a_late_answer_at_t_1() -> None:
    profile = load_profile("unionpay-t1").model_copy(update={"faults": (FaultProfile(at=1, delay=500),)})
    t1 = T1Card(VirtualCard(profile))
    t1.reset()
    block = bytes.fromhex("000005") + bytes.fromhex("80CA9F3600")
    first = t1.receive(block + epilogue(block, with_crc=False))
    block = bytes.fromhex("004005") + block[3:]
    second = t1.receive(block + epilogue(block, with_crc=False))
    assert (first_delay(first), first_delay(second)) == (t1.options.delay + 500, t1.options.delay)


@pytest.mark.parametrize("name", ["unionpay-debit", "unionpay-t1"])
def test_a_late_answer_in_a_reader_is_waited_for_once(name: str) -> None:
    card = VirtualCard(load_profile(name).model_copy(update={"faults": (FaultProfile(ins=Ins.SELECT, delay=10_000),)}))
    pauses: list[float] = []
    served = ServedCard(card, pauses.append)
    served.reset()
    select = bytes.fromhex("00A404000E") + b"1PAY.SYS.DDF01"
    for apdu in (select, bytes.fromhex("00C0000000"), select):
        served.transmit(apdu)
    assert pauses == [10_000 * ETU_S]


def test_a_fault_is_one_thing() -> None:
    with pytest.raises(ValidationError, match="one of answer, mute, delay, flip"):
        FaultProfile(at=1, delay=1, mute=True)
    assert str(FaultProfile(at=3, delay=9)) == "APDU 3: delay 9"
