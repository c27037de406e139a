"""The issuer of the kernel's tests: verifies and answers with `pyemv`, from the profile's master key only."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pyemv
from tillbench.host.cards import CardProfile

_SIGNED = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36)


class Issuer:
    """CVN 10 of Visa and CVN 01 of UnionPay; both sign the same list and the four bytes of the CVR in 9F10."""

    def __init__(self, profile: CardProfile) -> None:
        self._visa = profile.scheme == "visa"
        with _quiet():
            self._card_key = pyemv.kd.derive_icc_mk_a(bytes.fromhex(profile.imk_ac), profile.pan, profile.psn)

    def cryptogram(self, values: dict[int, bytes]) -> bytes:
        """The application cryptogram that these data elements of DE 55 deserve."""
        padding = pyemv.ac.PaddingType.VISA if self._visa else pyemv.ac.PaddingType.EMV
        data = b"".join(values[tag] for tag in _SIGNED) + values[0x9F10][3:7]
        with _quiet():
            return bytes(pyemv.ac.generate_ac(self._session_key(values), data, padding, 8))

    def proof(self, values: dict[int, bytes], arc: bytes) -> bytes:
        """The value of 91: ARPC by method 1, then the response code."""
        with _quiet():
            return bytes(pyemv.ac.generate_arpc_1(self._session_key(values), values[0x9F26], arc)) + arc

    def _session_key(self, values: dict[int, bytes]) -> bytes:
        if self._visa:
            return bytes(self._card_key)
        atc = values[0x9F36]
        inverse = bytes(0xFF - byte for byte in atc)
        return bytes(pyemv.tools.encrypt_tdes_ecb(self._card_key, bytes(6) + atc + bytes(6) + inverse))


@contextmanager
def _quiet() -> Iterator[None]:
    """The oracle's two-key TDES makes its cipher library warn."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*TripleDES")
        yield
