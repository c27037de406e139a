"""The instruction set of a card: which headers are good, who executes what (EMV 4.3 Book 3, 6.5)."""

from collections.abc import Callable
from typing import NamedTuple

from tillbench.host.cards import (
    authentication,
    dynamic_signature,
    files,
    generate_ac,
    issuer_scripts,
    offline_pin,
    processing_options,
)
from tillbench.host.cards.profile import CardProfile
from tillbench.host.cards.session import Session
from tillbench.host.cards.status import WRONG_CLA, WRONG_INS, WRONG_P1P2
from tillbench.protocols.apdu import Command, Ins, Response

Handler = Callable[[Session, Command], Response]


class Rule(NamedTuple):
    """How one instruction is taken: classes, which P1 P2 are good, whether data come in and go out, who does it."""

    classes: frozenset[int]
    parameters: Callable[[int, int], bool]
    data_in: bool
    data_out: bool
    handler: Handler


def _nothing(p1: int, p2: int) -> bool:
    return p1 == p2 == 0


_INTERINDUSTRY = frozenset({0x00})
_PROPRIETARY = frozenset({0x80})
# Secure messaging after ISO/IEC 7816-4 without (x4) and with (xC) the header under the MAC: EMV allows both, and the
# header is under it in either case.
_SECURE = frozenset({0x84, 0x8C})
_SECURE_INTERINDUSTRY = frozenset({0x04, 0x0C})

_RULES: dict[int, Rule] = {
    Ins.SELECT: Rule(_INTERINDUSTRY, lambda p1, p2: p1 == 0x04 and p2 in (0, 2), True, True, files.select),
    Ins.READ_RECORD: Rule(
        _INTERINDUSTRY, lambda _p1, p2: p2 & 0x07 == 0x04 and p2 >> 3 > 0, False, True, files.read_record
    ),
    Ins.GET_DATA: Rule(_PROPRIETARY, lambda _p1, _p2: True, False, True, files.get_data),
    Ins.GET_PROCESSING_OPTIONS: Rule(_PROPRIETARY, _nothing, True, True, processing_options.get_processing_options),
    Ins.VERIFY: Rule(
        _INTERINDUSTRY, lambda p1, p2: p1 == 0 and p2 == offline_pin.PLAINTEXT, True, False, offline_pin.verify
    ),
    Ins.GET_CHALLENGE: Rule(_INTERINDUSTRY, _nothing, False, True, offline_pin.get_challenge),
    Ins.EXTERNAL_AUTHENTICATE: Rule(_INTERINDUSTRY, _nothing, True, False, authentication.external_authenticate),
    Ins.GENERATE_AC: Rule(
        _PROPRIETARY, lambda p1, p2: p1 in (0, 0x40, 0x80) and p2 == 0, True, True, generate_ac.generate_ac
    ),
    Ins.APPLICATION_BLOCK: Rule(_SECURE, _nothing, True, False, issuer_scripts.application_block),
    Ins.APPLICATION_UNBLOCK: Rule(_SECURE, _nothing, True, False, issuer_scripts.application_unblock),
    Ins.CARD_BLOCK: Rule(_SECURE, _nothing, True, False, issuer_scripts.card_block),
    Ins.PIN_CHANGE_UNBLOCK: Rule(
        _SECURE, lambda p1, p2: p1 == 0 and p2 <= 2, True, False, issuer_scripts.pin_change_unblock
    ),
    Ins.PUT_DATA: Rule(_SECURE_INTERINDUSTRY, lambda _p1, _p2: True, True, False, issuer_scripts.put_data),
    Ins.UPDATE_RECORD: Rule(
        _SECURE_INTERINDUSTRY,
        lambda _p1, p2: p2 & 0x07 == 0x04 and p2 >> 3 > 0,
        True,
        False,
        issuer_scripts.update_record,
    ),
}
_DDA = Rule(_INTERINDUSTRY, _nothing, True, True, dynamic_signature.internal_authenticate)
_CDA = _RULES[Ins.GENERATE_AC]._replace(
    parameters=lambda p1, p2: p1 in (0, 0x40, 0x80, 0x10, 0x50, 0x90) and p2 == 0  # bit 5 asks for the signature
)
_ENCIPHERED_PIN = _RULES[Ins.VERIFY]._replace(
    parameters=lambda p1, p2: p1 == 0 and p2 in (offline_pin.PLAINTEXT, offline_pin.ENCIPHERED)
)


class InstructionSet:
    """What one card understands: an instruction that serves no application of it does not exist."""

    def __init__(self, profile: CardProfile) -> None:
        methods = {method for item in profile.applications for method in item.offline_authentication.methods}
        self.rules = dict(_RULES)
        if "dda" in methods:
            self.rules[Ins.INTERNAL_AUTHENTICATE] = _DDA
        if "cda" in methods:
            self.rules[Ins.GENERATE_AC] = _CDA
        if any(item.enciphered_pin for item in profile.applications):
            self.rules[Ins.VERIFY] = _ENCIPHERED_PIN
        self._classes = frozenset().union(*(rule.classes for rule in self.rules.values()))

    def judge_header(self, cla: int, ins: int, p1: int, p2: int) -> int:
        """The status word that the header alone deserves, 0 when it is good: class, then instruction, then P1 P2."""
        rule = self.rules.get(ins)
        if cla not in self._classes or (rule and cla not in rule.classes):
            return WRONG_CLA
        if rule is None:
            return WRONG_INS
        return 0 if rule.parameters(p1, p2) else WRONG_P1P2

    def takes_data(self, ins: int) -> bool:
        """Whether the card reads a data field for this instruction (what T=0 must know after the header)."""
        rule = self.rules.get(ins)
        return rule is not None and rule.data_in
