"""The folder ``NAME.twin/``: what is in it, how its database is opened, and who may write."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from twin.errors import StorageError
from twin.store import files, migrations
from twin.store.faults import reported

DATABASE = "store.db"
FOLDERS = ("history", "rasters", "results")
_NO_SHARED_MEMORY = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR_SHM", "SQLITE_FULL")


@dataclass(frozen=True)
class WorkspaceInfo:
    """What a workspace says of itself: key, name, whether its city was made up, and when it was created."""

    id: str
    name: str
    synthetic: bool
    created_at: datetime


class Connections:
    """The database's connections: one that writes, and one that reads for each thread that asks.

    A reading connection sees the last committed state, so a window draws while an import writes.
    """

    def __init__(self, folder: Path, *, writable: bool) -> None:
        self.folder = folder
        self._readers: dict[int, sqlite3.Connection] = {}
        self._guard = threading.Lock()
        self.writer: sqlite3.Connection | None = _writer(folder) if writable else None

    def reader(self) -> sqlite3.Connection:
        """Return this thread's reading connection."""
        thread = threading.get_ident()
        with self._guard:
            if thread not in self._readers:
                self._readers[thread] = _reader(self.folder)
            return self._readers[thread]

    def close(self) -> None:
        """Close all; the last writer leaves nothing but ``store.db`` behind."""
        with self._guard:
            while self._readers:
                self._readers.popitem()[1].close()
        if self.writer is not None:
            with suppress(sqlite3.Error):  # on a full disk the log stays, whole, for the next opening
                self.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.writer.close()
            self.writer = None


def _writer(folder: Path, *, is_new: bool = False) -> sqlite3.Connection:
    """Open for writing: write-ahead log, so that readers never wait; every commit reaches the disk."""
    with reported(folder):
        db = sqlite3.connect(folder / DATABASE, isolation_level=None, check_same_thread=False, timeout=5)
        try:
            if not is_new:  # before the first byte is changed in a file that may not be ours
                migrations.check(db, folder, writable=True)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA cache_size = -65536")  # KiB: an import keeps its index pages in memory
        except BaseException:
            db.close()
            raise
    return db


def _reader(folder: Path) -> sqlite3.Connection:
    """Open for reading, beside a writer or on a read-only disk."""
    with reported(folder):
        address = (folder / DATABASE).resolve().as_uri()
        try:
            return _opened(f"{address}?mode=ro")
        except sqlite3.OperationalError as error:
            # A write-ahead log needs a file for shared memory, which a read-only or a full disk refuses. Without
            # a log nobody is writing and nothing is pending: the file alone is whole.
            log = folder / f"{DATABASE}-wal"
            refused = (error.sqlite_errorname or "").startswith(_NO_SHARED_MEMORY)
            if not refused or (log.exists() and log.stat().st_size):
                raise
            return _opened(f"{address}?mode=ro&immutable=1")


def _opened(address: str) -> sqlite3.Connection:
    db = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        migrations.stand_in(db)
        db.execute("PRAGMA query_only = ON")
    except BaseException:
        db.close()
        raise
    return db


def found(folder: Path, now: Callable[[], datetime]) -> None:
    """Make the database of a new workspace."""
    db = _writer(folder, is_new=True)
    try:
        with reported(folder):
            migrations.migrate(db, now)
    finally:
        db.close()


def remove(folder: Path) -> None:
    """Remove a workspace that could not be made whole."""
    for name in FOLDERS:
        files.remove(folder / name)
    files.remove(folder)


def require_name(folder: Path) -> None:
    """Raise ``StorageError`` when no file system can hold a folder of this name, or none can be read back."""
    try:
        str(folder).encode("utf-8")
        folder.stat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # told of where it is opened or made
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it holds signs that no name may have"
        raise StorageError(f"No workspace can have the name '{_short(folder.name)}': {why}.", "Choose another name.") from error


def _short(name: str) -> str:
    plain = "".join(sign if sign.isprintable() else "?" for sign in name)
    return plain if len(plain) <= 60 else plain[:59] + "…"


def require_workspace(folder: Path) -> None:
    """Raise ``StorageError`` when there is no workspace at this path."""
    require_name(folder)
    if not folder.exists():
        raise StorageError(
            f"There is no workspace '{folder.name}' in {folder.parent}.",
            "Check the name, or create it with 'citytwin create'.",
        )
    if not (folder / DATABASE).is_file():
        raise StorageError(
            f"'{folder.name}' is not a CityTwin workspace: it has no {DATABASE}.",
            "Choose a folder whose name ends in .twin.",
        )
