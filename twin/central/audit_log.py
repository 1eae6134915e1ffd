"""The audit log in the centre's database: who did what, chained and signed as ``twin.access.audit`` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from twin.access.audit import GENESIS, HEAD_EVERY, AuditEntry, Examination, Head, Sign, Verify, entry_after, examined, head_of
from twin.central.database import Database
from twin.central.schema import AUDIT, AUDIT_HEAD

_ONE_AT_A_TIME = 0x6175646974  # the name of a lock in PostgreSQL


@dataclass(frozen=True)
class AuditLog:
    """The log. ``now`` is the centre's clock, ``sign`` its key."""

    database: Database
    now: Callable[[], datetime]
    sign: Sign

    def write(self, who: str, what: str, about: str = "", **facts: Any) -> AuditEntry:
        """Add an entry in a transaction of its own."""
        with self.database.writing() as db:
            return self.write_in(db, who, what, about, **facts)

    def write_in(self, db: Connection, who: str, what: str, about: str = "", **facts: Any) -> AuditEntry:
        """Add an entry to a transaction, so that what it tells of happened if it is there. ``facts`` hold no personal data."""
        if self.database.is_postgres:
            db.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
        last = db.execute(select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)).first()
        number, previous = (last.number + 1, last.hash) if last else (1, GENESIS)
        told: Mapping[str, Any] = {"at": self.now().isoformat(), "who": who, "what": what, "about": about, **facts}
        entry = entry_after(number, previous, told)
        db.execute(insert(AUDIT).values(number=entry.number, record=entry.record, hash=entry.hash))
        if number % HEAD_EVERY == 0:
            self._add_head(db, entry)
        return entry

    def head(self) -> Head | None:
        """Sign the end of the log as it is now and return it, for a package or an auditor; None while it is empty."""
        with self.database.writing() as db:
            row = db.execute(select(AUDIT).order_by(AUDIT.c.number.desc()).limit(1)).first()
            if row is None:
                return None
            known = db.execute(select(AUDIT_HEAD).where(AUDIT_HEAD.c.number == row.number)).first()
            return Head(*known) if known else self._add_head(db, AuditEntry(*row))

    def newest(self, limit: int) -> list[AuditEntry]:
        """Return the newest entries, newest first."""
        with self.database.reading() as db:
            return [AuditEntry(*row) for row in db.execute(select(AUDIT).order_by(AUDIT.c.number.desc()).limit(limit))]

    def heads(self) -> list[Head]:
        """Return every signed head, oldest first."""
        with self.database.reading() as db:
            return [Head(*row) for row in db.execute(select(AUDIT_HEAD).order_by(AUDIT_HEAD.c.number))]

    def examined(self, verify: Verify, anchors: tuple[Head, ...] = ()) -> Examination:
        """Look through the whole log; ``anchors`` are heads that were kept elsewhere."""
        with self.database.reading() as db:
            heads = [Head(*row) for row in db.execute(select(AUDIT_HEAD).order_by(AUDIT_HEAD.c.number))]
            return examined(_entries(db), [*heads, *anchors], verify)

    def _add_head(self, db: Connection, entry: AuditEntry) -> Head:
        head = head_of(entry, self.now().isoformat(), self.sign)
        db.execute(insert(AUDIT_HEAD).values(number=head.number, hash=head.hash, at=head.at, signature=head.signature))
        return head


def _entries(db: Connection) -> Iterator[AuditEntry]:
    for row in db.execute(select(AUDIT).order_by(AUDIT.c.number)):
        # A flipped byte may make something of a hash that is no text.
        found = row.hash if isinstance(row.hash, str) else bytes(row.hash).decode("latin-1")
        yield AuditEntry(row.number, row.record, found)
