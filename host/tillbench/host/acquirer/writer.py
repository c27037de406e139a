"""Who writes the books for groups of requests: one session after the other, and what it may keep in between."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.working_set import WorkingSet


class Writer:
    """Transactions in a row. On an SQLite file, rows stay known from one to the next while nobody else has written."""

    def __init__(self, engine: Engine, sessions: sessionmaker[Session]) -> None:
        self._engine = engine
        self._sessions = sessions
        self._keeps = engine.dialect.name == "sqlite" and not isinstance(engine.pool, StaticPool)
        self._connection: Connection | None = None
        self._session: Session | None = None
        self._known = WorkingSet()
        self._version: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[Books]:
        """Committed at the end of the block; after any exception everything is undone, and nothing known any more."""
        session = self._opened()
        try:
            with session.begin():
                self._forget_what_others_changed(session)
                books = Books(session, self._known, together=True)
                yield books
                books.write_out()
        except BaseException:
            self.close()
            raise
        if not self._keeps or self._known.full:
            self.close()

    def close(self) -> None:
        """Let go of the connection and of what is known."""
        if self._session is not None:
            self._session.close()
            self._session = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._known = WorkingSet()
        self._version = None

    def _opened(self) -> Session:
        if self._session is None:
            if self._keeps:
                # One connection for good: `data_version` has a meaning only on the same one.
                self._connection = self._engine.connect()
                self._session = self._sessions(bind=self._connection)
            else:
                self._session = self._sessions()
        return self._session

    def _forget_what_others_changed(self, session: Session) -> None:
        """SQLite's data_version changes when another connection has committed; the place of the writer is taken, so
        it cannot change any more before our commit."""
        if not self._keeps:
            return
        cursor = session.connection().connection.cursor()
        (version,) = cursor.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            session.expunge_all()
            self._known = WorkingSet()
