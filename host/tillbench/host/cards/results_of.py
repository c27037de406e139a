"""The Card Verification Results of a transaction, gathered from it and from what the card remembers."""

from tillbench.host.cards import decision
from tillbench.host.cards.card_results import CardResults
from tillbench.host.cards.session import Session, Transaction
from tillbench.host.cards.velocity import Exceeded

_PIN_METHODS = (0x01, 0x03, 0x04, 0x05)  # CVM results: a PIN that the card checks
_SUCCESSFUL = 0x02


def results_of(
    session: Session,
    transaction: Transaction,
    first: int,
    second: int | None,
    unable_to_go_online: bool,
    exceeded: Exceeded,
    signed: bool,
) -> CardResults:
    """`first` and `second` are cryptogram types, `second` None at the first GENERATE AC; `signed` tells that this
    answer carries a combined signature."""
    application = transaction.application
    memory, profile = session.memory_of(application), application.profile
    went_online = second is not None and not unable_to_go_online
    proof = transaction.issuer_authentication
    return CardResults(
        first=first,
        second=second,
        issuer_authentication_performed=proof is not None,
        issuer_authentication_failed=proof is False,
        issuer_authentication_missing=went_online and profile.issuer_authentication != "none" and proof is None,
        offline_pin_performed=transaction.offline_pin is not None,
        offline_pin_enciphered=transaction.enciphered_pin,
        offline_pin_failed=transaction.offline_pin is False,
        offline_pin_expected=profile.expects_pin,
        pin_tries=session.memory.pin_tries,
        pin_try_limit_exceeded=session.profile.offline_pin and session.memory.pin_tries == 0,
        pin_claimed=_claims_a_pin(transaction.cdol1.get(0x9F34, b"")) and transaction.offline_pin is not True,
        blocked_by_pin=transaction.blocked_by_pin,
        unable_to_go_online=unable_to_go_online,
        lower_limit_exceeded=exceeded.lower_consecutive,
        upper_limit_exceeded=exceeded.upper_consecutive,
        international_limit_exceeded=exceeded.international,
        cumulative_limit_exceeded=exceeded.cumulative,
        upper_cumulative_limit_exceeded=exceeded.upper_cumulative,
        is_domestic=transaction.cdol1[0x9F1A].hex() == session.profile.country,
        new_card=decision.is_new(memory),
        dda_performed=transaction.internal_authentication,
        cda_first=transaction.cda_first,
        cda_second=second is not None and signed,
        go_online_was_set=memory.go_online,
        script_commands=memory.script_commands,
        script_failed=memory.script_failed,
        # Set by this transaction's own ARQC from then on: only the first cryptogram can tell of the last one.
        last_online_not_completed=second is None and memory.online_not_completed,
        last_issuer_authentication_failed=memory.issuer_authentication_failed,
        last_sda_failed=memory.sda_failed,
        last_dda_failed=memory.dda_failed,
    )


def _claims_a_pin(cvm_results: bytes) -> bool:
    """Whether tag 9F34 says that an offline PIN was good."""
    return len(cvm_results) == 3 and cvm_results[0] & 0x3F in _PIN_METHODS and cvm_results[2] == _SUCCESSFUL
