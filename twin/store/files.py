"""Files beside the database: written under a temporary name, forced to the disk, renamed, then registered."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from twin.model.codec import Json

PARTIAL = ".partial"


@dataclass(frozen=True)
class StoredFile:
    """A file in the register: ``name`` is its path inside the workspace, ``kind`` a history kind or 'terrain'.

    ``first`` and ``last`` are the times of a history's first and last row in microseconds since 1970 UTC.
    """

    name: str
    kind: str
    rows: int
    first: int | None
    last: int | None
    sha256: str

    def as_json(self) -> Json:
        """Return the register's row as the journal keeps it."""
        return {"rows": self.rows, "first": self.first, "last": self.last, "sha256": self.sha256}


def place(folder: Path, name: str, write: Callable[[Path], None]) -> str:
    """Write a file so that it is there whole or not at all; return its SHA-256 digest."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + PARTIAL)
    try:
        write(partial)
        digest = hashlib.sha256(partial.read_bytes()).hexdigest()
        force_to_disk(partial)
        partial.replace(target)
        force_to_disk(target.parent)
    finally:
        partial.unlink(missing_ok=True)
    return digest


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece."""
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def read_pieces(path: Path, size: int = 1 << 20) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(size):
            yield piece


def force_to_disk(path: Path) -> None:
    """Wait until a file or a folder's list of names is on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows keeps folders itself and refuses to open them
    handle = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def register(db: sqlite3.Connection, file: StoredFile) -> None:
    """Write a new file into the register and make it count."""
    row = (file.name, file.kind, file.rows, file.first, file.last, file.sha256)
    db.execute("INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, 1)", row)


def set_active(db: sqlite3.Connection, name: str, *, active: bool) -> None:
    """Make a registered file count, or not; the file itself stays, the journal may need it again."""
    db.execute("UPDATE file SET active = ? WHERE name = ?", (int(active), name))


def active(db: sqlite3.Connection, kind: str) -> list[StoredFile]:
    """Return the files of a kind that count, in the order in which they were written."""
    rows = db.execute("SELECT name, kind, rows, first, last, sha256 FROM file WHERE active AND kind = ? ORDER BY name", (kind,))
    return [StoredFile(*row) for row in rows]


def active_names(db: sqlite3.Connection) -> set[str]:
    """Return the names of all files that count."""
    return {name for (name,) in db.execute("SELECT name FROM file WHERE active")}


def sweep(folder: Path, db: sqlite3.Connection) -> None:
    """Remove what a killed writer left behind: half-written files, and files of ours that no register names."""
    known = {name for (name,) in db.execute("SELECT name FROM file")}
    known |= {f"results/{name}" for (name,) in db.execute("SELECT name FROM result")}
    for path in sorted(folder.glob(f"*/*{PARTIAL}")):
        remove(path)
    for pattern in ("history/*-????????-???.parquet", "rasters/terrain-????????-???.npz", "results/*-????????????????"):
        for path in sorted(folder.glob(pattern)):
            if path.relative_to(folder).as_posix() not in known:
                remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder of files; what cannot be removed now is swept later."""
    with suppress(OSError):
        if path.is_dir():
            for inner in sorted(path.iterdir()):
                inner.unlink(missing_ok=True)
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
