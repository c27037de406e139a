"""Cards that lie, at the level of T=0 commands: random bytes and status words, endless 61xx, objects that claim nothing
or 64 KB. Whatever comes, the kernel ends in one of its own outcomes."""

from __future__ import annotations

import random
from collections import Counter

from tillbench.host.emulator.bench import Bench

from .card import ModelCard
from .compare import arguments
from .scenario import Scenario, make

OUTCOMES = {
    *("APPROVED_OFFLINE", "APPROVED_ONLINE", "DECLINED", "NOT_ACCEPTED", "USE_STRIPE", "CARD_REMOVED", "TERMINATED"),
    "CARD_READ",
}
MOST_COMMANDS = 1200
"""A directory of 254 records, each with GET RESPONSE and a corrected length, and then the rest: none is longer."""


class Liar:
    """The scenario's card behind T=0, its answers spoilt at a rate that the session draws."""

    def __init__(self, scenario: Scenario, rng: random.Random) -> None:
        self.scenario = scenario
        self.rng = rng
        self.card = ModelCard(scenario)
        self.waiting = b""
        self.rate = 0.0
        self.endless = False

    def insert(self) -> None:
        """A new session."""
        self.card = ModelCard(self.scenario)
        self.waiting = b""
        self.rate = self.rng.choice([0.0, 0.05, 0.2, 1.0])
        self.endless = self.rng.random() < 0.05

    def tpdu(self, command: bytes) -> bytes | None:
        """The answer to one T=0 command."""
        if self.endless and self.rng.random() < 0.5:
            return self.rng.randbytes(self.rng.choice([0, 1, 16])) + b"\x61" + self.rng.randbytes(1)
        if command[1] == 0xC0:
            answer, self.waiting = self.waiting + b"\x90\x00", b""
        else:
            try:
                answer = self.card.transmit(command)
            except (KeyError, AssertionError, IndexError):
                answer = b"\x6d\x00"
        if self.rng.random() < self.rate:
            return self.spoil(answer)
        if len(command) > 5 and len(answer) > 2:
            self.waiting = answer[:-2]
            return b"\x61" + bytes([len(self.waiting) & 0xFF])
        return answer

    def spoil(self, answer: bytes) -> bytes | None:
        """One of a dozen ways to lie."""
        rng = self.rng
        data, sw = bytearray(answer[:-2]), answer[-2:]
        at = rng.randrange(len(data) + 1)
        how = rng.randrange(12)
        if how == 0 and data:
            data[rng.randrange(len(data))] = rng.randrange(256)
        elif how == 1 and data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        elif how == 2:
            del data[at:]
        elif how == 3:
            data[at:at] = rng.randbytes(rng.randrange(1, 9))
        elif how == 4:
            data = bytearray(rng.randbytes(rng.randrange(0, 257)))
        elif how == 5:
            data[at:at] = rng.choice(
                [b"\x70\x82\xff\xff", b"\x9f\x10\x83\xff\xff\xff", b"\x5a\x84\x7f\xff\xff\xff", b"\x80\x80"]
            )
        elif how == 6:
            data[at:at] = rng.choice([b"\x5a\x00", b"\x8c\x00", b"\x70\x00", b"\x00" * 20, b"\xff" * 40])
        elif how == 7:
            data = (
                bytearray(
                    rng.choice([b"\x70", b"\x77", b"\x80", b"\x6f"]) + b"\x82" + (len(data) % 256).to_bytes(2, "big")
                )
                + data
            )
        elif how == 8:
            sw = rng.randbytes(2)
        elif how == 9:
            sw = rng.choice([0x6985, 0x6A81, 0x6A83, 0x6283, 0x63C0, 0x6100, 0x6CFF, 0x6C00]).to_bytes(2, "big")
        elif how == 10:
            return sw
        elif rng.random() < 0.2:
            return None
        return bytes(data[:256]) + sw


def sessions(device: Bench, seed: str, count: int) -> Counter[str]:
    """So many sessions with one card and one terminal; how often each outcome was.

    Raises:
        AssertionError: an outcome that is none, an approval without a TC, a session that does not end.
    """
    rng = random.Random(seed)
    scenario = make(rng.choice)
    liar = Liar(scenario, rng)
    aids, terminal, order, plan, _, _ = arguments(scenario, [])
    found, most = device.call(
        "contact_probe:hostile",
        aids,
        terminal,
        order,
        plan,
        rng.randbytes(997),
        count,
        host={"tpdu": liar.tpdu, "insert": liar.insert},
    )
    assert most <= MOST_COMMANDS, (seed, most)
    for outcome, must_reverse, cid in found:
        assert outcome in OUTCOMES, (seed, outcome)
        if outcome.startswith("APPROVED"):
            assert cid & 0xC0 == 0x40, (seed, cid)
            assert not must_reverse or outcome == "APPROVED_OFFLINE", seed
        if scenario.issuer is None or scenario.issuer[0] not in (b"00", b"10", b"11"):
            assert not must_reverse, seed
    return Counter(outcome for outcome, _, _ in found)
