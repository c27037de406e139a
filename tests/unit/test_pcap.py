"""Captures: packets of all kinds in, the bytes of each direction of a connection out, once and in order."""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest
from tillbench.protocols.pcap import PcapError, is_pcap, streams

from .iso8583_command import FRAME, iso8583

CLIENT, HOST = ("10.0.0.1", 40000), ("10.0.0.2", 8583)
Address = tuple[str, int]


def ip(source: Address, target: Address, sequence: int, data: bytes = b"", flags: int = 0x10) -> bytes:
    """An IPv4 packet with a TCP segment."""
    tcp = struct.pack(">HHIIBBHHH", source[1], target[1], sequence % 2**32, 0, 0x60, flags, 1000, 0, 0) + b"\x01" * 4
    addresses = bytes(int(part) for address in (source, target) for part in address[0].split("."))
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp) + len(data), 1, 0x4000, 64, 6, 0)
    return head + addresses + tcp + data


def ethernet(packet: bytes) -> bytes:
    return bytes(12) + b"\x08\x00" + packet + bytes(max(0, 46 - len(packet)))  # padded to the shortest frame


def capture(packets: list[bytes], link: int = 1, order: str = "<", magic: int = 0xA1B2C3D4) -> bytes:
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    return head + b"".join(struct.pack(order + "IIII", 1, 2, len(p), len(p)) + p for p in packets)


def talk(data: bytes, pieces: int, random: Random, start: int = 2**32 - 50) -> list[bytes]:
    """The segments of a connection's first direction: its start, and the data over the wrap of sequence numbers."""
    cuts = [0, *sorted(random.sample(range(1, len(data)), pieces - 1)), len(data)]
    segments = [ip(CLIENT, HOST, start + 1 + at, data[at:end]) for at, end in pairwise(cuts)]
    return [ip(CLIENT, HOST, start, flags=0x02), *segments]


@pytest.mark.parametrize(
    ("link", "wrap"),
    [
        (1, ethernet),
        (1, lambda packet: bytes(12) + b"\x81\x00\x00\x05\x08\x00" + packet),
        (0, lambda packet: b"\x02\x00\x00\x00" + packet),
        (101, bytes),
        (113, lambda packet: bytes(14) + b"\x08\x00" + packet),
    ],
    ids=["ethernet", "vlan", "loopback", "raw", "cooked"],
)
@pytest.mark.parametrize(("order", "magic"), [("<", 0xA1B2C3D4), (">", 0xA1B2C3D4), ("<", 0xA1B23C4D)])
def test_segments_in_any_order_and_twice_are_one_stream(
    link: int, wrap: Callable[[bytes], bytes], order: str, magic: int
) -> None:
    random = Random(1)
    data = random.randbytes(300)
    first, *segments = talk(data, 6, random)
    for _ in range(5):
        shuffled = [*random.sample(segments, len(segments)), random.choice(segments)]
        packets = [wrap(packet) for packet in [first, *shuffled, ip(HOST, CLIENT, 7, b"answer")]]
        there, back = streams(capture(packets, link, order, magic))
        assert (there.source, there.target, there.data, there.missing) == (
            "10.0.0.1:40000",
            "10.0.0.2:8583",
            data,
            0,
        )
        assert back.data == b"answer"


def test_a_capture_that_began_late_and_one_with_a_hole() -> None:
    data = bytes(range(100))
    _, *segments = talk(data, 5, Random(3))
    [late] = streams(capture([ethernet(packet) for packet in segments[::-1]]))
    assert late.data == data
    sizes = [len(packet) - 44 for packet in segments]
    [holed] = streams(capture([ethernet(packet) for packet in segments if packet is not segments[2]]))
    assert (holed.data, holed.missing) == (data[: sizes[0] + sizes[1]], sizes[2])


def test_other_packets_are_passed_over() -> None:
    good = ethernet(ip(CLIENT, HOST, 1, b"data"))
    udp = bytearray(good)
    udp[14 + 9] = 17
    fragment = bytearray(good)
    fragment[14 + 7] = 1
    six = bytes(12) + b"\x86\xdd" + bytes(60)
    [only] = streams(capture([bytes(udp), bytes(fragment), six, good[:20], b"", good]))
    assert only.data == b"data"
    assert streams(capture([])) == []


def test_what_is_no_capture_is_named_with_its_byte() -> None:
    good = capture([ethernet(ip(CLIENT, HOST, 1, b"data"))])
    for size in range(len(good)):
        if size == 24:
            continue
        with pytest.raises(PcapError, match="pcap, byte"):
            streams(good[:size])
    with pytest.raises(PcapError, match=r"byte 32: expected at most .* bytes of packet, found 4294967295"):
        streams(good[:32] + b"\xff" * 4 + good[36:])
    with pytest.raises(PcapError, match=r"byte 20: expected link type 0, 1, .* found 147"):
        streams(capture([], link=147))
    assert is_pcap(bytes.fromhex("0a0d0d0a"))
    with pytest.raises(PcapError, match="editcap -F pcap"):
        streams(bytes.fromhex("0a0d0d0a"))


def test_noise_is_refused_or_gives_nothing() -> None:
    random = Random(5)
    good = capture([ethernet(packet) for packet in talk(bytes(200), 4, random)])
    for _ in range(300):
        data = bytearray(good)
        for _ in range(random.randint(1, 6)):
            data[random.randrange(4, len(data))] = random.randrange(256)
        try:
            found = streams(bytes(data))
        except PcapError:
            continue
        assert sum(len(stream.data) for stream in found) <= len(data)


def test_the_messages_in_a_capture_are_decoded() -> None:
    packets = [ethernet(packet) for packet in talk(FRAME * 2, 7, Random(2))]
    data = capture([*packets, ethernet(ip(HOST, CLIENT, 1, FRAME[:-1]))])
    result = iso8583("decode", "-", given=data)
    assert [line for line in result.stdout.splitlines() if "frame " in line] == [
        f"10.0.0.1:40000 > 10.0.0.2:8583, frame {number}: line unionpay, TPDU 6000030000, header 603100310000"
        for number in (1, 2)
    ] + ["10.0.0.2:8583 > 10.0.0.1:40000, frame 3: line unionpay, TPDU 6000030000, header 603100310000"]
    assert result.exit_code == 2
    assert result.stderr.startswith("tillbench: 10.0.0.2:8583 > 10.0.0.1:40000, frame 3: field 64")
    assert iso8583("decode", given=data[:30]).stderr == (
        "tillbench: standard input: pcap, byte 24: expected 16 bytes of packet header, found 6 bytes\n"
    )
    assert "no TCP data over IPv4" in iso8583("decode", given=capture([])).stderr
