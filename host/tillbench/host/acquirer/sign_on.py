"""Sign-on, sign-off, echo, and a new master key: what a terminal needs before it may do business."""

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.request import Answer
from tillbench.host.acquirer.schema import Terminal
from tillbench.host.acquirer.wishes import SIGN_ON_AGAIN, meet

LAST_BATCH = 999_999
MASTER_KEY_SIZE = 16


def sign_on(case: Case) -> Answer:
    """Give the terminal a PIN key, a MAC key, a track key if it asks for one, and its next batch; the keys it had
    before end here."""
    terminal, hsm = case.terminal, case.hsm
    size, count = case.request.keys
    pik, mak, tdk = (hsm.generate_key(size) if number < count else None for number in range(3))
    terminal.pik_under_lmk, terminal.mak_under_lmk, terminal.tdk_under_lmk = pik, mak, tdk
    terminal.batch = next_batch(terminal.batch)
    terminal.signed_on_at = case.now
    terminal.signed_on_with_next = terminal.next_tmk_under_lmk is not None
    master = terminal.next_tmk_under_lmk or terminal.tmk_under_lmk
    meet(terminal, SIGN_ON_AGAIN)
    return case.answer(
        response_code.APPROVED,
        rrn=case.books.next_rrn(case.now),
        batch=terminal.batch,
        working_keys=b"".join(hsm.export_key(key, master) for key in (pik, mak, tdk) if key),
    )


def next_batch(batch: int) -> int:
    return batch % LAST_BATCH + 1


def sign_off(case: Case) -> Answer:
    """The working keys end; nothing but a sign-on, an echo or a new master key is answered until the next sign-on."""
    terminal = case.terminal
    terminal.pik_under_lmk = terminal.mak_under_lmk = terminal.tdk_under_lmk = None
    return case.answer(response_code.APPROVED)


def echo(case: Case) -> Answer:
    """Say that somebody is here."""
    return case.answer(response_code.APPROVED)


def give_master_key(case: Case) -> Answer:
    """A new master key, under the one that the terminal is known to have.

    Sign-ons are made with the new key from now on, but the old one is kept until a MAC proves that the terminal has
    the new: an answer that was lost is simply asked for again, and brings the same key.
    """
    terminal, hsm = case.terminal, case.hsm
    if terminal.next_tmk_under_lmk is None:
        terminal.next_tmk_under_lmk = hsm.generate_key(MASTER_KEY_SIZE)
    return case.answer(
        response_code.APPROVED, working_keys=hsm.export_key(terminal.next_tmk_under_lmk, terminal.tmk_under_lmk)
    )


def proved(terminal: Terminal) -> None:
    """A MAC of the terminal was right: if its keys came under a new master key, that is the master key now."""
    if terminal.facts.signed_on_with_next and terminal.next_tmk_under_lmk is not None:
        terminal.tmk_under_lmk = terminal.next_tmk_under_lmk
        terminal.next_tmk_under_lmk = None
        terminal.signed_on_with_next = False
