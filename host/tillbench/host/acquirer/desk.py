"""The host's desk: one message in, one decision booked, one answer made. Knows neither connections nor frames."""

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from hmac import compare_digest
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from tillbench.host.acquirer import chip, response_code
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.chip import ChipDataError
from tillbench.host.acquirer.days import with_batches
from tillbench.host.acquirer.dialects import HostDialect
from tillbench.host.acquirer.handlers import DECIDES_ITSELF, handle
from tillbench.host.acquirer.hsm import Hsm, WrongMasterKey
from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.ledger import Ledger, in_words
from tillbench.host.acquirer.refused import Refused
from tillbench.host.acquirer.request import Answer, Kind, Request
from tillbench.host.acquirer.rules import BEHAVE, Misbehaviour
from tillbench.host.acquirer.schema import Terminal
from tillbench.host.acquirer.sign_on import proved
from tillbench.host.acquirer.track import resolve_track
from tillbench.host.acquirer.unionpay import is_request
from tillbench.host.acquirer.wishes import NOTHING, SIGN_ON_AGAIN, next_wish
from tillbench.protocols.iso8583 import FormatError, Message
from tillbench.protocols.iso8583.errors import MTI

log = logging.getLogger("tillbench.acquirer")

NO_MAC = bytes(8)
TRIES = 5
LOST_TO_ANOTHER = ("40001", "40P01")
"""SQLSTATE of a serialization failure and of a deadlock: nothing is wrong, and the work can be done again."""
BEFORE_SIGN_ON = (Kind.SIGN_ON, Kind.MASTER_KEY, Kind.ECHO)
"""What a terminal without working keys may ask."""


class Decision(NamedTuple):
    """What the desk made of a message: the answer as bytes (b"" for none) and for people."""

    request: Message | None
    reply: Message | None = None
    body: bytes = b""
    processing_request: str = NOTHING  # the header's digit
    because: str = ""
    broken: bool = False  # `request` is what could be read of a message that breaks off, or is wrong somewhere

    @property
    def code(self) -> str:
        """Field 39 of the answer, "" without one."""
        return self.reply.text(39) if self.reply else ""


class _Read(NamedTuple):
    """A message that has been read: what it asks, or the answer to one that asks for what there is not."""

    message: Message
    asked: Request | Answer
    body: bytes
    at: datetime
    bent: Misbehaviour


_Booked = tuple[Message, Answer, bytes | None, str, Misbehaviour]
"""An answer that is in the books, and what else goes on the wire with it, see `Desk._seal`."""


