"""Offline data authentication (Book 2 sections 5 and 6, Book 3 section 10.3) and the PIN encipherment key (Book 2 7.1).

Certificates are recovered with Python's own integers and hashlib.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

Key = tuple[int, int, int]
"""Modulus, exponent, size in bytes."""


class NotAuthentic(Exception):
    """`missing`: a data element that the method needs is not there."""

    def __init__(self, missing: bool = False) -> None:
        super().__init__()
        self.missing = missing


@dataclass
class CaKey:
    """A payment system's key in the terminal."""

    rid: bytes
    index: int
    key: Key
    expiry: bytes  # YYMMDD, empty if unknown


def recover(signed: bytes, key: Key, form: int) -> bytes:
    """Book 2 sections 5.3, 5.4, 6.3, 6.4, 6.5.2: steps 1 to 4 are the same everywhere."""
    modulus, exponent, size = key
    if len(signed) != size or size < 25:
        raise NotAuthentic
    block = pow(int.from_bytes(signed, "big"), exponent, modulus).to_bytes(size, "big")
    if block[0] != 0x6A or block[1] != form or block[-1] != 0xBC:
        raise NotAuthentic
    return block


def hash_fits(block: bytes, *more: bytes) -> bool:
    """The hash of a block is over itself, between header and hash, and what goes with it."""
    return hashlib.sha1(block[1:-21] + b"".join(more)).digest() == block[-21:-1]


def century(date: bytes) -> str:
    """YYMMDD with its century: 50 to 99 are 19xx (Book 4 section 6.7.3)."""
    return ("19" if date[0] >= 0x50 else "20") + date.hex()


def month_over(mmyy: bytes, today: bytes) -> bool:
    """Valid to the last day of the month (section 5.3 step 9)."""
    return century(bytes([mmyy[1], mmyy[0], 0x31])) < century(today)


def digits(value: bytes) -> str:
    """A number in cn, without its padding."""
    return value.hex().upper().rstrip("F")


@dataclass
class Authenticator:
    """One card's data against one terminal's keys."""

    known: dict[int, bytes]
    aid: bytes
    today: bytes
    ca_keys: list[CaKey]
    revoked: set[bytes]  # RID, index, serial number
    static: bytes  # of the records, before 9F4A adds the AIP

    def need(self, *tags: int) -> None:
        """Book 3 section 7.5 and table 26: a missing element fails the method."""
        if any(tag not in self.known for tag in tags):
            raise NotAuthentic(missing=True)

    def static_data(self) -> bytes:
        """Book 3 section 10.3: 9F4A may name the AIP and nothing else."""
        if 0x9F4A not in self.known:
            return self.static
        if self.known[0x9F4A] != b"\x82":
            raise NotAuthentic
        return self.static + self.known[0x82]

    def certified(self, block: bytes, head: int, remainder_tag: int, exponent_tag: int, *more: bytes) -> Key:
        """The key inside a certificate: steps 5 to 12 of sections 5.3 and 6.4 that are alike."""
        room = len(block) - head - 21
        size = block[head - 2]
        if size > room:
            self.need(remainder_tag)
        remainder = self.known.get(remainder_tag, b"")
        exponent = self.known[exponent_tag]
        if not hash_fits(block, remainder, exponent, *more):
            raise NotAuthentic
        if block[head - 3] != 1 or block[head - 4] != 1:
            raise NotAuthentic
        modulus = block[head : head + min(size, room)] + (remainder if size > room else b"")
        if len(modulus) != size:
            raise NotAuthentic
        return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"), size

    def issuer_key(self) -> Key:
        """Book 2 sections 5.2 and 5.3."""
        self.need(0x8F, 0x90, 0x9F32)
        rid = self.aid[:5]
        ca = next((k for k in self.ca_keys if (k.rid, k.index) == (rid, self.known[0x8F][0])), None)
        if ca is None or (ca.expiry and century(ca.expiry) < century(self.today)):
            raise NotAuthentic
        block = recover(self.known[0x90], ca.key, 2)
        key = self.certified(block, 15, 0x92, 0x9F32)
        if not digits(self.known[0x5A]).startswith(digits(block[2:6])):
            raise NotAuthentic
        if month_over(block[6:8], self.today):
            raise NotAuthentic
        if rid + self.known[0x8F] + block[8:11] in self.revoked:
            raise NotAuthentic
        return key

    def card_key(self, certificate: int, exponent: int, remainder: int, static: bytes) -> Key:
        """Book 2 section 6.4, or 7.1 without static data."""
        self.need(0x8F, 0x90, 0x9F32, certificate, exponent)
        block = recover(self.known[certificate], self.issuer_key(), 4)
        key = self.certified(block, 21, remainder, exponent, static)
        if digits(block[2:12]) != digits(self.known[0x5A]) or month_over(block[12:14], self.today):
            raise NotAuthentic
        return key

    def icc_key(self) -> Key:
        """The key of DDA and CDA."""
        self.need(0x8F, 0x90, 0x9F32, 0x9F46, 0x9F47)
        return self.card_key(0x9F46, 0x9F47, 0x9F48, self.static_data())

    def pin_key(self) -> Key:
        """Book 2 section 7.1: the key of its own, else the ICC's."""
        if 0x9F2D in self.known:
            return self.card_key(0x9F2D, 0x9F2E, 0x9F2F, b"")
        return self.icc_key()

    def sda(self) -> None:
        """Book 2 section 5.4."""
        self.need(0x8F, 0x90, 0x9F32, 0x93)
        static = self.static_data()
        block = recover(self.known[0x93], self.issuer_key(), 3)
        if block[2] != 1 or not hash_fits(block, static):
            raise NotAuthentic

    @staticmethod
    def dynamic(signed: bytes, key: Key, terminal_data: bytes, least: int = 0) -> bytes:
        """Book 2 section 6.5.2: the ICC dynamic data after the ICC dynamic number."""
        block = recover(signed, key, 5)
        if block[2] != 1 or not hash_fits(block, terminal_data):
            raise NotAuthentic
        data = block[4 : 4 + block[3]]
        if not 2 <= data[0] <= 8 or len(data) < 1 + data[0] + least:
            raise NotAuthentic
        return data[1 + data[0] :]
