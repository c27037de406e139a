"""Lines of all kinds: lengths, TPDU, headers, STX and LRC."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from tillbench.protocols.iso8583 import FormatError, framing
from tillbench.protocols.iso8583.dialect import DialectError
from tillbench.protocols.iso8583.errors import ETX, HEADER, LENGTH, LRC, STX, TPDU
from tillbench.protocols.iso8583.lines import LINES, Line, LineReader, Packet

TPDU_BYTES, HEADER_BYTES = bytes.fromhex("6000030000"), bytes.fromhex("603100310000")


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("binary2", "0004 08200000"),
        ("binary2-whole", "0006 08200000"),
        ("binary4", "00000004 08200000"),
        ("ascii4", "30303034 08200000"),
        ("ascii4-whole", "30303038 08200000"),
        ("bcd2", "0004 08200000"),
        ("bare", "08200000"),
    ],
)
def test_the_bytes_of_a_frame(name: str, frame: str) -> None:
    body = bytes.fromhex("08200000")
    assert LINES[name].build(body) == bytes.fromhex(frame)
    assert LINES[name].parse(bytes.fromhex(frame)) == Packet(body)


def test_the_unionpay_line_is_that_of_framing() -> None:
    frame = LINES["unionpay"].build(b"body", TPDU_BYTES, HEADER_BYTES)
    assert frame == framing.build(TPDU_BYTES, HEADER_BYTES.hex(), b"body")
    assert LINES["unionpay"].parse(frame) == Packet(b"body", TPDU_BYTES, HEADER_BYTES)
    assert "body" not in repr(Packet(b"body"))


def test_a_frame_between_stx_and_lrc() -> None:
    frame = LINES["unionpay-serial"].build(b"\x08", TPDU_BYTES, HEADER_BYTES)
    assert frame == bytes.fromhex("02 0012 6000030000 603100310000 08 03 1A")
    assert 0x1A == 0x12 ^ 0x60 ^ 0x03 ^ 0x60 ^ 0x31 ^ 0x31 ^ 0x08 ^ 0x03


def test_every_kind_of_line_gives_back_what_it_was_given() -> None:
    random = Random(1)
    for length, code, whole, tpdu, header, marked in product(
        (2, 4), ("binary", "ascii", "bcd"), (False, True), (False, True), (0, 6), (False, True)
    ):
        line = Line(length, code, whole, tpdu, header, marked, 99 if (length, code) == (2, "ascii") else 4096)  # type: ignore[arg-type]  # one of the names, by the parameters
        packets = [
            Packet(random.randbytes(n), random.randbytes(5 * tpdu), random.randbytes(header)) for n in (0, 1, 60)
        ]
        stream = b"".join(line.build(packet.body, packet.tpdu, packet.header) for packet in packets)
        reader = LineReader(line)
        assert [packet for byte in stream for packet in reader.feed(bytes([byte]))] == packets
        assert reader.pending == 0
        assert LineReader(line).feed(stream) == packets


@pytest.mark.parametrize(
    ("name", "frame", "key"),
    [
        ("binary2", "1001", (LENGTH, "", 0, None, "length 0..4096", "4097")),
        ("binary2-whole", "0001", (LENGTH, "", 0, None, "length 2..4096", "1")),
        ("binary4", "FFFFFFFF", (LENGTH, "", 0, None, "length 0..4096", "4294967295")),
        ("ascii4", "30303A30", (LENGTH, "", 2, None, "digits", "3A")),
        ("bcd2", "00A4", (LENGTH, "", 1, 0, "BCD digits", "A4")),
        ("unionpay-serial", "03", (STX, "", 0, None, "02", "03")),
        ("unionpay-serial", "02 0012 6000030000 603100310000 08 04 28", (ETX, "", 15, None, "03", "04")),
        ("unionpay-serial", "02 0012 6000030000 603100310000 08 03 29", (LRC, "", 16, None, "1A", "29")),
    ],
)
def test_damage_is_named(name: str, frame: str, key: tuple[object, ...]) -> None:
    with pytest.raises(FormatError) as error:
        LineReader(LINES[name]).feed(bytes.fromhex(frame))
    assert error.value.key == key


def test_good_packets_before_a_bad_frame_are_given_first() -> None:
    reader = LineReader(LINES["ascii4"])
    assert reader.feed(b"0001A" + b"0002BC" + b"xxxx") == [Packet(b"A"), Packet(b"BC")]
    with pytest.raises(FormatError, match="length at byte 0: expected digits, found 78"):
        reader.feed(b"")


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("ascii4", b"00", (LENGTH, "", 0, None, "4 bytes", "2 bytes")),
        ("ascii4", b"0005ab", (LENGTH, "", 0, None, "9 bytes", "6 bytes")),
        ("ascii4", b"0001ab", (LENGTH, "", 0, None, "5 bytes", "6 bytes")),
    ],
)
def test_one_whole_frame_is_wanted(name: str, data: bytes, key: tuple[object, ...]) -> None:
    with pytest.raises(FormatError) as error:
        LINES[name].parse(data)
    assert error.value.key == key


def test_a_bare_line_that_is_too_short_names_the_part() -> None:
    line = Line(0, tpdu=True, header=6)
    with pytest.raises(FormatError) as error:
        line.parse(b"\x60\x00")
    assert error.value.key == (TPDU, "", 0, None, "5 bytes", "2 bytes")
    with pytest.raises(FormatError) as error:
        line.parse(TPDU_BYTES + b"\x60")
    assert error.value.key == (HEADER, "", 5, None, "6 bytes", "1 bytes")


def test_what_cannot_be_framed() -> None:
    for arguments, field in (((b"", b"\x60", HEADER_BYTES), TPDU), ((b"", TPDU_BYTES, b"\x60"), HEADER)):
        with pytest.raises(FormatError) as error:
            LINES["unionpay"].build(*arguments)
        assert error.value.field == field
    with pytest.raises(FormatError, match=r"length at byte 0: expected length 0..4096, found 4097"):
        LINES["binary2"].build(bytes(4097))
    with pytest.raises(ValueError, match="cannot be cut into frames"):
        LineReader(LINES["bare"])


@pytest.mark.parametrize("attributes", [{"length": 3}, {"length": 2, "code": "ascii"}, {"length": 0, "marked": True}])
def test_a_line_that_makes_no_sense(attributes: dict[str, object]) -> None:
    with pytest.raises(DialectError, match="line: expected"):
        Line(**attributes)  # type: ignore[arg-type]  # what is refused
