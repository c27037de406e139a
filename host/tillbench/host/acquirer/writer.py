"""Who writes the books for groups of requests: one transaction after the other, and what it may keep in between."""

from sqlite3 import SQLITE_BUSY, Cursor, OperationalError
from sqlite3 import Connection as DriverConnection
from sqlite3 import Error as DriverError
from typing import cast

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import Session, sessionmaker
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.engine import BUSY_MILLISECONDS, LedgerFile
from tillbench.host.acquirer.working_set import WorkingSet
from tillbench.host.acquirer.write_behind import WriteBehind

PRIMARY_CODE = 0xFF  # of SQLite's extended codes, such as that of a reader whose books are not the latest
TAKE_THE_PLACE = "UPDATE counters SET last = last WHERE 0"
"""Changes nothing. What began as a reader has the writer's place then, unless another has it or has written since."""


class WouldWait(RuntimeError):
    """Another has the place of the writer, or the disk or a server has to be waited for: not now, and not here."""


class Writer:
    """Transactions in a row.

    On an SQLite file rows stay known from one to the next while nobody else has written, and the ORM's session takes
    part only in transactions that need it: beginning and ending one costs it more than a whole authorisation does.
    """

    # The ledger lets go of them instead.
    outside_of_mementos = ("_connection", "_cursor", "_session", "_known", "_books", "_version")

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
        self._cursor: Cursor | None = None
        self._session: Session | None = None
        self._known = WorkingSet()
        self._books: Books | None = None
        self._version: int | None = None
        self._undisturbed = False

    def stand_by(self, *, soon: bool) -> None:
        """Whether `begin` will come at once. If so, most of what it does is done now, as a reader, who is in nobody's
        way; otherwise that is undone. Where others write too, it is left to `begin`: it would be for nothing."""
        if self._cursor is None or self._session is None or self._waits:
            return
        begun = self._cursor.connection.in_transaction
        try:
            if soon and self._undisturbed and not begun:
                self._cursor.execute("BEGIN")
                self._books_of_now(self._cursor, self._session)
            elif begun and not soon:
                self._cursor.execute("ROLLBACK")
        except DriverError:
            self.close()  # whatever it is, the next message meets it too, and is answered accordingly

    def begin(self, *, wait: bool = True) -> Books:
        """A transaction, for `commit`, or for `close` when it shall leave no trace.

        Raises WouldWait before anything has begun, when it must not `wait` and would have to.
        """
        if not wait and self._waits:
            raise WouldWait
        try:
            if self._file:
                return self._begun_on_file(self._file, wait)
            session = self._session = self._sessions()
            connection = session.connection()
            return Books(session, self._known, WriteBehind(connection.dialect, connection.connection.cursor()))
        except WouldWait:
            raise
        except BaseException:
            self.close()
            raise

    def commit(self, books: Books) -> None:
        """For good. After any exception everything is undone, and nothing known any more."""
        try:
            books.write_out()
            self._commit()
        except BaseException:
            self.close()
            raise
        if not self._file or self._known.full:
            self.close()

    def _commit(self) -> None:
        assert self._session is not None, "a transaction has begun"
        if self._session.in_transaction():
            self._session.commit()
        if self._cursor is not None and self._cursor.connection.in_transaction:
            self._cursor.execute("COMMIT")  # kept by the driver, whose `commit` would read the word anew

    def close(self) -> None:
        """Let go of the connection and of what is known; what is not committed is undone."""
        if self._session is not None:
            self._session.rollback()  # also after a commit that failed, which the session takes for an end
            self._session.close()
            self._session = None
        if self._connection is not None:
            if not self._connection.closed and self._cursor is not None:
                self._cursor.connection.rollback()
                self._be_patient(True)  # as whoever has the connection next expects it
            self._connection.close()
            self._connection = self._cursor = None
        self._known = WorkingSet()
        self._books = self._version = None

    def _begun_on_file(self, file: LedgerFile, wait: bool) -> Books:
        there = file.must_be_there()
        if there != self._opened:
            self.close()
            self._opened = there
        if self._session is None or self._cursor is None:
            if not wait:
                raise WouldWait
            # One connection for good: `data_version` has a meaning only on the same one.
            self._connection = self._engine.connect()
            driver = self._connection.connection.driver_connection
            assert isinstance(driver, DriverConnection)
            self._cursor = driver.cursor()
            self._session = self._sessions(bind=self._connection)
            self._patient = True
        cursor = self._cursor
        self._be_patient(wait)
        if self._books is not None and self._took_the_place(cursor):
            return self._books
        try:
            # A session that is needed later finds it begun, see `ledger`.
            cursor.execute("BEGIN IMMEDIATE")
        except OperationalError as error:
            if not wait and error.sqlite_errorcode == SQLITE_BUSY:
                raise WouldWait from None
            raise
        return self._books_of_now(cursor, self._session)

    def _took_the_place(self, cursor: Cursor) -> bool:
        """Has it begun while it stood by, and can it go on as the writer?"""
        if not cursor.connection.in_transaction:
            return False
        try:
            cursor.execute(TAKE_THE_PLACE)
        except OperationalError as error:
            cursor.execute("ROLLBACK")
            if error.sqlite_errorcode & PRIMARY_CODE != SQLITE_BUSY:
                raise
            return False
        return True

    def _be_patient(self, patient: bool) -> None:
        """Whether the connection waits for another writer."""
        if patient is not self._patient and self._cursor is not None:
            self._cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS if patient else 0}")
            self._patient = patient

    def _books_of_now(self, cursor: Cursor, session: Session) -> Books:
        """The same as before, but for books that know nothing when others have changed something.

        SQLite's data_version changes when another connection has committed. Once the place of the writer is taken it
        cannot change any more before our commit, and that cannot be taken when it has changed.
        """
        (version,) = cursor.execute("PRAGMA data_version").fetchone()
        self._undisturbed = version == self._version
        if not self._undisturbed or self._books is None:
            self._version = version
            session.expunge_all()
            self._known = WorkingSet()
            behind = WriteBehind(self._engine.dialect, cast(DBAPICursor, cursor))
            self._books = Books(session, self._known, behind)
        return self._books
