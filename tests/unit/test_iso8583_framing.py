"""Frames on the line, and which bytes the MAC is over."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message, framing, mac_input
from tillbench.protocols.iso8583.errors import BITMAP, HEADER, LENGTH, TPDU
from tillbench.protocols.iso8583.framing import Frame, FrameReader, build

in_any_time = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

TPDU_BYTES = bytes.fromhex("6000030000")
NUMBERS = "603100310000"
ECHO = build(TPDU_BYTES, NUMBERS, b"\x08\x20" + bytes(8))


def test_the_bytes_of_a_frame() -> None:
    assert ECHO == bytes.fromhex("0015 6000030000 603100310000 0820 0000000000000000")


def test_a_frame_says_what_it_is() -> None:
    [frame] = FrameReader().feed(build(bytes.fromhex("6012340567"), "603103310000", b"body"))
    assert frame == Frame(bytes.fromhex("6012340567"), "603103310000", b"body")
    assert frame.processing_request == 3
    assert frame.answer_tpdu == bytes.fromhex("6005671234")
    assert "body" not in repr(frame)


@in_any_time
@given(
    st.lists(
        st.tuples(
            st.binary(min_size=5, max_size=5), st.text("0123456789", min_size=12, max_size=12), st.binary(max_size=60)
        ),
        max_size=6,
    ),
    st.lists(st.integers(1, 40), max_size=20),
)
def test_frames_come_out_however_the_stream_is_cut(frames: list[tuple[bytes, str, bytes]], cuts: list[int]) -> None:
    stream = b"".join(build(*frame) for frame in frames)
    reader = FrameReader()
    found: list[Frame] = []
    for size in [*cuts, len(stream)]:
        found += reader.feed(stream[:size])
        stream = stream[size:]
    found += reader.feed(stream)
    assert found == [Frame(*frame) for frame in frames]
    assert reader.pending == 0


def test_an_unfinished_frame_is_pending() -> None:
    reader = FrameReader()
    assert reader.feed(ECHO[:-1]) == []
    assert reader.pending == len(ECHO) - 1


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\x00\x0a", (LENGTH, 0, "length 11..4096", "10")),
        (b"\xff\xff", (LENGTH, 0, "length 11..4096", "65535")),
        (ECHO[:9] + b"\x3a" + ECHO[10:], (HEADER, 9, "BCD digits", "3A")),
    ],
)
def test_a_bad_frame_is_an_error(data: bytes, error: tuple[int, int, str, str]) -> None:
    with pytest.raises(FormatError) as raised:
        FrameReader().feed(data)
    assert raised.value.args == error


def test_good_frames_before_a_bad_one_are_given_first() -> None:
    reader = FrameReader()
    assert len(reader.feed(ECHO + ECHO + b"\x00\x00")) == 2
    with pytest.raises(FormatError, match="length at byte 0"):
        reader.feed(b"")


def test_what_cannot_be_framed() -> None:
    with pytest.raises(FormatError) as error:
        build(b"\x60", NUMBERS, b"")
    assert error.value.args == (TPDU, 2, "5 bytes", "1 bytes")
    for header in ("60310031000", "60310031000A", "6031003100٣1", ""):
        with pytest.raises(FormatError) as error:
            build(TPDU_BYTES, header, b"")
        assert error.value.args == (HEADER, 7, "12 digits", f"{len(header)} characters")
    with pytest.raises(FormatError) as error:
        build(TPDU_BYTES, NUMBERS, bytes(framing.LARGEST - 10))
    assert error.value.args == (LENGTH, 0, "length 11..4096", "4097")


def test_the_mac_is_over_everything_before_it() -> None:
    body = UNIONPAY.encode(Message("0210", {39: "00", 64: bytes(8)}))
    assert mac_input(body) == bytes.fromhex("0210 0000000002000001 3030")
    assert mac_input(body) == mac_input(body[:-8] + b"E267B6E2")


def test_no_mac_input_without_a_mac() -> None:
    with pytest.raises(FormatError) as error:
        mac_input(UNIONPAY.encode(Message("0210", {39: "00", 41: "12345678"})))
    assert error.value.args == (64, 9, "bit on", "bit off")
    with pytest.raises(FormatError) as error:
        mac_input(b"\x02\x10")
    assert error.value.args == (BITMAP, 0, "18 bytes", "2 bytes")
