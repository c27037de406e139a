"""GENERATE AC, first and second: the decision, the cryptogram, what the card remembers
(EMV 4.3 Book 3, 6.5.5; Book 2, 8.1)."""

from tillbench.host.cards import decision
from tillbench.host.cards.application import Application
from tillbench.host.cards.authentication import arpc_is_genuine
from tillbench.host.cards.card_results import CardResults, issuer_application_data
from tillbench.host.cards.cryptograms import TERMINAL_DATA
from tillbench.host.cards.decision import AAC, ARQC, TC, Decision
from tillbench.host.cards.dynamic_signature import combined_signature
from tillbench.host.cards.session import Phase, Session, Transaction
from tillbench.host.cards.status import OK, WRONG_LENGTH, WRONG_P1P2, Refused
from tillbench.protocols.apdu import Command, Response
from tillbench.protocols.emv import DolEntry, dol, tlv

_TYPE = 0xC0
_CDA = 0x10  # P1: combined signature requested (Book 3, table 12)


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
    # A blocked application gives nothing but an AAC (Book 3, 6.5.1.1); scripts may unblock it after that.
    requested = AAC if session.is_blocked(application) else command.p1 & _TYPE
    decided = decision.first(application.profile, memory, requested)
    cvr = _results(session, transaction, first=decided.cryptogram).cvr()
    cryptogram = _cryptogram(session, application, values, cvr)
    if decided.cryptogram == ARQC:
        transaction.phase = Phase.ONLINE
        transaction.arqc = cryptogram
        memory.online_not_completed = True
    else:
        _finish(session, transaction, decided, values)
    signed = bool(command.p1 & _CDA) and decided.cryptogram != AAC
    return _answer(session, transaction, decided, cryptogram, cvr, (b"", values[0x9F37]) if signed else None)


def _second(session: Session, transaction: Transaction, command: Command) -> Response:
    application = transaction.application
    if command.p1 & _TYPE == ARQC:
        raise Refused(WRONG_P1P2)
    values = _cut(application.profile.cdol2, command.data)
    memory = session.memory_of(application)
    if any(values.get(0x91, b"")):
        transaction.issuer_authentication = arpc_is_genuine(session, transaction, values[0x91])
    proof = transaction.issuer_authentication
    unable = decision.is_unable_to_go_online(values.get(0x8A))
    requested = AAC if session.is_blocked(application) else command.p1 & _TYPE
    decided = decision.second(application.profile, memory, requested, unable, proof)
    cvr = _results(session, transaction, first=ARQC, second=decided.cryptogram, unable_to_go_online=unable).cvr()
    cryptogram = _cryptogram(session, application, values, cvr)
    if not unable:
        memory.issuer_authentication_failed = proof is False
        if proof or (proof is None and not decision.mandatory(application.profile)):
            memory.online_not_completed = False
            memory.last_online_atc = memory.atc
    _finish(session, transaction, decided, values)
    signed = bool(command.p1 & _CDA) and decided.cryptogram != AAC
    return _answer(session, transaction, decided, cryptogram, cvr, (command.data, values[0x9F37]) if signed else None)


def _cut(entries: tuple[DolEntry, ...], data: bytes) -> dict[int, bytes]:
    if len(data) != dol.total(entries):
        raise Refused(WRONG_LENGTH)
    return dict(dol.split(entries, data))


def _results(
    session: Session,
    transaction: Transaction,
    first: int,
    second: int | None = None,
    unable_to_go_online: bool = False,
) -> CardResults:
    application = transaction.application
    memory = session.memory_of(application)
    went_online = second is not None and not unable_to_go_online
    supports_proof = application.profile.issuer_authentication != "none"
    return CardResults(
        first=first,
        second=second,
        issuer_authentication_failed=transaction.issuer_authentication is False,
        issuer_authentication_missing=went_online and supports_proof and transaction.issuer_authentication is None,
        offline_pin_performed=transaction.offline_pin is not None,
        offline_pin_failed=transaction.offline_pin is False,
        unable_to_go_online=unable_to_go_online,
        # Set by this transaction's own ARQC from then on: only the first cryptogram can tell of the last one.
        last_online_not_completed=second is None and memory.online_not_completed,
        pin_try_limit_exceeded=session.profile.offline_pin and session.memory.pin_tries == 0,
        offline_limit_exceeded=decision.over_limit(memory, application.profile.lower_offline_limit),
        new_card=decision.is_new(memory),
        last_issuer_authentication_failed=memory.issuer_authentication_failed,
        blocked_by_pin=transaction.blocked_by_pin,
    )


def _cryptogram(session: Session, application: Application, values: dict[int, bytes], cvr: bytes) -> bytes:
    atc = session.memory_of(application).atc.to_bytes(2, "big")
    terminal_data = b"".join(values[tag] for tag in TERMINAL_DATA)
    return application.version.application_cryptogram(application.udk, atc, terminal_data + application.aip + atc + cvr)


def _finish(session: Session, transaction: Transaction, decided: Decision, values: dict[int, bytes]) -> None:
    """The transaction is over; an approved one goes into the log."""
    transaction.phase = Phase.DONE
    application = transaction.application
    if decided.cryptogram != TC or not application.log_format:
        return
    memory = session.memory_of(application)
    values = values | {0x9F36: memory.atc.to_bytes(2, "big")}
    entry = b"".join(
        values.get(item.tag, b"").ljust(item.length, b"\x00")[: item.length] for item in application.log_format
    )
    memory.log.insert(0, entry.hex())
    del memory.log[application.profile.log_records :]


def _answer(
    session: Session,
    transaction: Transaction,
    decided: Decision,
    cryptogram: bytes,
    cvr: bytes,
    signed: tuple[bytes, bytes] | None,
) -> Response:
    """The answer in the card's format, or, `signed` (CDOL2 data, unpredictable number), in format 2 with CDA."""
    application = transaction.application
    atc = session.memory_of(application).atc.to_bytes(2, "big")
    reason = decided.reason
    if decided.cryptogram == AAC and not reason and session.profile.offline_pin and session.memory.pin_tries == 0:
        decided = Decision(AAC, decision.REASON_PIN_TRIES)
    iad = issuer_application_data(session.profile.scheme, session.profile.key_index, application.version.number, cvr)
    values = {0x9F27: bytes([decided.cid]), 0x9F36: atc, 0x9F26: cryptogram, 0x9F10: iad}
    if signed:
        signature = combined_signature(session, transaction, *signed, values)
        if signature:
            # The cryptogram travels inside of the signature, which stands in its place.
            values = {(0x9F4B if tag == 0x9F26 else tag): value for tag, value in values.items()} | {0x9F4B: signature}
    elif application.profile.response_format == "1":
        return Response(tlv.encode(0x80, *values.values()), OK)
    return Response(tlv.encode(0x77, tlv.encode_all(values.items())), OK)
