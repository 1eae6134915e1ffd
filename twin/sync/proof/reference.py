"""What must be true of sync, said in dictionaries: a second opinion that shares no code with the protocol.

It knows what every person did and what they saw when they did it, reads the centre's log and each office's tables
after every step, and raises ``ViolationError`` that names the broken promise:

I1 what was done is in the office or in the log, always · I2 it is in the log once · I3 a device's numbers in the log
have no gap · I4 an office's base is the centre's rows at its cursor, in its scope · I5 when all is delivered, all are
equal · I6 nothing that its author had not seen was overwritten · I7 what people see is the base with their
unconfirmed work upon it · I8 their own work never vanishes from what they see before the centre's answer is seen ·
I9 a mutation is never edited · I10 a number is never used for two mutations in one log.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Key = tuple[str, str]
Place = tuple[int, int]
"""A life of the centre's log (each restore begins one) and how many of its commits."""


class ViolationError(Exception):
    """A promise of sync is broken."""


@dataclass
class Done:
    """What a person did: the touches, the place in the log that each touched field showed, and their own earlier work.

    ``plain`` are the rows on which none of their own work was unconfirmed.
    """

    title: str
    office: str
    touches: list[tuple[Key, Row | None, Row | None]]
    saw: dict[tuple[Key, str], Place]
    own: frozenset[str]
    plain: frozenset[Key]
    confirmed: bool = False


@dataclass
class Shown:
    """What an office remembers of where it is, read once for many rows."""

    chain: str
    filling: bool
    fill_chain: str
    reached: Key
    cursor: int
    ahead: int
    seen_chain: str
    versions: dict[Key, int]

    @classmethod
    def of(cls, db: sqlite3.Connection) -> Shown:
        """Read an office's tables."""
        chain, filling, begun, kind, id_, cursor, ahead, seen = db.execute(
            "SELECT chain, filling, fill_chain, fill_kind, fill_id, cursor, ahead, seen_chain FROM sync_state"
        ).fetchone()
        versions = {(kind, id_): version for kind, id_, version in db.execute("SELECT kind, id, version FROM sync_ahead")}
        return cls(chain, bool(filling), begun, (kind, id_), cursor, ahead, seen, versions)


@dataclass
class Line:
    """A commit as the reference keeps it."""

    title: str
    device: str
    rows: dict[Key, Row]


@dataclass
class Life:
    """The centre's log from one restore to the next: its commits, and the rows after each of them."""

    lines: list[Line] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)
    by_device: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    cells: dict[tuple[Key, str], tuple[Any, str]] = field(default_factory=dict)
    rows: dict[Key, Row] = field(default_factory=dict)


