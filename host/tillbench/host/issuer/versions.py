"""How each cryptogram version is computed on the issuer's side: one row each, as parts that can be swapped to explain
a mismatch.

EMV 4.3 Book 2, 8.1, 8.2 and A1; VIS 1.5 Appendix D; the session keys of M/Chip and UnionPay as `pyemv` and a public
example have them.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, NamedTuple

from pyemv import ac, kd
from pyemv.tools import encrypt_tdes_ecb
from tillbench.host.issuer.issuer_data import IssuerData, Layout

Tags = Mapping[int, bytes]
Covered = Literal["CVR", "CVR and counters", "all of 9F10", "nothing of 9F10"]
Padding = Literal["zeros", "80"]

# In this order every version signs them; then what it covers of 9F10.
SIGNED_TAGS = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36)


@contextmanager
def quiet_about_des() -> Iterator[None]:
    """Two-key Triple DES is what the cards use; the cipher library's advice against it is no news to a user."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*TripleDES")
        yield


def _option_a(imk: bytes, pan: str, psn: str) -> bytes:
    return kd.derive_icc_mk_a(imk, pan, psn)


def _option_b(imk: bytes, pan: str, psn: str) -> bytes:
    return kd.derive_icc_mk_b(imk, pan, psn)


def _none(card_key: bytes, _tags: Tags) -> bytes:
    return card_key


def _common(card_key: bytes, tags: Tags) -> bytes:
    return kd.derive_common_sk(card_key, tags[0x9F36] + bytes(6))


def _skd(card_key: bytes, tags: Tags) -> bytes:
    return kd.derive_common_sk(card_key, tags[0x9F36] + bytes(2) + tags[0x9F37])


def unionpay_session_key(card_key: bytes, atc: bytes) -> bytes:
    """The counter, and then its complement, each in the last two bytes of a zero block (JR/T 0025.7)."""
    complement = bytes(byte ^ 0xFF for byte in atc)
    return encrypt_tdes_ecb(card_key, bytes(6) + atc + bytes(6) + complement)


def _unionpay(card_key: bytes, tags: Tags) -> bytes:
    return unionpay_session_key(card_key, tags[0x9F36])


def _tree(card_key: bytes, tags: Tags) -> bytes:
    return kd.derive_emv2000_tree_sk(card_key, tags[0x9F36])


CARD_KEYS: dict[str, Callable[[bytes, str, str], bytes]] = {
    "card key by option A": _option_a,
    "card key by option B": _option_b,
}
SESSION_KEYS: dict[str, Callable[[bytes, Tags], bytes]] = {
    "no session key": _none,
    "EMV common session key from the ATC": _common,
    "M/Chip session key from ATC and unpredictable number": _skd,
    "UnionPay session key": _unionpay,
    "EMV2000 tree session key": _tree,
}
COVERED: dict[Covered, Callable[[IssuerData], bytes]] = {
    "CVR": lambda data: data.results,
    "CVR and counters": lambda data: data.results + data.counters,
    "all of 9F10": lambda data: data.whole,
    "nothing of 9F10": lambda data: b"",
}
PADDINGS: dict[Padding, ac.PaddingType] = {"zeros": ac.PaddingType.VISA, "80": ac.PaddingType.EMV}


class Version(NamedTuple):
    """The parts by their names in the tables above. `method` of the ARPC; `proof_key` is the session key's rule
    for it."""

    name: str
    card_key: str
    session_key: str
    covered: Covered
    padding: Padding
    method: Literal[1, 2]
    proof_key: str


_A, _B = CARD_KEYS
_NO_KEY, _COMMON, _SKD, _UNIONPAY, _TREE = SESSION_KEYS
VERSIONS: dict[tuple[Layout, int], Version] = {
    ("vis", 0x01): Version("UnionPay 01", _A, _UNIONPAY, "CVR", "80", 1, _UNIONPAY),
    ("vis", 0x0A): Version("Visa 10", _A, _NO_KEY, "CVR", "zeros", 1, _NO_KEY),
    ("vis", 0x12): Version("Visa 18", _B, _COMMON, "all of 9F10", "80", 2, _COMMON),
    ("vis-2", 0x22): Version("Visa 22", _B, _COMMON, "all of 9F10", "80", 2, _COMMON),
    ("mchip", 0x10): Version("M/Chip 10", _A, _SKD, "CVR", "80", 1, _NO_KEY),
    ("mchip", 0x11): Version("M/Chip 11", _A, _SKD, "CVR and counters", "80", 1, _NO_KEY),
    ("mchip", 0x14): Version("M/Chip 14", _A, _COMMON, "CVR", "80", 1, _COMMON),
    ("mchip", 0x15): Version("M/Chip 15", _A, _COMMON, "CVR and counters", "80", 1, _COMMON),
    ("vis", 0x85): Version("Interac 133", _A, _SKD, "all of 9F10", "80", 1, _SKD),
    ("ccd", 0xA5): Version("EMV CCD 5", _B, _COMMON, "all of 9F10", "80", 2, _COMMON),
}
