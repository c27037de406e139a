"""Certificates and signatures of a recorded card, opened under the test CA as far as they open, field by field
(EMV 4.3 Book 2, tables 2 to 19). Nothing is judged: wrong fields are shown as they stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from tillbench.host.cards.rsa_keys import EXPONENTS, LEAST_BITS, MOST_BITS, RsaKey, rsa_key
from tillbench.host.session.dialogue import Context, Step
from tillbench.host.session.record import octets
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import tlv

HASH = 20
_HEADER, _TRAILER = 0x6A, 0xBC
_TAIL = HASH + 1
_ISSUER_NAME, _CARD_NAME = 4, 10
_AIP_IS_SIGNED = "82"  # the one value of 9F4A that means something
_NOT_TOLD = "*"
_CDA_MORE = 1 + 8 + HASH  # after the ICC Dynamic Number: CID, cryptogram, Transaction Data Hash
Fields = dict[str, str]


class PublicKey(NamedTuple):
    """An RSA key out of a certificate."""

    modulus: bytes
    exponent: bytes

    def open(self, signature: bytes) -> bytes | None:
        """The block under a signature, None if it is not as long as the key."""
        size = len(self.modulus)
        number = int.from_bytes(self.modulus, "big")
        if len(signature) != size or not number or not self.exponent:
            return None
        opened = pow(int.from_bytes(signature, "big"), int.from_bytes(self.exponent, "big"), number)
        return opened.to_bytes(size, "big")


class Chain(NamedTuple):
    """What the certificates of an application say, by tag (90, 9F46, 9F2D, 93), and the keys in them."""

    fields: dict[int, Fields]
    issuer: PublicKey | None
    icc: PublicKey | None
    pin: PublicKey | None


def chain(context: Context) -> Chain:
    """Opens what the card has shown."""
    card = {tag: octets(value) for tag, value in context.card.items() if "*" not in value}
    fields: dict[int, Fields] = {}
    issuer = icc = pin = None
    ca = _ca_key(card.get(0x90, b""))
    if ca:
        fields[0x90], issuer = _certificate(ca, card, (0x90, 0x92, 0x9F32), _ISSUER_NAME, b"")
    if issuer:
        static = None if _NOT_TOLD in context.signed else octets(context.signed)
        if static is not None and context.card.get(0x9F4A) == _AIP_IS_SIGNED:
            static += card.get(0x82, b"")
        if 0x93 in card:
            fields[0x93] = static_data(issuer, card[0x93], static)
        if 0x9F46 in card:
            fields[0x9F46], icc = _certificate(issuer, card, (0x9F46, 0x9F48, 0x9F47), _CARD_NAME, static)
        if 0x9F2D in card:
            fields[0x9F2D], pin = _certificate(issuer, card, (0x9F2D, 0x9F2F, 0x9F2E), _CARD_NAME, b"")
    return Chain(fields, issuer, icc, pin)


def _ca_key(certificate: bytes) -> PublicKey | None:
    if not LEAST_BITS <= len(certificate) * 8 <= MOST_BITS:
        return None
    for exponent in EXPONENTS:
        test_key = rsa_key("ca", len(certificate) * 8, exponent)
        key = PublicKey(test_key.modulus_bytes, test_key.exponent_bytes)
        block = key.open(certificate)
        if block and (block[0] == _HEADER or block[-1] == _TRAILER):
            return key
    return None


def _certificate(
    signer: PublicKey, card: Mapping[int, bytes], tags: tuple[int, int, int], name_size: int, static: bytes | None
) -> tuple[Fields, PublicKey | None]:
    block = signer.open(card[tags[0]])
    if block is None:
        return {"length": f"{len(card[tags[0]])} bytes, its signer's key has {len(signer.modulus)}"}, None
    remainder, exponent = card.get(tags[1], b""), card.get(tags[2], b"")
    name, rest = block[2 : 2 + name_size], block[2 + name_size : -_TAIL]
    size, inside = rest[7], rest[9:]
    modulus = (inside + remainder)[:size]
    fields = {
        "header": block[:1].hex().upper(),
        "format": block[1:2].hex().upper(),
        "name": name.hex().upper(),
        "expiry": rest[:2].hex(),
        "serial number": rest[2:5].hex().upper(),
        "hash algorithm": rest[5:6].hex().upper(),
        "key algorithm": rest[6:7].hex().upper(),
        "key length": str(size),
        "exponent length": str(rest[8]),
        "modulus": modulus.hex().upper(),
        "hash": _verdict(block, None if static is None else remainder + exponent + static),
        "trailer": block[-1:].hex().upper(),
    }
    return fields, PublicKey(modulus, exponent) if len(modulus) == size and exponent else None


def _verdict(block: bytes, more: bytes | None) -> str:
    """`more` is what the hash is over besides the block; None: some of it is starred."""
    if more is None:
        return "not told"
    digest = hashlib.sha1(block[1:-_TAIL] + more).digest()  # noqa: S324  the standard's hash
    return "right" if digest == block[-_TAIL:-1] else "wrong"


def static_data(issuer: PublicKey, signature: bytes, static: bytes | None) -> Fields:
    """Tag 93, Signed Static Application Data."""
    block = issuer.open(signature)
    if block is None:
        return {"length": f"{len(signature)} bytes, its signer's key has {len(issuer.modulus)}"}
    return {
        "header": block[:1].hex().upper(),
        "format": block[1:2].hex().upper(),
        "hash algorithm": block[2:3].hex().upper(),
        "data authentication code": block[3:5].hex().upper(),
        "hash": _verdict(block, static),
        "trailer": block[-1:].hex().upper(),
    }


class Dynamic(NamedTuple):
    """Tag 9F4B, opened: the whole `block`, the dynamic data in it as they are there (not as their length says), and
    what was hashed besides."""

    block: bytes
    data: bytes
    terminal: bytes
    transaction: bytes | None  # CDA: what the Transaction Data Hash is over

    @property
    def cryptogram(self) -> bytes:
        """CDA: the Application Cryptogram; empty without."""
        return self.data[-HASH - 8 : -HASH] if self.transaction is not None else b""

    @property
    def fields(self) -> Fields:
        """Field by field, without what is new each time."""
        fields = {
            "header": self.block[:1].hex().upper(),
            "format": self.block[1:2].hex().upper(),
            "hash algorithm": self.block[2:3].hex().upper(),
            "data length": str(self.block[3] - len(self.data)),
            "number length": str(self.data[0] if self.data else 0),
            "hash": _verdict(self.block, self.terminal),
            "trailer": self.block[-1:].hex().upper(),
        }
        if self.transaction is not None:
            digest = hashlib.sha1(self.transaction).digest()  # noqa: S324  the standard's hash
            fields["cryptogram type"] = self.data[-_CDA_MORE:][:1].hex().upper()
            fields["transaction data hash"] = "right" if digest == self.data[-HASH:] else "wrong"
        return fields


def private_key_of(step: Step) -> RsaKey | None:
    """The test key of a card that made the signature in this answer, None if none of them did."""
    signature = octets(_signature(step))
    if not LEAST_BITS <= len(signature) * 8 <= MOST_BITS:
        return None
    for exponent in EXPONENTS:
        key = rsa_key("icc", len(signature) * 8, exponent)
        block = PublicKey(key.modulus_bytes, key.exponent_bytes).open(signature)
        if block and (block[0] == _HEADER or block[-1] == _TRAILER) and (block[1] | 0x10 == 0x15):
            return key
    return None


def bench_key_of(step: Step) -> PublicKey | None:
    """The public half of `private_key_of`."""
    key = private_key_of(step)
    return PublicKey(key.modulus_bytes, key.exponent_bytes) if key else None


def _signature(step: Step) -> str:
    found = next((item.value for item in step.received if item.tag == 0x9F4B), "")
    return "" if "*" in found else found


def dynamic(step: Step, context: Context, icc: PublicKey | None) -> Dynamic | None:
    """The signature in the answer of INTERNAL AUTHENTICATE or GENERATE AC, as `context` was when it came; None if
    there is none, or it is not as long as the card's key."""
    block = icc.open(octets(_signature(step))) if icc else None
    if not block:
        return None
    transaction = None
    terminal = octets(step.pair.data)
    if step.pair.ins == Ins.GENERATE_AC:
        terminal = octets(context.terminal.get(0x9F37, ""))
        transaction = transaction_data(step, context)
    body = block[4:-_TAIL]
    size = block[3]
    data = body[:size] if size <= len(body) and set(body[size:]) <= {0xBB} else body.rstrip(b"\xbb")
    # A length that is one too many takes in a byte of padding.
    if data and len(data) == 2 + data[0] + (_CDA_MORE if transaction is not None else 0):
        data = data[:-1]
    return Dynamic(block, data, terminal, transaction)


