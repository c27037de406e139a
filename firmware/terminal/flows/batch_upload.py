"""Batch upload (0320): what the terminal has of a batch, in an order that is always the same.

After balanced totals the host gets the cards' certificates and what failed; after others everything: then its books
follow what it gets. After each answer the record of the settlement says how far it is, so that a power cut repeats one
message, under its trace number, and skips none.
"""

from terminal import kinds
from terminal.flows.message import CERTIFICATE, advice_of, chip_data_of
from terminal.gate import take_stan
from terminal.host_link import Unanswered
from terminal.host_message import tell_host
from terminal.i18n import text
from terminal.response_codes import approved, meaning
from terminal.settlement import is_domestic, standing
from terminal.transaction import APPROVED, DECLINED, REVERSED
from terminal.ui.dialogs import Stop
from terminal.vault import CannotUnseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from terminal.app import Terminal
    from terminal.host_link import Fields, HostLink
    from terminal.settlement import Settlement
    from terminal.transaction import Transaction

_DETAILS = "201"
_MOST_DETAILS = 8
_CERTIFIED = ("205", "203")
_FAILED = ("206", "204")
"""Network codes for foreign and for domestic cards."""
_SIGN_ON_FIRST = ("", "77", "97", "A0")
"""What leaves an advice untold also in an upload; every other answer is the host's last word on it."""
_CUP = "00"
_OTHER_ORGANISATION = "01"


def _signed(t: Transaction) -> bool:
    return t.cryptogram_type == "TC"


def _online(t: Transaction) -> bool:
    return t.state == APPROVED and kinds.side(t.type) > 0 and not kinds.is_advice(t.type)


def _is(*types: str) -> "Callable[[Transaction], bool]":
    return lambda t: t.state == APPROVED and t.type in types


_STEPS: "tuple[Callable[[Transaction], bool], ...]" = (
    _is("offline_sale", "tip", "adjustment"),
    _is("chip_offline"),
    lambda t: _online(t) and not _signed(t),
    _is("refund"),
    _is("completion_advice"),
    lambda t: _online(t) and _signed(t),
    lambda t: t.state == REVERSED and t.cryptogram_type == "AAC",
)
"""What is uploaded one after the other: advices, chip offline, online without a certificate, refunds, completion
advices, chip online, and what the card refused after the host had approved."""
_WITHOUT_CERTIFICATE = 2
_WITH_CERTIFICATE = 5
_REFUSED_BY_CARD = 6
_WHEN_BALANCED = (_WITH_CERTIFICATE, _REFUSED_BY_CARD)


class BatchUpload:
    """The upload of one settlement over an open line; advices that the host has only now heard of and does not take
    are added to `refused`."""

    def __init__(
        self, terminal: Terminal, link: HostLink, settlement: Settlement, refused: "list[Transaction]"
    ) -> None:
        self._terminal = terminal
        self._link = link
        self._settlement = settlement
        self._worth = standing(terminal.journal)
        self._refused = refused

    async def send(self) -> None:
        """From the step and the transaction that the record says to the last one. Raises Stop, OSError."""
        settlement = self._settlement
        try:
            while settlement.step < len(_STEPS):
                if settlement.whole or settlement.step in _WHEN_BALANCED:
                    if settlement.step == _WITHOUT_CERTIFICATE:
                        await self._send_details()
                    else:
                        await self._send_one_by_one()
                settlement.step += 1
                settlement.at = 0
                settlement.save()
        except Unanswered as failure:
            raise Stop(failure.why)
        except CannotUnseal:
            raise Stop("other_master_key")

    async def _send_one_by_one(self) -> None:
        settlement = self._settlement
        number = 0
        for t in self._terminal.journal.history():
            number += 1
            if number <= settlement.at or not self._belongs(t):
                continue
            if await self._send_record(t):
                settlement.sent += 1
            settlement.at = number
            settlement.save()

    def _belongs(self, t: Transaction) -> bool:
        return _STEPS[self._settlement.step](t) and self._worth_of(t) != 0

    def _worth_of(self, t: Transaction) -> int:
        return self._worth.get((t.batch, t.stan), t.worth)

    async def _send_record(self, t: Transaction) -> bool:
        """One transaction with a message of its own; True when the host has taken it. Raises Stop, Unanswered."""
        self._show(t.stan)
        if self._settlement.step in _WHEN_BALANCED:
            certified = self._settlement.step == _WITH_CERTIFICATE
            function = (_CERTIFIED if certified else _FAILED)[is_domestic(t)]
            fields = self._chip_fields(t, certified)
            await tell_host(self._terminal, self._link, "0320", function, fields, self._settlement.batch)
            return True
        return await self._send_advice(t)

    async def _send_advice(self, t: Transaction) -> bool:
        """An advice as it was, without its MAC. One that the host had not heard of is told with it."""
        answer = await self._link.exchange("0320", advice_of(self._terminal, t))
        code = str(answer.get(39, ""))
        if t.untold:
            if code in _SIGN_ON_FIRST:
                raise Stop("answer_refused", meaning(code))
            state = APPROVED if approved(code) else DECLINED
            self._terminal.journal.told(t, state, code, str(answer.get(37, "")).strip())
            if state == DECLINED:
                t.response_code = code
                self._refused.append(t)
        return approved(code)

    def _chip_fields(self, t: Transaction, certified: bool) -> Fields:
        pan, _ = self._terminal.vault.unseal(t.sealed_card, t.stan, t.batch)
        amount = "%012d" % self._worth_of(t)
        organisation = _CUP if is_domestic(t) else _OTHER_ORGANISATION
        proof = ("61" + organisation + "00" if certified else "71" + organisation + "05") + amount
        fields: Fields = {
            2: pan,
            4: amount,
            11: "%06d" % t.stan,
            22: t.entry_mode,
            55: chip_data_of(self._terminal, t, CERTIFICATE),
            62: (proof + self._terminal.parameters.currency + ("" if certified else "01")).encode(),
        }
        if t.sequence_number:
            fields[23] = t.sequence_number
        return fields

    async def _send_details(self) -> None:
        """Transactions without a certificate, eight to a message."""
        details: list[str] = []
        number = 0
        for t in self._terminal.journal.history():
            number += 1
            if number > self._settlement.at and self._belongs(t):
                details.append(self._detail(t))
                if len(details) == _MOST_DETAILS:
                    await self._send_message(details, number)
                    details = []
        if details:
            await self._send_message(details, number)

    async def _send_message(self, details: "list[str]", number: int) -> None:
        settlement = self._settlement
        if not settlement.stan:
            settlement.stan = take_stan(self._terminal)
            settlement.save()
        self._show(settlement.stan)
        more: Fields = {11: "%06d" % settlement.stan, 48: "%02d" % len(details) + "".join(details)}
        await tell_host(self._terminal, self._link, "0320", _DETAILS, more, settlement.batch)
        settlement.sent += len(details)
        settlement.at, settlement.stan = number, 0
        settlement.save()

    def _detail(self, t: Transaction) -> str:
        pan, _ = self._terminal.vault.unseal(t.sealed_card, t.stan, t.batch)
        organisation = _CUP if is_domestic(t) else _OTHER_ORGANISATION
        return organisation + "%06d" % t.stan + "0" * (20 - len(pan)) + pan + "%012d" % self._worth_of(t)

    def _show(self, stan: int) -> None:
        screen, sent = self._terminal.screen, self._settlement.sent
        screen.show(text("uploading"), "STAN %06d" % stan, "%d" % sent, text("please_wait"))
