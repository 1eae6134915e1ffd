"""What the disk and SQLite say, in words that help: every refusal becomes a ``StorageError`` with advice."""

from __future__ import annotations

import errno
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from twin.errors import StorageError


class _Refusal(NamedTuple):
    """What a code of SQLite or of the disk means, and what to do."""

    code: str
    what: str
    advice: str


_REFUSALS = (  # the first whose code begins as SQLite's name of the error does, or is the disk's
    _Refusal("SQLITE_FULL", "the disk is full", "Free some space and try again; nothing of this change was kept."),
    _Refusal(
        "SQLITE_IOERR_SHM",
        "there is no room for the file that its programs share",
        "Free some space on its disk and try again; what was saved before is still there.",
    ),
    _Refusal("SQLITE_READONLY", "it may not be written to", "Copy it to a folder that you may write to, or open it for reading."),
    _Refusal("SQLITE_BUSY", "another program is writing to it", "Wait until that program is done, or close it."),
    _Refusal("SQLITE_LOCKED", "another program is writing to it", "Wait until that program is done, or close it."),
    _Refusal(
        "SQLITE_NOTADB",
        "its store.db is no database",
        "Restore the folder from a backup; its history and results are not touched.",
    ),
    _Refusal(
        "SQLITE_CORRUPT", "its store.db is damaged", "Restore the folder from a backup; its history and results are not touched."
    ),
    _Refusal("SQLITE_CANTOPEN", "its store.db cannot be opened", "Check that the folder is there and that you may read it."),
    _Refusal("SQLITE_IOERR", "the disk failed", "Check the disk and its cable; what was saved before is still there."),
    _Refusal("ENOSPC", "the disk is full", "Free some space and try again; nothing of this change was kept."),
    _Refusal("EDQUOT", "your share of the disk is used up", "Free some space and try again; nothing of this change was kept."),
    _Refusal("EACCES", "you may not write there", "Choose a folder of your own or ask for the right to write."),
    _Refusal("EPERM", "you may not write there", "Choose a folder of your own or ask for the right to write."),
    _Refusal(
        "EFBIG", "its file system takes no file of that size", "Format the stick as exFAT or NTFS, or choose a smaller area."
    ),
    _Refusal("EIO", "the disk failed or was taken out", "Check the disk and its cable, then try again."),
    _Refusal("ENODEV", "the disk failed or was taken out", "Check the disk and its cable, then try again."),
    _Refusal("ENXIO", "the disk failed or was taken out", "Check the disk and its cable, then try again."),
    _Refusal("ENOENT", "there is no such file or folder", "Check the name, and whether its disk is there."),
    _Refusal("EISDIR", "it is a folder", "Choose a file."),
    _Refusal("EROFS", "the disk is read-only", "Copy it to a disk that can be written to, or open it for reading."),
)
# What readers of Parquet, JSON and NumPy raise on bytes that are not what was written.
_DAMAGE = (ValueError, TypeError, LookupError, AttributeError, EOFError, OSError, zipfile.BadZipFile, zlib.error)


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the disk inside the block into ``StorageError`` about this workspace."""
    try:
        yield
    except sqlite3.Error as error:
        raise _storage_error(path, error) from error
    except OSError as error:
        raise _disk_error(path, error) from error


@contextmanager
def whole(path: Path, advice: str) -> Iterator[None]:
    """Turn what readers raise on a file that is damaged or gone into ``StorageError`` that names it, with this advice."""
    try:
        yield
    except FileNotFoundError as error:
        raise StorageError(
            f"'{path.name}' in the workspace's folder '{path.parent.name}' is gone, whole or in part.", advice
        ) from error
    except PermissionError:  # told of by ``reported``
        raise
    except _DAMAGE as error:
        raise StorageError(f"'{path.name}' in the workspace's folder '{path.parent.name}' is damaged.", advice) from error


def _storage_error(path: Path, error: sqlite3.Error) -> StorageError:
    code = getattr(error, "sqlite_errorname", "") or ""
    for known in _REFUSALS:
        if code.startswith(known.code):
            return StorageError(f"The workspace '{path.name}' could not be used: {known.what}.", known.advice)
    advice = "If it happens again, restore the folder from a backup and report it."
    return StorageError(f"The workspace '{path.name}' could not be used: {error}.", advice)


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Turn errors of the disk while a file is written into ``StorageError`` that names it."""
    try:
        yield
    except OSError as error:
        known = _refusal(error)
        raise StorageError(f"'{path.name}' could not be written: {known.what}.", known.advice) from error


@contextmanager
def read_from(path: Path) -> Iterator[None]:
    """Turn errors of the disk while a file is read into ``StorageError`` that names it."""
    try:
        yield
    except PermissionError as error:
        raise StorageError(f"You may not read '{path.name}'.", "Ask for the right to read it.") from error
    except OSError as error:
        known = _refusal(error)
        raise StorageError(f"'{path.name}' could not be read: {known.what}.", known.advice) from error


def _disk_error(path: Path, error: OSError) -> StorageError:
    known = _refusal(error)
    return StorageError(f"The workspace '{path.name}' could not be used: {known.what}.", known.advice)


def _refusal(error: OSError) -> _Refusal:
    code = errno.errorcode.get(error.errno or 0, "")
    for known in _REFUSALS:
        if code == known.code:
            return known
    return _Refusal(code, str(error.strerror or error), "Check the disk and the folder's rights.")
