"""The acquirer and issuer as one object: no sockets and no clock of its own, so a test can replay it byte for byte."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from tillbench.host.acquirer import provisioning
from tillbench.host.acquirer.business import Business
from tillbench.host.acquirer.connection import Connection
from tillbench.host.acquirer.desk import Desk
from tillbench.host.acquirer.dialects import DIALECTS
from tillbench.host.acquirer.download_data import DownloadData
from tillbench.host.acquirer.hsm import TEST_LMK, Hsm
from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.journal import Exchange, Journal
from tillbench.host.acquirer.ledger import Ledger
from tillbench.host.acquirer.provisioning import CardProfile, TerminalSetup
from tillbench.host.acquirer.rules import Rules
from tillbench.host.acquirer.wishes import wish
from tillbench.protocols.iso8583.lines import LINES


class Acquirer:
    """A host for many terminals over one ledger.

    ledger: queries on the books; rules: misbehaviour on purpose; journal(): messages received and answered;
    business: takes messages in groups, for a front end with many lines.
    """

    def __init__(
        self,
        database_url: str,
        now: Callable[[], datetime],
        entropy: Callable[[int], bytes],
        *,
        lmk: bytes = TEST_LMK,
        institution: Institution | None = None,
        dialect: str = "unionpay",
        power_safe: bool = False,
    ) -> None:
        """Open the ledger (`sqlite://` for one in memory); raises LedgerUnavailable.

        now: host local time. entropy(n): n random bytes, from which working keys are made at sign-on. lmk: the key
        under which the ledger holds keys and PINs; the same one must be given when a ledger is opened again.
        institution: who the host is, how strict, and what terminals may load from it. dialect: one of
        `dialects.DIALECTS`. power_safe: see `Ledger`.
        """
        self.ledger = Ledger(database_url, power_safe=power_safe)
        self.rules = Rules()
        self.journal = Journal(DIALECTS[dialect].codec.decode)
        self._hsm = Hsm(entropy, lmk)
        self._desk = Desk(self.ledger, self._hsm, now, institution or Institution(), DIALECTS[dialect])
        self.business = Business(self._desk, self.rules, self.journal)

    def provision(
        self,
        profiles: Iterable[CardProfile],
        terminals: Iterable[TerminalSetup],
        *,
        new_chips: bool = False,
        pin_method: str = "block",
    ) -> None:
        """Make cards and terminals known, in one commit. What is known already keeps its balance, PIN tries, counter,
        batch and working keys; `new_chips` accepts that the cards' counters start again (a card re-issued).

        pin_method: what PINs are held against, one of `provisioning.PIN_METHODS`; ValueError for another.
        """
        with self.ledger.unit_of_work() as books:
            provisioning.provision(books, self._hsm, profiles, terminals, new_chips=new_chips, pin_method=pin_method)

    def wish(self, terminal_id: str, what: str) -> None:
        """Ask a terminal, in the header of its answers and until it has, for one of `wishes`.

        Raises LookupError for a terminal not in the books, ValueError for another digit.
        """
        with self.ledger.unit_of_work() as books:
            terminal = books.terminal(terminal_id)
            if terminal is None:
                raise LookupError(f"no terminal {terminal_id} in the books")
            wish(terminal, what)

    def offer(self, downloads: DownloadData) -> None:
        """Let terminals load these tables from now on."""
        self._desk.institution = replace(self._desk.institution, downloads=downloads)

    def trouble(self) -> str:
        """What keeps the books from being read now, in words; "" when nothing does."""
        return self.ledger.trouble()

    def connect(self, line: str = "unionpay") -> Connection:
        """A new line to a terminal, one of `lines.LINES` by name."""
        return Connection(self.business, LINES[line])

    def expect(self, mti: str, *, code: str | None = None, count: int | None = None, **fields: str | bytes) -> Exchange:
        """See `Journal.expect`: the latest such message received, or AssertionError telling what came instead."""
        return self.journal.expect(mti, code=code, count=count, **fields)

    def close(self) -> None:
        """Let go of the database."""
        self.ledger.close()
