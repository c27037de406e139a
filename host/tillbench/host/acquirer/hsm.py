"""The host's security module: the only place where a key or a PIN exists in the clear.

Keys and PINs leave it wrapped under the local master key (AES key wrap, RFC 3394 and RFC 5649, which also detects a
damaged ledger row), or, on their way to a terminal, encrypted under that terminal's master key.
"""

from binascii import hexlify
from collections.abc import Callable
from functools import lru_cache
from hmac import compare_digest
from typing import Protocol

from cryptography.hazmat.primitives import keywrap
from psec import pin as pin_values
from psec import pinblock
from tillbench.host.acquirer import tdes
from tillbench.host.acquirer.chip import ChipData
from tillbench.host.acquirer.script_wish import ScriptWish
from tillbench.host.issuer import CardIssuer, IssuerKeys, explain
from tillbench.host.issuer.scripts import Scripter
from tillbench.host.issuer.versions import quiet_about_des
from tillbench.protocols.iso8583.security import macs, tracks

# A key published on purpose, for tests and for ledgers from before each installation had its own.
TEST_LMK = bytes.fromhex("7465737420 6c6f63616c 206d617374 6572206b65 79206f6e6c 7920746573 7421")

Entropy = Callable[[int], bytes]


class PinReference(Protocol):
    """What the issuer holds a PIN against: `schema.CardFacts`; `schema.Card` says what its members are."""

    pan: str
    pin_method: str
    pin_under_lmk: bytes | None
    pin_value: str | None
    pin_key_index: int
    pin_key_under_lmk: bytes | None


class ScriptedCard(Protocol):
    """Whose scripts are made: `schema.Card`."""

    pan: str
    psn: str
    imk_under_lmk: bytes
    imk_smi_under_lmk: bytes | None
    imk_smc_under_lmk: bytes | None


KEPT = 16_384
"""Keys that stay unwrapped, those used last."""


class PinFormatError(ValueError):
    """A deciphered PIN block is not of ISO 9564-1 format 0 for this PAN. The text tells nothing of its content."""


class WrongMasterKey(RuntimeError):
    """A stored secret does not open: the ledger was made under another local master key, or is damaged."""


BLOCK_BITS = 8 * tdes.BLOCK


