"""A virtual EMV card: APDU in, APDU out."""

import random
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from tillbench.host.cards import authentication, files, generate_ac, processing_options
from tillbench.host.cards.application import Application
from tillbench.host.cards.ca import CardAuthority
from tillbench.host.cards.faults import CardMute, Faults
from tillbench.host.cards.memory import CardMemory
from tillbench.host.cards.profile import CardProfile
from tillbench.host.cards.session import Session
from tillbench.host.cards.status import WRONG_CLA, WRONG_INS, WRONG_LENGTH, WRONG_P1P2, Refused
from tillbench.protocols.apdu import ApduError, Command, Ins, Response

Handler = Callable[[Session, Command], Response]
Exchange = Callable[[bytes, bytes], None]


class _Rule(NamedTuple):
    """How one instruction is taken: class, which P1 P2 are good, whether data come in and go out, who does it."""

    cla: int
    parameters: Callable[[int, int], bool]
    data_in: bool
    data_out: bool
    handler: Handler


def _is_generate_ac(p1: int, p2: int) -> bool:
    # CDA (bit 5) is not on these cards, so it is as wrong as the reserved bits.
    return p1 in (0x00, 0x40, 0x80) and p2 == 0


_RULES: dict[int, _Rule] = {
    Ins.SELECT: _Rule(0x00, lambda p1, p2: p1 == 0x04 and p2 in (0, 2), True, True, files.select),
    Ins.READ_RECORD: _Rule(0x00, lambda _p1, p2: p2 & 0x07 == 0x04 and p2 >> 3 > 0, False, True, files.read_record),
    Ins.GET_DATA: _Rule(0x80, lambda _p1, _p2: True, False, True, files.get_data),
    Ins.GET_PROCESSING_OPTIONS: _Rule(
        0x80, lambda p1, p2: p1 == p2 == 0, True, True, processing_options.get_processing_options
    ),
    Ins.VERIFY: _Rule(0x00, lambda p1, p2: p1 == 0 and p2 == 0x80, True, False, authentication.verify),
    Ins.GET_CHALLENGE: _Rule(0x00, lambda p1, p2: p1 == p2 == 0, False, True, authentication.get_challenge),
    Ins.EXTERNAL_AUTHENTICATE: _Rule(
        0x00, lambda p1, p2: p1 == p2 == 0, True, False, authentication.external_authenticate
    ),
    Ins.GENERATE_AC: _Rule(0x80, _is_generate_ac, True, True, generate_ac.generate_ac),
}
_CLASSES = frozenset({0x00, 0x80})


@cache
def _shared_authority() -> CardAuthority:
    return CardAuthority()


class VirtualCard:
    """One card, from its profile.

    `memory` is what the card kept from its last time (a fresh card without). `rng` gives the challenges; the same
    one gives the same card behaviour byte for byte. `on_exchange` sees every APDU pair, with the data of VERIFY
    replaced by zeros, so whatever records it never holds a PIN.
    """

    def __init__(
        self,
        profile: CardProfile,
        ca: CardAuthority | None = None,
        *,
        memory: CardMemory | None = None,
        faults: Faults | None = None,
        rng: random.Random | None = None,
        on_exchange: Exchange | None = None,
    ) -> None:
        authority = ca or _shared_authority()
        self.profile = profile
        self.memory = memory or CardMemory.fresh(profile)
        self.faults = faults or Faults()
        self.on_exchange = on_exchange
        self.apdu_count = 0  # since the last reset
        self._session = Session(
            profile,
            self.memory,
            [Application(profile, application, authority) for application in profile.applications],
            rng or random.Random(profile.name),
        )

    def reset(self) -> bytes:
        """Cold or warm reset: everything volatile is forgotten. The ATR, `b""` from a card that stays mute."""
        self._session.power_on()
        self.apdu_count = 0
        return self.faults.atr(self.profile.atr)

    def transmit(self, apdu: bytes) -> bytes:
        """One APDU: response data, then SW1 SW2. 61xx and 6Cxx are T=0's and never appear here.

        Raises `CardMute` when a fault keeps the card silent.
        """
        self.apdu_count += 1
        ins = apdu[1] if len(apdu) > 1 else 0
        instead, changes = self.faults.before(self.apdu_count, ins)
        if instead is not None:
            if not instead:
                raise CardMute(f"APDU {self.apdu_count}")
            raw = instead
        else:
            answer = self._execute(apdu)
            for change in changes:
                answer = change(answer)
            raw = answer.build()
        if self.on_exchange:
            self.on_exchange(_without_pin(apdu), raw)
        return raw

    def is_silent(self, ins: int) -> bool:
        """Whether the next APDU, with this instruction, will find the card mute."""
        return self.faults.silent(self.apdu_count + 1, ins)

    def _execute(self, apdu: bytes) -> Response:
        try:
            command = Command.parse(apdu)
        except ApduError:
            return Response(b"", WRONG_LENGTH)
        refusal = judge_header(command.cla, command.ins, command.p1, command.p2)
        if refusal:
            return Response(b"", refusal)
        rule = _RULES[command.ins]
        if bool(command.data) and not rule.data_in:
            return Response(b"", WRONG_LENGTH)
        try:
            return rule.handler(self._session, command)
        except Refused as refused:
            return Response(b"", refused.sw)


def judge_header(cla: int, ins: int, p1: int, p2: int) -> int:
    """The status word that the header alone deserves, 0 when it is good: class, then instruction, then P1 P2."""
    rule = _RULES.get(ins)
    if cla not in _CLASSES or (rule and cla != rule.cla):
        return WRONG_CLA
    if rule is None:
        return WRONG_INS
    return 0 if rule.parameters(p1, p2) else WRONG_P1P2


def takes_data(ins: int) -> bool:
    """Whether the card reads a data field for this instruction (what T=0 must know after the header)."""
    rule = _RULES.get(ins)
    return rule is not None and rule.data_in


def _without_pin(apdu: bytes) -> bytes:
    if len(apdu) > 5 and apdu[1] == Ins.VERIFY:
        return apdu[:5] + bytes(len(apdu) - 5)
    return apdu
