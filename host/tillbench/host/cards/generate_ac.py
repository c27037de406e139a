"""GENERATE AC, first and second: the decision, the cryptogram, what the card remembers
(EMV 4.3 Book 3, 6.5.5; Book 2, 8.1)."""

from tillbench.host.cards import decision, velocity
from tillbench.host.cards.authentication import authenticate
from tillbench.host.cards.card_results import IssuerApplicationData
from tillbench.host.cards.cryptogram_versions import TERMINAL_DATA
from tillbench.host.cards.decision import AAC, ARQC, TC, Decision
from tillbench.host.cards.dynamic_signature import combined_signature
from tillbench.host.cards.issuer_wishes import carry_out, complete_online
from tillbench.host.cards.results_of import results_of
from tillbench.host.cards.session import Phase, Session, Transaction
from tillbench.host.cards.status import OK, WRONG_LENGTH, WRONG_P1P2, Refused
from tillbench.protocols.apdu import Command, Response
from tillbench.protocols.emv import DolEntry, dol, tlv

_TYPE = 0xC0
_CDA = 0x10  # P1: combined signature requested (Book 3, table 12)
_SDA_FAILED, _DDA_OR_CDA_FAILED = 0x40, 0x0C  # TVR byte 1


def generate_ac(session: Session, command: Command) -> Response:
    """The first one after GET PROCESSING OPTIONS, the second one after an ARQC."""
    transaction = session.require(Phase.INITIATED, Phase.ONLINE)
    if transaction.phase is Phase.INITIATED:
        return _first(session, transaction, command)
    return _second(session, transaction, command)


def _first(session: Session, transaction: Transaction, command: Command) -> Response:
    application = transaction.application
    values = _cut(application.profile.cdol1, command.data)
    memory = session.memory_of(application)
    transaction.cdol1_data = command.data
    transaction.cdol1 = values
    # A blocked application gives nothing but an AAC (Book 3, 6.5.1.1); scripts may unblock it after that.
    requested = AAC if session.is_blocked(application) else command.p1 & _TYPE
    decided = decision.first(application.profile, memory, requested, _exceeded(session, transaction))
    transaction.cda_first = bool(command.p1 & _CDA) and decided.cryptogram != AAC
    answer = _cryptogram(session, transaction, values, decided, None, False, transaction.cda_first)
    transaction.first_cryptogram = answer[0x9F26]
    if decided.cryptogram == ARQC:
        transaction.phase = Phase.ONLINE
        memory.online_not_completed = True
    else:
        if decided.cryptogram == TC:
            velocity.count_offline(memory, *_spent(session, transaction))
        else:
            memory.sda_failed = bool(values[0x95][0] & _SDA_FAILED)
            memory.dda_failed = bool(values[0x95][0] & _DDA_OR_CDA_FAILED)
        _finish(session, transaction, decided, values)
    return _answer(session, transaction, answer, (b"", values[0x9F37]) if transaction.cda_first else None)


def _second(session: Session, transaction: Transaction, command: Command) -> Response:
    application = transaction.application
    if command.p1 & _TYPE == ARQC:
        raise Refused(WRONG_P1P2)
    values = transaction.cdol1 | _cut(application.profile.cdol2, command.data)
    memory = session.memory_of(application)
    if any(values.get(0x91, b"")):
        authenticate(transaction, values[0x91])
    unable = decision.is_unable_to_go_online(values.get(0x8A))
    requested = AAC if session.is_blocked(application) else command.p1 & _TYPE
    exceeded = _exceeded(session, transaction)
    decided = decision.second(application.profile, requested, unable, transaction, exceeded)
    signed = bool(command.p1 & _CDA) and decided.cryptogram != AAC
    answer = _cryptogram(session, transaction, values, decided, decided.cryptogram, unable, signed)
    if not unable:
        proof = transaction.issuer_authentication
        memory.issuer_authentication_failed = proof is False
        if proof or (proof is None and not decision.mandatory(application.profile)):
            complete_online(memory)
        if transaction.status_update:
            carry_out(session, transaction, transaction.status_update, _spent(session, transaction))
    elif decided.cryptogram == TC:
        velocity.count_offline(memory, *_spent(session, transaction))
    _finish(session, transaction, decided, values)
    return _answer(session, transaction, answer, (command.data, values[0x9F37]) if signed else None)


