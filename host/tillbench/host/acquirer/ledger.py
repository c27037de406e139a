"""The books on disk: opening them, one unit of work at a time, and what a test or a person asks of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as DriverConnection
from sqlite3 import Error as DriverError
from sqlite3 import connect
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session, joinedload, sessionmaker
from sqlalchemy.pool import StaticPool
from tillbench.host.acquirer import audit
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.engine import in_a_file, make_engine
from tillbench.host.acquirer.migrations import NewerLedger, migrate
from tillbench.host.acquirer.policy import Policy
from tillbench.host.acquirer.schema import Account, Card, Terminal, Transaction
from tillbench.host.acquirer.writer import WouldWait, Writer


class LedgerUnavailable(RuntimeError):
    """The database cannot be opened or written; the text names it and says why."""


class GroupUndone(RuntimeError):
    """A group's common commit, or a unit of work in it, failed; nothing of the group is booked."""


class NoBooks(GroupUndone):
    """A group could not even begin: the database is gone, or another has locked it for too long; the text says so."""


class Group:
    """Units of work with a common commit, at the end of a `with` block; `books` while it is open.

    Entering raises NoBooks, and WouldWait when it must not `wait` and would have to. Leaving raises GroupUndone when
    something in the block failed, for whatever reason, or the commit did: nothing of the group is in the books, and its
    units can be tried again one by one.

    Written out, and one for all groups: made by `contextmanager`, two of them took a sale as long as its two MACs.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.wait = True
        self.books: Books | None = None

    def __enter__(self) -> Books:
        try:
            self.books = self._writer.begin(wait=self.wait)
        except WouldWait:
            raise
        except Exception as error:
            raise NoBooks(in_words(error)) from error
        return self.books

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        books, self.books = self.books, None
        assert books is not None, "entered before"
        try:
            if error is None:
                self._writer.commit(books)
            else:
                self._writer.close()
        except Exception as failed:
            raise GroupUndone(type(failed).__name__) from failed
        if isinstance(error, Exception):
            raise GroupUndone(type(error).__name__) from error


class Ledger:
    """Books in one SQLAlchemy database: `sqlite://` (in memory), `sqlite:///file.db`, `postgresql://...` for many
    processes at once."""

    def __init__(self, url: str, *, power_safe: bool = False, make: bool = True) -> None:
        """Open the database, make its tables or bring them up to date. Raises LedgerUnavailable.

        make: an SQLite file that is not there is made; otherwise that is an error.
        power_safe: an SQLite file waits for its disk with every commit, so that no answer leaves that a power cut of
        this machine could take back. Without it a commit survives the end of the process, however it ends, and a
        power cut may take the last commits, each as a whole. A server has its own settings for this.
        """
        try:
            parsed = make_url(url)
        except SQLAlchemyError:
            # The text may hold a password, so it is not repeated.
            raise LedgerUnavailable("ledger: expected a database URL such as sqlite:///ledger.db") from None
        try:
            if not make and in_a_file(parsed) and not Path(parsed.database or "").is_file():
                raise FileNotFoundError("there is none; the acquirer makes it when it starts")
            self.engine, file = make_engine(parsed, power_safe=power_safe)
            migrate(self.engine)
        except (SQLAlchemyError, ImportError, FileNotFoundError, NewerLedger) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
                cause = ImportError("PostgreSQL needs psycopg: pip install 'tillbench[postgres]'")
            raise LedgerUnavailable(f"ledger {parsed.render_as_string(hide_password=True)}: {cause}") from error
        # Rows stay readable after their commit, so that queries can hand them out. The rules write when they have
        # decided, so no query needs to write what came before it.
        self._session = sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        if file:
            file.made = True
        server = self.engine.dialect.name != "sqlite"
        self._writer = Writer(self.engine, self._session, file, waits=power_safe or server)
        self._group = Group(self._writer)

    @contextmanager
    def unit_of_work(self) -> Iterator[Books]:
        """All of one request's changes: committed at the end of the block, or none of them after an exception.

        Inside a `group` the commit is the group's, and an exception undoes the whole group.
        """
        if self._group.books is None:
            with self._session.begin() as session:
                yield Books(session)
        else:
            yield self._group.books

    def group(self, *, wait: bool = True) -> "Group":
        """Units of work that share one commit, which costs one write to the disk: a `with` block, see `Group`.

        wait: whether it may wait for a disk, a server or another writer.
        """
        self._group.wait = wait
        return self._group

    def stand_by(self, *, soon: bool) -> None:
        """Whether a `group` will come at once, and may find its books open, or rather not any more. Only between
        groups."""
        self._writer.stand_by(soon=soon)

    @property
    def of_group(self) -> Books:
        """The books of the `group` that is open."""
        assert self._group.books is not None, "no group is open"
        return self._group.books

    def trouble(self) -> str:
        """What keeps the books from being read now, in words; "" when nothing does."""
        if isinstance(self.engine.pool, StaticPool):
            return ""  # in memory, and its one connection is not to be touched while somebody writes
        try:
            # Below SQLAlchemy's transactions, which would take the writer's place.
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("SELECT id FROM terminals LIMIT 1")
            finally:
                connection.close()
        except (SQLAlchemyError, _driver_error(self.engine)) as error:
            return str(error.orig) if isinstance(error, DBAPIError) else str(error)
        return ""

    def close(self) -> None:
        self._writer.close()
        self.engine.dispose()

    def rewinder(self) -> Callable[[], None]:
        """What puts the books back as they are now, for tests that begin again from here.

        Raises LedgerUnavailable for a database of which no copy can be made, that is anything but SQLite.
        """
        if self.engine.dialect.name != "sqlite":
            raise LedgerUnavailable(
                f"ledger: expected SQLite for a copy of the books, found {self.engine.dialect.name}"
            )
        kept = connect(":memory:", check_same_thread=False)
        self._copy(to=kept)

        def rewind() -> None:
            self._writer.close()
            self._copy(source=kept)

        return rewind

    def _copy(self, *, source: DriverConnection | None = None, to: DriverConnection | None = None) -> None:
        connection = self.engine.raw_connection()
        try:
            ours = connection.driver_connection
            assert isinstance(ours, DriverConnection)
            (source or ours).backup(to or ours)
        finally:
            connection.close()

    def limit(self, pan: str, *, each: int = 0, a_day: int = 0, count: int = 0) -> None:
        """Set the limits of a card, under every sequence number that it has: on one transaction, and on the sum and
        the number in any 24 hours. Minor units; 0 for no limit.

        Raises LookupError for a card not in the books; a limit below zero is refused by the database.
        """
        with self.unit_of_work() as books:
            cards = books.session.scalars(select(Card).filter_by(pan=pan).with_for_update()).all()
            if not cards:
                raise LookupError("no such card in the books")
            for card in cards:
                card.most_each, card.most_a_day, card.count_a_day = each, a_day, count

    def reading(self) -> Session:
        """A session to look things up in, for a `with` block; what is changed in it is forgotten."""
        return self._session()

    def faults(self, policy: Policy | None = None) -> list[str]:
        """What is wrong with the books, see `audit`; an empty list for books that are right."""
        with self._session() as session:
            return audit.faults(session, policy or Policy())

    # Queries

    def transactions(self, **equal: Any) -> Sequence[Transaction]:
        """Transactions in the order of booking, e.g. `transactions(kind="sale", stan=7)`: any column, by equality."""
        query = select(Transaction).options(joinedload(Transaction.original), joinedload(Transaction.card))
        with self._session() as session:
            return session.scalars(query.filter_by(**equal).order_by(Transaction.id)).all()

    def transaction(self, **equal: Any) -> Transaction:
        """The one transaction that matches; raises LookupError when there is none or more than one."""
        found = self.transactions(**equal)
        if len(found) != 1:
            raise LookupError(f"transactions with {equal}: expected 1, found {len(found)}")
        return found[0]

    def reversal_of(self, original: Transaction) -> Transaction | None:
        """The reversal that undid a transaction, or None."""
        found = self.transactions(kind="reversal", original_id=original.id)
        return found[0] if found else None

    def balance(self, pan: str) -> int:
        """What is left on a card's account, minor units; raises LookupError for a card not in the books."""
        with self._session() as session:
            balance = session.scalars(select(Account.balance).join(Card).where(Card.pan == pan)).first()
        if balance is None:
            raise LookupError("no such card in the books")
        return balance

    def card(self, pan: str) -> Card:
        """A card's row; raises LookupError for a card not in the books."""
        with self._session() as session:
            card = session.scalars(select(Card).where(Card.pan == pan)).first()
        if card is None:
            raise LookupError("no such card in the books")
        return card

    def terminal(self, terminal_id: str) -> Terminal:
        """A terminal's row; raises LookupError for one not in the books."""
        with self._session() as session:
            terminal = session.get(Terminal, terminal_id)
        if terminal is None:
            raise LookupError(f"no terminal {terminal_id} in the books")
        return terminal

    def last_stan(self, terminal: Terminal) -> int:
        """The highest trace number that a terminal has used in its batch, 0 before the first."""
        with self._session() as session:
            return Books(session).highest_stan(terminal.id, terminal.batch)


def in_words(error: Exception) -> str:
    """What the database says, without the statement and its values, which may hold a PAN."""
    if isinstance(error, DBAPIError):
        return str(error.orig)
    return str(error) if isinstance(error, DriverError) else error.__class__.__name__


def _driver_error(engine: Engine) -> type[Exception]:
    driver: Any = engine.dialect.dbapi
    error: type[Exception] = driver.Error
    return error
