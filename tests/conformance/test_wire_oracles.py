"""What the terminal puts on the acquirer line, checked by outsiders: pyiso8583 decodes it, psec opens the PIN block and
makes the MAC, pyemv makes the cryptograms. The acquirer's own code has no part in the verdict."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import iso8583
import psec
import pyemv
import pytest
from tillbench.host.cards import CardProfile
from tillbench.host.terminal import Terminal
from tillbench.protocols.iso8583 import UNIONPAY
from tillbench.protocols.iso8583.export import pyiso8583_spec

TPDU, HEADER = bytes.fromhex("6000030000"), bytes.fromhex("603100310000")
SIGNED = ("9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37", "82", "9F36")
"""What both cards' cryptograms cover, ahead of the card verification results."""
CARDS = ["unionpay-debit", "visa-credit"]


@contextmanager
def quiet() -> Iterator[None]:
    """The oracles use two-key TDES, which their cipher library warns about."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*TripleDES")
        yield


class Wire:
    """Both directions of the acquirer line, frame by frame, cut by hand."""

    def __init__(self, terminal: Terminal) -> None:
        self.bytes = {"<": b"", ">": b""}
        terminal.emulator.line.on_bytes = self._hear

    def _hear(self, direction: str, data: bytes) -> None:
        self.bytes[direction] += data

    def frames(self, direction: str) -> list[bytes]:
        """Bodies, in order; length (2 bytes, big-endian), TPDU and header checked and taken off."""
        data, bodies = self.bytes[direction], []
        while data:
            size = int.from_bytes(data[:2], "big")
            frame, data = data[2 : 2 + size], data[2 + size :]
            assert len(frame) == size
            if direction == "<":
                assert frame[:5] == TPDU
                assert frame[5:11] == HEADER
            bodies.append(frame[11:])
        return bodies

    def one(self, direction: str, mti: str) -> tuple[bytes, dict[str, str]]:
        """The only message of that type: its body, and what pyiso8583 reads in it (binary fields in hexadecimal)."""
        found = [body for body in self.frames(direction) if body[:2].hex() == mti]
        assert len(found) == 1
        decoded, _ = iso8583.decode(found[0], pyiso8583_spec(UNIONPAY))
        return found[0], decoded


class Keys:
    """Terminal keys, out of the key slot and the sign-on that went over the line."""

    def __init__(self, terminal: Terminal, wire: Wire) -> None:
        tmk = bytes.fromhex(json.loads((terminal.emulator.options.state / "keyslot.json").read_text())["TMK"])
        block = bytes.fromhex(wire.one(">", "0810")[1]["62"])
        with quiet():
            self.pik = psec.des.decrypt_tdes_ecb(tmk, block[:16])
            self.mak = psec.des.decrypt_tdes_ecb(tmk, block[20:36])
            assert psec.des.generate_kcv(self.pik, 4) == block[16:20]
            assert psec.des.generate_kcv(self.mak, 4) == block[36:]

    def mac(self, body: bytes) -> bytes:
        """F64 of a message: the XOR of its blocks up to F63, as hex digits, under the key in two chained blocks."""
        data = body[:-8] + bytes(-len(body[:-8]) % 8)
        folded = bytes(8)
        for at in range(0, len(data), 8):
            folded = psec.tools.xor(folded, data[at : at + 8])
        text = folded.hex().upper().encode()
        with quiet():
            first = psec.des.encrypt_tdes_ecb(self.mak, text[:8])
            last: bytes = psec.des.encrypt_tdes_ecb(self.mak, psec.tools.xor(first, text[8:]))
        return last.hex().upper()[:8].encode()


def session_key(profile: CardProfile, atc: bytes) -> bytes:
    """The key of the application cryptogram: the card's own (Visa CVN 10), or one a transaction (UnionPay CVN 01)."""
    with quiet():
        card: bytes = pyemv.kd.derive_icc_mk_a(bytes.fromhex(profile.imk_ac), profile.pan, profile.psn)
        if profile.scheme == "visa":
            return card
        inverse = bytes(0xFF - byte for byte in atc)
        derived: bytes = psec.des.encrypt_tdes_ecb(card, bytes(6) + atc + bytes(6) + inverse)
        return derived


def arqc(profile: CardProfile, tags: dict[str, bytes]) -> bytes:
    """The cryptogram that this card makes over these data."""
    signed = b"".join(tags[tag] for tag in SIGNED) + tags["9F10"][3:7]
    padding = pyemv.ac.PaddingType.VISA if profile.scheme == "visa" else pyemv.ac.PaddingType.EMV
    with quiet():
        made: bytes = pyemv.ac.generate_ac(session_key(profile, tags["9F36"]), signed, padding)
    return made


def sell(terminal: Terminal, card: str) -> CardProfile:
    """A sale of 12.34 up to its result."""
    profile = terminal.emulator.profile(card)
    terminal.press("1 2 3 4 ENTER")
    terminal.screen.wait_text("INSERT CARD")
    terminal.card.insert(card)
    terminal.screen.wait_text("ENTER PIN")
    terminal.press(" ".join(profile.pin) + " ENTER")
    terminal.screen.wait_any("APPROVED", "DECLINED")
    return profile


