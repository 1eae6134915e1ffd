"""Meetings: when this office last heard of the centre or sent it something, by which way, and what came of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from twin.store import Store

Way = Literal["wire", "package"]
Turn = Literal["sent", "heard", "failed"]
_TABLE = (
    "CREATE TABLE IF NOT EXISTS sync_meeting (at_ms INTEGER NOT NULL, way TEXT NOT NULL, turn TEXT NOT NULL, edits INTEGER NOT NULL, "
    "what TEXT NOT NULL)"
)
_KEPT = 1000
MESSAGE = "Meeting with the centre"


@dataclass(frozen=True)
class Meeting:
    """One meeting: ``edits`` is how many were sent or taken over, ``what`` the package's name or why it failed."""

    at: datetime
    way: Way
    turn: Turn
    edits: int
    what: str


def note(store: Store, meeting: Meeting) -> None:
    """Write a meeting down; the oldest of very many are forgotten."""
    with store.reception(MESSAGE) as transaction:
        db = transaction.database
        db.execute(_TABLE)
        row = (int(meeting.at.timestamp() * 1000), meeting.way, meeting.turn, meeting.edits, meeting.what)
        db.execute("INSERT INTO sync_meeting VALUES (?, ?, ?, ?, ?)", row)
        db.execute("DELETE FROM sync_meeting WHERE rowid <= (SELECT max(rowid) FROM sync_meeting) - ?", (_KEPT,))


def meetings(db: sqlite3.Connection, limit: int = 50) -> tuple[Meeting, ...]:
    """Return the newest meetings, newest first; none where nothing was ever noted."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sync_meeting'").fetchone() is None:
        return ()
    rows = db.execute("SELECT at_ms, way, turn, edits, what FROM sync_meeting ORDER BY rowid DESC LIMIT ?", (limit,))
    return tuple(Meeting(datetime.fromtimestamp(at / 1000, UTC), *rest) for at, *rest in rows)
