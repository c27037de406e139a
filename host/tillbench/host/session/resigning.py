"""What a replayed card computes anew, so that its session runs on at fresh inputs: signature, cryptogram, and whether
the issuer is genuine.

Whatever was wrong with the recorded ones is wrong with the new ones in the same way: a difference from what would have
been right is laid over what is right now.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from tillbench.host.cards import CardProfile
from tillbench.host.cards.cryptogram_versions import TERMINAL_DATA, VERSIONS, CryptogramVersion
from tillbench.host.cards.cryptograms import xor
from tillbench.host.cards.rsa_keys import RsaKey
from tillbench.host.issuer.issuer_data import IssuerData, IssuerDataError
from tillbench.host.session.dialogue import Context, Step
from tillbench.host.session.record import octets
from tillbench.host.session.signatures import HASH, Dynamic, bench_key_of, dynamic, private_key_of
from tillbench.protocols.emv import tlv

_TAIL = HASH + 1
_METHOD_1_SIZE = 8


@dataclass(frozen=True)
class CardKeys:
    """The keys of a test card: its scheme's rules, and the card key for cryptograms."""

    scheme: str
    imk_ac: bytes
    pan: str
    psn: str

    @classmethod
    def of(cls, profile: CardProfile) -> CardKeys:
        """Those of a virtual card."""
        return cls(profile.scheme, bytes.fromhex(profile.imk_ac), profile.pan, profile.psn)

    def version(self, issuer_data: bytes) -> CryptogramVersion | None:
        """The cryptogram version that tag 9F10 names, None for one that is not known here."""
        try:
            return VERSIONS.get((self.scheme, IssuerData.parse(issuer_data).version))
        except IssuerDataError:
            return None


class Cryptogram:
    """The cryptogram of a recorded GENERATE AC, and the one for other inputs."""

    def __init__(self, keys: CardKeys, step: Step, context: Context) -> None:
        """Raises LookupError: the version is not known here, or the lists did not ask for what it covers."""
        received = {item.tag: octets(item.value) for item in step.received}
        version = keys.version(received.get(0x9F10, b""))
        if version is None:
            raise LookupError("its cryptogram version is not known here")
        self.version = version
        self.issuer_data = received[0x9F10]
        self._aip = octets(context.card.get(0x82, ""))
        self._udk = version.card_key(keys.imk_ac, keys.pan, keys.psn)
        self._wrong = bytes(8)
        inside = dynamic(step, context, bench_key_of(step))
        recorded = inside.cryptogram if inside and inside.cryptogram else received.get(0x9F26, b"")
        if len(recorded) == len(self._wrong):
            values = {tag: octets(value) for tag, value in context.terminal.items()}
            self._wrong = xor(recorded, self.compute(values, received.get(0x9F36, b"\x00\x00")))

    def compute(self, values: dict[int, bytes], atc: bytes) -> bytes:
        """For the terminal's `values`, by tag. Raises LookupError for one that is missing."""
        data = IssuerData.parse(self.issuer_data)
        covered = {
            "results": data.results,
            "results-and-counters": data.results + data.counters,
            "all": data.whole,
        }[self.version.covers]
        signed = b"".join(values[tag] for tag in TERMINAL_DATA) + self._aip + atc + covered
        key = self.version.session_key(self._udk, atc, values[0x9F37])
        return xor(self.version.application_cryptogram(key, signed), self._wrong)

    def proves(self, issuer_data: bytes, cryptogram: bytes, values: dict[int, bytes], atc: bytes) -> bool:
        """Whether tag 91 is the issuer's answer to `cryptogram` (EMV 4.3 Book 2, 8.2)."""
        key = self.version.proof_key(self._udk, atc, values[0x9F37])
        size = _METHOD_1_SIZE if self.version.method == 1 else 4
        said = issuer_data[size : size + (2 if self.version.method == 1 else 4)]
        expected = self.version.arpc(key, cryptogram, said)
        return hmac.compare_digest(expected, issuer_data[:size])


class Signature:
    """The signature in a recorded answer, and the one over other data."""

    def __init__(self, key: RsaKey, opened: Dynamic) -> None:
        self._key = key
        self._opened = opened
        self._wrong = xor(opened.block[-_TAIL:-1], _sha_1(opened.block[1:-_TAIL] + opened.terminal))
        self._wrong_transaction = b""
        if opened.transaction is not None:
            self._wrong_transaction = xor(opened.data[-HASH:], _sha_1(opened.transaction))

    @classmethod
    def of(cls, step: Step, context: Context) -> Signature | None:
        """None if there is no signature, or no test key that opens it."""
        key, opened = private_key_of(step), dynamic(step, context, bench_key_of(step))
        return cls(key, opened) if key and opened else None

    @property
    def is_combined(self) -> bool:
        """Whether it holds a cryptogram."""
        return self._opened.transaction is not None

    def over(self, terminal: bytes, number: bytes, cryptogram: bytes = b"", transaction: bytes = b"") -> bytes:
        """Tag 9F4B: `number` (8 bytes, cut to what the card's has) is the new ICC Dynamic Number."""
        old = self._opened.data
        tail = b""
        if self.is_combined:
            tail = old[-HASH - 9 :][:1] + cryptogram + xor(_sha_1(transaction), self._wrong_transaction)
        rest = len(old) - 1 - len(tail)
        data = old[:1] + number[:rest].ljust(rest, b"\x00") + tail
        block = self._opened.block
        body = block[1:4] + data + block[4 + len(data) : -_TAIL]
        digest = xor(_sha_1(body + terminal), self._wrong)
        return self._key.sign(block[:1] + body + digest + block[-1:])


def with_values(step: Step, values: dict[int, bytes]) -> bytes:
    """The answer's data field as the card gave it, with other values of the same lengths in their places."""
    if step.template == 0x80:
        parts = (values.get(item.tag, octets(item.value)) for item in step.received)
        return tlv.encode(0x80, *parts)
    data = octets(step.pair.answer)
    for item in step.received:
        new = values.get(item.tag)
        if new is not None:
            old = octets(item.value)
            head = tlv.encode(item.tag, old)[: -len(old)] if old else b""
            at = data.find(head + old) + len(head)
            data = data[:at] + new + data[at + len(old) :]
    return data


def _sha_1(data: bytes) -> bytes:
    return hashlib.sha1(data).digest()  # noqa: S324  the standard's hash
