"""The centre's database: SQLite beside the service, or PostgreSQL with PostGIS; what differs between them stands here."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from twin.central.refusals import reported
from twin.errors import DataError

SERVICE, READER = "citytwin_service", "citytwin_reader"
"""PostgreSQL's roles: the service works as the first; who reads ``city.*`` without the service is the second, under policies."""

_READS = "citytwin_reads"
_BUSY_S = 30.0


class Database:
    """An open database: transactions that write one after the other, and reading ones that see one state.

    ``url`` is ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``.
    """

    def __init__(self, url: str, *, connections: int = 16) -> None:
        self.url = known(url)
        self.is_postgres = self.url.get_backend_name() == "postgresql"
        # Who waits for SQLite itself asks again and again, and whoever asks at the right moment is next: some waited for minutes.
        self._turn: AbstractContextManager[Any] = nullcontext() if self.is_postgres else threading.Lock()
        self.engine = _postgres(self.url, connections) if self.is_postgres else _sqlite(self.url, connections)

    @property
    def name(self) -> str:
        """The address without its password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that writes: the only one of its time in SQLite, the service's role in PostgreSQL."""
        with self._turn, reported(self.name), self.engine.begin() as db:
            if self.is_postgres:
                db.execute(text(f"SET LOCAL ROLE {SERVICE}"))
            yield db

    @contextmanager
    def reading(self, settings: Mapping[str, str] | None = None) -> Iterator[Connection]:
        """Give a transaction that sees one state and changes nothing.

        ``settings`` are those of row-level security for somebody in particular; without them the service reads for itself.
        """
        with reported(self.name), self.engine.connect() as plain:
            db = plain.execution_options(**{_READS: True})
            with db.begin():
                if self.is_postgres:
                    db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
                    self._confine(db, settings)
                yield db

    @contextmanager
    def owning(self) -> Iterator[Connection]:
        """Give a transaction in which tables are made and renewed, as the owner of the database."""
        with reported(self.name), self.engine.begin() as db:
            yield db

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _confine(self, db: Connection, settings: Mapping[str, str] | None) -> None:
        db.execute(text(f"SET LOCAL ROLE {SERVICE if settings is None else READER}"))
        for name, value in (settings or {}).items():
            db.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})


def known(url: str) -> URL:
    """Return an address that this program can open. Raises ``DataError`` for any other."""
    try:
        found = make_url(url)
    except ArgumentError as error:
        raise _not_an_address(url) from error
    backend = found.get_backend_name()
    if backend == "sqlite" and found.database and found.database != ":memory:":
        return found
    if backend == "postgresql" and found.database:
        return found.set(drivername="postgresql+psycopg")
    raise _not_an_address(found.render_as_string(hide_password=True))


def _not_an_address(url: str) -> DataError:
    return DataError(
        f"'{url}' is no address of a database for the central service.",
        "Give sqlite:///FILE or postgresql://USER@HOST/NAME.",
    )


def _postgres(url: URL, connections: int) -> Engine:
    return create_engine(url, pool_size=connections, max_overflow=0, pool_pre_ping=True, pool_timeout=_BUSY_S)


def _sqlite(url: URL, connections: int) -> Engine:
    engine = create_engine(url, pool_size=connections, max_overflow=0, connect_args={"timeout": _BUSY_S})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(raw: Any, _record: Any) -> None:
    """Let readers never wait, and let every commit reach the disk; transactions begin where ``_begin`` says so."""
    raw.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -65536"):
        raw.execute(f"PRAGMA {pragma}").close()


def _begin(db: Connection) -> None:
    db.exec_driver_sql("BEGIN" if db.get_execution_options().get(_READS) else "BEGIN IMMEDIATE")
