"""One writer at a time: an operating system's lock that dies with its process, and a note of who holds it."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from twin.errors import StorageError
from twin.store.faults import reported

PROGRAM = "CityTwin"


class WriterLock:
    """The right to write to a workspace.

    The lock is on the file ``lock``, which stays and stays empty; who holds it stands in ``holder.json``
    beside it, so that others can read it on systems where a locked file is unreadable.
    """

    def __init__(self, folder: Path, since: datetime) -> None:
        self._folder = folder
        self._note = folder / "holder.json"
        self._lock = FileLock(folder / "lock", thread_local=False, fallback_to_soft=False)
        with reported(folder):
            try:
                self._lock.acquire(timeout=0)
            except Timeout as error:
                raise held(folder) from error
            note = {"pid": os.getpid(), "program": PROGRAM, "since": since.isoformat()}
            try:
                self._note.write_text(json.dumps(note), encoding="utf-8")
            except OSError:
                self.release()
                raise

    def release(self) -> None:
        """Let others write."""
        try:
            self._note.unlink(missing_ok=True)
        finally:
            self._lock.release()


def holder(folder: Path) -> dict[str, object]:
    """Return who holds the workspace (``pid``, ``program``, ``since``), or nothing when nobody wrote it down."""
    try:
        note = json.loads((folder / "holder.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def held(folder: Path) -> StorageError:
    """Return the error that names the holder."""
    note = holder(folder)
    who = f"{note.get('program', 'another program')} (process {note.get('pid', '?')}, since {note.get('since', '?')})"
    return StorageError(
        f"The workspace '{folder.name}' is open for writing in {who}.",
        "Close it there, or open it here for reading.",
    )
