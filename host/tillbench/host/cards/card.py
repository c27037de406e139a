"""A virtual EMV card: APDU in, APDU out."""

import random
from functools import cache

from tillbench.host.cards.apdu_card import Exchange
from tillbench.host.cards.application import Application
from tillbench.host.cards.ca import CardAuthority
from tillbench.host.cards.commands import InstructionSet
from tillbench.host.cards.faults import CardMute, Faults
from tillbench.host.cards.memory import CardMemory
from tillbench.host.cards.profile import CardProfile
from tillbench.host.cards.session import Session
from tillbench.host.cards.status import WRONG_LENGTH, Refused
from tillbench.protocols.apdu import ApduError, Command, Ins, Response


@cache
def _shared_authority() -> CardAuthority:
    return CardAuthority()


class VirtualCard:
    """One card, from its profile.

    `memory` is what the card kept from its last time (a fresh card without). `rng` gives the challenges; the same
    one gives the same card behaviour byte for byte. `faults` stand in place of the profile's. `on_exchange` sees
    every APDU pair, with the data of VERIFY and PIN CHANGE/UNBLOCK replaced by zeros, so whatever records it never
    holds a PIN.
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
        self.faults = faults or Faults.of(profile.faults, profile.wrong_atrs)
        self.on_exchange = on_exchange
        self.instructions = InstructionSet(profile)
        self.apdu_count = 0  # since the last reset
        self.late = 0  # etu by which the last answer is to come late
        self._session = Session(
            profile,
            self.memory,
            [Application(profile, application, authority) for application in profile.applications],
            rng or random.Random(profile.name),
        )

    @property
    def atr(self) -> bytes:
        """The answer to reset that its profile states."""
        return self.profile.atr

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
        instead, changes, self.late = self.faults.before(self.apdu_count, ins)
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
        refusal = self.instructions.judge_header(command.cla, command.ins, command.p1, command.p2)
        if refusal:
            return Response(b"", refusal)
        rule = self.instructions.rules[command.ins]
        if bool(command.data) and not rule.data_in:
            return Response(b"", WRONG_LENGTH)
        try:
            return rule.handler(self._session, command)
        except Refused as refused:
            return Response(b"", refused.sw)
        finally:
            if command.ins != Ins.GET_CHALLENGE:
                self._session.challenge = b""


# What carries a PIN, in the clear or not: only header and length are ever reported of it.
_CARRY_A_PIN = (Ins.VERIFY, Ins.PIN_CHANGE_UNBLOCK)


def _without_pin(apdu: bytes) -> bytes:
    if len(apdu) > 5 and apdu[1] in _CARRY_A_PIN:
        return apdu[:5] + bytes(len(apdu) - 5)
    return apdu