@pytest.fixture
def wire(terminal: Terminal) -> Wire:
    """The line, heard from a sign-on on: the terminal signs on once more."""
    heard = Wire(terminal)
    terminal.menu("MANAGEMENT", "SIGN ON")
    terminal.screen.wait_text("SIGNED ON")
    terminal.screen.wait_text("READY")
    return heard


@pytest.mark.parametrize("card", CARDS)
def test_sale(terminal: Terminal, wire: Wire, card: str) -> None:
    profile = sell(terminal, card)
    keys = Keys(terminal, wire)
    body, fields = wire.one("<", "0200")
    assert fields["2"] == profile.pan
    assert fields["3"] == "000000"
    assert fields["4"] == "000000001234"
    assert fields["14"] == profile.expiry
    assert fields["22"] == "051"
    assert fields["23"] == f"0{profile.psn}"
    assert fields["35"].replace("=", "D") == profile.track2.hex().upper().rstrip("F")
    assert fields["49"] == "156"

    # F52: the PIN, and no other.
    assert fields["26"] == "12"
    with quiet():
        clear = psec.des.decrypt_tdes_ecb(keys.pik, bytes.fromhex(fields["52"]))
    assert psec.pinblock.decode_pinblock_iso_0(clear, profile.pan) == profile.pin
    assert fields["53"].startswith("26"), "format with the PAN, double-length key"

    # F64, in both directions.
    assert body[-8:] == keys.mac(body)
    assert bytes.fromhex(fields["64"]) == body[-8:]
    answer_body, answer = wire.one(">", "0210")
    assert answer["39"] == "00"
    assert answer_body[-8:] == keys.mac(answer_body)

    # F55: the card's cryptogram over what the terminal says it was asked to sign, and the issuer's answer to it.
    tags = pyemv.tlv.decode(bytes.fromhex(fields["55"]))
    assert tags["9F02"].hex() == fields["4"]
    assert tags["5F2A"].hex() == "0156"
    assert tags["9A"].hex() == "261123"
    assert tags["9F27"] == b"\x80", "a request to go online"
    assert tags["9F26"] == arqc(profile, tags)
    issuer = pyemv.tlv.decode(bytes.fromhex(answer["55"]))["91"]
    with quiet():
        arpc = pyemv.ac.generate_arpc_1(session_key(profile, tags["9F36"]), tags["9F26"], issuer[8:])
    assert issuer == arpc + b"00"


def test_the_oracles_can_say_no(terminal: Terminal, wire: Wire) -> None:
    profile = sell(terminal, CARDS[0])
    keys = Keys(terminal, wire)
    body, fields = wire.one("<", "0200")
    tags = pyemv.tlv.decode(bytes.fromhex(fields["55"]))
    assert arqc(profile, {**tags, "9F02": bytes.fromhex("000000001235")}) != tags["9F26"]
    assert keys.mac(body[:20] + bytes([body[20] ^ 1]) + body[21:]) != body[-8:]
    with quiet():
        clear = psec.des.decrypt_tdes_ecb(keys.mak, bytes.fromhex(fields["52"]))
    with pytest.raises(ValueError, match="PIN block"):
        psec.pinblock.decode_pinblock_iso_0(clear, profile.pan)


@pytest.mark.parametrize("card", CARDS)
def test_reversal(terminal: Terminal, wire: Wire, card: str) -> None:
    terminal.acquirer.rules.silence("0200")
    profile = sell(terminal, card)
    keys = Keys(terminal, wire)
    request, (body, fields) = wire.one("<", "0200")[1], wire.one("<", "0400")
    assert body[-8:] == keys.mac(body)
    assert fields["39"] == "98"
    for number in ("2", "3", "4", "11", "14", "22", "23", "25", "41", "42", "49", "60"):
        assert fields[number] == request[number], f"field {number}"
    assert not {"35", "37", "52"} & set(fields)
    asked = pyemv.tlv.decode(bytes.fromhex(request["55"]))
    undone = pyemv.tlv.decode(bytes.fromhex(fields["55"]))
    assert undone["9F36"] == asked["9F36"]
    assert undone["9F10"][:3] == asked["9F10"][:3]
    assert set(undone) >= {"95", "9F10", "9F36"}
    assert profile.pan == fields["2"]


def test_the_terminal_counts_its_cryptograms(terminal: Terminal, wire: Wire) -> None:
    """A second sale of the same card: another counter, another number, another cryptogram, right again."""
    numbers = set()
    for _ in range(2):
        wire.bytes = {direction: b"" for direction in wire.bytes}
        profile = sell(terminal, CARDS[1])
        tags = pyemv.tlv.decode(bytes.fromhex(wire.one("<", "0200")[1]["55"]))
        assert tags["9F26"] == arqc(profile, tags)
        numbers.add((tags["9F36"], tags["9F37"], tags["9F26"]))
        terminal.card.remove()
        terminal.receipt()
        terminal.press("ENTER")
        terminal.receipt()
        terminal.screen.wait_text("READY")
    assert all(len(set(column)) == 2 for column in zip(*numbers, strict=True))
