"""Classic pcap files (libpcap's savefile format): what was said over TCP, stream by stream.

Ethernet (with or without a VLAN tag), BSD loopback, Linux cooked and raw IPv4; classic pcap only. The construct
definitions are the file; `streams` puts segments in the order of their sequence numbers (RFC 9293), once each.
"""

from collections.abc import Iterator
from typing import NamedTuple

import construct as c

_SNAP = 262_144  # no capture holds more of one packet (libpcap's MAXIMUM_SNAPLEN)
_TCP, _IPV4, _VLAN = 6, 0x0800, 0x8100
_SYN = 0x02
_WRAP = 1 << 32

_MAGICS = {
    bytes.fromhex("d4c3b2a1"): True,
    bytes.fromhex("4d3cb2a1"): True,  # times in nanoseconds
    bytes.fromhex("a1b2c3d4"): False,
    bytes.fromhex("a1b23c4d"): False,
}
_PCAPNG = bytes.fromhex("0a0d0d0a")


def _file(word: c.Construct, half: c.Construct) -> tuple[c.Construct, c.Construct]:
    head = c.Struct("magic" / c.Bytes(4), "major" / half, "minor" / half, c.Padding(8), "snap" / word, "link" / word)
    record = c.Struct("seconds" / word, "fraction" / word, "captured" / word, "length" / word)
    return head, record


LITTLE = _file(c.Int32ul, c.Int16ul)
BIG = _file(c.Int32ub, c.Int16ub)

IPV4 = c.Struct(
    "first" / c.Byte,  # version, header length in words
    c.Padding(1),
    "length" / c.Int16ub,
    c.Padding(2),
    "fragment" / c.Int16ub,
    c.Padding(1),
    "protocol" / c.Byte,
    c.Padding(2),
    "source" / c.Bytes(4),
    "target" / c.Bytes(4),
)
TCP = c.Struct(
    "source" / c.Int16ub,
    "target" / c.Int16ub,
    "sequence" / c.Int32ub,
    c.Padding(4),
    "offset" / c.Byte,  # header length in words, in the high nibble
    "flags" / c.Byte,
    c.Padding(6),
)
_LINK_HEADS = {0: 4, 108: 4, 1: 14, 113: 16, 101: 0, 228: 0}


class PcapError(ValueError):
    """A file that is no classic pcap: byte `offset`, what was `expected` and `found`."""

    def __init__(self, offset: int, expected: str, found: str) -> None:
        super().__init__(f"pcap, byte {offset}: expected {expected}, found {found}")
        self.offset, self.expected, self.found = offset, expected, found


class Stream(NamedTuple):
    """One direction of a connection: `source` and `target` as address:port; `missing` bytes that were not captured,
    `data` up to the first of them."""

    source: str
    target: str
    data: bytes
    missing: int = 0


class _Segment(NamedTuple):
    source: str
    target: str
    sequence: int
    syn: bool
    data: bytes


def is_pcap(data: bytes) -> bool:
    """Whether a file starts like a pcap or a pcapng file."""
    return data[:4] in _MAGICS or data[:4] == _PCAPNG


def streams(data: bytes) -> list[Stream]:
    """The TCP streams with payload, in the order in which they began. PcapError."""
    held: dict[tuple[str, str], list[_Segment]] = {}
    for segment in _segments(data):
        if segment.data or segment.syn:
            held.setdefault((segment.source, segment.target), []).append(segment)
    joined = [_join(segments) for segments in held.values()]
    return [stream for stream in joined if stream.data]


def _join(segments: list[_Segment]) -> Stream:
    first = segments[0]
    base = (first.sequence + first.syn) % _WRAP
    for segment in segments:  # a capture that began in the middle of a connection, out of order
        if _ahead(segment.sequence + segment.syn, base) < 0:
            base = (segment.sequence + segment.syn) % _WRAP
    whole = bytearray()
    missing = 0
    for segment in sorted(segments, key=lambda one: _ahead(one.sequence + one.syn, base)):
        at = _ahead(segment.sequence + segment.syn, base)
        if missing or at > len(whole):
            missing = missing or at - len(whole)
            continue
        whole += segment.data[len(whole) - at :]
    return Stream(first.source, first.target, bytes(whole), missing)


def _ahead(sequence: int, base: int) -> int:
    """How far `sequence` is behind `base` in the stream, -2^31..2^31-1."""
    return (sequence - base + _WRAP // 2) % _WRAP - _WRAP // 2


def _segments(data: bytes) -> Iterator[_Segment]:
    if data[:4] == _PCAPNG:
        raise PcapError(0, "classic pcap (convert with `editcap -F pcap`)", "pcapng")
    if data[:4] not in _MAGICS:
        raise PcapError(0, "a pcap magic number", data[:4].hex().upper() or "nothing")
    head, record = LITTLE if _MAGICS[data[:4]] else BIG
    if len(data) < head.sizeof():
        raise PcapError(4, f"{head.sizeof()} bytes of header", f"{len(data)} bytes")
    link = head.parse(data).link & 0x0FFFFFFF  # the high bits tell of frame check sequences
    if link not in _LINK_HEADS:
        raise PcapError(20, "link type 0, 1, 101, 108, 113 or 228", str(link))
    at = head.sizeof()
    while at < len(data):
        if len(data) - at < record.sizeof():
            raise PcapError(at, f"{record.sizeof()} bytes of packet header", f"{len(data) - at} bytes")
        captured = record.parse(data[at : at + record.sizeof()]).captured
        at += record.sizeof()
        if captured > _SNAP or captured > len(data) - at:
            raise PcapError(at - 8, f"at most {min(_SNAP, len(data) - at)} bytes of packet", str(captured))
        if segment := _segment(link, data[at : at + captured]):
            yield segment
        at += captured


def _segment(link: int, packet: bytes) -> _Segment | None:
    """The TCP segment in a packet; None: another protocol, a fragment, or cut too short."""
    start = _LINK_HEADS[link]
    if link in (1, 113):
        kind = int.from_bytes(packet[start - 2 : start], "big")
        if kind == _VLAN:
            kind = int.from_bytes(packet[start + 2 : start + 4], "big")
            start += 4
        if kind != _IPV4:
            return None
    try:
        ip = IPV4.parse(packet[start:])
        size = (ip.first & 0x0F) * 4
        if ip.first >> 4 != 4 or ip.protocol != _TCP or ip.fragment & 0x3FFF or size < IPV4.sizeof():
            return None
        end = start + ip.length if ip.length else len(packet)  # 0: left to the network card
        tcp = TCP.parse(packet[start + size : end])
    except c.StreamError:
        return None
    payload = packet[start + size + (tcp.offset >> 4) * 4 : end]
    source, target = (".".join(map(str, address)) for address in (ip.source, ip.target))
    return _Segment(f"{source}:{tcp.source}", f"{target}:{tcp.target}", tcp.sequence, bool(tcp.flags & _SYN), payload)
