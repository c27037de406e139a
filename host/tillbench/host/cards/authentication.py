"""VERIFY, GET CHALLENGE, EXTERNAL AUTHENTICATE (EMV 4.3 Book 3, 6.5.4, 6.5.6, 6.5.12)."""

import hmac

from tillbench.host.cards.session import Phase, Session, Transaction
from tillbench.host.cards.status import (
    AUTHENTICATION_BLOCKED,
    AUTHENTICATION_FAILED,
    CONDITIONS_NOT_SATISFIED,
    OK,
    TRIES_LEFT,
    WRONG_LENGTH,
    Refused,
)
from tillbench.protocols.apdu import Command, Response

_ARPC_SIZE = 8
_ARC_SIZE = 2
_PIN_BLOCK_SIZE = 8


def verify(session: Session, command: Command) -> Response:
    """Plaintext offline PIN, counted: 63Cx with the tries left, 6983 when there are none."""
    transaction = session.require(Phase.INITIATED)
    if not session.profile.offline_pin:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    if len(command.data) != _PIN_BLOCK_SIZE:
        raise Refused(WRONG_LENGTH)
    if session.memory.pin_tries == 0:
        transaction.offline_pin = False
        raise Refused(AUTHENTICATION_BLOCKED)
    session.memory.pin_tries -= 1  # taken before the comparison: pulling the card buys no free try
    transaction.offline_pin = hmac.compare_digest(command.data, _pin_block(session.profile.pin))
    if not transaction.offline_pin:
        raise Refused(TRIES_LEFT | session.memory.pin_tries)
    session.memory.pin_tries = session.profile.pin_try_limit
    return Response(b"", OK)


def _pin_block(pin: str) -> bytes:
    """Control nibble 2, length, digits, filled with F (Book 3, table 24)."""
    return bytes.fromhex(f"2{len(pin):X}{pin}".ljust(2 * _PIN_BLOCK_SIZE, "F"))


def get_challenge(session: Session, _command: Command) -> Response:
    """Eight unpredictable bytes."""
    session.require(*Phase)
    return Response(session.rng.randbytes(8), OK)


def external_authenticate(session: Session, command: Command) -> Response:
    """Issuer Authentication Data (tag 91): ARPC, then response code. Once a transaction, after an ARQC."""
    transaction = session.require(Phase.ONLINE)
    if transaction.application.profile.issuer_authentication != "external":
        raise Refused(CONDITIONS_NOT_SATISFIED)
    if transaction.issuer_authentication is not None:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    if not 8 <= len(command.data) <= 16:
        raise Refused(WRONG_LENGTH)
    transaction.issuer_authentication = arpc_is_genuine(session, transaction, command.data)
    if not transaction.issuer_authentication:
        raise Refused(AUTHENTICATION_FAILED)
    return Response(b"", OK)


def arpc_is_genuine(session: Session, transaction: Transaction, issuer_data: bytes) -> bool:
    """Whether tag 91's value answers this transaction's ARQC (Book 2, 8.2.1: method 1)."""
    if len(issuer_data) != _ARPC_SIZE + _ARC_SIZE:
        return False
    arpc, arc = issuer_data[:_ARPC_SIZE], issuer_data[_ARPC_SIZE:]
    application = transaction.application
    atc = session.memory_of(application).atc.to_bytes(2, "big")
    return hmac.compare_digest(arpc, application.version.arpc(application.udk, atc, transaction.arqc, arc))
