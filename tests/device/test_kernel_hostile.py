"""Cards that lie: whatever comes, the kernel ends in one of its own outcomes, and approves nothing by accident."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import CDOL1, UNIONPAY_ENTRY, Card, Rig, card, record, tlv
from .kernel_signer import Chain, SigningCard, signed_card

REASONS = {"TERMINATE", "FORMAT", "RESELECT", "NOT_ACCEPTED", "DROPPED"}
OUTCOMES = {"TC", "AAC"}
SESSIONS = 60


class Liar(Card):
    """A good card's answers, spoiled at random."""

    def __init__(self, good: Card, rng: random.Random, rate: float) -> None:
        super().__init__(good.answers)
        self.rng = rng
        self.rate = rate

    def __call__(self, apdu: bytes) -> bytes | None:
        answer = bytearray(super().__call__(apdu) or b"\x6a\x83")
        if self.rng.random() < self.rate:
            how = self.rng.randrange(6)
            at = self.rng.randrange(len(answer))
            if how == 0:
                answer[at] = self.rng.randrange(256)
            elif how == 1:
                answer[at] ^= 1 << self.rng.randrange(8)
            elif how == 2:
                del answer[at:]
            elif how == 3:
                answer[at:at] = self.rng.randbytes(self.rng.randrange(1, 9))
            elif how == 4:
                answer = bytearray(self.rng.randbytes(self.rng.randrange(2, 258)))
            else:
                answer[-2:] = self.rng.choice([0x6985, 0x6A83, 0x6283, 0x9000, 0x63C0, 0x6100]).to_bytes(2, "big")
        return bytes(answer)


def good_card(rng: random.Random) -> Card:
    """With and without directory; answers in both formats."""
    more: dict[str, str | list[str]] = {}
    if rng.random() < 0.5:
        name = "315041592E5359532E4444463031"
        entry = tlv("61", tlv("4F", "A000000333010101"), tlv("50", "41"), tlv("87", "01"))
        more["00A404000E" + name] = tlv("6F", tlv("84", name), tlv("A5", tlv("88", "01"))) + "9000"
        more["80A80000"] = tlv("77", tlv("82", "1C00"), tlv("94", "10010101")) + "9000"
        more["00B2010C"] = tlv("70", entry) + "9000"
        more["00B2020C"] = "6A83"
        more["00B20114"] = record(
            {"5A": "6200000000000005", "5F24": "301231", "8C": CDOL1, "8D": "8A02", "8E": "00" * 8 + "42031E031F00"}
        )
    return card({"9F07": "FF00", "5F28": "0156", "9F42": "0156", "5F25": "200101"}, more=more)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rate", [0.1, 0.4, 1.0])
def test_a_lying_card(device: Bench, seed: int, rate: float) -> None:
    rng = random.Random(f"{seed} {rate}")
    rig = Rig(device).start()
    seen: dict[str, int] = {}
    for _ in range(SESSIONS):
        rig.card = Liar(good_card(rng), rng, rate)
        arc = rng.choice([b"00", b"51", None])
        host: dict[str, Callable[..., Any]] = {
            "apdu": rig.card,
            "pin": lambda: rng.random() < 0.7,
            "entropy": rig.entropy,
        }
        outcome, must_reverse, cid = device.call("kernel_probe:sale", arc, bytes.fromhex("910A") + bytes(10), host=host)
        assert outcome in REASONS | OUTCOMES
        assert len(rig.card.log) < 300
        if outcome == "TC":
            assert cid & 0xC0 == 0x40
            assert must_reverse is False
        if outcome == "AAC":
            assert cid & 0xC0 == 0x00
        if arc != b"00":
            assert must_reverse is False
        seen[outcome] = seen.get(outcome, 0) + 1
    assert "FORMAT" in seen or rate < 0.4
    assert OUTCOMES & set(seen) or rate > 0.4


def test_many_sessions_leave_nothing_behind(device: Bench, device_target: str) -> None:
    """The heap after the last session is what it was after the first ones."""
    rig = Rig(device).start()

    def sessions(count: int) -> int:
        for _ in range(count):
            host: dict[str, Callable[..., Any]] = {"apdu": card(), "pin": rig.pin, "entropy": rig.entropy}
            assert device.call("kernel_probe:sale", b"00", b"", host=host)[0] == "TC"
        used: int = device.call("kernel_probe:heap")
        return used

    before = sessions(20 if device_target == "unix" else 5)
    assert sessions(300 if device_target == "unix" else 15) <= before


RULES = ("4100 4400 1F00", "4403 0500", "4300 4200 1E00")


