"""Sign-on (0800, network code 001 or 003): fresh working keys, a new batch, and the host's clock."""

from datetime import datetime

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.hsm import Hsm
from tillbench.host.acquirer.request import Answer, Request
from tillbench.host.acquirer.schema import Terminal

LAST_BATCH = 999_999


def sign_on(request: Request, terminal: Terminal, books: Books, hsm: Hsm, now: datetime) -> Answer:
    """Give the terminal a PIN key, a MAC key and its next batch; the keys it had before end here."""
    terminal.pik_under_lmk = hsm.generate_key(request.key_length)
    terminal.mak_under_lmk = hsm.generate_key(request.key_length)
    terminal.batch = terminal.batch % LAST_BATCH + 1
    terminal.signed_on_at = now
    return Answer(
        code=response_code.APPROVED,
        at=now,
        rrn=books.next_rrn(now),
        batch=terminal.batch,
        working_keys=b"".join(
            hsm.export_key(key, terminal.tmk_under_lmk) for key in (terminal.pik_under_lmk, terminal.mak_under_lmk)
        ),
    )
