"""VERIFY and GET CHALLENGE: the PIN that the card checks itself, in the clear or enciphered
(EMV 4.3 Book 3, 6.5.6 and 6.5.12; Book 2, 7.2). No PIN is ever kept outside of the profile but under a card key."""

import hmac

from tillbench.host.cards.cryptograms import tdes_decrypt, tdes_encrypt
from tillbench.host.cards.session import Phase, Session, Transaction
from tillbench.host.cards.status import (
    AUTHENTICATION_BLOCKED,
    CONDITIONS_NOT_SATISFIED,
    OK,
    TRIES_LEFT,
    WRONG_LENGTH,
    Refused,
)
from tillbench.protocols.apdu import Command, Response

PLAINTEXT = 0x80
ENCIPHERED = 0x88
PIN_BLOCK_SIZE = 8
_DATA_HEADER = 0x7F


def get_challenge(session: Session, _command: Command) -> Response:
    """Eight unpredictable bytes, good for the next command only."""
    session.require(*Phase)
    session.challenge = session.rng.randbytes(8)
    return Response(session.challenge, OK)


def verify(session: Session, command: Command) -> Response:
    """An offline PIN, counted: 63Cx with the tries left, 6983 when there are none.

    An enciphered PIN needs a GET CHALLENGE right before it (else 6985). A block that does not decipher to header 7F
    and that challenge is a wrong PIN, and counts as one.
    """
    transaction = session.require(Phase.INITIATED)
    if not session.profile.offline_pin:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    enciphered = command.p2 == ENCIPHERED
    if enciphered and not (transaction.application.profile.enciphered_pin and session.challenge):
        raise Refused(CONDITIONS_NOT_SATISFIED)
    size = transaction.application.keys.pin_key.size if enciphered else PIN_BLOCK_SIZE
    if len(command.data) != size:
        raise Refused(WRONG_LENGTH)
    transaction.enciphered_pin |= enciphered
    if session.memory.pin_tries == 0:
        transaction.offline_pin = False
        raise Refused(AUTHENTICATION_BLOCKED)
    session.memory.pin_tries -= 1  # taken before the comparison: pulling the card buys no free try
    block = _deciphered(session, transaction, command.data) if enciphered else command.data
    transaction.offline_pin = hmac.compare_digest(block, reference_block(session))
    if not transaction.offline_pin:
        _after_failure(session, transaction)
        raise Refused(TRIES_LEFT | session.memory.pin_tries)
    session.memory.pin_tries = session.profile.pin_try_limit
    return Response(b"", OK)


def _deciphered(session: Session, transaction: Transaction, data: bytes) -> bytes:
    """The PIN block inside (Book 2, table 23), empty when header or challenge is not as it must be."""
    key = transaction.application.keys.pin_key
    if int.from_bytes(data, "big") >= key.modulus:
        return b""
    plain = key.sign(data)
    is_genuine = plain[0] == _DATA_HEADER and hmac.compare_digest(plain[9:17], session.challenge)
    return plain[1:9] if is_genuine else b""


def _after_failure(session: Session, transaction: Transaction) -> None:
    """A card may block its application with the last try (VIS, Application Default Action)."""
    if session.memory.pin_tries == 0 and transaction.application.profile.pin_limit_blocks:
        session.memory_of(transaction.application).blocked = True
        transaction.blocked_by_pin = True


def pin_block(pin: str) -> bytes:
    """Control nibble 2, length, digits, filled with F (Book 3, table 24)."""
    return bytes.fromhex(f"2{len(pin):X}{pin}".ljust(2 * PIN_BLOCK_SIZE, "F"))


def reference_block(session: Session) -> bytes:
    """The card's own PIN as a PIN block: the profile's, or the one that a script put in its place."""
    if session.memory.changed_pin:
        return tdes_decrypt(session.applications[0].udk, bytes.fromhex(session.memory.changed_pin))
    return pin_block(session.profile.pin)


def change_pin(session: Session, block: bytes) -> None:
    """A new reference PIN, and all its tries. It is kept under the card's own key."""
    session.memory.changed_pin = tdes_encrypt(session.applications[0].udk, block).hex()
    session.memory.pin_tries = session.profile.pin_try_limit
