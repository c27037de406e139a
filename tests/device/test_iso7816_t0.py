"""T=0 TPDUs and the APDU layer, step by step on the device."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

from tests.sample import examples

SELECT = bytes.fromhex("00A4040007A0000003330101")
READ = bytes.fromhex("00B2010C04")


def t0(device: Bench, command: bytes, expected: int, card: str) -> Any:
    return device.call("iso7816_probe:t0", command, expected, bytes.fromhex(card))


def test_ins_moves_all_the_data_to_the_card(device: Bench) -> None:
    assert t0(device, SELECT, 0, "A4 61 20") == ([SELECT[:5], 1, SELECT[5:], 1, 1], 0x6120, b"")


def test_ins_moves_all_the_data_from_the_card(device: Bench) -> None:
    assert t0(device, READ, 4, "B2 70028203 9000") == ([READ, 1, 4, 1, 1], 0x9000, bytes.fromhex("70028203"))


def test_not_ins_moves_one_byte_and_asks_again(device: Bench) -> None:
    steps, sw, _ = t0(device, SELECT[:4] + b"\x02\x11\x22", 0, "5B A4 9000")
    assert (steps, sw) == ([SELECT[:4] + b"\x02", 1, b"\x11", 1, b"\x22", 1, 1], 0x9000)
    assert t0(device, READ, 4, "4D 70 4D 02 B2 8203 9000")[1:] == (0x9000, bytes.fromhex("70028203"))


def test_null_only_asks_for_more_time(device: Bench) -> None:
    assert t0(device, READ, 4, "60 60 B2 70028203 60 9000") == (
        [READ, 1, 1, 1, 4, 1, 1, 1],
        0x9000,
        bytes.fromhex("70028203"),
    )


def test_status_may_come_before_any_data(device: Bench) -> None:
    assert t0(device, SELECT, 0, "6A82") == ([SELECT[:5], 1, 1], 0x6A82, b"")
    assert t0(device, READ, 4, "6C10")[1] == 0x6C10


def test_le_zero_means_256(device: Bench) -> None:
    steps, sw, data = t0(device, READ[:4] + b"\x00", 256, "B2" + "55" * 256 + "9000")
    assert (steps[2], sw, data) == (256, 0x9000, b"\x55" * 256)


@pytest.mark.parametrize(
    ("command", "expected", "card", "detail"),
    [
        (READ, 4, "B3", "procedure byte after 5 sent and 0 received: expected 60, B2, 4D, 6x or 9x, found B3"),
        (READ, 4, "00", "procedure byte after 5 sent and 0 received: expected 60, B2, 4D, 6x or 9x, found 00"),
        (READ, 4, "B270028203 B2", "card asks for more data after 5 sent and 4 received"),
        (b"\x00\x82\x00\x00\x00", 0, "82", "card asks for more data after 5 sent and 0 received"),
        (SELECT, 0, "A4 A4", "card asks for more data after 12 sent and 0 received"),
    ],
)
def test_what_t0_does_not_know_is_a_protocol_error(
    device: Bench, command: bytes, expected: int, card: str, detail: str
) -> None:
    assert t0(device, command, expected, card)[1:] == ("PROTOCOL", detail)


@pytest.mark.parametrize("ins", [0x60, 0x6F, 0x90, 0x9F])
def test_an_instruction_that_looks_like_a_status_is_refused(device: Bench, ins: int) -> None:
    with pytest.raises(DeviceError) as error:
        t0(device, bytes([0, ins, 0, 0, 0]), 0, "")
    assert error.value.type == "ValueError"


@st.composite
def conversations(draw: st.DrawFn) -> tuple[bytes, int, bytes, list[bytes], int, bytes]:
    """A card's side of one TPDU: any mix of NULL, one byte, all bytes, and a status at any procedure byte."""
    ins = draw(st.integers(0, 255).filter(lambda x: x >> 4 not in (6, 9)))
    outgoing = draw(st.booleans())
    size = draw(st.integers(1, 255))
    header = bytes([draw(st.sampled_from([0x00, 0x80])), ins, 1, 2, size])
    first = draw(st.integers(0, 255))
    payload = bytes((first + i) & 0xFF for i in range(size))
    card = bytearray()
    sends = [header]
    moved = 0
    for step in draw(st.lists(st.sampled_from(["null", "one", "all"]), max_size=10)):
        if step == "null":
            card.append(0x60)
        elif moved < size:
            part = payload[moved : moved + 1] if step == "one" else payload[moved:]
            card.append(ins ^ 0xFF if step == "one" else ins)
            if outgoing:
                sends.append(part)
            else:
                card += part
            moved += len(part)
    sw = draw(st.integers(0x6100, 0x6FFF) | st.integers(0x9000, 0x9FFF))
    card += sw.to_bytes(2, "big")
    command = header + payload if outgoing else header
    return command, 0 if outgoing else size, bytes(card), sends, sw, b"" if outgoing else payload[:moved]


