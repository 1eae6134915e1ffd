"""What the disk and SQLite say, in words that help: every refusal becomes a ``StorageError`` with advice."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twin.errors import StorageError

_ADVICE = (
    ("SQLITE_FULL", "the disk is full", "Free some space and try again; nothing of this change was kept."),
    (
        "SQLITE_IOERR_SHM",
        "there is no room for the file that its programs share",
        "Free some space on its disk and try again; what was saved before is still there.",
    ),
    ("SQLITE_READONLY", "it may not be written to", "Copy it to a folder that you may write to, or open it for reading."),
    ("SQLITE_BUSY", "another program is writing to it", "Wait until that program is done, or close it."),
    ("SQLITE_LOCKED", "another program is writing to it", "Wait until that program is done, or close it."),
    (
        "SQLITE_NOTADB",
        "its store.db is no database",
        "Restore the folder from a backup; its history and results are not touched.",
    ),
    ("SQLITE_CORRUPT", "its store.db is damaged", "Restore the folder from a backup; its history and results are not touched."),
    ("SQLITE_CANTOPEN", "its store.db cannot be opened", "Check that the folder is there and that you may read it."),
    ("SQLITE_IOERR", "the disk failed", "Check the disk and its cable; what was saved before is still there."),
)
_DISK = {
    errno.ENOSPC: ("the disk is full", "Free some space and try again; nothing of this change was kept."),
    errno.EDQUOT: ("your share of the disk is used up", "Free some space and try again; nothing of this change was kept."),
    errno.EACCES: ("you may not write there", "Choose a folder of your own or ask for the right to write."),
    errno.EPERM: ("you may not write there", "Choose a folder of your own or ask for the right to write."),
    errno.EROFS: ("the disk is read-only", "Copy it to a disk that can be written to, or open it for reading."),
}


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the disk inside the block into ``StorageError`` about this workspace."""
    try:
        yield
    except sqlite3.Error as error:
        raise _storage_error(path, error) from error
    except OSError as error:
        what, advice = _DISK.get(error.errno or 0, (str(error.strerror or error), "Check the disk and the folder's rights."))
        raise StorageError(f"The workspace '{path.name}' could not be used: {what}.", advice) from error


def _storage_error(path: Path, error: sqlite3.Error) -> StorageError:
    code = getattr(error, "sqlite_errorname", "") or ""
    for name, what, advice in _ADVICE:
        if code.startswith(name):
            return StorageError(f"The workspace '{path.name}' could not be used: {what}.", advice)
    advice = "If it happens again, restore the folder from a backup and report it."
    return StorageError(f"The workspace '{path.name}' could not be used: {error}.", advice)
