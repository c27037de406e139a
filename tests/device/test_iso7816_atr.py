"""Answers to reset, judged on the device, against known cards and against a second reading of EMV Book 1, 8.3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tillbench.host.emulator.bench import Bench

from tests.sample import examples


def judged(device: Bench, text: str, cold: bool = True) -> Any:
    return device.call("iso7816_probe:atr", bytes.fromhex(text), cold)


def test_the_plain_t0_card(device: Bench) -> None:
    assert judged(device, "3B 60 00 00") == {
        "used": 4,
        "raw": bytes.fromhex("3B600000"),
        "inverse": False,
        "protocol": 0,
        "d": 1,
        "guard": 0,
        "wi": 10,
        "ifsc": 32,
        "bwi": 4,
        "cwi": 5,
        "historical": b"",
    }


def test_the_plain_t1_card(device: Bench) -> None:
    atr = judged(device, "3B E0 00 00 81 31 20 45 35")
    assert (atr["protocol"], atr["ifsc"], atr["bwi"], atr["cwi"]) == (1, 0x20, 4, 5)


def test_historical_bytes_end_before_tck(device: Bench) -> None:
    assert judged(device, "3B 65 00 00 20 63 CB 68 00")["historical"] == bytes.fromhex("2063CB6800")
    with_tck = "3B E3 00 00 81 31 20 45 41 42 43"
    tck = reduce(xor, bytes.fromhex(with_tck)[1:])
    assert judged(device, with_tck + f"{tck:02X}")["historical"] == b"ABC"


def test_inverse_convention_is_read_by_its_own_rules(device: Bench) -> None:
    # 3F 65 00 00 'ABCDE' with each character as a direct-convention UART shows it: reversed and complemented.
    logical = bytes.fromhex("3F6500004142434445")
    wire = bytes(int(f"{c:08b}"[::-1], 2) ^ 0xFF for c in logical)
    assert wire[0] == 0x03
    atr = device.call("iso7816_probe:atr", wire)
    assert (atr["inverse"], atr["raw"], atr["historical"]) == (True, logical, b"ABCDE")


def test_it_stops_at_its_own_end(device: Bench) -> None:
    assert judged(device, "3B 60 00 00 A4 90 00")["used"] == 4


@pytest.mark.parametrize(
    ("text", "missing"),
    [("", 2), ("3B", 1), ("3B 6F", 17), ("3B 60 00", 1), ("3B E0 00 00 81", 2), ("3B E0 00 00 81 31 20 45", 1)],
)
def test_it_knows_how_many_characters_must_still_come(device: Bench, text: str, missing: int) -> None:
    assert judged(device, text) == missing


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("3C 60 00 00", "TS at offset 0: expected 3B or 3F (received as 03), found 3C"),
        ("3B 60 25 00", "TB1 at offset 2: expected 00, found 25"),
        ("3B 00", "TB1: expected 00, found none"),
        ("3B E0 00 00 81 31 20 45 36", "TCK at offset 8: expected 35, found 36"),
        ("3B E0 00 00 02 02", "TD1 at offset 4: expected protocol T=0 or T=1, found 02"),
        ("3B E0 00 00 20 11", "TB2 at offset 5: expected none, found 11"),
        ("3B F0 14 00 00 10 00", "TA1 at offset 2: expected 11 to 13 in specific mode, found 14"),
        ("3B F0 11 00 00 10 10", "TA2 at offset 6: expected b5 = 0 (parameters by the interface characters), found 10"),
        ("3B F0 11 00 00 10 01", "TA2 at offset 6: expected protocol T=0 as in TD1, found 01"),
        ("3B E0 00 00 40 00", "TC2 at offset 5: expected 01 to FF, found 00"),
        ("3B E0 00 00 01 01", "TD2: expected T=1 (it announces TB3), found none"),
    ],
)
def test_a_refusal_names_character_offset_expected_and_found(device: Bench, text: str, detail: str) -> None:
    # "3B E0 00 00 01 01" and "02 02": the second 01 or 02 is TCK (E0 ^ 00 ^ 00 ^ TD1 ^ TCK must be 0).
    data = bytes.fromhex(text)
    if len(data) == 6 and data[4] in (1, 2):
        data = data[:5] + bytes([reduce(xor, data[1:5])])
    assert device.call("iso7816_probe:atr", data) == ("BAD_ATR", detail)


def test_an_endless_answer_is_cut_off(device: Bench) -> None:
    reason, detail = device.call("iso7816_probe:atr", b"\x3b\x8f" + b"\x80" * 60)
    assert (reason, detail) == ("BAD_ATR", "more than 33 characters announced at offset 17")


def test_after_a_warm_reset_tb1_may_be_anything(device: Bench) -> None:
    assert judged(device, "3B 60 25 00", cold=False)["protocol"] == 0
    assert judged(device, "3B 00", cold=False)["protocol"] == 0


def t1_answer(tc1: int, ta3: int, tb3: int, tc3: int) -> bytes:
    """A T=1 answer with all the T=1 characters of the second protocol, and a right TCK."""
    data = bytes([0x3B, 0xE0, 0x00, tc1, 0x81, 0x71, ta3, tb3, tc3])
    return data + bytes([reduce(xor, data[1:])])


@pytest.mark.parametrize(
    ("tc1", "ta3", "tb3", "tc3", "refused"),
    [
        (0x00, 0x10, 0x45, 0x00, ""),
        (0x00, 0xFE, 0x01, 0x00, ""),
        (0x00, 0x0F, 0x45, 0x00, "TA3 at offset 6"),
        (0x00, 0x00, 0x45, 0x00, "TA3 at offset 6"),
        (0x00, 0xFF, 0x45, 0x00, "TA3 at offset 6"),
        (0x00, 0x20, 0x55, 0x00, "TB3 at offset 7"),
        (0x00, 0x20, 0x46, 0x00, "TB3 at offset 7"),
        (0x00, 0x20, 0x40, 0x00, "TB3 at offset 7"),  # 2^0 is not more than N + 1 = 1
        (0xFF, 0x20, 0x40, 0x00, ""),  # TC1 = FF counts as N = -1
        (0x1E, 0x20, 0x45, 0x00, ""),  # 32 > 31
        (0x1F, 0x20, 0x45, 0x00, "TB3 at offset 7"),  # 32 = 32
        (0x00, 0x20, 0x45, 0x01, "TC3 at offset 8"),
    ],
)
def test_t1_parameters_have_limits(device: Bench, tc1: int, ta3: int, tb3: int, tc3: int, refused: str) -> None:
    found = device.call("iso7816_probe:atr", t1_answer(tc1, ta3, tb3, tc3))
    if refused:
        assert found[0] == "BAD_ATR"
        assert found[1].startswith(refused)
    else:
        assert (found["ifsc"], found["bwi"], found["cwi"]) == (ta3, tb3 >> 4, tb3 & 15)


# A second reading of the same sections, written as a table of conditions over a parsed answer.


@dataclass
class Answer:
    raw: bytes
    at: dict[str, int] = field(default_factory=dict)
    missing: int = 0
    tck: bool = False
    end: int = 0

    def __getitem__(self, name: str) -> int:
        return self.at.get(name, -1)


def parse(data: bytes) -> Answer:
    answer = Answer(data)
    if len(data) < 2:
        answer.missing = 1
        return answer
    follow, group, position = data[1] >> 4, 1, 2
    while follow:
        names = [f"T{letter}{group}" for bit, letter in enumerate("ABCD") if follow & 1 << bit]
        follow, group = 0, group + 1
        for name in names:
            if position >= len(data):
                answer.missing = 1
                return answer
            answer.at[name] = data[position]
            position += 1
            if name[1] == "D":
                follow = answer.at[name] >> 4
                answer.tck |= bool(answer.at[name] & 15)
    answer.end = position + (data[1] & 15) + answer.tck
    answer.missing = max(0, answer.end - len(data))
    return answer


RULES: dict[str, Callable[[Answer, bool], bool]] = {
    "8.3.1 TS": lambda a, cold: a.raw[0] in (0x3B, 0x3F),
    "8.3.3.2 TB1": lambda a, cold: not cold or a["TB1"] == 0,
    "8.3.3.4 TD1": lambda a, cold: a["TD1"] == -1 or a["TD1"] % 16 < 2,
    "8.3.3.5 TA2": lambda a, cold: a["TA2"] == -1 or (a["TA2"] % 16 == max(a["TD1"], 0) % 16 and not a["TA2"] & 16),
    "8.3.3.1 TA1": lambda a, cold: a["TA2"] == -1 or a["TA1"] in (-1, 0x11, 0x12, 0x13),
    "8.3.3.6 TB2": lambda a, cold: a["TB2"] == -1,
    "8.3.3.7 TC2": lambda a, cold: a["TC2"] != 0,
    "8.3.3.8 TD2 after T=1": lambda a, cold: max(a["TD1"], 0) % 16 != 1 or (a["TD2"] != -1 and a["TD2"] % 16 == 1),
    "8.3.3.8 TD2 after T=0": lambda a, cold: (
        max(a["TD1"], 0) % 16 != 0 or a["TD2"] == -1 or a["TD2"] % 16 in (1, 14, 15)
    ),
    "8.3.3.9 TA3": lambda a, cold: not second(a) or a["TA3"] == -1 or 0x0F < a["TA3"] < 0xFF,
    "8.3.3.10 TB3": lambda a, cold: (
        not second(a)
        or (
            a["TB3"] != -1
            and a["TB3"] // 16 <= 4
            and a["TB3"] % 16 <= 5
            and 2 ** (a["TB3"] % 16) > (0 if a["TC1"] == 255 else max(a["TC1"], 0) + 1)
        )
    ),
    "8.3.3.11 TC3": lambda a, cold: not second(a) or a["TC3"] in (-1, 0),
    "8.3.4 TCK": lambda a, cold: not a.tck or reduce(xor, a.raw[1 : a.end]) == 0,
    "8.2 length": lambda a, cold: a.end <= 33,
}


def second(a: Answer) -> bool:
    return a["TD2"] != -1 and a["TD2"] % 16 == 1


interface = st.one_of(
    st.sampled_from([0x00, 0x01, 0x0A, 0x10, 0x11, 0x12, 0x13, 0x20, 0x31, 0x40, 0x45, 0x80, 0x81, 0xFE, 0xFF]),
    st.integers(0, 255),
)
body = st.tuples(
    st.sampled_from([0x00, 0x60, 0x60, 0x65, 0xE0, 0xE0, 0xF0, 0x70, 0xEF]) | st.integers(0, 255),
    st.lists(interface, max_size=14).map(bytes),
    st.sampled_from(["exact", "exact", "exact", "wrong TCK", "short"]),
)


def build(t0: int, interface_bytes: bytes, ending: str) -> bytes:
    """A structurally whole answer from raw material; TB1 is 00 most of the time, TCK right unless asked otherwise."""
    data = bytearray([0x3B, t0]) + interface_bytes + bytes(34)
    if t0 & 0x20 and interface_bytes[:1] != b"\xff":
        data[2 + (t0 >> 4 & 1)] = 0
    answer = parse(bytes(data))
    if answer.missing:
        return bytes(data[:40])
    whole = bytearray(data[: answer.end])
    if answer.tck:
        whole[-1] = reduce(xor, whole[1:-1]) ^ (1 if ending == "wrong TCK" else 0)
    return bytes(whole[:-1] if ending == "short" and len(whole) > 2 else whole)


@settings(max_examples=examples(600), deadline=None)
@given(raw=body, cold=st.booleans())
def test_device_and_second_reading_agree(shared_device: Bench, raw: tuple[int, bytes, str], cold: bool) -> None:
    data = build(*raw)
    answer = parse(data)
    found = shared_device.call("iso7816_probe:atr", data, cold)
    if isinstance(found, int):
        assert answer.missing
        return
    if answer.missing:
        assert isinstance(found, tuple)
        assert "more than 33 characters" in found[1]
        return
    broken = [name for name, rule in RULES.items() if not rule(answer, cold)]
    if broken:
        assert isinstance(found, tuple), f"accepted in spite of {broken}"
        assert found[0] == "BAD_ATR"
        return
    assert isinstance(found, dict), f"refused: {found}"
    specific = answer["TA2"] != -1 and answer["TA1"] != -1
    assert found["d"] == (2 ** (answer["TA1"] % 16 - 1) if specific else 1)
    assert found["guard"] == (0 if answer["TC1"] in (-1, 255) else answer["TC1"])
    assert found["wi"] == (10 if answer["TC2"] == -1 else answer["TC2"])
    assert found["protocol"] == max(answer["TD1"], 0) % 16
    assert found["historical"] == data[answer.end - answer.tck - data[1] % 16 : answer.end - answer.tck]
    assert found["used"] == answer.end


@settings(max_examples=examples(300), deadline=None)
@given(noise=st.binary(max_size=60), cold=st.booleans())
def test_noise_never_does_more_than_be_refused(shared_device: Bench, noise: bytes, cold: bool) -> None:
    found = shared_device.call("iso7816_probe:atr", b"\x3b" + noise, cold)
    assert isinstance(found, int | dict) or found[0] == "BAD_ATR"