@settings(max_examples=examples(300), deadline=None)
@given(conversation=conversations())
def test_every_legal_conversation_is_followed(
    shared_device: Bench, conversation: tuple[bytes, int, bytes, list[bytes], int, bytes]
) -> None:
    command, expected, card, sends, sw, data = conversation
    steps, found_sw, found = shared_device.call("iso7816_probe:t0", command, expected, card)
    assert [step for step in steps if isinstance(step, bytes)] == sends
    assert (found_sw, found) == (sw, data)
    assert sum(step for step in steps if isinstance(step, int)) == len(card)


@settings(max_examples=examples(300), deadline=None)
@given(card=st.binary(max_size=40), outgoing=st.booleans())
def test_a_hostile_card_gets_no_further_than_protocol_error(shared_device: Bench, card: bytes, outgoing: bool) -> None:
    command = SELECT if outgoing else READ
    steps, sw, _ = shared_device.call("iso7816_probe:t0", command, 0 if outgoing else 4, card)
    assert sw in (None, "PROTOCOL") or sw >> 12 in (6, 9)
    assert sum(len(step) for step in steps if isinstance(step, bytes)) <= len(command)


# The APDU layer


def apdu(device: Bench, command: str, *answers: tuple[str, int]) -> Any:
    return device.call(
        "iso7816_probe:apdu", bytes.fromhex(command), [(bytes.fromhex(data), sw) for data, sw in answers]
    )


def tpdus(found: Any) -> list[tuple[str, int]]:
    return [(command.hex().upper(), expected) for command, expected in found[0]]


@pytest.mark.parametrize(
    ("command", "tpdu", "expected"),
    [
        ("00820000", "0082000000", 0),
        ("00B2010C00", "00B2010C00", 256),
        ("00B2010C20", "00B2010C20", 32),
        ("0020008002AABB", "0020008002AABB", 0),
        ("00A4040002AABB00", "00A4040002AABB", 0),
    ],
    ids=["case 1", "case 2", "case 2, Le 20", "case 3", "case 4"],
)
def test_each_case_becomes_its_tpdu(device: Bench, command: str, tpdu: str, expected: int) -> None:
    found = apdu(device, command, ("", 0x9000))
    assert tpdus(found) == [(tpdu, expected)]
    assert found[1] == b"\x90\x00"


@pytest.mark.parametrize("command", ["", "00B201", "00A4040000AA", "00A4040002AA", "00A4040002AABB0000"])
def test_a_length_that_fits_no_case_is_an_error(device: Bench, command: str) -> None:
    with pytest.raises(DeviceError) as error:
        apdu(device, command)
    assert error.value.type == "ValueError"
    assert f"APDU of {len(command) // 2} bytes" in error.value.args_repr


def test_6c_repeats_the_command_with_the_right_length(device: Bench) -> None:
    found = apdu(device, "00B2010C00", ("", 0x6C03), ("010203", 0x9000))
    assert tpdus(found) == [("00B2010C00", 256), ("00B2010C03", 3)]
    assert found[1] == bytes.fromhex("0102039000")


