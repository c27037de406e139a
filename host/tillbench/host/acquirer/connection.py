"""One terminal's line to the host, without sockets: bytes in, answers out, each with the time it shall wait."""

import logging
from dataclasses import dataclass

from tillbench.host.acquirer.business import Business, Delivery, Incoming, Outcome
from tillbench.protocols.iso8583 import FormatError, framing
from tillbench.protocols.iso8583.framing import Frame, FrameReader

log = logging.getLogger("tillbench.acquirer")

TPDU_IDENTIFIER = 0x60
PROCESSING_REQUEST = 5  # index of its digit in the header


@dataclass(frozen=True)
class Reply:
    """Bytes for the peer, `delay_us` microseconds from now; after a `close` the line is to be cut."""

    delay_us: int
    data: bytes
    close: bool = False


class Connection:
    """The state of one line: an unfinished frame, and who spoke last. `closed` lines take no more bytes.

    A front end that has one line at a time calls `feed`. One that has many calls `receive` on each, gives what they
    all brought to `Business.take` in one group, and hands each outcome to `answer`.
    """

    def __init__(self, business: Business) -> None:
        self._business = business
        self._reader = FrameReader()
        self.terminal_id = ""
        self.closed = False

    def feed(self, data: bytes) -> list[Reply]:
        """Take bytes as they came off the line, decide what they complete, and return the answers in order."""
        replies: list[Reply] = []
        frames, broken = self.receive(data)
        for frame in frames:
            (outcome,) = self._business.take([Incoming(frame.body, self.terminal_id)])
            replies += self.answer(frame, outcome)
            if self.closed:
                return replies
        if broken:
            replies.append(self.close(broken))
        return replies

    def receive(self, data: bytes) -> tuple[list[Frame], str]:
        """The frames that `data` completes, and what is wrong with the bytes after them ("" if nothing is).

        Bytes that can be no frame (length, TPDU, header) end the line, see `close`: nothing after them can be trusted
        to start a message.
        """
        frames: list[Frame] = []
        try:
            while not self.closed and (more := self._reader.feed(data)):
                for frame in more:
                    if frame.tpdu[0] != TPDU_IDENTIFIER:
                        return frames, f"TPDU at byte 2: expected 60, found {frame.tpdu[:1].hex()}"
                    frames.append(frame)
                data = b""
        except FormatError as error:
            return frames, str(error)
        return frames, ""

    def answer(self, frame: Frame, outcome: Outcome) -> list[Reply]:
        """What leaves for one frame."""
        request = outcome.exchange.request
        if request is not None and request.text(41):
            self.terminal_id = request.text(41)
        replies: list[Reply] = []
        for delivery in outcome.deliveries:
            data = _framed(frame, delivery)
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
        if self._reader.pending and not self.closed:
            log.warning(
                "line %s: cut off with %d bytes of an unfinished frame", self.terminal_id or "?", self._reader.pending
            )
        self.closed = True


def _framed(frame: Frame, delivery: Delivery) -> bytes:
    data = delivery.raw
    if delivery.body:
        header = (
            frame.header[:PROCESSING_REQUEST] + delivery.processing_request + frame.header[PROCESSING_REQUEST + 1 :]
        )
        data = framing.build(frame.answer_tpdu, header, delivery.body)
    return data[: delivery.first]
