"""One terminal's line to the host, without sockets: bytes in, answers out, each with the time it shall wait."""

import logging
from functools import lru_cache, partial
from typing import NamedTuple

from tillbench.host.acquirer.business import Business, Delivery, Incoming, Outcome
from tillbench.host.acquirer.transaction_log import log_transaction
from tillbench.protocols.iso8583 import FormatError
from tillbench.protocols.iso8583.errors import HEADER, LRC, TPDU
from tillbench.protocols.iso8583.framing import answer_tpdu
from tillbench.protocols.iso8583.lines import LINES, STX_BYTE, TPDU_SIZE, Line, Packet

log = logging.getLogger("tillbench.acquirer")

TPDU_IDENTIFIER = 0x60
TLS_HANDSHAKE = b"\x16\x03"
"""How a TLS client begins (RFC 8446, 5.1: content type, legacy version)."""
FRONTS_KEPT = 64
NONE_KNOWN = b"", b"", b""
PROCESSING_REQUEST = 2  # index of the byte in the header whose second digit it is


class Reply(NamedTuple):
    """Bytes for the peer, `delay_us` microseconds from now; after a `close` the line is to be cut."""

    delay_us: int
    data: bytes
    close: bool = False


class Connection:
    """The state of one line: an unfinished frame, and who spoke last. `closed` lines take no more bytes.

    A front end that has one line at a time calls `feed`. One that has many calls `receive` on each, gives what they
    all brought to `Business.take` in one group, and hands each outcome to `answer`.
    """

    def __init__(self, business: Business, line: Line = LINES["unionpay"]) -> None:
        """`line` says how messages are marked off; ValueError for one whose messages have no length."""
        if not line.length:
            raise ValueError("a line without lengths cannot be cut into frames")
        self._business = business
        self._line = line
        self._held = bytearray()
        # What stands before a body is nearly always the same on a line, for a size.
        self._fronts: dict[int, tuple[bytes, bytes, bytes]] = {}
        self._front_of_answer = lru_cache(FRONTS_KEPT)(partial(_front_of_answer, line))
        self.terminal_id = ""
        self.closed = False

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Reply]:
        """Take bytes as they came off the line, decide what they complete, and return the answers in order."""
        replies: list[Reply] = []
        packets, broken = self.receive(data)
        for packet in packets:
            taking = self._business.taking([Incoming(packet.body, self.terminal_id)])
            outcomes = taking.to_the_end()
            for exchange in taking.enter(outcomes):
                log_transaction(exchange)
            replies += self.answer(packet, outcomes[0])
            if self.closed:
                return replies
        if broken:
            replies.append(self.close(broken))
        return replies

    def receive(self, data: bytes, most: int | None = None) -> tuple[list[Packet], str]:
        """The messages that `data` completes, and what is wrong with the bytes after them ("" if nothing is).

        After `most` messages the rest stays held, for another call.

        Bytes that can be no frame (length, TPDU, header) end the line, see `close`: nothing after them can be trusted
        to start a message. Where frames start with STX, a bad one is dropped instead, and the next STX looked for.
        """
        packets: list[Packet] = []
        if self.closed:
            return packets, ""
        data = bytes(data)  # asyncio's loop on Windows gives a bytearray
        if not self._held and (most is None or most > 0):
            front, tpdu, header = self._fronts.get(len(data), NONE_KNOWN)
            if front and data.startswith(front):
                return [Packet(data[len(front) :], tpdu, header)], ""
        self._held += data
        while self._held and (most is None or len(packets) < most):
            size = None
            try:
                size = self._line.frame_size(self._held)
                if size is None or len(self._held) < size:
                    break
                frame = bytes(self._held[:size])
                packet = self._line.take_apart(frame)
                self._check(packet)
            except FormatError as error:
                if not self._line.marked:
                    return packets, f"{error}{self._hint()}"
                log.warning("line %s: frame dropped: %s", self.terminal_id or "?", error)
                # With ETX in its place the length was right; else a frame may start anywhere.
                size = size if error.field == LRC else None
                del self._held[: size or self._next_stx()]
                continue
            del self._held[:size]
            packets.append(packet)
            if not self._line.marked:
                self._remember(frame, packet)
        return packets, ""

    def _remember(self, frame: bytes, packet: Packet) -> None:
        """Nothing stands behind its body: as long a frame with the same in front of its body will be right too."""
        if len(self._fronts) >= FRONTS_KEPT:
            self._fronts.clear()
        self._fronts[len(frame)] = frame[: len(frame) - len(packet.body)], packet.tpdu, packet.header

    def forget_unfinished(self) -> None:
        """The rest of a frame will not come: a silence in the middle of it, on a line where that means so."""
        if self._held:
            log.warning("line %s: %d bytes of an unfinished frame dropped", self.terminal_id or "?", len(self._held))
            self._held.clear()

    def answer(self, packet: Packet, outcome: Outcome) -> list[Reply]:
        """What leaves for one message."""
        request = outcome.decision.request
        if request is not None:
            self.terminal_id = request.text(41) or self.terminal_id
        replies: list[Reply] = []
        for delivery in outcome.deliveries:
            data = self._framed(packet, delivery)
            if data:
                replies.append(Reply(delivery.delay_us, data))
            if delivery.close:
                replies.append(self.close("dropped on purpose", delivery.delay_us))
        return replies

    def close(self, because: str, delay_us: int = 0) -> Reply:
        """Take no more bytes; the reply that cuts the line."""
        log.warning("line %s: closed: %s", self.terminal_id or "?", because)
        self.closed = True
        return Reply(delay_us, b"", close=True)

    def peer_gone(self) -> None:
        """The peer closed the line; an unfinished frame goes with it."""
        if self._held and not self.closed:
            log.warning("line %s: cut off with %d bytes of an unfinished frame", self.terminal_id or "?", self.pending)
        self.closed = True

    def _check(self, packet: Packet) -> None:
        """Raises FormatError for a TPDU that is none, or a header that is not digits."""
        at = self._line.length + (1 if self._line.marked else 0)
        if packet.tpdu and packet.tpdu[0] != TPDU_IDENTIFIER:
            raise FormatError(TPDU, at, f"{TPDU_IDENTIFIER:02x}", packet.tpdu[:1].hex())
        if packet.header.hex().isdecimal() or not packet.header:
            return
        at += TPDU_SIZE if self._line.tpdu else 0
        wrong = next(index for index, byte in enumerate(packet.header) if not f"{byte:02X}".isdecimal())
        raise FormatError(HEADER, at + wrong, "BCD digits", f"{packet.header[wrong]:02X}")

    def _hint(self) -> str:
        """What the bytes are that can be no frame, when that can be told."""
        if self.terminal_id or not self._held.startswith(TLS_HANDSHAKE):
            return ""
        return ": a TLS handshake, and this port speaks without TLS"

    def _next_stx(self) -> int:
        """Where in the bytes held a frame may start, the first one apart; their end if nowhere."""
        start = self._held.find(STX_BYTE, 1)
        return start if start > 0 else len(self._held)

    def _framed(self, packet: Packet, delivery: Delivery) -> bytes:
        data = delivery.raw
        body = delivery.body
        if body and self._line.marked:
            data = self._line.build(body, *_head_of_answer(packet.tpdu, packet.header, delivery.processing_request))
        elif body:
            data = self._front_of_answer(packet.tpdu, packet.header, delivery.processing_request, len(body)) + body
        return data[: delivery.first]


def _front_of_answer(line: Line, tpdu: bytes, header: bytes, processing_request: str, size: int) -> bytes:
    """What stands before a body of so many bytes in the answer to a message with these."""
    frame = line.build(bytes(size), *_head_of_answer(tpdu, header, processing_request))
    return frame[: len(frame) - size]


def _head_of_answer(tpdu: bytes, header: bytes, processing_request: str) -> tuple[bytes, bytes]:
    """TPDU and header of the answer to a message with these, where its line has them."""
    if header:
        told = header[PROCESSING_REQUEST] & 0xF0 | int(processing_request)
        header = header[:PROCESSING_REQUEST] + bytes((told,)) + header[PROCESSING_REQUEST + 1 :]
    return answer_tpdu(tpdu), header
