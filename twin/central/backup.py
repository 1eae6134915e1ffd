"""Backups of the centre, and what happens when one is brought back.

While a backup is made everybody goes on. Commits up to where the log stood when it began are then *durable*: offices
may forget what they keep to send again. A centre that was restored begins a new epoch: offices find that out, send
again what the backup lacks, and fill anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from twin.central.database import Database
from twin.central.service import Service
from twin.errors import StorageError
from twin.store.files import force_to_disk


def back_up(service: Service, path: Path) -> int:
    """Write everything into a file, whole or not at all, and return up to which commit it reaches."""
    if path.exists():
        raise StorageError(f"'{path.name}' exists already in {path.parent}.", "Choose another name: no backup is written over.")
    with service.store.reading():
        seq = service.store.head().seq
    beside = path.with_name(path.name + ".part")
    beside.unlink(missing_ok=True)
    try:
        _dump(service.database, beside)
        force_to_disk(beside)
        beside.replace(path)
        force_to_disk(path.parent)
    except OSError as error:
        raise StorageError(f"The backup '{path.name}' could not be written: {error.strerror}.", "Choose another disk.") from error
    finally:
        beside.unlink(missing_ok=True)
    with service.store.writing():
        head = service.store.lock_head()
        service.store.save_head(replace(head, durable=max(head.durable, seq)))
    return seq


def bring_back(path: Path, database: Database) -> None:
    """Put a backup into a database that has no centre yet; ``Service.restored`` must follow before anybody is served."""
    if not path.is_file():
        raise StorageError(f"There is no backup '{path.name}' in {path.parent}.", "Check the name.")
    if database.is_postgres:
        _run(
            database,
            ["pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", f"--dbname={_plain(database)}", str(path)],
        )
        return
    target = Path(str(database.url.database))
    database.close()
    shutil.copyfile(path, target)
    force_to_disk(target)


def _dump(database: Database, path: Path) -> None:
    if database.is_postgres:
        _run(database, ["pg_dump", "--format=custom", "--no-owner", f"--file={path}", f"--dbname={_plain(database)}"])
        return
    raw = database.engine.raw_connection()
    try:
        raw.driver_connection.execute("VACUUM INTO ?", (str(path),))  # type: ignore[union-attr] # it is open
    finally:
        raw.close()


def _plain(database: Database) -> str:
    """Return the address as PostgreSQL's own programs take it, without the password, which others could see."""
    return database.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _run(database: Database, command: list[str]) -> None:
    environment = {**os.environ, **({"PGPASSWORD": database.url.password} if database.url.password else {})}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  names are ours
    except FileNotFoundError as error:
        raise StorageError(
            f"The program {command[0]} is not installed.", "Install postgresql-client of the server's version."
        ) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["?"]
        raise StorageError(f"{command[0]} refuses: {last[0]}", "Nothing was changed; look at the message above.")
