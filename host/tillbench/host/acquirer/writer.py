"""Who writes the books for groups of requests: one transaction after the other, and what it may keep in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_BUSY, OperationalError
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.engine import BUSY_MILLISECONDS, LedgerFile
from tillbench.host.acquirer.working_set import WorkingSet
from tillbench.host.acquirer.write_behind import WriteBehind


class WouldWait(RuntimeError):
    """Another has the place of the writer, or the disk or a server has to be waited for: not now, and not here."""


class Writer:
    """Transactions in a row.

    On an SQLite file rows stay known from one to the next while nobody else has written, and the ORM's session takes
    part only in transactions that need it: beginning and ending one costs it more than a whole authorisation does.
    """

    outside_of_mementos = ("_connection", "_session", "_known", "_version")  # the ledger lets go of them instead

    def __init__(
        self, engine: Engine, sessions: sessionmaker[Session], file: LedgerFile | None, *, waits: bool
    ) -> None:
        """file: where the database is, if it is in one. waits: every commit has to wait, for a disk or for a server."""
        self._engine = engine
        self._sessions = sessions
        self._file = file
        self._opened: tuple[int, int] | None = None
        self._waits = waits
        self._patient = True
        self._connection: Connection | None = None
        self._session: Session | None = None
        self._known = WorkingSet()
        self._version: int | None = None

    @contextmanager
    def transaction(self, *, wait: bool = True) -> Iterator[Books]:
        """Committed at the end of the block; after any exception everything is undone, and nothing known any more.

        Raises WouldWait before anything has begun, when it must not `wait` and would have to.
        """
        if not wait and self._waits:
            raise WouldWait
        try:
            if self._file:
                session, behind = self._begun_on_file(self._file, wait)
            else:
                session = self._session = self._sessions()
                behind = WriteBehind(session.connection())
            books = Books(session, self._known, behind)
            yield books
            books.write_out()
            self._commit(session)
        except WouldWait:
            raise
        except BaseException:
            self.close()
            raise
        if not self._file or self._known.full:
            self.close()

    def close(self) -> None:
        """Let go of the connection and of what is known; what is not committed is undone."""
        if self._session is not None:
            self._session.rollback()  # also after a commit that failed, which the session takes for an end
            self._session.close()
            self._session = None
        if self._connection is not None:
            if not self._connection.closed:
                self._driver().rollback()
            self._connection.close()
            self._connection = None
        self._known = WorkingSet()
        self._version = None

    def _begun_on_file(self, file: LedgerFile, wait: bool) -> tuple[Session, WriteBehind]:
        there = file.must_be_there()
        if there != self._opened:
            self.close()
            self._opened = there
        if self._session is None:
            if not wait:
                raise WouldWait
            # One connection for good: `data_version` has a meaning only on the same one.
            self._connection = self._engine.connect()
            self._session = self._sessions(bind=self._connection)
            self._patient = True
        driver = self._driver()
        if wait is not self._patient:
            driver.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS if wait else 0}").close()
            self._patient = wait
        try:
            # A session that is needed later finds it begun, see `ledger`.
            driver.execute("BEGIN IMMEDIATE").close()
        except OperationalError as error:
            if not wait and error.sqlite_errorcode == SQLITE_BUSY:
                raise WouldWait from None
            raise
        self._forget_what_others_changed(driver)
        assert self._connection is not None
        return self._session, WriteBehind(self._connection)

    def _commit(self, session: Session) -> None:
        if session.in_transaction():
            session.commit()
        if self._file and (driver := self._driver()).in_transaction:
            driver.commit()

    def _driver(self) -> Any:
        assert self._connection is not None, "no transaction has begun"
        return self._connection.connection.driver_connection

    def _forget_what_others_changed(self, driver: Any) -> None:
        """SQLite's data_version changes when another connection has committed; the place of the writer is taken, so
        it cannot change any more before our commit."""
        (version,) = driver.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            if self._session is not None:
                self._session.expunge_all()
            self._known = WorkingSet()