def test_61_fetches_and_appends(device: Bench) -> None:
    found = apdu(device, "00A4040002AABB00", ("", 0x6102), ("0102", 0x6101), ("03", 0x9000))
    assert tpdus(found) == [("00A4040002AABB", 0), ("00C0000002", 2), ("00C0000001", 1)]
    assert found[1] == bytes.fromhex("0102039000")


def test_61_and_6c_follow_each_other(device: Bench) -> None:
    found = apdu(device, "00B2010C00", ("", 0x6C05), ("01", 0x6100), ("", 0x6C02), ("0203", 0x6283))
    assert tpdus(found) == [("00B2010C00", 256), ("00B2010C05", 5), ("00C0000000", 256), ("00C0000002", 2)]
    assert found[1] == bytes.fromhex("0102036283")


@pytest.mark.parametrize("warning", [0x6283, 0x63C1])
def test_a_warning_in_case_4_is_the_result_and_its_data_are_fetched(device: Bench, warning: int) -> None:
    found = apdu(device, "00A4040002AABB00", ("", warning), ("", 0x6C02), ("0102", 0x9000))
    assert tpdus(found)[1:] == [("00C0000000", 256), ("00C0000002", 2)]
    assert found[1] == bytes.fromhex("0102") + warning.to_bytes(2, "big")


def test_a_warning_without_data_stays_a_warning(device: Bench) -> None:
    assert apdu(device, "00A4040002AABB00", ("", 0x6283), ("", 0x6F00))[1] == bytes.fromhex("6283")


@pytest.mark.parametrize("command", ["00B2010C00", "0020008002AABB", "00820000"])
def test_a_warning_outside_case_4_is_handed_on(device: Bench, command: str) -> None:
    found = apdu(device, command, ("", 0x63C2))
    assert (len(found[0]), found[1]) == (1, bytes.fromhex("63C2"))


@pytest.mark.parametrize(
    ("command", "answers", "detail"),
    [
        ("00820000", [("", 0x6102)], "SW 6102 to a case 1 command: expected in cases 2 and 4 only"),
        ("0020008002AABB", [("", 0x6102)], "SW 6102 to a case 3 command: expected in cases 2 and 4 only"),
        ("0020008002AABB", [("", 0x6C02)], "SW 6C02 to a command that expects no data"),
        ("00B2010C00", [("", 0x6C02), ("", 0x6C03)], "SW 6C03 to a command with the corrected length"),
        ("00A4040002AABB00", [("", 0x6110), ("", 0x6110)], "SW 6110 to GET RESPONSE without data"),
        (
            "00B2010C00",
            [("00" * 255, 0x61FF), ("00" * 2, 0x6110)],
            "response of 257 bytes: expected at most 256",
        ),
    ],
)
def test_a_card_that_goes_in_circles_is_a_protocol_error(
    device: Bench, command: str, answers: list[tuple[str, int]], detail: str
) -> None:
    assert apdu(device, command, *answers)[1] == ("PROTOCOL", detail)


@pytest.mark.till_needs("memory")  # for hundreds of answers in one call
@settings(max_examples=examples(150), deadline=None)
@given(
    command=st.sampled_from(["00820000", "00B2010C00", "0020008002AABB", "00A4040002AABB00"]),
    circle=st.lists(st.sampled_from([0x6100, 0x6101, 0x61FF, 0x6C00, 0x6C04, 0x6283, 0x63C1]), min_size=1, max_size=6),
    data=st.binary(max_size=3),
)
def test_no_circle_of_answers_goes_on_for_ever(
    shared_device: Bench, command: str, circle: list[int], data: bytes
) -> None:
    answers = [(data, sw) for sw in circle] * (600 // len(circle))
    assert shared_device.call("iso7816_probe:apdu", bytes.fromhex(command), answers)[1] is not None