class Reference:
    """The second opinion of one world."""

    def __init__(self) -> None:
        self.lives = [Life()]
        self.done: dict[str, Done] = {}
        self.history: dict[str, list[Done]] = {}
        self.owed: set[str] = set()
        self.place_of_chain: dict[str, Place] = {"": (0, 0)}
        self.bodies: dict[str, str] = {}
        self.titles: dict[str, tuple[Any, set[str]]] = {}

    # ── what people do ──

    def did(self, office: str, title: str, touches: list[tuple[Key, Row | None, Row | None]], db: sqlite3.Connection) -> None:
        """Hear of an action that its office has written down."""
        before = self.history.setdefault(office, [])
        saw: dict[tuple[Key, str], Place] = {}
        shown = Shown.of(db)
        for key, old, new in touches:
            names = {"", *(old or {}), *(new or {})}
            for name in names:
                saw[key, name] = self._seen(before, key, name, shown)
        busy = {key for item in before if not item.confirmed for key, _, _ in item.touches}
        plain = frozenset(key for key, _, _ in touches if key not in busy)
        action = Done(title, office, touches, saw, frozenset(item.title for item in before), plain)
        self.done[title] = action
        before.append(action)
        self.owed.add(title)

    def _seen(self, before: list[Done], key: Key, name: str, shown: Shown) -> Place:
        for action in reversed(before):
            if not action.confirmed and (key, name) in action.saw and _writes(action, key, name):
                return action.saw[key, name]
        life, _, at = self._position(key, shown)
        return life, at

    # ── what the centre writes ──

    def read_log(self, db: sqlite3.Connection) -> None:
        """Read the new commits, and judge each."""
        life = self.lives[-1]
        rows = db.execute(
            "SELECT log.seq, device, number, chain, entries, identity, hash FROM log WHERE seq > ? ORDER BY seq",
            (len(life.lines),),
        ).fetchall()
        for seq, device, number, chain, text, identity, _ in rows:
            if seq != len(life.lines) + 1:
                raise ViolationError(f"commits jump to {seq} after {len(life.lines)}")
            self._judge(life, device, number, json.loads(text), identity)
            self.place_of_chain[chain] = (len(self.lives) - 1, seq)

    def _judge(self, life: Life, device: str, number: int, commit: Mapping[str, Any], identity: str) -> None:
        title, entries = commit["title"], commit.get("entries", [])
        if number != life.numbers.get(device, 0) + 1:
            raise ViolationError(f"I3: {device} has number {number} after {life.numbers.get(device, 0)}")
        life.numbers[device] = number
        action = self.done[title]
        repeats = title in life.first
        if repeats and (entries or identity not in self.bodies):
            raise ViolationError(f"I2: action {title} is in the log twice")
        changed: set[Key] = set()
        if not repeats:
            self._require_whole(action, entries)
            for entry in entries:
                if entry["verdict"] == "accepted":
                    self._accept(life, action, entry)
                elif entry["verdict"] == "conflict":
                    self._refuse_needless(life, action, entry, device)
                changed.add((entry["kind"], entry["id"]))
            life.first[title] = len(life.lines) + 1
        self.bodies.setdefault(identity, title)
        if self.bodies[identity] != title:
            raise ViolationError(f"I9: the mutation of action {self.bodies[identity]} came as {title}")
        life.by_device[device, title] = len(life.lines) + 1, number
        previous = life.lines[-1] if life.lines else None
        state = dict(previous.rows) if previous else {}
        for key in changed:
            if key in life.rows:
                state[key] = dict(life.rows[key])
            else:
                state.pop(key, None)
        life.lines.append(Line(title, device, state))

    @staticmethod
    def _require_whole(action: Done, entries: list[Any]) -> None:
        """Each thing that was done is judged once: accepted, or kept as a conflict."""
        asked = sorted(_parts(action))
        found = []
        for entry in entries:
            if entry["verdict"] in ("accepted", "conflict", "denied"):
                key, alive = (entry["kind"], entry["id"]), entry.get("alive")
                if alive is False:
                    found.append((key, "", "removed"))
                found += [(key, name, json.dumps(value)) for name, value in entry.get("fields", {}).items()]
        if sorted(found) != asked:
            raise ViolationError(f"I2: action {action.title} asked for {asked}, the log has {sorted(found)}")

    def _accept(self, life: Life, action: Done, entry: Mapping[str, Any]) -> None:
        key, fields = (entry["kind"], entry["id"]), entry.get("fields", {})
        if entry.get("alive") is False:
            if key not in life.rows:
                return
            for name in [*life.rows[key], ""]:
                self._require_seen(life, action, key, name, None)
            del life.rows[key]
            life.cells[key, ""] = (None, action.title)
            return
        if key not in life.rows:
            if entry.get("alive") is not True:
                raise ViolationError(f"{key} is set and is not there")
            self._require_seen(life, action, key, "", None)
            life.rows[key] = {}
            life.cells[key, ""] = (True, action.title)
            for name, value in fields.items():
                life.rows[key][name] = value
                life.cells[key, name] = (value, action.title)
            return
        for name, value in fields.items():
            if _differs(life.rows[key].get(name), value) or name not in life.rows[key]:
                self._require_seen(life, action, key, name, value)
                life.rows[key][name] = value
                life.cells[key, name] = (value, action.title)

    def _require_seen(self, life: Life, action: Done, key: Key, name: str, value: Any) -> None:
        writer = life.cells.get((key, name))
        if writer is not None and not self._saw(action, key, name, writer[1]):
            raise ViolationError(f"I6: action {action.title} overwrote {key} {name} of {writer[1]} unseen, with {value!r}")

    def _saw(self, action: Done, key: Key, name: str, title: str) -> bool:
        if title in action.own or title == action.title:
            return True
        place = action.saw.get((key, name), action.saw.get((key, "")))
        if place is None:
            return False
        life, at = place
        return self.lives[life].first.get(title, 1 << 60) <= at

    def _refuse_needless(self, life: Life, action: Done, entry: Mapping[str, Any], device: str) -> None:
        """Where the centre was never restored, what its author had surely seen is accepted."""
        key = (entry["kind"], entry["id"])
        if (
            len(self.lives) > 1
            or key not in action.plain
            or entry.get("alive") is not None
            or entry["reason"] != "changed"
            or "~" in device
        ):
            return
        for name in entry["fields"]:
            writer = life.cells[key, name][1]
            if writer not in action.own and self._saw(action, key, name, writer):
                raise ViolationError(f"action {action.title} saw {writer} in {key} {name} and is a conflict")

    # ── what offices show ──

    def confirm(self, office: str, db: sqlite3.Connection) -> None:
        """See which of an office's own actions its cursor has passed under the id that it has now."""
        device, chain, last = db.execute("SELECT device, chain, confirmed FROM sync_state").fetchone()
        life, at = self.place_of_chain[chain]
        for action in self.history.get(office, []):
            seq, number = self.lives[life].by_device.get((device, action.title), (1 << 60, 1 << 60))
            if seq <= at and number <= last:
                action.confirmed = True
        dropped = [
            title
            for (title,) in db.execute(
                "SELECT json_extract(body, '$.title') FROM sync_mutation WHERE device = ? AND number <= ?", (device, last)
            )
            if self.lives[life].by_device.get((device, title), (1 << 60, 0))[0] > at
        ]
        if dropped:
            raise ViolationError(f"I8: {office} took {dropped} for confirmed, which its cursor {at} has not passed")

    def check_office(self, office: str, scope: str, keys: list[Key], db: sqlite3.Connection) -> None:
        """Compare what an office has and shows with what it must (I4, I7, I8)."""
        self.confirm(office, db)
        shown = {(kind, key): json.loads(row) for kind, key, row in db.execute("SELECT kind, id, row FROM item")}
        kept = {(kind, key): json.loads(row) for kind, key, row in db.execute("SELECT kind, id, row FROM sync_base")}
        where = Shown.of(db)
        pending = [action for action in self.history.get(office, []) if not action.confirmed]
        for key in keys:
            known, base = self._base(key, scope, where)
            if not known:
                continue
            if key in kept and kept[key] != base:
                raise ViolationError(f"I4: {office} has {kept[key]} as base of {key}, the centre {base}")
            wanted = _upon(base, key, pending)
            if shown.get(key) != wanted:
                raise ViolationError(f"I7: {office} shows {shown.get(key)} for {key}, base {base} and its own work make {wanted}")

    def _base(self, key: Key, scope: str, shown: Shown) -> tuple[bool, Row | None]:
        """Return whether it can be said what an office has of a row, and what."""
        if shown.filling and key > shown.reached:
            return False, None
        life, version, at = self._position(key, shown)
        row = self.row_at((life, at), key)
        if version == 0 and (shown.filling or shown.cursor < shown.ahead):
            # A fill is under way: a row that it did not bring was gone by then, though it is said only later.
            later = [self.row_at((life, n), key) for n in range(at, max(at, shown.ahead) + 1)]
            if any(item is None or scope not in ("", item.get("d")) for item in later):
                return False, None
        return True, row if row is not None and scope in ("", row.get("d")) else None

    def _position(self, key: Key, shown: Shown) -> tuple[int, int, int]:
        """Return which life an office knows, the version that a fill brought of a row (0: none), and how new the row is."""
        life, at = self.place_of_chain[shown.fill_chain if shown.filling and key <= shown.reached else shown.chain]
        if shown.filling or shown.cursor < shown.ahead:
            life = self.place_of_chain[shown.seen_chain][0]
        version = shown.versions.get(key, 0)
        return life, version, max(at, version)

    def row_at(self, place: Place, key: Key) -> Row | None:
        """Return a row as it was at a place of a log."""
        life, at = place
        lines = self.lives[life].lines
        if at > len(lines):
            raise ViolationError(
                f"I7: {key} is known as of commit {at}, and the log that its office follows ends at {len(lines)}"
            )
        return lines[at - 1].rows.get(key) if at else None

    # ── what must never vanish ──

    def check_owed(self, offices: Mapping[str, sqlite3.Connection]) -> None:
        """Compare what was done with what is still there somewhere (I1)."""
        missing = self.owed - self._there(offices)
        if missing:
            raise ViolationError(f"I1: lost {sorted(missing)}")

    def forgive(self, offices: Mapping[str, sqlite3.Connection]) -> None:
        """Forgive what was only on a disk that was lost."""
        self.owed &= self._there(offices)

    def _there(self, offices: Mapping[str, sqlite3.Connection]) -> set[str]:
        found = set(self.lives[-1].first)
        for office, db in offices.items():
            mark = db.execute(
                "SELECT max(place), count(*), (SELECT max(number) FROM action), (SELECT sealed FROM sync_state) FROM sync_mutation"
            ).fetchone()
            if office not in self.titles or self.titles[office][0] != mark:
                self.titles[office] = mark, set(_titles(db))
                self._require_unedited(db)
            found |= self.titles[office][1]
        return found

    def _require_unedited(self, db: sqlite3.Connection) -> None:
        """Look whether a mutation keeps what its author had seen, also under a new id (I9)."""
        for identity, ops, epoch in db.execute(
            "SELECT coalesce(json_extract(body, '$.origin'), hash), json_extract(body, '$.ops'), json_extract(body, '$.epoch') "
            "FROM sync_mutation"
        ):
            if self.bodies.setdefault("ops " + identity, f"{ops} {epoch}") != f"{ops} {epoch}":
                raise ViolationError(f"I9: mutation {identity} was edited")

    # ── disks that come back from a backup ──

    def place_of_log(self, seq: int) -> Place:
        """Return the place of a commit of the log as it is now: a backup may come back in a later life of it."""
        return len(self.lives) - 1, seq

    def center_restored(self, place: Place) -> None:
        """Begin a new life of the log that has the first commits of an earlier one."""
        number, seq = place
        old, life = self.lives[number], Life()
        life.lines = old.lines[:seq]
        life.first = {title: at for title, at in old.first.items() if at <= seq}
        life.by_device = {key: at for key, at in old.by_device.items() if at[0] <= seq}
        life.rows = {key: dict(row) for key, row in (life.lines[-1].rows if seq else {}).items()}
        for line in life.lines:
            life.numbers[line.device] = life.numbers.get(line.device, 0) + 1
        life.cells = _cells(life.lines)
        self.lives.append(life)

    def saved(self, office: str) -> list[Done]:
        """Return an office's history for its backup."""
        return [Done(**vars(action)) for action in self.history.get(office, [])]

    def office_restored(self, office: str, history: list[Done]) -> None:
        """Give an office back the history of its backup."""
        self.history[office] = [Done(**vars(action)) for action in history]
        self.titles.pop(office, None)


