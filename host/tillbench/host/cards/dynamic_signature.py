"""Signatures that the card makes itself: DDA by INTERNAL AUTHENTICATE, CDA inside of GENERATE AC
(EMV 4.3 Book 2, 6.5 and 6.6; Book 3, 6.5.9)."""

import hashlib

from tillbench.host.cards.certificates import sign_dynamic_data
from tillbench.host.cards.session import Phase, Session, Transaction
from tillbench.host.cards.status import CONDITIONS_NOT_SATISFIED, OK, WRONG_LENGTH, Refused
from tillbench.protocols.apdu import Command, Response
from tillbench.protocols.emv import dol, tlv


def internal_authenticate(session: Session, command: Command) -> Response:
    """Signed Dynamic Application Data over the values of the DDOL, before the first GENERATE AC."""
    transaction = session.require(Phase.INITIATED)
    oda = transaction.application.profile.offline_authentication
    if "dda" not in oda.methods:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    # Without a DDOL of its own the card cannot know how much a terminal's default asks for.
    if not command.data or (oda.ddol and len(command.data) != dol.total(oda.ddol)):
        raise Refused(WRONG_LENGTH)
    number = session.rng.randbytes(oda.dynamic_number)
    key = transaction.application.keys.icc_key
    signature = sign_dynamic_data(key, bytes([len(number)]) + number, command.data, oda.of("dynamic"))
    transaction.internal_authentication = True
    if transaction.application.profile.response_format == "1":
        return Response(tlv.encode(0x80, signature), OK)
    return Response(tlv.encode(0x77, tlv.encode_all([(0x9F4B, signature)] if signature else [])), OK)


def combined_signature(
    session: Session, transaction: Transaction, cdol2_data: bytes, unpredictable: bytes, answer: dict[int, bytes]
) -> bytes:
    """The signature of CDA around the cryptogram in `answer` (tags 9F27, 9F36, 9F26, 9F10 in the order in which the
    terminal will see them, without 9F26); empty where the profile says that it is missing."""
    oda = transaction.application.profile.offline_authentication
    faults = oda.of("dynamic")
    seen = tlv.encode_all((tag, value) for tag, value in answer.items() if tag != 0x9F26)
    asked = transaction.pdol_data + transaction.cdol1_data + cdol2_data
    digest = hashlib.sha1(asked + seen).digest()  # noqa: S324  the standard's hash
    if "transaction-data" in faults:
        digest = digest[:-1] + bytes([digest[-1] ^ 0x01])
    cid = bytes([answer[0x9F27][0] ^ 0xC0 if "cid" in faults else answer[0x9F27][0]])
    number = session.rng.randbytes(oda.dynamic_number)
    dynamic = bytes([len(number)]) + number + cid + answer[0x9F26] + digest
    return sign_dynamic_data(transaction.application.keys.icc_key, dynamic, unpredictable, faults)
