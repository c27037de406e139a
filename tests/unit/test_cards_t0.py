"""The card's T=0 side, byte by byte: what goes over the wire and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.host.cards import T0Card, T0Options, VirtualCard, load_profile

UNIONPAY = load_profile("unionpay-debit")
SELECT_PSE = "00A404000E"
PSE = b"1PAY.SYS.DDF01".hex()


def card(options: T0Options | None = None) -> T0Card[VirtualCard]:
    t0 = T0Card(VirtualCard(UNIONPAY), options)
    assert t0.reset() == bytes.fromhex("3B600000")
    return t0


def talk(t0: T0Card[VirtualCard], characters: str) -> str:
    """What the card sends for these characters, as hex, without the times."""
    return b"".join(content for _delay, content in t0.receive(bytes.fromhex(characters))).hex().upper()


def test_case_4_then_get_response() -> None:
    t0 = card()
    assert talk(t0, SELECT_PSE[:8]) == ""  # four of five header bytes
    assert talk(t0, SELECT_PSE[8:]) == "A4"
    assert talk(t0, PSE[:-2]) == ""
    assert talk(t0, PSE[-2:]) == "611E"
    assert talk(t0, "00C0000000") == "6C1E"
    assert talk(t0, "00C000001D") == "6C1E"
    answer = talk(t0, "00C000001E")
    assert answer.startswith("C06F1C")
    assert answer.endswith("9000")
    assert len(answer) == 2 * (1 + 0x1E + 2)
    assert talk(t0, "00C000001E") == "6985"  # nothing waits any more


def test_case_2_is_executed_once() -> None:
    t0 = card()
    talk(t0, SELECT_PSE)
    talk(t0, PSE)
    before = t0.card.apdu_count
    refused = talk(t0, "00B2010C00")
    assert refused[:2] == "6C"
    answer = talk(t0, "00B2010C" + refused[2:])
    assert answer[:4] == "B270"
    assert answer[-4:] == "9000"
    assert t0.card.apdu_count == before + 1
    assert talk(t0, "00B2010C" + refused[2:]) == answer  # right at once: no 6Cxx
    assert t0.card.apdu_count == before + 2


def test_another_command_drops_what_waits() -> None:
    t0 = card()
    talk(t0, SELECT_PSE)
    talk(t0, PSE)
    assert talk(t0, "00B2020C00") == "6A83"
    assert talk(t0, "00C000001E") == "6985"


def test_an_answer_in_parts() -> None:
    t0 = card(T0Options(response_part=0x0C))
    talk(t0, SELECT_PSE)
    assert talk(t0, PSE) == "610C"
    assert talk(t0, "00C000001E") == "6C0C"
    first = talk(t0, "00C000000C")
    second = talk(t0, "00C000000C")
    third = talk(t0, "00C0000006")
    assert (first[-4:], second[-4:], third[-4:]) == ("610C", "6106", "9000")
    whole = card()
    talk(whole, SELECT_PSE + PSE)
    assert first[2:-4] + second[2:-4] + third[2:-4] == talk(whole, "00C000001E")[2:-4]
    talk(t0, "00B2010C00")  # only GET RESPONSE is cut
    assert talk(t0, "00B2010C00")[:2] == "6C"


def test_a_vague_length() -> None:
    t0 = card(T0Options(vague_length=True))
    talk(t0, SELECT_PSE)
    assert talk(t0, PSE) == "6100"
    assert talk(t0, "00C0000000") == "6C1E"
    assert talk(t0, "00C000001E")[-4:] == "9000"


def test_get_response_header_is_checked() -> None:
    t0 = card()
    talk(t0, SELECT_PSE)
    talk(t0, PSE)
    assert talk(t0, "80C000001E") == "6E00"
    assert talk(t0, "00C001001E") == "6A86"
    assert talk(t0, "00C000001E")[:2] == "C0"
    assert talk(t0, "00B2010C00")[:2] == "6C"
    assert talk(t0, "00C0000001") == "6985"  # 6Cxx is answered by the same command, not by GET RESPONSE


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("FFA404000E", "6E00"),
        ("00A400000E", "6A86"),
        ("0088000004", "6D00"),
        ("00A4040000", "6700"),
        ("FF10117B00", "6E00"),
    ],
)
def test_a_bad_header_is_answered_without_taking_data(header: str, status: str) -> None:
    t0 = card()
    assert talk(t0, header) == status
    assert talk(t0, SELECT_PSE) == "A4"  # the next byte is a header again


def test_case_3_ends_with_its_status() -> None:
    t0 = card()
    assert talk(t0, "0020008008") == "20"
    assert talk(t0, "241234FFFFFFFFFF") == "6985"


def test_null_bytes_come_before_each_answer() -> None:
    t0 = card(T0Options(null_bytes=2, delay=6, null_gap=900))
    assert t0.receive(bytes.fromhex(SELECT_PSE)) == [(6, b"\x60"), (900, b"\x60"), (900, b"\xa4")]
    assert t0.receive(bytes.fromhex(PSE)) == [(6, b"\x60"), (900, b"\x60"), (900, b"\x61\x1e")]


def test_the_default_delay_makes_sixteen_etu_from_edge_to_edge() -> None:
    assert card().receive(bytes.fromhex(SELECT_PSE)) == [(4, b"\xa4")]


def test_single_bytes_in_and_out() -> None:
    t0 = card(T0Options(one_by_one=True))
    assert talk(t0, SELECT_PSE) == "5B"
    for byte in bytes.fromhex(PSE)[:-1]:
        assert talk(t0, f"{byte:02X}") == "5B"
    assert talk(t0, PSE[-2:]) == "611E"
    answer = bytes.fromhex(talk(t0, "00C000001E"))
    assert answer[:-2:2] == b"\x3f" * 0x1E  # C0 xor FF
    assert answer[1:-2:2][:2] == b"\x6f\x1c"
    assert answer[-2:] == b"\x90\x00"


def test_a_byte_at_a_time_is_the_same_as_all_at_once() -> None:
    whole, single = card(), card()
    characters = bytes.fromhex(SELECT_PSE + PSE + "00C000001E" + "00B2010C00")
    pieces = [piece for byte in characters for piece in single.receive(byte)]
    assert pieces == whole.receive(characters)


def test_a_profile_may_ask_for_a_slow_card() -> None:
    t0 = T0Card(VirtualCard(load_profile("unionpay-slow")))
    t0.reset()
    assert [content for _delay, content in t0.receive(bytes.fromhex(SELECT_PSE))] == [b"\x60", b"\x60", b"\x5b"]


def test_a_reset_in_the_middle_of_a_command_starts_over() -> None:
    t0 = card()
    talk(t0, SELECT_PSE + PSE[:6])
    t0.reset(cold=False)
    assert talk(t0, SELECT_PSE) == "A4"


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=12), st.booleans())
def test_any_characters_are_survived(chunks: list[bytes], single: bool) -> None:
    t0 = T0Card(VirtualCard(UNIONPAY), T0Options(one_by_one=single))
    t0.reset()
    for chunk in chunks:
        for delay, content in t0.receive(chunk):
            assert delay >= 4
            assert content
    t0.reset()
    assert talk(t0, SELECT_PSE) == ("5B" if single else "A4")


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_any_apdus_are_answered(apdus: list[bytes]) -> None:
    sut = VirtualCard(UNIONPAY)
    for apdu in apdus:
        assert len(sut.transmit(apdu)) >= 2