def _cells(lines: list[Line]) -> dict[tuple[Key, str], tuple[Any, str]]:
    """Return who wrote each field last; '' is whether the row is there."""
    cells: dict[tuple[Key, str], tuple[Any, str]] = {}
    rows: dict[Key, Row] = {}
    for line in lines:
        for key in {*rows, *line.rows}:
            old, new = rows.get(key), line.rows.get(key)
            if (old is None) != (new is None):
                cells[key, ""] = (new is not None or None, line.title)
            for name, value in (new or {}).items():
                if old is None or name not in old or _differs(old[name], value):
                    cells[key, name] = (value, line.title)
        rows = line.rows
    return cells


def _titles(db: sqlite3.Connection) -> Iterator[str]:
    for (title,) in db.execute("SELECT json_extract(body, '$.title') FROM sync_mutation"):
        yield title
    sealed = db.execute("SELECT sealed FROM sync_state").fetchone()[0]
    for (title,) in db.execute("SELECT title FROM action WHERE number > ?", (sealed,)):
        yield title


def _parts(action: Done) -> Iterator[tuple[Key, str, str]]:
    for key, _, new in action.touches:
        if new is None:
            yield key, "", "removed"
        for name, value in (new or {}).items():
            yield key, name, json.dumps(value)


def _writes(action: Done, key: Key, name: str) -> bool:
    """Whether an action changes a field of a row; '' is whether the row is there."""
    return any(touched == key and (old is None or new is None or name in new) for touched, old, new in action.touches)


def _upon(row: Row | None, key: Key, actions: list[Done]) -> Row | None:
    for action in actions:
        for touched, old, new in action.touches:
            if touched != key:
                continue
            if new is None:
                row = None
            elif old is None:
                row = {**(row or {}), **new}
            elif row is not None:
                row = {**row, **new}
    return row


def _differs(one: Any, other: Any) -> bool:
    return json.dumps(one) != json.dumps(other)
