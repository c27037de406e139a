"""Sign-on (0800, network code 001, 003 or 004): fresh working keys, a new batch, and the host's clock."""

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.request import Answer

LAST_BATCH = 999_999


def sign_on(case: Case) -> Answer:
    """Give the terminal a PIN key, a MAC key, a track key if it asks for one, and its next batch; the keys it had
    before end here."""
    terminal, hsm = case.terminal, case.hsm
    size, count = case.request.keys
    pik, mak, tdk = (hsm.generate_key(size) if number < count else None for number in range(3))
    terminal.pik_under_lmk, terminal.mak_under_lmk, terminal.tdk_under_lmk = pik, mak, tdk
    terminal.batch = terminal.batch % LAST_BATCH + 1
    terminal.signed_on_at = case.now
    return case.answer(
        response_code.APPROVED,
        rrn=case.books.next_rrn(case.now),
        batch=terminal.batch,
        working_keys=b"".join(hsm.export_key(key, terminal.tmk_under_lmk) for key in (pik, mak, tdk) if key),
    )
