"""A certification authority, an issuer and a card for the kernel's tests, written from EMV Book 2 and nothing else.

Every field of every certificate and signature can be made wrong by name, see `Certificate` and `Dynamic`.
TEST KEYS ONLY: they come from a seed.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

from .kernel_rig import ARQC, Card, card, record, tlv

RID = "A000000333"
PAN = "6200000000000005"
INDEX = 0x61


class Key(NamedTuple):
    """An RSA key pair; size in bytes."""

    modulus: int
    private: int
    exponent: int
    size: int

    @property
    def modulus_bytes(self) -> bytes:
        return self.modulus.to_bytes(self.size, "big")

    @property
    def exponent_bytes(self) -> bytes:
        return self.exponent.to_bytes(1 if self.exponent < 256 else 3, "big")

    def sign(self, block: bytes) -> bytes:
        """The private operation on a block of the key's size."""
        assert len(block) == self.size
        return _sign(self, block)

    def decipher(self, block: bytes) -> bytes:
        """The same, for what was enciphered under the public key."""
        return self.sign(block)


@lru_cache(maxsize=1000)
def _sign(signer: Key, block: bytes) -> bytes:
    number = pow(int.from_bytes(block, "big"), signer.private, signer.modulus)
    return number.to_bytes(signer.size, "big")


