"""One terminal's line to the host, without sockets: bytes in, answers out, each with the time it shall wait."""

import logging
from dataclasses import dataclass

from tillbench.host.acquirer.desk import Decision, Desk
from tillbench.host.acquirer.journal import Exchange, Journal
from tillbench.host.acquirer.rules import Misbehaviour, Rules
from tillbench.protocols.emv.masking import mask_pan
from tillbench.protocols.iso8583 import FormatError, framing
from tillbench.protocols.iso8583.framing import Frame, FrameReader

log = logging.getLogger("tillbench.acquirer")

TPDU_IDENTIFIER = 0x60
PROCESSING_REQUEST = 5  # index of its digit in the header
NOTHING, SIGN_ON_AGAIN = "0", "3"
OTHER_HEX = bytes.maketrans(b"0123456789ABCDEF", b"1032547698BADCFE")


@dataclass(frozen=True)
class Reply:
    """Bytes for the peer, `delay_us` microseconds from now; after a `close` the line is to be cut."""

    delay_us: int
    data: bytes
    close: bool = False


class Connection:
    """The state of one line: an unfinished frame, and who spoke last. `closed` lines take no more bytes."""

    def __init__(self, desk: Desk, rules: Rules, journal: Journal) -> None:
        self._desk = desk
        self._rules = rules
        self._journal = journal
        self._reader = FrameReader()
        self._terminal_id = ""
        self.closed = False

    def feed(self, data: bytes) -> list[Reply]:
        """Take bytes as they came off the line and return the answers, in order.

        Bytes that can be no frame (length, TPDU, header) are logged and close the line: nothing after them can be
        trusted to start a message.
        """
        replies: list[Reply] = []
        while not self.closed:
            try:
                frames = self._reader.feed(data)
            except FormatError as error:
                replies.append(self._close(str(error)))
                break
            if not frames:
                break
            for frame in frames:
                if frame.tpdu[0] != TPDU_IDENTIFIER:
                    replies.append(self._close(f"TPDU at byte 2: expected 60, found {frame.tpdu[:1].hex()}"))
                    break
                replies.extend(self._take(frame))
                if self.closed:
                    break
            data = b""
        return replies

    def peer_gone(self) -> None:
        """The peer closed the line; an unfinished frame goes with it."""
        if self._reader.pending and not self.closed:
            log.warning(
                "line %s: cut off with %d bytes of an unfinished frame", self._terminal_id or "?", self._reader.pending
            )
        self.closed = True

    def _take(self, frame: Frame) -> list[Reply]:
        mti = frame.body[:2].hex()
        bent = self._rules.take(mti)
        number = self._journal.next_number()
        if bent.lost:
            decision = Decision(None, because="lost on purpose")
        else:
            decision = self._desk.decide(frame.body, bent.code, self._terminal_id)
        if decision.request and decision.request.text(41):
            self._terminal_id = decision.request.text(41)
        exchange = Exchange(
            number=number,
            at=self._desk.now(),
            mti=decision.request.mti if decision.request else mti,
            request=decision.request,
            reply=decision.reply,
            because=decision.because,
            fault=str(bent),
        )
        self._journal.add(exchange)
        _log_line(exchange)
        return self._deliver(frame, decision, bent)

    def _deliver(self, frame: Frame, decision: Decision, bent: Misbehaviour) -> list[Reply]:
        if bent.drop:
            return [self._close("dropped on purpose")]
        if bent.garbage is not None:
            return [Reply(bent.delay_us, bent.garbage)]
        if bent.lost or bent.silent or not decision.body:
            return []
        body = decision.body
        if bent.wrong_mac and decision.reply and 64 in decision.reply:
            body = body[:-8] + body[-8:].translate(OTHER_HEX)
        wish = SIGN_ON_AGAIN if decision.sign_on_again else NOTHING
        header = frame.header[:PROCESSING_REQUEST] + wish + frame.header[PROCESSING_REQUEST + 1 :]
        return [Reply(bent.delay_us, framing.build(frame.answer_tpdu, header, body))]

    def _close(self, because: str) -> Reply:
        log.warning("line %s: closed: %s", self._terminal_id or "?", because)
        self.closed = True
        return Reply(0, b"", close=True)


def _log_line(exchange: Exchange) -> None:
    """Time, terminal, trace number, message, card, amount, answer: one line a message, no secrets."""
    request = exchange.request
    if request is None:
        log.info("%s: %s %s", exchange.mti or "?", exchange.because, exchange.fault)
        return
    amount = request.text(4)
    words = (
        request.text(41) or "?",
        request.text(11) or "-",
        request.mti,
        mask_pan(request.text(2)) or "-",
        f"{int(amount) / 100:.2f}" if amount else "-",
        "->",
        exchange.code or "no answer",
        exchange.because,
        f"({exchange.fault})" if exchange.fault else "",
    )
    log.info("%s", " ".join(word for word in words if word))