class Desk:
    """Decides messages one at a time. A decision is returned only after its commit, unless a `group` is open."""

    def __init__(
        self,
        ledger: Ledger,
        hsm: Hsm,
        now: Callable[[], datetime],
        institution: Institution,
        dialect: HostDialect,
    ) -> None:
        self._ledger = ledger
        self._hsm = hsm
        self._now = now
        self.institution = institution
        self._dialect = dialect
        self._codec = dialect.codec
        self._mac = hsm.mac_by(dialect.mac)

    def mti_of(self, body: bytes) -> str:
        """The message type, whatever follows it."""
        return self._dialect.mti_of(body)

    def now(self) -> datetime:
        """Host local time, without zone."""
        now = self._now()
        return now if now.tzinfo is None else now.replace(tzinfo=None)

    def group(self, *, wait: bool = True) -> AbstractContextManager[object]:
        """Decisions made inside share one commit, at the end of the block, and may leave only then.

        Raises GroupUndone when the books failed: nothing that was decided inside is booked. Raises NoBooks when they
        cannot be had at all, and WouldWait when they could not be had at once and this must not `wait`.
        """
        return self._ledger.group(wait=wait)

    def stand_by(self, *, soon: bool) -> None:
        """See `Ledger.stand_by`."""
        self._ledger.stand_by(soon=soon)

    def peek(self, body: bytes) -> Message | None:
        """A message without deciding it, or None when it cannot be read."""
        try:
            return self._codec.decode(body)
        except FormatError:
            return None

    def decide(self, body: bytes, bent: Misbehaviour = BEHAVE, known_terminal: str = "") -> Decision:
        """Answer one message body, in a unit of work of its own. Any bytes are allowed: what cannot be read is answered
        30, or not at all.

        bent: what rules demand of the decision and its answer. known_terminal: who spoke on this line before, for a
        message that breaks off before it says so.
        """
        read = self._read(body, bent, known_terminal)
        if isinstance(read, Decision):
            return read
        try:
            return self._decide(read)
        except (FormatError, ChipDataError) as error:
            return self._unreadable(read.message, read.at, str(error))
        except (SQLAlchemyError, WrongMasterKey) as error:
            # Rolled back as a whole. The terminal hears of it and will reverse.
            return self._without_books(read.message, read.at, in_words(error))

    def decide_all(self, messages: Iterable[tuple[bytes, Misbehaviour, str]]) -> list[Decision]:
        """The same for all messages of a `group`: read all, book all in their order, then write all answers.

        What is alike is done in one go, since code that is still in the processor's caches runs in half the time.
        """
        books = self._ledger.of_group
        all_read = [self._read(*each) for each in messages]
        decided = [read if isinstance(read, Decision) else self._book(read, books) for read in all_read]
        return [each if isinstance(each, Decision) else self._seal(*each) for each in decided]

    def refuse(self, body: bytes, because: str, known_terminal: str = "") -> Decision:
        """Answer one message body while there are no books: 96, or what it would get without them too."""
        try:
            message = self._codec.decode(body)
        except FormatError as error:
            return self._malformed(body, error, known_terminal)
        if not is_request(message.mti):
            return Decision(message, because="no request")
        return self._without_books(message, self.now(), because)

    def _without_books(self, message: Message, now: datetime, trouble: str) -> Decision:
        because = f"books not usable ({trouble})"
        log.error("terminal %s: %s", message.text(41), because)
        return self._seal(message, Answer(code=response_code.SYSTEM_ERROR, at=now, because=because))

    def _read(self, body: bytes, bent: Misbehaviour, known_terminal: str) -> "_Read | Decision":
        """What a message asks, or the decision on one that asks nothing: before any books are opened, so that a broken
        message undoes no other's."""
        if bent.lost:
            return Decision(None, because="lost on purpose")
        try:
            message = self._codec.decode(body)
        except FormatError as error:
            return self._malformed(body, error, known_terminal)
        if not is_request(message.mti):
            log.warning("terminal %s: %s is no request, ignored", message.text(41) or "?", message.mti)
            return Decision(message, because="no request")
        now = self.now()
        try:
            request = self._dialect.read(message)
            if request.day:
                request = with_batches(request, now)
            if request.chip_data:
                request.chip = chip.read(request.kind, request.chip_data)
        except Refused as refused:
            return _Read(message, Answer(code=refused.code, at=now, because=refused.because), body, now, bent)
        except (FormatError, ChipDataError) as error:
            return self._unreadable(message, now, str(error))
        return _Read(message, request, body, now, bent)

    def _decide(self, read: "_Read") -> Decision:
        """In one unit of work; again when another process and this one waited for each other, and this one lost."""
        for left in reversed(range(TRIES)):
            try:
                with self._ledger.unit_of_work() as books:
                    return self._seal(*self._book(read, books))
            except DBAPIError as error:
                if not left or getattr(error.orig, "sqlstate", "") not in LOST_TO_ANOTHER:
                    raise
        raise AssertionError("the last try returns or raises")

    def _book(self, read: "_Read", books: Books) -> "_Booked":
        terminal = books.terminal(read.message.text(41))
        answer = self._answer(read, terminal, books)
        wish = SIGN_ON_AGAIN if answer.sign_on_again else next_wish(terminal)
        return read.message, answer, terminal.facts.mak_under_lmk if terminal else None, wish, read.bent

    def _answer(self, read: "_Read", terminal: Terminal | None, books: Books) -> Answer:
        """Who asks, may they, and is it they? Then the business."""
        request, now, bent = read.asked, read.at, read.bent
        if isinstance(request, Answer):
            return request
        if terminal is None:
            return Answer(code=response_code.UNKNOWN_TERMINAL, at=now, because="no such terminal")
        if terminal.facts.merchant_id != request.merchant_id:
            return Answer(code=response_code.INVALID_MERCHANT, at=now, because="the terminal is another merchant's")
        refusal = self._unproved(request, terminal, read)
        if refusal:
            return refusal
        if bent.code not in ("", response_code.APPROVED) and request.kind not in DECIDES_ITSELF:
            return Answer(code=bent.code, at=now, because="forced by a rule")
        if request.track_encrypted:
            request = resolve_track(request, terminal, self._hsm)
        return handle(Case(request, terminal, books, self._hsm, now, self.institution, bent))

    def _unproved(self, request: Request, terminal: Terminal, read: "_Read") -> Answer | None:
        """A terminal without working keys, or whose message does not prove that it has them."""
        message, now = read.message, read.at
        if request.kind in BEFORE_SIGN_ON:
            return None
        mak = terminal.facts.mak_under_lmk
        if mak is None:
            because = "not signed on"
            return Answer(code=response_code.UNKNOWN_TERMINAL, at=now, sign_on_again=True, because=because)
        if not self._dialect.has_mac(message.mti):
            return None
        right = self._mac(mak, self._dialect.covered(read.body))
        if not compare_digest(right, message.data(self._dialect.mac_field(message))):
            return Answer(code=response_code.MAC_ERROR, at=now, sign_on_again=True, because="wrong MAC")
        proved(terminal)
        return None

    def _malformed(self, body: bytes, error: FormatError, known_terminal: str) -> Decision:
        """Answer 30 to what is left of a broken message, if it is known to be a request and whose."""
        message = None if error.field == MTI else self._dialect.salvage(body, error)
        if message is None:
            log.warning("message without a usable type: %s", error)
            return Decision(None, because=str(error))
        if 41 not in message and known_terminal:
            message.fields[41] = known_terminal
        return self._unreadable(message, self.now(), str(error))._replace(broken=True)

    def _unreadable(self, message: Message, now: datetime, because: str) -> Decision:
        log.warning("terminal %s: %s: %s", message.text(41) or "?", message.mti, because)
        return self._seal(message, Answer(code=response_code.FORMAT_ERROR, at=now, because=because))

    def _seal(
        self,
        message: Message,
        answer: Answer,
        mak_under_lmk: bytes | None = None,
        wish: str = NOTHING,
        bent: Misbehaviour = BEHAVE,
    ) -> Decision:
        """Encode an answer, with a MAC where the dialect has one and the terminal has a key.

        mak_under_lmk: None: there is none. wish: the header's processing request. bent: what a test demands of it.
        """
        reply = self._dialect.write(message, answer, self.institution)
        if bent.other_stan and 11 in reply:
            reply.fields[11] = f"{(int(reply.text(11)) + 1) % 1_000_000:06}"
        if mak_under_lmk is not None and self._dialect.has_mac(reply.mti):
            number = self._dialect.mac_field(reply)
            reply.fields[number] = NO_MAC
            covered = self._dialect.covered(self._codec.encode(reply))
            reply.fields[number] = mac = self._mac(mak_under_lmk, covered)
            body = covered + self._dialect.on_the_wire(mac)
        else:
            body = self._codec.encode(reply)
        return Decision(message, reply, body, wish, answer.because)
