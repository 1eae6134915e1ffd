"""What a device remembers of itself and of the centre: one row, read and written with everything else of a step."""

from __future__ import annotations

import dataclasses
import sqlite3
from dataclasses import dataclass

from twin.sync.mutation import GENESIS

TABLES = """CREATE TABLE IF NOT EXISTS sync_state (
    device TEXT, parent TEXT, epoch TEXT, cursor INTEGER, chain TEXT, number INTEGER, hash TEXT, confirmed INTEGER,
    sealed INTEGER, scope_version INTEGER, clock INTEGER, filling INTEGER, fill_begun INTEGER, fill_chain TEXT,
    fill_kind TEXT, fill_id TEXT, ahead INTEGER, head INTEGER,
    seen INTEGER, seen_chain TEXT, seen_proof TEXT);

CREATE TABLE IF NOT EXISTS sync_mutation (
    place INTEGER PRIMARY KEY, device TEXT, number INTEGER, previous TEXT, hash TEXT, signature TEXT, body TEXT,
    UNIQUE (device, number));

CREATE TABLE IF NOT EXISTS sync_pending (kind TEXT, id TEXT, number INTEGER, PRIMARY KEY (kind, id, number)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sync_base (kind TEXT, id TEXT, row TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sync_ahead (kind TEXT, id TEXT, version INTEGER, PRIMARY KEY (kind, id)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sync_conflict (
    name TEXT PRIMARY KEY, seq INTEGER, device TEXT, number INTEGER, user TEXT, at INTEGER, title TEXT, verdict TEXT,
    kind TEXT, id TEXT, alive INTEGER, mine TEXT, theirs TEXT, was TEXT, reason TEXT, note TEXT, resolved_by TEXT);

CREATE TABLE IF NOT EXISTS sync_epoch (epoch TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sync_mark (epoch TEXT, seq INTEGER, chain TEXT, PRIMARY KEY (epoch, seq)) WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS sync_mutation_no_update BEFORE UPDATE ON sync_mutation
    BEGIN SELECT RAISE(ABORT, 'a mutation is never edited'); END
"""


MOST_MARKS = 24


@dataclass
class DeviceState:
    """How far a device is.

    ``cursor`` and ``chain`` are the newest commit that it has; ``number`` and ``hash`` the newest mutation that it
    made, of which those up to ``confirmed`` are in the log; ``sealed`` the newest action of people that became one.
    While ``filling``, parts of a snapshot come in the order of keys up to ``fill_kind``, ``fill_id``; rows of a part
    may be newer than the cursor, until it reaches ``ahead``. ``seen`` is the newest commit of which anything was told,
    ``seen_proof`` the centre's signature of its log up to there: only with it does the centre believe that it lost something.
    """

    device: str
    parent: str = ""
    epoch: str = ""
    cursor: int = 0
    chain: str = GENESIS
    number: int = 0
    hash: str = GENESIS
    confirmed: int = 0
    sealed: int = 0
    scope_version: int = 0
    clock: int = 0
    filling: bool = True
    fill_begun: int = 0
    fill_chain: str = GENESIS
    fill_kind: str = ""
    fill_id: str = ""
    ahead: int = 0
    head: int = 0
    seen: int = 0
    seen_chain: str = GENESIS
    seen_proof: str = ""

    def has_seen(self, seq: int, chain: str, proof: str) -> None:
        """Remember the newest commit of which anything was told, the hash of the log up to it and the centre's signature."""
        self.head = max(self.head, seq)
        if seq > self.seen or (seq, chain) == (self.seen, self.seen_chain):
            self.seen, self.seen_chain, self.seen_proof = seq, chain, proof

    def enter(self, epoch: str, proof: str) -> None:
        """Begin anew in an epoch: nothing of it was seen yet but that the centre began it."""
        self.seen_proof = proof
        self.epoch, self.cursor, self.chain, self.ahead, self.head, self.seen, self.seen_chain = (
            epoch,
            0,
            GENESIS,
            0,
            0,
            0,
            GENESIS,
        )
        self.begin_fill()

    def newest_of(self, key: tuple[str, str], ahead: int) -> int:
        """Return the newest commit that this device has of a row, whose version in a running fill is ``ahead`` or 0."""
        is_filled = self.filling and key <= (self.fill_kind, self.fill_id)
        return max(self.cursor, ahead, self.fill_begun if is_filled else 0)

    def begin_fill(self) -> None:
        """Start a fill from the first key."""
        self.filling, self.fill_begun, self.fill_chain, self.fill_kind, self.fill_id = True, 0, GENESIS, "", ""


def create(db: sqlite3.Connection) -> None:
    """Make the device's tables where they are not yet, or bring those of an older program to this one's."""
    for statement in TABLES.split(";\n\n"):
        db.execute(statement)
    if not is_current(db):
        db.execute("ALTER TABLE sync_state ADD COLUMN seen_proof TEXT DEFAULT ''")


def is_current(db: sqlite3.Connection) -> bool:
    """Whether the device's tables are there as this program writes them."""
    return any(name == "seen_proof" for _, name, *_ in db.execute("PRAGMA table_info(sync_state)"))


def load(db: sqlite3.Connection) -> DeviceState | None:
    """Return what is remembered; None for a database that is no device yet."""
    row = db.execute("SELECT * FROM sync_state").fetchone()
    if row is None:
        return None
    state = DeviceState(*row)
    state.filling = bool(state.filling)
    return state


def save(db: sqlite3.Connection, state: DeviceState) -> None:
    """Write what is to be remembered."""
    row = tuple(getattr(state, name) for name in _NAMES)
    db.execute("DELETE FROM sync_state")
    db.execute(f"INSERT INTO sync_state VALUES ({', '.join('?' * len(row))})", row)


def mark(db: sqlite3.Connection, state: DeviceState) -> None:
    """Remember what was seen now; older marks are thinned out, so that they lie the farther apart the older they are."""
    db.execute("INSERT OR REPLACE INTO sync_mark VALUES (?, ?, ?)", (state.epoch, state.seen, state.seen_chain))
    rows = db.execute("SELECT seq FROM sync_mark WHERE epoch = ? ORDER BY seq DESC", (state.epoch,)).fetchall()
    if len(rows) > MOST_MARKS:
        places = [seq for (seq,) in rows]
        spared = min(
            range(MOST_MARKS // 2, len(places) - 1),
            key=lambda at: (places[at - 1] - places[at + 1]) / (places[0] - places[at]),
        )
        db.execute("DELETE FROM sync_mark WHERE epoch = ? AND seq = ?", (state.epoch, places[spared]))


_NAMES = tuple(item.name for item in dataclasses.fields(DeviceState))