@lru_cache(4096)
def _halving(size: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """How the blocks of so many bytes, taken as one number, are folded into one block: by how many bits it is filled
    up with zeros, and for each half of what is left its bits and a mask for it."""
    whole = BLOCK_BITS
    while whole < 8 * size:
        whole *= 2
    halves = [BLOCK_BITS << power for power in range(whole.bit_length() - BLOCK_BITS.bit_length())]
    return whole - 8 * size, tuple((bits, (1 << bits) - 1) for bits in reversed(halves))


class Hsm:
    """Key store and cipher machine. Arguments named `*_under_lmk` are what `store_key` or `store_pin` gave."""

    def __init__(self, entropy: Entropy, lmk: bytes = TEST_LMK) -> None:
        """`entropy(n)` gives n random bytes; `lmk` is an AES key of 16, 24 or 32 bytes."""
        if len(lmk) not in (16, 24, 32):
            raise ValueError(f"local master key: expected 16, 24 or 32 bytes, found {len(lmk)}")
        self._entropy = entropy
        self._lmk = lmk
        self._clear = lru_cache(KEPT)(self._unwrap)
        self._encipher = lru_cache(KEPT)(lambda under_lmk: tdes.encipherer(self._clear(under_lmk)))

    def __repr__(self) -> str:
        return "Hsm()"

    # Keys

    def store_key(self, key: bytes) -> bytes:
        """Wrap a clear DES key of 8, 16 or 24 bytes; raises ValueError for any other length."""
        if len(key) not in (8, 16, 24):
            raise ValueError(f"DES key: expected 8, 16 or 24 bytes, found {len(key)}")
        return keywrap.aes_key_wrap_with_padding(self._lmk, key)

    def generate_key(self, length: int) -> bytes:
        """Make a random DES key of `length` bytes with odd parity and return it wrapped."""
        return self.store_key(tdes.odd_parity(self._entropy(length)))

    def export_key(self, key_under_lmk: bytes, tmk_under_lmk: bytes) -> bytes:
        """A working key as field 62 has it: encrypted under the terminal master key, then 4 bytes of check value."""
        key = self._clear(key_under_lmk)
        return tdes.encrypt(self._clear(tmk_under_lmk), key) + tdes.check_value(key)

    # Message authentication

    def mac(self, mak_under_lmk: bytes, message: bytes) -> bytes:
        """Field 64 by the CUP ECB method: 8 ASCII hexadecimal characters.

        `message` is everything from the message type to the last field before 64, with bit 64 set in the bitmap. Its
        blocks, zero-padded, are folded by exclusive or; the fold is spelt in hexadecimal and its two halves are
        chained through the cipher. The key decides between DES (8 bytes) and Triple DES (16 bytes).
        """
        encipher = self._encipher(mak_under_lmk)
        # All blocks as one number, since a number for each takes half as long again.
        zeros, halves = _halving(len(message))
        fold = int.from_bytes(message, "big") << zeros
        for bits, mask in halves:
            fold = fold >> bits ^ fold & mask
        spelt = b"%016X" % fold
        chained = int.from_bytes(encipher(spelt[:8]), "big") ^ int.from_bytes(spelt[8:], "big")
        return hexlify(encipher(chained.to_bytes(8, "big"))[:4]).upper()

    def mac_by(self, algorithm: str) -> Callable[[bytes, bytes], bytes]:
        """What makes MACs of 8 bytes, of a key under the LMK and a message, by the name that a dialect gives its
        algorithm: `cup-ecb`, `x9.9` or `x9.19`."""
        if algorithm == "cup-ecb":
            return self.mac
        make = macs.MACS[algorithm]
        return lambda mak_under_lmk, message: make(tdes, self._clear(mak_under_lmk), message)

    # PIN

    def store_pin(self, pin: str, pan: str) -> bytes:
        """Wrap a clear PIN of 4 to 12 digits as the format 0 block of its card; raises ValueError for another PIN."""
        return keywrap.aes_key_wrap_with_padding(self._lmk, pinblock.encode_pinblock_iso_0(pin, pan))

    def verify_pin(self, block: bytes, pik_under_lmk: bytes, card: PinReference) -> bool:
        """Does a PIN block from a terminal (field 52, under its PIN key) hold the card's PIN?

        Raises PinFormatError when what was deciphered is no ISO 9564-1 format 0 block for this PAN, which says that
        the PIN key or the PAN differs rather than that the cardholder mistyped.
        """
        clear = tdes.decrypt(self._clear(pik_under_lmk), block)
        by_block = card.pin_method == "block"
        if by_block:
            stored = card.pin_under_lmk
            assert stored is not None, "a card verified by block has one"
            if compare_digest(clear, self._clear(stored)):
                return True
        try:
            entered = pinblock.decode_pinblock_iso_0(clear, card.pan)
        except ValueError:
            raise PinFormatError("PIN block is not ISO 9564-1 format 0 for this PAN") from None
        if by_block:
            return False  # a PIN has one block with a PAN, and this is another
        assert card.pin_key_under_lmk is not None, "a card verified by value has a key for it"
        value = self.pin_value(card.pin_method, entered, card.pan, card.pin_key_under_lmk, card.pin_key_index)
        return compare_digest(value, card.pin_value or "")

    def pin_value(self, method: str, pin: str, pan: str, key_under_lmk: bytes, key_index: int) -> str:
        """What an issuer stores instead of a PIN, by its first four digits: Visa's PIN verification value (method
        `pvv`) or the offset to the PIN that IBM 3624 derives from the PAN (`offset`). Raises ValueError for others."""
        key = self._clear(key_under_lmk)
        with quiet_about_des():
            if method == "pvv":
                return pin_values.generate_visa_pvv(key, str(key_index), pin[:4], pan)
            if method == "offset":
                data = pan[-13:-1]
                return pin_values.generate_ibm3624_offset(key, "0123456789012345", pin[:4], data, 0, len(data), "F")
        raise ValueError(f"PIN method: expected pvv or offset, found {method!r}")

    # Tracks

    def decrypt_track(self, tdk_under_lmk: bytes, track: str) -> str:
        """A track 2 or 3 with its eight enciphered bytes in the clear again; raises ValueError below 17 digits."""
        return tracks.decrypt(tdes, self._clear(tdk_under_lmk), track)

    # Card cryptograms

    def verify_cryptogram(self, imk_under_lmk: bytes, pan: str, psn: str, chip: ChipData) -> bool:
        """Is the application cryptogram (tag 9F26) the one that this card makes over the chip data?

        Raises IssuerDataError when 9F10 names a cryptogram version that no issuer here knows.
        """
        return self._issuer(imk_under_lmk, pan, psn).verify(chip.tags)

    def explain_cryptogram(self, imk_under_lmk: bytes, pan: str, psn: str, chip: ChipData) -> str:
        """Why it is not: which key derivation, data or padding would give it. No key is in the text."""
        return str(explain(self._issuer(imk_under_lmk, pan, psn), chip.tags))

    def issuer_authentication_data(
        self, imk_under_lmk: bytes, pan: str, psn: str, chip: ChipData, response_code: str
    ) -> bytes:
        """Tag 91, the issuer's proof: by method 1 over the two characters of field 39 as they are sent, by method 2
        over a Card Status Update that approves or not."""
        return self._issuer(imk_under_lmk, pan, psn).authentication_data(chip.tags, response_code)

    def script(self, card: ScriptedCard, chip: ChipData, wish: ScriptWish) -> bytes:
        """The script that a wish asks for, for the card whose ARQC is in `chip`: tag 71 or 72, whole.

        Raises ValueError for what the card's scheme does not have, or a card without script keys in the books.
        """
        if card.imk_smi_under_lmk is None or card.imk_smc_under_lmk is None:
            raise ValueError("the card has no script keys in the books: provision it again")
        keys = (card.imk_under_lmk, card.imk_smi_under_lmk, card.imk_smc_under_lmk)
        issuer = CardIssuer(IssuerKeys(*map(self._clear, keys)), card.pan, card.psn)
        with quiet_about_des():
            return wish.script(Scripter(issuer, chip.tags))

    def _issuer(self, imk_under_lmk: bytes, pan: str, psn: str) -> CardIssuer:
        return CardIssuer(IssuerKeys(self._clear(imk_under_lmk)), pan, psn)

    def _unwrap(self, under_lmk: bytes) -> bytes:
        try:
            return keywrap.aes_key_unwrap_with_padding(self._lmk, under_lmk)
        except keywrap.InvalidUnwrap:
            raise WrongMasterKey("a stored key or PIN does not open under this local master key") from None
