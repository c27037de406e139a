"""EXTERNAL AUTHENTICATE: the issuer proves itself to the card (EMV 4.3 Book 3, 6.5.4; Book 2, 8.2)."""

import hmac

from tillbench.host.cards.session import Phase, Session, Transaction
from tillbench.host.cards.status import (
    AUTHENTICATION_FAILED,
    CONDITIONS_NOT_SATISFIED,
    OK,
    WRONG_LENGTH,
    Refused,
)
from tillbench.protocols.apdu import Command, Response

_ARPC_SIZE = 8
_ARC_SIZE = 2


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