def signing_card(rng: random.Random) -> SigningCard:
    """A card with SDA, DDA or CDA, offline PIN and limits."""
    chain = Chain(pin=rng.choice([0, 80]))
    tries = tlv("9F17", "03") + "9000"
    return signed_card(
        chain,
        aip=rng.choice(["5C00", "3C00", "1D00"]),
        cryptograms=rng.choice(["80 40", "80 00", "00", "40"]) + " 00" * 3,
        objects={"8E": "00" * 8 + rng.choice(RULES), "9F14": "01", "9F23": "05", "9F4A": "82", "9F0F": "00" * 5},
        more={
            "80CA9F17": tries,
            "80CA9F36": tlv("9F36", "0012") + "9000",
            "80CA9F13": tlv("9F13", "0010") + "9000",
            "0020": rng.choice(["9000", "63C1", "6983"]),
            "0084": "00" * 8 + "9000",
            "84": rng.choice(["9000", "6985"]),
        },
    )


class SigningLiar(Liar):
    """The same, and the signatures are made before anything is spoilt."""

    def __init__(self, good: SigningCard, rng: random.Random, rate: float) -> None:
        super().__init__(good, rng, rate)
        self.good = good

    def __call__(self, apdu: bytes) -> bytes | None:
        answer = self.good(apdu) or b"\x6a\x83"
        self.answers = {apdu.hex().upper(): answer.hex().upper()}
        return super().__call__(apdu)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rate", [0.0, 0.03, 0.1])
def test_a_lying_card_with_everything_on(device: Bench, seed: int, rate: float) -> None:
    """Offline authentication, offline PIN, counters and scripts: still only the kernel's own outcomes."""
    rng = random.Random(f"everything {seed} {rate}")
    script = tlv("9F18", "01020304") + tlv("86", "8424000000")
    entry = {**UNIONPAY_ENTRY, "tac_online": bytes.fromhex("0000008000"), "tac_denial": bytes(5)}
    rig = Rig(device).start(entry, capabilities=bytes.fromhex("E0F8C8"), capks=[Chain().capk()])
    seen: dict[str, int] = {}
    for _ in range(30):
        rig.card = SigningLiar(signing_card(rng), rng, rate)
        answer = bytearray.fromhex(tlv("91", "00" * 10) + tlv("71", script) + tlv("72", script))
        if rng.random() < rate:
            answer[rng.randrange(len(answer))] = rng.randrange(256)
        host: dict[str, Callable[..., Any]] = {
            "apdu": rig.card,
            "pin": lambda: rng.random() < 0.7,
            "offline_pin": lambda tries: rng.choice([b"1234", b"123456", None]),
            "entropy": rig.entropy,
        }
        arc = rng.choice([b"00", b"51", None])
        outcome, must_reverse, _ = device.call("kernel_probe:sale", arc, bytes(answer), host=host)
        assert outcome in REASONS | OUTCOMES | {"ISSUER_DATA"}
        assert len(rig.card.log) < 300
        assert not (outcome == "TC" and must_reverse)
        seen[outcome] = seen.get(outcome, 0) + 1
    count, dirty = device.call("kernel_probe:secrets_left")
    assert count
    assert not dirty
    assert len(seen) > 1


def test_what_is_not_needed_is_not_loaded(bench: Bench) -> None:
    """A sale without offline authentication, offline PIN and scripts leaves their code where it is."""
    rig = Rig(bench).start()
    rig.asked(card())
    lazy = {
        "emv." + name
        for name in ("capk", "certificates", "sda", "dda", "cda", "signed_dynamic_data", "offline_pin", "scripts")
    } | {"emv.language", "crypto.rsa", "crypto.sha1"}
    assert not lazy & set(bench.call("kernel_probe:loaded"))
    rig.card = card()
    rig.start(capabilities=bytes.fromhex("E068C8"), capks=[Chain().capk()])
    rig.asked(signed_card(Chain(), aip="1D00", cryptograms="80"))
    assert {"emv.cda", "emv.capk", "crypto.rsa"} <= set(bench.call("kernel_probe:loaded"))
    assert not {"emv.sda", "emv.dda", "emv.offline_pin"} & set(bench.call("kernel_probe:loaded"))


def test_many_cda_sessions_leave_nothing_behind(device: Bench, device_target: str) -> None:
    rig = Rig(device).start(capabilities=bytes.fromhex("E0F8C8"), capks=[Chain().capk()])

    def sessions(count: int) -> int:
        for _ in range(count):
            signed = signed_card(Chain(), aip="1D00", cryptograms="80 40", objects={"8D": "8A029F37049505"})
            host: dict[str, Callable[..., Any]] = {"apdu": signed, "pin": rig.pin, "entropy": rig.entropy}
            device.call("kernel_probe:sale", b"51", b"", host=host)
        used: int = device.call("kernel_probe:heap")
        return used

    before = sessions(10 if device_target == "unix" else 3)
    assert sessions(60 if device_target == "unix" else 6) <= before