def transaction_data(step: Step, context: Context) -> bytes:
    """What the Transaction Data Hash of CDA is over (Book 2, 6.6.1): the values under PDOL, CDOL1 and, at the second
    GENERATE AC, CDOL2, then the answer without the signature."""
    asked = octets(context.pdol + context.cdol1 + (context.cdol2 if context.generate_acs > 1 else ""))
    seen = [(item.tag, octets(item.value)) for item in step.received if item.tag != 0x9F4B]
    return asked + tlv.encode_all(seen)


def dynamic_number(context: Context) -> bytes:
    """The ICC Dynamic Number (9F4C) in the card's last signature; empty where there is none, or it does not open."""
    step = context.signature
    opened = dynamic(step, context, bench_key_of(step)) if step else None
    return opened.data[1 : 1 + opened.data[0]] if opened and opened.data else b""


def issuer_tags(context: Context) -> dict[int, bytes]:
    """What the issuer is told of the first cryptogram, by tag; one inside of a signature is taken out."""
    known = context.card | context.terminal
    step = context.first
    if step:
        known |= {item.tag: item.value for item in (*step.sent, *step.received)}
    tags = {tag: octets(value) for tag, value in known.items() if "*" not in value}
    opened = dynamic(step, context, bench_key_of(step)) if step else None
    if opened and opened.cryptogram:
        tags[0x9F26] = opened.cryptogram
    return tags
