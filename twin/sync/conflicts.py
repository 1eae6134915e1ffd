"""Conflicts and refusals as a device keeps them, until somebody decides: what was seen, theirs, mine, who and why."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from twin.sync.commit import CONFLICT, DENIED, Commit
from twin.sync.mutation import Fields
from twin.sync.sqlite_log import Hook, nowhere

_COLUMNS = "name, seq, device, number, user, at, title, verdict, kind, id, alive, mine, theirs, was, reason, note, resolved_by"


@dataclass(frozen=True)
class Conflict:
    """An op, or part of one, that the centre did not write.

    ``mine`` are its values, ``theirs`` those that stand, ``was`` those that its author saw; ``alive`` False is a
    removal, True an addition. ``verdict`` is conflict or denied, ``note`` the rule by which it was denied.
    ``resolved_by`` is who decided it, '' while it is open.
    """

    name: str
    seq: int
    device: str
    number: int
    user: str
    at: int
    title: str
    verdict: str
    kind: str
    id: str
    alive: bool | None
    mine: Fields
    theirs: Fields
    was: Fields
    reason: str
    note: str
    resolved_by: str = ""


def take(db: sqlite3.Connection, commit: Commit, hook: Hook = nowhere) -> None:
    """Keep what a commit says of conflicts: new ones, and those that it decides."""
    for entry in commit.entries:
        if entry.verdict in (CONFLICT, DENIED):
            hook("conflict")
            row = (
                entry.conflict, commit.seq, commit.device, commit.number, commit.user, commit.at, commit.title, entry.verdict,
                entry.kind, entry.id, entry.alive, _text(entry.fields), _text(entry.theirs), _text(entry.was), entry.reason,
                entry.note,
            )  # fmt: skip
            db.execute(f"INSERT OR IGNORE INTO sync_conflict VALUES ({', '.join('?' * len(row))}, '')", row)
    decide(db, commit.resolves, commit.user or commit.device)


def decide(db: sqlite3.Connection, names: Iterable[str], user: str) -> None:
    """Mark conflicts as decided."""
    query = "UPDATE sync_conflict SET resolved_by = ? WHERE name = ? AND resolved_by = ''"
    db.executemany(query, ((user or "?", name) for name in names))


def reopen(db: sqlite3.Connection, names: Iterable[str]) -> None:
    """Mark conflicts as open again: the centre did not take who said otherwise for somebody who may."""
    db.executemany("UPDATE sync_conflict SET resolved_by = '' WHERE name = ?", [(name,) for name in names])


def keep_only(db: sqlite3.Connection, names: Collection[str]) -> None:
    """Forget the open conflicts that a fill did not name: they were decided, or lie where this device may not look any more."""
    known = (name for (name,) in db.execute("SELECT name FROM sync_conflict WHERE resolved_by = ''").fetchall())
    db.executemany("DELETE FROM sync_conflict WHERE name = ?", [(name,) for name in known if name not in names])


def count_open(db: sqlite3.Connection) -> int:
    """Return how many conflicts and refusals wait for somebody."""
    return int(db.execute("SELECT count(*) FROM sync_conflict WHERE resolved_by = ''").fetchone()[0])


def listed(db: sqlite3.Connection, *, also_decided: bool = False) -> list[Conflict]:
    """Return conflicts and refusals, oldest first."""
    which = "" if also_decided else "WHERE resolved_by = ''"
    return [_conflict(row) for row in db.execute(f"SELECT {_COLUMNS} FROM sync_conflict {which} ORDER BY seq, name")]


def numbered(db: sqlite3.Connection) -> dict[int, Conflict]:
    """Return all conflicts and refusals, the decided ones too, by the number that each keeps; oldest first.

    The number is the row's: a fill that forgets some does not move the others.
    """
    rows = db.execute(f"SELECT rowid, {_COLUMNS} FROM sync_conflict ORDER BY rowid")
    return {row[0]: _conflict(row[1:]) for row in rows}


def _text(fields: Fields) -> str:
    return json.dumps(dict(fields), ensure_ascii=False)


def _conflict(row: tuple[Any, ...]) -> Conflict:
    values: dict[str, Any] = dict(zip(_COLUMNS.split(", "), row, strict=True))
    values["alive"] = None if values["alive"] is None else bool(values["alive"])
    for name in ("mine", "theirs", "was"):
        values[name] = json.loads(values[name])
    return Conflict(**values)
