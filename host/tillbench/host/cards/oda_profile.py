"""Offline data authentication as a profile states it: methods, keys, and what is wrong with them on purpose."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from tillbench.host.cards.profile_fields import Dol, Model, ThreeBytes, TwoBytes, Words, hex_bytes
from tillbench.host.cards.rsa_keys import EXPONENTS, LEAST_BITS, MOST_BITS
from tillbench.protocols.emv import DolEntry

_CERTIFICATE_FAULTS = {
    "header": "the recovered block begins with 6B",
    "format": "another certificate format than 02 or 04",
    "identifier": "another issuer number, or another PAN, than the card's",
    "hash-algorithm": "hash algorithm 02",
    "key-algorithm": "public key algorithm 02",
    "key-length": "one byte more than the key has",
    "hash": "the last bit of the hash turned over",
    "trailer": "the recovered block ends in BD",
    "remainder": "the last bit of the remainder turned over",
    "no-remainder": "the remainder is not in the records",
    "exponent": "another exponent in the records than was signed",
    "no-exponent": "the exponent is not in the records",
    "length": "one byte shorter than the key that signed it",
    "missing": "the certificate is not in the records",
}
_SIGNATURE_FAULTS = {
    "header": "the recovered block begins with 6B",
    "format": "another format than 03 or 05",
    "hash-algorithm": "hash algorithm 02",
    "hash": "the last bit of the hash turned over",
    "trailer": "the recovered block ends in BD",
    "length": "one byte shorter than the key that signed it",
    "missing": "the signature is not there",
}
FAULTS = {
    **{f"{part}.{name}": text for part in ("issuer", "icc", "pin") for name, text in _CERTIFICATE_FAULTS.items()},
    **{f"{part}.{name}": text for part in ("static", "dynamic") for name, text in _SIGNATURE_FAULTS.items()},
    "issuer.index": "tag 8F names a key that no terminal has",
    "issuer.no-index": "tag 8F is not in the records",
    "icc.data": "signed over other static data than the records hold",
    "static.data": "signed over other static data than the records hold",
    "dynamic.data": "signed over another unpredictable number",
    "dynamic.data-length": "the length of the dynamic data is one too many",
    "dynamic.number-length": "the length of the ICC dynamic number runs over the dynamic data",
    "dynamic.cid": "CDA: another cryptogram type inside of the signature than outside",
    "dynamic.transaction-data": "CDA: the transaction data hash has its last bit turned over",
}
"""Every fault by name: which signature, what is wrong with it. One alone; all else is as it should be."""

# By index, the CA keys that a terminal of the bench should hold; a card with another key gives its own `ca_index`.
CA_KEYS = {
    0xFE: (1152, 3),
    0xFD: (1408, 3),
    0xFC: (1984, 3),
    0xFB: (1152, 65537),
    0xFA: (1408, 65537),
    0xF9: (1984, 65537),
    0xF8: (1024, 3),
    0xF7: (768, 3),
    0xF6: (512, 3),
}


class KeyProfile(Model):
    """A key pair: length of the modulus in bits, in whole bytes; public exponent."""

    bits: Annotated[int, Field(ge=LEAST_BITS, le=MOST_BITS, multiple_of=8)]
    exponent: int = 3

    @field_validator("exponent")
    @classmethod
    def _is_allowed(cls, value: int) -> int:
        if value not in EXPONENTS:
            raise ValueError(f"expected {' or '.join(map(str, EXPONENTS))} (EMV 4.3 Book 2, B2.1)")
        return value


class OdaProfile(Model):
    """Keys and signatures of one application (EMV 4.3 Book 2, 5 to 7). Months are YYMM, the card's expiry if left
    out; a certificate is good to the end of its month."""

    methods: Annotated[tuple[Literal["sda", "dda", "cda"], ...], Words] = ()
    ca: KeyProfile = KeyProfile(bits=1152)
    ca_index: Annotated[bytes, hex_bytes(1, 1)] | None = None
    issuer: KeyProfile = KeyProfile(bits=1024)
    icc: KeyProfile = KeyProfile(bits=896)
    pin: KeyProfile | None = None  # a key of its own for enciphered PINs (9F2D); else the ICC key serves
    issuer_number: Annotated[str, Field(pattern=r"^\d{3,8}$")] | None = None  # the PAN's first six digits if left out
    issuer_expiry: Annotated[str, Field(pattern=r"^\d{2}(0[1-9]|1[0-2])$")] | None = None
    icc_expiry: Annotated[str, Field(pattern=r"^\d{2}(0[1-9]|1[0-2])$")] | None = None
    issuer_serial: ThreeBytes = b"\x00\x00\x01"  # RID, CA index and this number are what a revocation list names
    data_authentication_code: TwoBytes = b"\xda\xc1"
    ddol: Dol = (DolEntry(0x9F37, 4),)  # empty: the card names none, the terminal takes its default
    dynamic_number: Annotated[int, Field(ge=2, le=8)] = 8  # bytes of the ICC Dynamic Number
    tag_list: Annotated[bytes, hex_bytes(0, 16)] = b"\x82"  # 9F4A; empty: none, and the AIP is not signed
    faults: Annotated[tuple[str, ...], Words] = ()

    @field_validator("issuer", "icc", "pin")
    @classmethod
    def _fits_its_signer(cls, value: KeyProfile | None, info: ValidationInfo) -> KeyProfile | None:
        signer = "ca" if info.field_name == "issuer" else "issuer"
        above = info.data.get(signer)
        if value is not None and above is not None and value.bits > above.bits:
            raise ValueError(f"{value.bits} bits are more than the {signer} key has ({above.bits}) (Book 2, D1)")
        return value

    @field_validator("faults")
    @classmethod
    def _are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in FAULTS:
                raise ValueError(f"unknown fault {name!r}; faults: {', '.join(FAULTS)}")
        return value

    @field_validator("ca_index")
    @classmethod
    def _is_found(cls, value: bytes | None, info: ValidationInfo) -> bytes | None:
        ca = info.data.get("ca")
        if value is None and ca is not None and (ca.bits, ca.exponent) not in CA_KEYS.values():
            raise ValueError("needed: no shipped CA key has this length and exponent")
        return value

    @property
    def index(self) -> bytes:
        """The CA Public Key Index, one byte."""
        if self.ca_index is not None:
            return self.ca_index
        return bytes([next(index for index, key in CA_KEYS.items() if key == (self.ca.bits, self.ca.exponent))])

    def of(self, part: str) -> frozenset[str]:
        """What is wrong with `part` (issuer, icc, pin, static, dynamic)."""
        return frozenset(name.partition(".")[2] for name in self.faults if name.startswith(part + "."))

    @property
    def is_dynamic(self) -> bool:
        """Whether the card signs by itself."""
        return "dda" in self.methods or "cda" in self.methods
