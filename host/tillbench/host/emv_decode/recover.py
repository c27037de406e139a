"""Certificates and signatures of offline data authentication, opened with the CA keys that are known here
(EMV 4.3 Book 2, 5.3, 5.4, 6.3, 6.4, 6.5.2, 6.6.2, 7.2).

For reading, not for judging: what a terminal must check is the kernel's; here a field that is wrong is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tillbench.host.cards.ca import PublicKey
from tillbench.protocols.emv import mask_pan, name_of
from tillbench.protocols.emv.tlv import tag_hex

_HEADER, _TRAILER, _SHA_1 = 0x6A, 0xBC, 0x01
_HASH = 20


@dataclass(frozen=True)
class _Key:
    """A public key, and whose."""

    modulus: bytes
    exponent: int
    owner: str

    def open(self, signature: bytes) -> bytes | None:
        """The signed block, None if the signature is not as long as the key."""
        if len(signature) != len(self.modulus):
            return None
        number = pow(int.from_bytes(signature, "big"), self.exponent, int.from_bytes(self.modulus, "big"))
        return number.to_bytes(len(self.modulus), "big")


def recovered(objects: Mapping[int, bytes], ca_keys: Iterable[PublicKey]) -> list[str]:
    """What is in the certificates (90, 9F46, 9F2D) and signatures (93, 9F4B) among `objects`, by tag; PANs masked.

    The CA key is the one of index 8F; without that tag, the first that opens the issuer's certificate.
    """
    if not {0x90, 0x9F46, 0x9F2D, 0x93, 0x9F4B} & objects.keys():
        return []
    return list(_all(objects, list(ca_keys)))


def _all(objects: Mapping[int, bytes], ca_keys: list[PublicKey]) -> Iterator[str]:
    if 0x90 not in objects:
        yield "no Issuer Public Key Certificate (90): nothing can be opened"
        return
    ca = _ca_key(objects, ca_keys)
    if isinstance(ca, str):
        yield ca
        return
    issuer = yield from _certificate(objects, 0x90, 0x92, 0x9F32, ca)
    if issuer is None:
        return
    if 0x93 in objects:
        yield from _static(objects[0x93], issuer)
    icc = None
    if 0x9F46 in objects:
        icc = yield from _certificate(objects, 0x9F46, 0x9F48, 0x9F47, issuer)
    if 0x9F2D in objects:
        yield from _certificate(objects, 0x9F2D, 0x9F2F, 0x9F2E, issuer)
    if 0x9F4B in objects and icc is not None:
        yield from _dynamic(objects[0x9F4B], objects.get(0x9F37), icc)


def _ca_key(objects: Mapping[int, bytes], ca_keys: list[PublicKey]) -> _Key | str:
    index = objects.get(0x8F)
    fitting = [key for key in ca_keys if index is None or bytes([key.index]) == index]
    for key in fitting:
        found = _Key(key.modulus, int.from_bytes(key.exponent, "big"), f"CA key {key.index:02X}")
        block = found.open(objects[0x90])
        if block and block[0] == _HEADER and block[-1] == _TRAILER:
            return found
    if index is not None and not fitting:
        return f"CA key {index.hex().upper()} is not known here: the certificates stay closed"
    return "no CA key known here opens the Issuer Public Key Certificate (90)"


def _certificate(
    objects: Mapping[int, bytes], tag: int, remainder_tag: int, exponent_tag: int, signer: _Key
) -> Generator[str, None, _Key | None]:
    """Yields its lines; the generator's value is the key in it, None if it cannot be had."""
    block = signer.open(objects[tag])
    yield f"{tag_hex(tag)} {name_of(tag)}, signed by the {signer.owner}"
    if block is None or block[0] != _HEADER or block[-1] != _TRAILER:
        yield "  ! the key does not open it"
        return None
    is_issuer = tag == 0x90
    size = 4 if is_issuer else 10
    number, rest = block[2 : 2 + size].hex().upper().rstrip("F"), block[2 + size : -1 - _HASH]
    whose = f"issuer {number}" if is_issuer else f"PAN {mask_pan(number)}"
    month, year = rest[:1].hex(), rest[1:2].hex()
    yield f"  format {block[1]:02X}, {whose}, good to {month}/20{year}, serial number {rest[2:5].hex().upper()}"
    length, exponent_length, inside = rest[7], rest[8], rest[9:]
    remainder, exponent = objects.get(remainder_tag, b""), objects.get(exponent_tag, b"")
    modulus = (inside + remainder)[:length] if remainder else inside[:length]
    where = f", {len(remainder)} bytes of it in {tag_hex(remainder_tag)}" if remainder else ""
    shown = int.from_bytes(exponent, "big") if exponent else "missing"
    yield f"  RSA key of {length * 8} bits, exponent {shown}{where}"
    if rest[5] != _SHA_1 or rest[6] != 0x01:
        yield f"  ! algorithms {rest[5]:02X} and {rest[6]:02X}: expected 01 (SHA-1) and 01 (RSA)"
    if len(exponent) != exponent_length or len(modulus) != length:
        there = f"{len(modulus)} of {length} bytes, exponent {len(exponent)} of {exponent_length}"
        yield f"  ! the key is not whole: {there}"
        return None
    digest = hashlib.sha1(block[1 : -1 - _HASH] + remainder + exponent).digest()  # noqa: S324  the standard's
    if digest == block[-1 - _HASH : -1]:
        yield "  hash: right"
    elif tag == 0x9F46:
        yield "  hash: not checked, it covers the signed records besides"
    else:
        yield "  ! hash: wrong"
    owner = "issuer's key" if is_issuer else "card's key"
    return _Key(modulus, int.from_bytes(exponent, "big"), owner)


def _static(signature: bytes, issuer: _Key) -> Iterator[str]:
    yield f"93 {name_of(0x93)}, signed by the {issuer.owner}"
    block = issuer.open(signature)
    if block is None or block[0] != _HEADER or block[-1] != _TRAILER:
        yield "  ! the key does not open it"
        return
    yield f"  format {block[1]:02X}, data authentication code {block[3:5].hex().upper()}"


def _dynamic(signature: bytes, number: bytes | None, icc: _Key) -> Iterator[str]:
    yield f"9F4B {name_of(0x9F4B)}, signed by the {icc.owner}"
    block = icc.open(signature)
    if block is None or block[0] != _HEADER or block[-1] != _TRAILER:
        yield "  ! the key does not open it"
        return
    size, data = block[3], block[4 : 4 + block[3]]
    own = data[1 : 1 + data[0]] if data else b""
    yield f"  format {block[1]:02X}, {size} bytes of dynamic data, ICC dynamic number {own.hex().upper()}"
    more = data[1 + len(own) :]
    if len(more) == 1 + 8 + _HASH:
        yield f"  combined with CID {more[:1].hex().upper()}, cryptogram {more[1:9].hex().upper()}"
    if number is not None:
        digest = hashlib.sha1(block[1 : -1 - _HASH] + number).digest()  # noqa: S324  the standard's
        right = digest == block[-1 - _HASH : -1]
        yield f"  hash over the unpredictable number 9F37 alone: {'right' if right else 'wrong, or over more'}"
