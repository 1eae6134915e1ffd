"""Files at the centre by their SHA-256: photos, results, histories. They come and go in parts, so that a line may break."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from twin.central.database import Database
from twin.central.schema import FILE, FILE_PART
from twin.errors import SyncError

LARGEST = 4 << 30
MOST = 100 << 30
"""Most bytes of all files together: a full disk would stop the edits, too."""
PART = 4 << 20
"""Most bytes of one part."""


@dataclass(frozen=True)
class Checked:
    """A file as it was found: ``size`` in bytes; 'missing' is one that was announced and has not arrived whole."""

    sha256: str
    size: int
    state: Literal["whole", "missing", "damaged"]


class FileStore:
    """The files in the centre's database, ``most`` bytes at most. A file is there only when its bytes have its hash."""

    def __init__(self, database: Database, most: int = MOST) -> None:
        self._database, self._most = database, most

    def whole(self, hashes: Collection[str]) -> set[str]:
        """Return which of these files are here whole."""
        wanted = sorted(hashes)
        with self._database.reading() as db:
            asked = select(FILE.c.sha256).where(FILE.c.sha256.in_(wanted), FILE.c.received == FILE.c.size)
            return set(db.execute(asked).scalars())

    def extent(self, sha256: str) -> tuple[int, int]:
        """Return how many bytes of a file were received, and how many it has; zeros for one that nobody began to send."""
        with self._database.reading() as db:
            found = db.execute(select(FILE.c.received, FILE.c.size).where(FILE.c.sha256 == sha256)).first()
        return (0, 0) if found is None else (found.received, found.size)

    def receive(self, sha256: str, start: int, size: int, content: bytes) -> int:
        """Take a part of a file of ``size`` bytes and return how many are here now.

        A part that was received already is ignored; one that begins later than what is here is not taken. When the
        last part makes bytes that have another hash, everything of the file is forgotten and ``SyncError`` raised. It is
        raised as well for a new file that would make all of them together too large.
        """
        if not 0 < size <= LARGEST or start + len(content) > size or len(content) > PART:
            raise SyncError(
                f"A part of {len(content):,} bytes from byte {start:,} fits no file of {size:,} bytes.", "Send it again."
            )
        try:
            with self._database.writing() as db:
                known = db.execute(select(FILE.c.received, FILE.c.size).where(FILE.c.sha256 == sha256).with_for_update()).first()
                if known is None:
                    self._require_room(db, size)
                    db.execute(insert(FILE).values(sha256=sha256, size=size, received=0))
                elif known.size != size:
                    raise SyncError(f"The file has {size:,} bytes here and {known.size:,} at the centre.", "Send it again.")
                received = 0 if known is None else int(known.received)
                if start != received or not content:
                    return received
                received += len(content)
                db.execute(insert(FILE_PART).values(sha256=sha256, start=start, content=content))
                db.execute(update(FILE).where(FILE.c.sha256 == sha256).values(received=received))
        except IntegrityError:  # two began to send it at once: the other one's part is here
            return self.extent(sha256)[0]
        if received == size:
            self._verify(sha256)
        return received

    def read(self, sha256: str, start: int = 0) -> Iterator[bytes]:
        """Yield a file's bytes from one on; nothing of a file that is not here whole."""
        while True:
            with self._database.reading() as db:
                asked = select(FILE_PART.c.start, FILE_PART.c.content).join(FILE, FILE.c.sha256 == FILE_PART.c.sha256)
                part = asked.where(FILE.c.sha256 == sha256, FILE.c.received == FILE.c.size, FILE_PART.c.start <= start)
                found = db.execute(part.order_by(FILE_PART.c.start.desc()).limit(1)).first()
            rest = b"" if found is None else bytes(found.content)[start - found.start :]
            if not rest:
                return
            yield rest
            start += len(rest)

    def checked(self) -> Iterator[Checked]:
        """Read every file again and yield what became of it, in the order of the hashes."""
        with self._database.reading() as db:
            known = db.execute(select(FILE.c.sha256, FILE.c.size, FILE.c.received).order_by(FILE.c.sha256)).all()
        for sha256, size, received in known:
            if received < size:
                yield Checked(sha256, size, "missing")
            else:
                yield Checked(sha256, size, "whole" if self._digest(sha256) == sha256 else "damaged")

    def _require_room(self, db: Connection, size: int) -> None:
        """Raise ``SyncError`` where a new file has no room. What was announced counts whole, so that it can end."""
        taken = int(db.execute(select(func.coalesce(func.sum(FILE.c.size), 0))).scalar_one())
        if taken + size > self._most:
            raise SyncError(
                f"The centre has no room for a file of {size:,} bytes: it keeps {taken:,} of at most {self._most:,}.",
                "Send a smaller file, or ask the centre's administrator for more room.",
            )

    def _digest(self, sha256: str) -> str:
        found = hashlib.sha256()
        for content in self.read(sha256):
            found.update(content)
        return found.hexdigest()

    def _verify(self, sha256: str) -> None:
        if self._digest(sha256) == sha256:
            return
        with self._database.writing() as db:
            db.execute(delete(FILE_PART).where(FILE_PART.c.sha256 == sha256))
            db.execute(delete(FILE).where(FILE.c.sha256 == sha256))
        raise SyncError("The file that arrived is not the one that was announced: its bytes have another hash.", "Send it again.")
