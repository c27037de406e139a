"""Offline data authentication as a terminal does it, from the books and with plain `pow`: the cards' counterpart in
the tests, which shares no code with what signs (EMV 4.3 Book 2, 5, 6 and 7)."""

import calendar
import hashlib
from dataclasses import dataclass
from datetime import date

from tillbench.host.cards.ca import PublicKey
from tillbench.protocols.emv import dol, tlv

from .cards_terminal import Terminal


class OdaFailed(Exception):
    """Authentication fails; `reason` names the step."""


@dataclass(frozen=True)
class Key:
    modulus: bytes
    exponent: int


def need(condition: bool, reason: str) -> None:
    if not condition:
        raise OdaFailed(reason)


def value(values: dict[int, bytes], tag: int) -> bytes:
    need(tag in values, f"{tag:X} missing")
    return values[tag]


def recover(signature: bytes, key: Key, kind: int) -> bytes:
    """The recovered block without header, format, hash and trailer checked away: 6A ... BC."""
    need(len(signature) == len(key.modulus), "length")
    number = pow(int.from_bytes(signature, "big"), key.exponent, int.from_bytes(key.modulus, "big"))
    block = number.to_bytes(len(key.modulus), "big")
    need(block[-1] == 0xBC, "trailer")
    need(block[0] == 0x6A, "header")
    need(block[1] == kind, "format")
    return block


def hash_matches(block: bytes, rest: bytes) -> None:
    need(block[-21:-1] == hashlib.sha1(block[1:-21] + rest).digest(), "hash")


def in_date(month: bytes, today: date) -> None:
    """`month` is MMYY; good to its last day."""
    number, year = int(month[:1].hex()), 2000 + int(month[1:].hex())
    need(1 <= number <= 12, "month")
    need(date(year, number, calendar.monthrange(year, number)[1]) >= today, "expired")


def issuer_key(terminal: Terminal, capk: PublicKey, today: date, revoked: set[bytes]) -> Key:
    values = terminal.values
    need(value(values, 0x8F) == bytes([capk.index]), "index")
    ca = Key(capk.modulus, int.from_bytes(capk.exponent, "big"))
    block = recover(value(values, 0x90), ca, 0x02)
    exponent, remainder = value(values, 0x9F32), values.get(0x92, b"")
    hash_matches(block, remainder + exponent)
    pan = value(values, 0x5A).hex().rstrip("f")
    number = block[2:6].hex().rstrip("f")
    need(len(number) >= 3 and pan.startswith(number), "identifier")
    in_date(block[6:8], today)
    need(capk.rid + bytes([capk.index]) + block[8:11] not in revoked, "revoked")
    need(block[11] == 1, "hash algorithm")
    need(block[12] == 1, "key algorithm")
    return _key(block[15:-21], block[13], block[14], remainder, exponent)


def icc_key(terminal: Terminal, issuer: Key, today: date, static: bytes, tags: tuple[int, int, int]) -> Key:
    """`tags`: certificate, exponent, remainder (9F46 9F47 9F48, or 9F2D 9F2E 9F2F)."""
    values = terminal.values
    block = recover(value(values, tags[0]), issuer, 0x04)
    exponent, remainder = value(values, tags[1]), values.get(tags[2], b"")
    hash_matches(block, remainder + exponent + static)
    need(block[2:12].hex().rstrip("f") == value(values, 0x5A).hex().rstrip("f"), "identifier")
    in_date(block[12:14], today)
    need(block[17] == 1, "hash algorithm")
    need(block[18] == 1, "key algorithm")
    return _key(block[21:-21], block[19], block[20], remainder, exponent)


def _key(inside: bytes, size: int, exponent_size: int, remainder: bytes, exponent: bytes) -> Key:
    need(exponent_size == len(exponent), "exponent length")
    if size <= len(inside):
        need(inside[size:] == b"\xbb" * (len(inside) - size), "padding")
        need(not remainder, "remainder too many")
        return Key(inside[:size], int.from_bytes(exponent, "big"))
    need(len(inside) + len(remainder) == size, "remainder length")
    return Key(inside + remainder, int.from_bytes(exponent, "big"))


def static_data(terminal: Terminal) -> bytes:
    """The records that the AFL marks, read again, then the AIP if 9F4A says so."""
    afl, data = terminal.values[0x94], b""
    for at in range(0, len(afl), 4):
        for number in range(afl[at + 1], afl[at + 1] + afl[at + 3]):
            record = terminal.read_record(afl[at] >> 3, number).data
            data += tlv.parse(record)[0].value if afl[at] >> 3 <= 10 else record
    tags = terminal.values.get(0x9F4A)
    need(tags in (None, b"\x82"), "tag list")
    return data + (terminal.values[0x82] if tags else b"")


def check_static(issuer: Key, terminal: Terminal) -> bytes:
    """SDA. The Data Authentication Code."""
    block = recover(value(terminal.values, 0x93), issuer, 0x03)
    need(block[2] == 1, "hash algorithm")
    hash_matches(block, static_data(terminal))
    return block[3:5]


def check_dynamic(icc: Key, signature: bytes, covered: bytes) -> bytes:
    """The ICC dynamic data of an SDAD."""
    block = recover(signature, icc, 0x05)
    need(block[2] == 1, "hash algorithm")
    hash_matches(block, covered)
    need(block[3] <= len(icc.modulus) - 25, "dynamic data length")
    dynamic = block[4 : 4 + block[3]]
    need(block[4 + block[3] : -21].strip(b"\xbb") == b"", "padding")
    need(1 + dynamic[0] <= len(dynamic), "dynamic number length")
    return dynamic


def check_dda(icc: Key, terminal: Terminal) -> bytes:
    """INTERNAL AUTHENTICATE and its signature. The ICC Dynamic Number."""
    entries = dol.parse(terminal.values.get(0x9F49, b"\x9f\x37\x04"))
    need(any(entry.tag == 0x9F37 for entry in entries), "DDOL without 9F37")
    asked = dol.fill(entries, terminal.values)
    answer = terminal.send(0x00, 0x88, 0, 0, asked)
    assert answer.sw == 0x9000, f"{answer.sw:04X}"
    item = tlv.parse(answer.data, nested=True)[0]
    signature = item.value if item.tag == 0x80 else getattr(item.find(0x9F4B), "value", b"")
    dynamic = check_dynamic(icc, signature, asked)
    need(len(dynamic) == 1 + dynamic[0], "dynamic data length")
    return dynamic[1:]


def check_cda(icc: Key, answer: bytes, asked: bytes, unpredictable: bytes) -> bytes:
    """The answer of GENERATE AC; `asked` is PDOL, CDOL1 (and CDOL2) data. The Application Cryptogram."""
    template = tlv.parse(answer)[0]
    need(template.tag == 0x77, "template")
    items = {item.tag: item.value for item in template.children}
    dynamic = check_dynamic(icc, value(items, 0x9F4B), unpredictable)
    size = dynamic[0]
    need(len(dynamic) == 1 + size + 1 + 8 + 20, "dynamic data length")
    cid, cryptogram, digest = dynamic[1 + size], dynamic[2 + size : 10 + size], dynamic[10 + size :]
    need(bytes([cid]) == items[0x9F27], "cid")
    seen = tlv.encode_all((tag, item) for tag, item in items.items() if tag != 0x9F4B)
    need(digest == hashlib.sha1(asked + seen).digest(), "transaction data")
    return cryptogram
