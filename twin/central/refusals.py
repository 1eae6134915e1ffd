"""What a database says, in words that help: every refusal becomes a ``StorageError`` with advice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from twin.errors import StorageError


class _Refusal(NamedTuple):
    """What a code of the database means, and what to do."""

    code: str
    what: str
    advice: str


_REFUSALS = (  # SQLite's name of the error or PostgreSQL's SQLSTATE, the first that the found one begins with
    _Refusal("SQLITE_FULL", "the disk is full", "Free some space and send it again; nothing of this was kept."),
    _Refusal("SQLITE_BUSY", "another program is writing to it", "Wait until that program is done, then try again."),
    _Refusal("SQLITE_READONLY", "it may not be written to", "Give the service the right to write to its folder."),
    _Refusal("SQLITE_CANTOPEN", "its file cannot be opened", "Check that the folder is there and that you may write to it."),
    _Refusal("SQLITE_NOTADB", "its file is no database", "Name another file, or restore a backup."),
    _Refusal("SQLITE_CORRUPT", "its file is damaged", "Restore a backup: citytwin central restore FILE."),
    _Refusal("SQLITE_IOERR", "the disk failed", "Check the disk; what was confirmed before is still there."),
    _Refusal("53100", "the disk is full", "Free some space and send it again; nothing of this was kept."),
    _Refusal("53300", "it has no connection left", "Raise max_connections, or let the service use fewer."),
    _Refusal("42501", "the account may not do this", "Give it the role that 'citytwin central init' made."),
    _Refusal("42P01", "its tables are not there", "Make them: citytwin central init."),
    _Refusal("28", "the account or its password is refused", "Check the address in --database."),
    _Refusal("3D000", "there is no database of this name", "Create it: createdb NAME."),
    _Refusal("57P", "it is being shut down", "Try again when it is up."),
)


@contextmanager
def reported(name: str) -> Iterator[None]:
    """Turn what the database refuses inside the block into ``StorageError`` about the database of this name."""
    try:
        yield
    except PoolTimeout as error:
        raise StorageError(f"The database '{name}' is busy.", "Try again in a minute.") from error
    except IntegrityError:  # what two did at once is for the one who asked to sort out
        raise
    except DBAPIError as error:
        raise _storage_error(name, error) from error
    except SQLAlchemyError as error:
        raise StorageError(f"The database '{name}' could not be used: {error}.", "Look at the service's log.") from error


def _storage_error(name: str, error: DBAPIError) -> StorageError:
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
    for refusal in _REFUSALS:
        if code.startswith(refusal.code):
            return StorageError(f"The database '{name}' could not be used: {refusal.what}.", refusal.advice)
    if "no such table" in str(error.orig):
        return StorageError(
            f"The database '{name}' could not be used: its tables are not there.", "Make them: citytwin central init."
        )
    if isinstance(error, OperationalError | InterfaceError) and not code:
        return StorageError(
            f"The database '{name}' cannot be reached: {error.orig}.", "Start it, and check the address in --database."
        )
    return StorageError(f"The database '{name}' could not be used: {error.orig}.", "Look at the service's log.")
