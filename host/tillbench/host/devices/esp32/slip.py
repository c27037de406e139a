"""SLIP, as Espressif's serial bootloaders frame their packets (RFC 1055)."""

from __future__ import annotations

END = b"\xc0"
ESCAPED = {b"\xdb": b"\xdb\xdd", b"\xc0": b"\xdb\xdc"}


def encode(packet: bytes) -> bytes:
    """`packet` between two END bytes."""
    for plain, escaped in ESCAPED.items():  # ESC itself comes first
        packet = packet.replace(plain, escaped)
    return END + packet + END


class Decoder:
    """Packets out of a byte stream; what is no packet (noise before the first END) is passed over."""

    def __init__(self) -> None:
        self._packet: bytearray | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that `data` completes; an empty one is none."""
        packets = []
        for value in data:
            if value != END[0]:
                if self._packet is not None:
                    self._packet.append(value)
            elif self._packet:
                packets.append(_unescaped(bytes(self._packet)))
                self._packet = None
            else:
                self._packet = bytearray()
        return packets


def _unescaped(packet: bytes) -> bytes:
    for plain, escaped in reversed(ESCAPED.items()):
        packet = packet.replace(escaped, plain)
    return packet