@cache
def key(name: str, size: int, exponent: int = 3) -> Key:
    """The test key of this name, size (bytes) and exponent."""
    rng = random.Random(f"{name} {size} {exponent}")
    bits = size * 8
    p = _prime(rng, bits // 2, exponent)
    q = _prime(rng, bits - bits // 2, exponent)
    return Key(p * q, pow(exponent, -1, (p - 1) * (q - 1)), exponent, size)


def _prime(rng: random.Random, bits: int, exponent: int) -> int:
    small = [n for n in range(3, 2000, 2) if all(n % m for m in range(3, int(n**0.5) + 1, 2))]
    while True:
        n = rng.getrandbits(bits) | 3 << (bits - 2) | 1
        if all(n % p for p in small) and (n - 1) % exponent and all(pow(b, n - 1, n) == 1 for b in (2, 3, 5, 7)):
            return n


def sha1(*parts: bytes) -> bytes:
    return hashlib.sha1(b"".join(parts)).digest()


def block(head: bytes, body: bytes, size: int, extra: bytes, hash_xor: int = 0, trailer: int = 0xBC) -> bytes:
    """6A, head, body padded with BB, hash, BC: the shape of every signed block."""
    padded = body.ljust(size - 21 - len(head), b"\xbb")
    digest = bytearray(sha1(head[1:], padded, extra))
    digest[0] ^= hash_xor
    return head + padded + bytes(digest) + bytes((trailer,))


@dataclass(frozen=True)
class Certificate:
    """What goes into a certificate (Book 2 tables 6 and 14); the defaults are right."""

    number: str  # IIN or PAN, digits
    digits: int  # room for them
    form: int
    expiry: str = "1230"
    serial: str = "000001"
    hash_algorithm: int = 1
    algorithm: int = 1
    header: int = 0x6A
    trailer: int = 0xBC
    hash_xor: int = 0
    size_xor: int = 0
    exponent_size_xor: int = 0
    cut: int = 0  # bytes of the certificate that are not sent

    def make(self, signer: Key, subject: Key, extra: bytes = b"") -> tuple[bytes, bytes]:
        """The certificate, and the remainder of the key that does not fit."""
        number = bytes.fromhex(self.number.ljust(self.digits, "F"))
        head = bytes((self.header, self.form)) + number + bytes.fromhex(self.expiry + self.serial)
        head += bytes((self.hash_algorithm, self.algorithm))
        head += bytes((subject.size ^ self.size_xor, len(subject.exponent_bytes) ^ self.exponent_size_xor))
        room = signer.size - len(head) - 21
        modulus = subject.modulus_bytes
        remainder = modulus[room:]
        extra = remainder + subject.exponent_bytes + extra
        content = block(head, modulus[:room], signer.size, extra, self.hash_xor, self.trailer)
        signed = signer.sign(content)
        return signed[: len(signed) - self.cut], remainder


@dataclass(frozen=True)
class Static:
    """Signed Static Application Data (Book 2 table 7)."""

    form: int = 3
    hash_algorithm: int = 1
    header: int = 0x6A
    trailer: int = 0xBC
    hash_xor: int = 0
    cut: int = 0

    def make(self, signer: Key, static: bytes) -> bytes:
        head = bytes((self.header, self.form, self.hash_algorithm)) + b"\xda\xc0"
        signed = signer.sign(block(head, b"", signer.size, static, self.hash_xor, self.trailer))
        return signed[: len(signed) - self.cut]


@dataclass(frozen=True)
class Dynamic:
    """Signed Dynamic Application Data (Book 2 tables 16 and 18, 19), and the answer that carries it."""

    form: int = 5
    hash_algorithm: int = 1
    header: int = 0x6A
    trailer: int = 0xBC
    hash_xor: int = 0
    cut: int = 0
    number: bytes = b"\x11\x22\x33\x44"
    number_size: int | None = None
    size: int | None = None
    template: str = "77"
    # CDA only
    cid_xor: int = 0
    tdh_xor: int = 0
    left_out: bool = False  # no 9F4B in the answer
    plain_cryptogram: bool = False  # 9F26 beside 9F4B

    def make(self, signer: Key, terminal: bytes, more: bytes = b"") -> bytes:
        number_size = len(self.number) if self.number_size is None else self.number_size
        dynamic = bytes((number_size,)) + self.number + more
        size = len(dynamic) if self.size is None else self.size
        head = bytes((self.header, self.form, self.hash_algorithm, size))
        signed = signer.sign(block(head, dynamic, signer.size, terminal, self.hash_xor, self.trailer))
        return signed[: len(signed) - self.cut]


@dataclass(frozen=True)
class Chain:
    """Keys and certificates from CA to card. Sizes in bytes; the ICC PIN key is made if it has a size."""

    ca: int = 128
    issuer: int = 112
    icc: int = 96
    pin: int = 0
    exponent: int = 3
    issuer_certificate: Certificate = Certificate("620000", 8, 2)
    icc_certificate: Certificate = Certificate(PAN, 20, 4)
    pin_certificate: Certificate = Certificate(PAN, 20, 4)
    static: Static = Static()
    dynamic: Dynamic = Dynamic()
    changes: Mapping[str, str | None] = field(default_factory=dict)  # tag: value, None leaves it out

    @property
    def ca_key(self) -> Key:
        return key("ca", self.ca, self.exponent)

    @property
    def issuer_key(self) -> Key:
        return key("issuer", self.issuer, self.exponent)

    @property
    def icc_key(self) -> Key:
        return key("icc", self.icc, self.exponent)

    @property
    def pin_key(self) -> Key:
        return key("pin", self.pin, self.exponent)

    def spoil(self, part: str, **changes: Any) -> Chain:
        """The same with some fields of one part changed."""
        if part == "chain":
            return replace(self, **changes)
        return replace(self, **{part: replace(getattr(self, part), **changes)})

    def objects(self, static: bytes) -> dict[str, str]:
        """Every data element of offline authentication, over this static data."""
        issuer, issuer_remainder = self.issuer_certificate.make(self.ca_key, self.issuer_key)
        icc, icc_remainder = self.icc_certificate.make(self.issuer_key, self.icc_key, static)
        found: dict[str, bytes] = {
            "8F": bytes((INDEX,)),
            "90": issuer,
            "92": issuer_remainder,
            "9F32": self.issuer_key.exponent_bytes,
            "93": self.static.make(self.issuer_key, static),
            "9F46": icc,
            "9F47": self.icc_key.exponent_bytes,
            "9F48": icc_remainder,
        }
        if self.pin:
            found["9F2D"], found["9F2F"] = self.pin_certificate.make(self.issuer_key, self.pin_key)
            found["9F2E"] = self.pin_key.exponent_bytes
        values = {tag: value.hex().upper() for tag, value in found.items() if value}
        for tag, change in self.changes.items():
            values.pop(tag, None)
            if change is not None:
                values[tag] = change
        return values

    def capk(self, **changes: Any) -> dict[str, Any]:
        """Keyword arguments of the terminal's CA public key."""
        values: dict[str, Any] = {
            "rid": bytes.fromhex(RID),
            "index": INDEX,
            "modulus": self.ca_key.modulus_bytes,
            "exponent": self.ca_key.exponent,
            **changes,
        }
        parts = values["rid"], bytes((values["index"] & 0xFF,)), values["modulus"]
        exponent = values["exponent"]
        return {"checksum": sha1(*parts, exponent.to_bytes(1 if exponent < 256 else 3, "big")), **values}


class SigningCard(Card):
    """A card of `Chain`: signs in INTERNAL AUTHENTICATE, and in GENERATE AC when P1 asks for it."""

    def __init__(self, plain: Card, chain: Chain, cryptograms: list[str]) -> None:
        super().__init__(plain.answers)
        self.chain = chain
        self.cryptograms = cryptograms  # type (hexadecimal) of each answer to GENERATE AC in turn
        self.pdol_values = b""
        self.cdol_values = b""

    def __call__(self, apdu: bytes) -> bytes | None:
        data = apdu[5 : 5 + apdu[4]]
        if apdu[:2] == b"\x80\xa8":
            self.pdol_values = data[2:]
            self.cdol_values = b""
        if apdu[:2] == b"\x00\x88" and "0088" not in self.answers:
            self.log.append(apdu.hex().upper())
            return self._internal_authenticate(data)
        if apdu[:2] == b"\x80\xae" and "80AE" not in self.answers:
            self.log.append(apdu.hex().upper())
            return self._generate(apdu[2], data)
        return super().__call__(apdu)

    def _internal_authenticate(self, data: bytes) -> bytes:
        signature = self.chain.dynamic.make(self.chain.icc_key, data).hex()
        inner = signature if self.chain.dynamic.template == "80" else tlv("9F4B", signature)
        return bytes.fromhex(tlv(self.chain.dynamic.template, inner) + "9000")

    def _generate(self, p1: int, data: bytes) -> bytes:
        self.cdol_values += data
        cid = self.cryptograms.pop(0)
        how = self.chain.dynamic
        cryptogram = "A1A2A3A4A5A6A7A8"
        rest = "0012" + cryptogram + ARQC[22:]
        if not p1 & 0x10 or cid[0] == "0" or how.template == "80":
            return bytes.fromhex(tlv("80", cid + rest) + "9000")
        before = tlv("9F27", cid) + tlv("9F36", "0012")
        after = tlv("9F10", ARQC[22:]) + (tlv("9F26", cryptogram) if how.plain_cryptogram else "")
        tdh = bytearray(sha1(self.pdol_values, self.cdol_values, bytes.fromhex(before + after)))
        tdh[0] ^= how.tdh_xor
        signed_part = bytes((bytes.fromhex(cid)[0] ^ how.cid_xor,)) + bytes.fromhex(cryptogram) + bytes(tdh)
        number = bytes.fromhex(self.log[-1])[5:][self.number_at :][:4]
        signature = tlv("9F4B", how.make(self.chain.icc_key, number, signed_part).hex())
        return bytes.fromhex(tlv("77", before, "" if how.left_out else signature, after) + "9000")

    number_at = 25  # of 9F37 in CDOL1; in CDOL2 it is elsewhere

    def second(self, number_at: int) -> None:
        """From now on commands have the unpredictable number there."""
        self.number_at = number_at


def signed_card(
    chain: Chain,
    *,
    aip: str,
    cryptograms: str = "80 40",
    objects: Mapping[str, str | None] | None = None,
    more: Mapping[str, str | list[str]] | None = None,
    **options: Any,
) -> SigningCard:
    """A card whose first record is signed, and whose keys and certificates are in file 2, one object a record."""
    plain = card(objects, aip=aip, more=more, **options)
    answer = str(plain.answers["00B2010C"])
    first = bytes.fromhex(answer)[:-2]
    static = first[3:] if first[1] == 0x81 else first[2:]
    tags = {**chain.changes, **(objects or {})}
    static += bytes.fromhex(aip) if tags.get("9F4A") == "82" else b""
    values = chain.objects(static)
    plain.answers["80A80000"] = tlv("80", aip, "08010101", f"1001{len(values):02X}00") + "9000"
    for number, (tag, value) in enumerate(values.items(), 1):
        plain.answers[f"00B2{number:02X}14"] = record({tag: value})
    del plain.answers["80AE"]
    plain.answers.update(more or {})
    return SigningCard(plain, chain, cryptograms.split())