def _cut(entries: tuple[DolEntry, ...], data: bytes) -> dict[int, bytes]:
    if len(data) != dol.total(entries):
        raise Refused(WRONG_LENGTH)
    return dict(dol.split(entries, data))


def _spent(session: Session, transaction: Transaction) -> tuple[int, bool]:
    """Amount in minor units, and whether it is in the card's currency; an amount that is no number is none."""
    amount = transaction.cdol1[0x9F02].hex()
    is_domestic = transaction.cdol1[0x5F2A].hex() == session.profile.currency
    return int(amount) if amount.isdecimal() else 0, is_domestic


def _exceeded(session: Session, transaction: Transaction) -> velocity.Exceeded:
    application = transaction.application
    return velocity.check(application.profile, session.memory_of(application), *_spent(session, transaction))


def _cryptogram(
    session: Session,
    transaction: Transaction,
    values: dict[int, bytes],
    decided: Decision,
    second: int | None,
    unable: bool,
    signed: bool,
) -> dict[int, bytes]:
    """Tags 9F27, 9F36, 9F26, 9F10 of the answer, in the order of format 1."""
    application = transaction.application
    version, memory, atc = application.version, session.memory_of(application), session.atc_of(application)
    first = decided.cryptogram if second is None else ARQC
    exceeded = _exceeded(session, transaction)
    results = results_of(session, transaction, first, second, unable, exceeded, signed)
    counters = bytes.fromhex(f"{memory.offline_amount:012d}"[-12:]) + bytes([min(memory.offline_count, 255), 0xFF])
    iad = IssuerApplicationData(
        version.layout,
        version.scheme,
        session.profile.key_index,
        version.number,
        results,
        _authentication_code(transaction.cdol1),
        counters,
    )
    data = b"".join(values[tag] for tag in TERMINAL_DATA) + application.aip + atc + iad.covered(version.covers)
    key = version.session_key(application.udk, atc, values[0x9F37])
    if second is None:
        transaction.proof_key = version.proof_key(application.udk, atc, values[0x9F37])
    if (
        decided.cryptogram == AAC
        and not decided.reason
        and session.profile.offline_pin
        and not session.memory.pin_tries
    ):
        decided = Decision(AAC, decision.REASON_PIN_TRIES)
    cryptogram = version.application_cryptogram(key, data)
    return {0x9F27: bytes([decided.cid]), 0x9F36: atc, 0x9F26: cryptogram, 0x9F10: iad.build()}


def _authentication_code(cdol1: dict[int, bytes]) -> bytes:
    """What M/Chip tells the issuer of offline authentication: two bytes of the ICC Dynamic Number, else the Data
    Authentication Code, as the terminal found them; zeros when it found none."""
    number = cdol1.get(0x9F4C, b"")[:2]
    return number if any(number) else cdol1.get(0x9F45, bytes(2))


def _finish(session: Session, transaction: Transaction, decided: Decision, values: dict[int, bytes]) -> None:
    """The transaction is over; an approved one goes into the log."""
    transaction.phase = Phase.DONE
    application = transaction.application
    if decided.cryptogram != TC or not application.log_format:
        return
    memory = session.memory_of(application)
    values = values | {0x9F36: session.atc_of(application)}
    entry = b"".join(
        values.get(item.tag, b"").ljust(item.length, b"\x00")[: item.length] for item in application.log_format
    )
    memory.log.insert(0, entry.hex())
    del memory.log[application.profile.log_records :]


def _answer(
    session: Session, transaction: Transaction, values: dict[int, bytes], signed: tuple[bytes, bytes] | None
) -> Response:
    """The answer in the card's format, or, `signed` (CDOL2 data, unpredictable number), in format 2 with CDA."""
    if signed:
        signature = combined_signature(session, transaction, *signed, values)
        if signature:
            # The cryptogram travels inside of the signature, which stands in its place.
            values = {(0x9F4B if tag == 0x9F26 else tag): value for tag, value in values.items()} | {0x9F4B: signature}
    elif transaction.application.profile.response_format == "1":
        return Response(tlv.encode(0x80, *values.values()), OK)
    return Response(tlv.encode(0x77, tlv.encode_all(values.items())), OK)
