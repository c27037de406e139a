"""One contact transaction from the first SELECT to the last command, with what came of it as a value.

What the kernel cannot know (the cardholder, the line, the exception file) is asked of a `Counter`.
"""

from iso7816.errors import CardError

from emv.bits import CID_SERVICE_NOT_ALLOWED
from emv.errors import EmvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from emv.kernel import Kernel
    from emv.selection import Candidate

APPROVED_OFFLINE = "APPROVED_OFFLINE"
APPROVED_ONLINE = "APPROVED_ONLINE"
DECLINED = "DECLINED"
NOT_ACCEPTED = "NOT_ACCEPTED"
USE_STRIPE = "USE_STRIPE"
CARD_REMOVED = "CARD_REMOVED"
TERMINATED = "TERMINATED"
CARD_READ = "CARD_READ"

_REFUND = 0x20


class Outcome:
    """What came of a transaction: `kind` is one of the names above, `reason` says what decided, in words and without
    card data; `must_reverse`: the host approved and the sale did not come about; `advice`: the card wants an advice.

    CARD_READ: a refund; the card has closed with its AAC, as it should, and the acquirer decides. USE_STRIPE: the
    payment system's rules allow the stripe instead. TERMINATED: the card broke a rule, or the counter gave up.
    """

    def __init__(self, kind: str, reason: str, must_reverse: bool = False, advice: bool = False) -> None:
        self.kind = kind
        self.reason = reason
        self.must_reverse = must_reverse
        self.advice = advice


class Order:
    """What is to be paid, see `Kernel.initiate`."""

    def __init__(
        self,
        amount: int,
        date: bytes,
        time: bytes,
        stan: int,
        other: int = 0,
        kind: int = 0x00,
        account_type: int | None = None,
    ) -> None:
        self.amount = amount
        self.other = other
        self.kind = kind
        self.date = date
        self.time = time
        self.stan = stan
        self.account_type = account_type


class Counter:
    """The other side of the counter. Every method may be replaced; these belong to an unattended test."""

    has_pin_pad = True
    force_online = False

    async def choose(self, candidates: list[Candidate]) -> Candidate | None:
        """One of the applications, confirmed if it wants that; None: the cardholder gives up."""
        return candidates[0]

    async def ask_online_pin(self) -> bool:
        """See `Kernel.cardholder_verification`."""
        return False

    async def ask_offline_pin(self, tries: int) -> bytearray | None:
        """See `Kernel.cardholder_verification`."""
        return None

    def last_amount(self, pan: bytes, sequence_number: bytes) -> int:
        """See `Kernel.risk_management`."""
        return 0

    def is_listed(self, pan: bytes, sequence_number: bytes) -> bool:
        """See `Kernel.risk_management`."""
        return False

    async def go_online(self, kernel: Kernel) -> "tuple[bytes, bytes] | None":
        """F39 and DE 55 of the issuer's answer, None without one."""
        return None


async def transact(kernel: Kernel, order: Order, counter: Counter) -> Outcome:
    """The whole transaction. Whatever the card does, this ends in an Outcome; what goes wrong at the counter itself
    passes through."""
    try:
        return await _transact(kernel, order, counter)
    except EmvError as error:
        if error.reason in ("CONFIG", "SEQUENCE"):
            raise
        if kernel.fallback_allowed:
            kind = USE_STRIPE
        elif error.reason == "NOT_ACCEPTED":
            kind = NOT_ACCEPTED
        else:
            kind = TERMINATED
        return Outcome(kind, error.detail, kernel.must_reverse)
    except CardError as error:
        if error.reason == "REMOVED":
            kind = CARD_REMOVED
        else:
            kind = USE_STRIPE if kernel.fallback_allowed else TERMINATED
        return Outcome(kind, error.reason + ": " + error.detail, kernel.must_reverse)


async def _transact(kernel: Kernel, order: Order, counter: Counter) -> Outcome:
    await kernel.candidates()
    while True:
        candidate = await counter.choose(kernel.remaining)
        if candidate is None:
            return Outcome(TERMINATED, "the cardholder gives up")
        if await _started(kernel, order, candidate):
            break
        if not kernel.remaining:
            raise EmvError("NOT_ACCEPTED", "the card gives none of its applications")

    await kernel.read_records()
    if order.kind == _REFUND:
        await kernel.request_aac()
        return Outcome(CARD_READ, "a refund", False, kernel.advice_required())

    await kernel.data_authentication()
    kernel.restrictions()
    ask_offline_pin = counter.ask_offline_pin if counter.has_pin_pad else None
    await kernel.cardholder_verification(counter.ask_online_pin, ask_offline_pin)
    await kernel.risk_management(counter.last_amount, counter.is_listed, counter.force_online)

    answer = await kernel.first_generate_ac()
    if answer == "TC":
        return Outcome(APPROVED_OFFLINE, kernel.why, False, kernel.advice_required())
    if answer == "AAC":
        # Book 3 section 6.5.5.4: not declined this time, but not for this kind of service at all.
        refused = kernel.reason_code() == CID_SERVICE_NOT_ALLOWED
        return Outcome(NOT_ACCEPTED if refused else DECLINED, kernel.why, False, kernel.advice_required())

    response = await counter.go_online(kernel)
    online = response is not None
    try:
        final = await kernel.complete(*(response or (None, b"")))
    except EmvError as error:
        if error.reason != "ISSUER_DATA":
            raise
        online = False
        final = await kernel.complete(None, b"")
    if final == "TC":
        kind = APPROVED_ONLINE if online else APPROVED_OFFLINE
    else:
        kind = DECLINED
    return Outcome(kind, kernel.why, kernel.must_reverse, kernel.advice_required())


async def _started(kernel: Kernel, order: Order, candidate: Candidate) -> bool:
    """Final SELECT and GET PROCESSING OPTIONS; False: the card does not give this application now."""
    if not await kernel.select(candidate):
        return False
    try:
        await kernel.initiate(
            order.amount, order.other, order.kind, order.date, order.time, order.stan, order.account_type
        )
    except EmvError as error:
        if error.reason != "RESELECT":
            raise
        return False
    return True
