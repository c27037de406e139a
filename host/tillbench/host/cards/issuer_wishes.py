"""What an answer of the issuer changes on the card at the second GENERATE AC (VIS 1.5, 13; Book 3, C8)."""

from tillbench.host.cards import velocity
from tillbench.host.cards.card_status_update import CardStatusUpdate
from tillbench.host.cards.memory import ApplicationMemory
from tillbench.host.cards.session import Session, Transaction

_SET_TO_UPPER, _ADD = 1, 3  # 2 resets, which every completed online transaction does


def complete_online(memory: ApplicationMemory) -> None:
    """An online transaction is complete: what the last cryptogram told the issuer is told, limits count from here.
    Scripts of this very transaction stay for the next CVR."""
    memory.online_not_completed = False
    memory.go_online = False
    memory.sda_failed = memory.dda_failed = False
    velocity.reset(memory)
    if memory.script_atc != memory.atc:
        memory.script_commands = 0
        memory.script_failed = False


def carry_out(session: Session, transaction: Transaction, update: CardStatusUpdate, spent: tuple[int, bool]) -> None:
    """A Card Status Update that the issuer has proved; `spent` is the amount and whether it is domestic."""
    profile, memory = transaction.application.profile, session.memory_of(transaction.application)
    session.memory.blocked |= update.block_card
    if update.block_application:
        memory.blocked = True
    if update.update_pin_tries:
        session.memory.pin_tries = min(update.pin_tries, session.profile.pin_try_limit)
    memory.go_online = update.go_online_next
    if update.counters == _ADD:
        velocity.count_offline(memory, *spent)
    if update.counters == _SET_TO_UPPER:
        upper = velocity.limit(profile, memory, velocity.UPPER_CUMULATIVE)
        most = velocity.limit(profile, memory, velocity.UPPER_CONSECUTIVE)
        memory.offline_amount = upper or 0
        memory.last_online_atc = max(1, memory.atc - (most or 0))
