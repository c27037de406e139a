"""GSMTAP, version 2: how smart-card traffic travels in a capture that Wireshark opens; here in UDP in raw IPv4.

The definition is libosmocore's gsmtap.h as Wireshark reads it: type 4 is a SIM's interface, whose packets are
whole TPDUs: header, data of either direction, status word.
"""

import struct

import construct as c
from tillbench.protocols.pcap import LITTLE

PORT = 4729
LINK_IPV4 = 228
_TTL, _UDP = 64, 17
_ADDRESS = bytes([127, 0, 0, 1])
_MICROS = 1_000_000

HEADER = c.Struct(
    "version" / c.Const(2, c.Byte),
    "words" / c.Const(4, c.Byte),
    "type" / c.Const(4, c.Byte),
    "timeslot" / c.Const(0, c.Byte),
    "arfcn" / c.Const(0, c.Int16ub),
    "signal" / c.Const(0, c.Int8sb),
    "noise" / c.Const(0, c.Int8sb),
    "frame" / c.Int32ub,
    "sub_type" / c.Const(0, c.Byte),  # an APDU
    c.Padding(3),
)


def apdu_packet(tpdu: bytes, number: int) -> bytes:
    """One IPv4 packet on loopback with GSMTAP in it: command and answer together."""
    payload: bytes = HEADER.build({"frame": number}) + tpdu
    udp = struct.pack(">HHHH", PORT, PORT, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), number & 0xFFFF, 0, _TTL, _UDP, 0) + _ADDRESS * 2
    words = sum(struct.unpack(">10H", head))
    words = (words & 0xFFFF) + (words >> 16)
    check = ~((words & 0xFFFF) + (words >> 16)) & 0xFFFF
    return head[:10] + struct.pack(">H", check) + head[12:] + udp


def capture(packets: list[tuple[int, bytes]]) -> bytes:
    """A classic pcap file of packets with their times in microseconds."""
    head, record = LITTLE
    magic = bytes.fromhex("d4c3b2a1")
    written = head.build({"magic": magic, "major": 2, "minor": 4, "snap": 0x40000, "link": LINK_IPV4})
    for at, data in packets:
        seconds, fraction = divmod(at, _MICROS)
        sizes = {"captured": len(data), "length": len(data)}
        written += record.build({"seconds": seconds, "fraction": fraction, **sizes}) + data
    return bytes(written)
