"""The issuer proves itself: EXTERNAL AUTHENTICATE, or tag 91 in CDOL2 (EMV 4.3 Book 3, 6.5.4; Book 2, 8.2)."""

import hmac

from tillbench.host.cards import card_status_update
from tillbench.host.cards.card_status_update import CardStatusUpdate
from tillbench.host.cards.session import Phase, Session, Transaction
from tillbench.host.cards.status import AUTHENTICATION_FAILED, CONDITIONS_NOT_SATISFIED, OK, WRONG_LENGTH, Refused
from tillbench.protocols.apdu import Command, Response

_ARPC_SIZE = {1: 8, 2: 4}  # by method
_ARC_SIZE = 2


def external_authenticate(session: Session, command: Command) -> Response:
    """Issuer Authentication Data (tag 91): ARPC, then response code or Card Status Update. Once a transaction, after
    an ARQC."""
    transaction = session.require(Phase.ONLINE)
    if transaction.application.profile.issuer_authentication != "external":
        raise Refused(CONDITIONS_NOT_SATISFIED)
    if transaction.issuer_authentication is not None:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    if not 8 <= len(command.data) <= 16:
        raise Refused(WRONG_LENGTH)
    authenticate(transaction, command.data)
    if not transaction.issuer_authentication:
        raise Refused(AUTHENTICATION_FAILED)
    return Response(b"", OK)


def authenticate(transaction: Transaction, issuer_data: bytes) -> None:
    """Check tag 91's value against this transaction's ARQC; the outcome stays in the transaction."""
    version = transaction.application.version
    size = _ARPC_SIZE[version.method]
    arpc, said = issuer_data[:size], issuer_data[size:]
    transaction.issuer_authentication = False
    update = None
    if version.method == 1:
        if len(said) != _ARC_SIZE:
            return
    else:
        if not card_status_update.SIZE <= len(said) <= card_status_update.SIZE + 8:
            return
        update = CardStatusUpdate.parse(said)
        if not update.proprietary_data:
            said = said[: card_status_update.SIZE]  # CDOL2 has room for more than was sent
    expected = version.arpc(transaction.proof_key, transaction.first_cryptogram, said)
    transaction.issuer_authentication = hmac.compare_digest(arpc, expected)
    if transaction.issuer_authentication:
        transaction.status_update = update
