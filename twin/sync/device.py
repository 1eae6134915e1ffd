"""A device: it shows people the centre's rows with their own unconfirmed work upon them, and never makes anybody wait.

Editing knows nothing of sync: what people do is written down by the city itself, in the same transaction. Before any
exchange the device turns what was written into mutations. Every step is one transaction, and every message is either
applied whole or changes nothing, so a crash is no more than a lost message.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from itertools import chain
from typing import NamedTuple

from twin.errors import BugError
from twin.sync import clock, conflicts, device_state, keyed, messages
from twin.sync.city import Action, City, Touch, Values
from twin.sync.commit import ACCEPTED, Commit, Entry
from twin.sync.device_state import DeviceState
from twin.sync.messages import Changes, Fill, Hello, Mark, Message, Pull, Push, Refusal, SnapshotPart
from twin.sync.mutation import Key, Mutation, Op, Sign, unsigned
from twin.sync.outbox import Outbox, chunks
from twin.sync.rebase import ops_of, overlaid, received, undone
from twin.sync.sqlite_log import Hook, nowhere

MOST_OPS = 5_000  # in one mutation: an import of a city becomes several


class Outcome(Enum):
    """What became of a message."""

    APPLIED = "applied"
    OLD = "old"  # it was applied before, or says nothing new
    EARLY = "early"  # something that comes before it is needed first
    IGNORED = "ignored"  # it is for another device, another epoch or another moment
    FORKED = "forked"  # the device goes on under a new id
    RESTORED = "restored"  # the centre was restored: the device sends again and fills anew
    FILLING = "filling"  # the device fills anew
    REFUSED = "refused"  # people must do something: the refusal says what


class UntoldError(Exception):
    """A row was changed that this device was never told of: what it may see became another thing, and nobody said so."""


class Status(NamedTuple):
    """What a device can say of itself without asking anybody."""

    device: str
    epoch: str
    cursor: int
    head: int
    pending: int
    conflicts: int
    is_filling: bool


class Device:
    """The sync of one city with one centre. Make its tables with ``device_state.create`` before.

    ``new_id`` makes device ids; ``now_ms`` is the computer's clock; ``sign`` signs with the device's key.
    """

    def __init__(
        self,
        city: City,
        new_id: Callable[[], str],
        now_ms: Callable[[], int],
        *,
        sign: Sign = unsigned,
        schema_version: int = 1,
        hook: Hook = nowhere,
    ) -> None:
        self._city, self._new_id, self._now_ms = city, new_id, now_ms
        self._schema_version, self._hook = schema_version, hook
        self._outbox = Outbox(city, sign, hook)
        if device_state.load(city.db) is None:
            with city.exchanging():
                device_state.save(city.db, DeviceState(new_id()))

    @property
    def _db(self) -> sqlite3.Connection:
        return self._city.db

    # ── what it says ──

    @property
    def state(self) -> DeviceState:
        """What the device remembers now."""
        found = device_state.load(self._db)
        if found is None:
            raise BugError("this database is no device")
        return found

    @property
    def status(self) -> Status:
        """What the device can say of itself; actions that are no mutations yet are pending, too."""
        state = self.state
        pending = self._outbox.count(state) + sum(1 for _ in self._city.actions(state.sealed))
        return Status(state.device, state.epoch, state.cursor, state.head, pending, conflicts.count_open(self._db), state.filling)

    def hello(self) -> Hello:
        """Return the message that says who this is."""
        state = self.state
        return Hello(state.device, state.epoch, state.cursor, state.scope_version, self._schema_version, state.parent)

    def pushes(self) -> Iterator[Push]:
        """Yield the messages that have all unconfirmed mutations together; at least one."""
        push = self.push()
        yield push
        while push.mutations and push.mutations[-1].number < self.state.number:
            push = self.push(after=push.mutations[-1].number)
            yield push

    def push(self, most_ops: int = 20_000, after: int = 0) -> Push:
        """Return the message with the oldest unconfirmed mutations after a number.

        Also without any it tells the centre what was seen.
        """
        with self._step() as state:
            found = self._outbox.unsent(state, most_ops, after)
            earlier = sorted({mutation.epoch for mutation in found} - {state.epoch})
            query = "SELECT epoch, seq, chain FROM sync_mark WHERE epoch = ? ORDER BY seq"
            marks = tuple(Mark(*row) for epoch in earlier for row in self._db.execute(query, (epoch,)))
        return Push(
            state.device, state.epoch, self._schema_version, state.seen, state.seen_chain, tuple(found), state.parent, marks,
            state.seen_proof,
        )  # fmt: skip

    def ask(self, limit: int | None = None) -> Pull | Fill:
        """Return the message that asks for what comes next: rows while it fills, else commits."""
        state = self.state
        if state.filling:
            place = (state.fill_begun, state.fill_kind, state.fill_id, state.seen, state.seen_chain)
            fill = Fill(state.device, self._schema_version, state.epoch, *place)
            return fill if limit is None else messages.limited(fill, limit)
        pull = Pull(state.device, state.epoch, state.cursor, state.chain, state.scope_version, self._schema_version)
        return pull if limit is None else messages.limited(pull, limit)

    # ── what it hears ──

    def receive(self, message: Message) -> Outcome:
        """Take a message from the centre: all of it or nothing."""
        try:
            return self._heard(message)
        except UntoldError:
            with self._step() as state:
                state.begin_fill()
            return Outcome.FILLING

    def _heard(self, message: Message) -> Outcome:
        with self._step() as state:
            if isinstance(message, Changes):
                return self._changes(state, message)
            if isinstance(message, SnapshotPart):
                return self._part(state, message)
            if isinstance(message, Refusal):
                return self._refusal(state, message)
            return Outcome.OLD  # a hint

    def resolve(self, names: Iterable[str], user: str, at_ms: int, title: str) -> None:
        """Say that conflicts are decided for what stands now; who decides otherwise edits, and names them there."""
        with self._step() as state:
            self._add(state, Action(0, user, at_ms, title, (), tuple(names)), [()])

    @contextmanager
    def _step(self) -> Iterator[DeviceState]:
        with self._city.exchanging():
            state = self.state
            self._seal(state)
            seen = state.seen
            yield state
            self._hook("device.state")
            device_state.save(self._db, state)
            if state.seen != seen:
                device_state.mark(self._db, state)

    # ── what people did becomes mutations ──

    def _seal(self, state: DeviceState) -> None:
        """Make mutations of what people did since the last step: nothing was received since, so they saw just this."""
        actions = list(self._city.actions(state.sealed))
        if not actions:
            return
        touches: dict[Key, list[Touch]] = defaultdict(list)
        for action in actions:
            for touch in action.touches:
                touches[touch.key].append(touch)
        base = self._base(touches)
        before = {key: undone(row, touches[key]) if not is_kept else row for key, (row, is_kept) in base.items()}
        pending: dict[Key, list[Op]] = defaultdict(list, self._outbox.ops_on(state, touches))
        ahead = self._ahead(state, touches)
        for action in actions:
            ops = []
            for touch in action.touches:
                key = touch.key
                new = list(ops_of(touch, state.newest_of(key, ahead.get(key, 0)), before[key], pending[key]))
                pending[key] += new
                ops += new
            self._add(state, action, chunks(ops, MOST_OPS))
        self._keep({key: before[key] for key, (_, is_kept) in base.items() if not is_kept})
        state.sealed = actions[-1].number

    def _add(self, state: DeviceState, action: Action, lots: list[tuple[Op, ...]]) -> None:
        for place, ops in enumerate(lots):
            state.clock = clock.tick(state.clock, action.at_ms)
            resolves = action.resolves if place == 0 else ()
            mutation = Mutation(
                state.device, state.number + 1, state.hash, ops, action.user, state.clock, state.epoch,
                self._schema_version, action.title, resolves,
            )  # fmt: skip
            self._outbox.add(state, mutation)
        conflicts.decide(self._db, action.resolves, action.user)

    # ── what the centre tells ──

    def _changes(self, state: DeviceState, changes: Changes) -> Outcome:
        unfit = self._unfit(state, changes)
        if unfit is not None:
            return unfit
        known = self._outbox.hash(state, changes.last)
        if changes.last > state.number or (known is not None and known != changes.last_hash):
            return self._fork(state)
        commits = [commit for commit in changes.commits if commit.seq > state.cursor]
        decided = self._outbox.decisions(state, state.confirmed, changes.last)
        self._rebase(state, commits, self._outbox.confirm(state, changes.last))
        for commit in commits:
            state.clock = clock.heard(state.clock, commit.at, self._now_ms())
            conflicts.take(self._db, commit, self._hook)
            if commit.device == state.device and commit.number in decided:  # by whom it was not for, it is still open
                conflicts.reopen(self._db, set(decided[commit.number]) - set(commit.resolves))
        state.cursor, state.chain = changes.to, changes.to_chain
        state.has_seen(changes.to, changes.to_chain, changes.proof)
        if state.cursor >= state.ahead:
            self._db.execute("DELETE FROM sync_ahead")
        if changes.durable >= changes.to:
            self._outbox.forget(state)
        return Outcome.APPLIED

    @staticmethod
    def _unfit(state: DeviceState, changes: Changes) -> Outcome | None:
        """Return why changes say nothing to this device now; None when they go on where it is."""
        ours = (state.device, state.epoch, state.scope_version)
        if state.filling or (changes.device, changes.epoch, changes.scope_version) != ours:
            return Outcome.IGNORED
        if changes.to < state.cursor or (changes.to == state.cursor and changes.last <= state.confirmed):
            return Outcome.OLD
        if changes.after > state.cursor:
            return Outcome.EARLY
        if not changes.is_on(state.cursor, state.chain):
            return Outcome.IGNORED  # another log: the centre finds out by the next push
        return None

    def _rebase(self, state: DeviceState, commits: list[Commit], confirmed: Mapping[int, set[Key]]) -> None:
        """Bring the base to what the commits say and put what is still unconfirmed upon it."""
        lying = {commit.number for commit in commits if commit.as_asked and commit.number in confirmed}
        entries = {c.seq: self._entries(state, c) for c in commits if not (c.as_asked and c.number in lying)}
        settled = self._settled(state, lying, confirmed, {entry.key for some in entries.values() for entry in some})
        entries |= {
            c.seq: self._entries(state, c) for c in commits if c.seq not in entries and not confirmed[c.number] <= settled
        }
        told = [(seq, entry) for seq in sorted(entries) for entry in entries[seq]]
        keys = {*chain.from_iterable(confirmed.values()), *(entry.key for _, entry in told)} - settled
        base = {key: row for key, (row, _) in self._base(keys).items()}
        ahead = self._ahead(state, keys)
        for seq, entry in told:
            if entry.key in keys and seq > ahead.get(entry.key, 0):
                base[entry.key] = self._received(state, base[entry.key], entry)
        self._hook("device.base")
        self._db.executemany("DELETE FROM sync_base WHERE kind = ? AND id = ?", settled)
        self._show(state, base)
        self._city.settled({kind for kind, _ in settled})

    def _settled(self, state: DeviceState, lying: set[int], confirmed: Mapping[int, set[Key]], touched: set[Key]) -> set[Key]:
        """Return the rows that stay as people see them: only ``lying`` own work lay on them, and it was taken as it was.

        Not those that other commits ``touched``, among them own work that did not lie on them; nor those that a fill brought
        newer, those on which more own work lies, and those that were not there before.
        """
        found = {key for number in lying for key in confirmed[number]} - touched
        found -= {key for number, keys in confirmed.items() if number not in lying for key in keys}
        found -= self._ahead(state, found).keys()
        found -= {(kind, key) for kind, key, _ in keyed.rows(self._db, "sync_pending", "number", found)}
        return {(kind, key) for kind, key, row in keyed.rows(self._db, "sync_base", "row", found) if row != "null"}

    def _entries(self, state: DeviceState, commit: Commit) -> tuple[Entry, ...]:
        """Return the entries of a commit; those of its own work, taken as it was, the device has itself."""
        if not commit.as_asked:
            return commit.entries
        ops = self._outbox.ops(state, commit.number)
        if ops is None:
            raise UntoldError
        return tuple(Entry(ACCEPTED, op.kind, op.id, op.fields, op.alive) for op in ops)

    def _received(self, state: DeviceState, row: Values | None, entry: Entry) -> Values | None:
        """Return a row of the base after an entry.

        Only while rows of a fill may be newer than the cursor can something be said of a row that is not there: it
        was removed or left since, and that is said later.
        """
        if entry.verdict == ACCEPTED and entry.alive is None and row is None:
            if state.cursor >= state.ahead:
                raise UntoldError
            return None
        return received(row, entry)

    def _part(self, state: DeviceState, part: SnapshotPart) -> Outcome:
        if part.device != state.device or not state.filling or part.epoch != (state.epoch or part.epoch):
            return Outcome.IGNORED
        if part.asked != state.seen:  # between the two the centre may have become another
            return Outcome.OLD
        is_first = (state.fill_kind, state.fill_id) == ("", "")
        if (part.after_kind, part.after_id) != (state.fill_kind, state.fill_id) or (is_first and part.begun < state.seen):
            return Outcome.OLD
        if is_first:
            state.epoch, state.scope_version = part.epoch, part.scope_version
            state.fill_begun, state.fill_chain = part.begun, part.chain
            self._remember(part.epoch)
        if part.scope_version > state.scope_version:  # what this device may see has changed meanwhile
            state.begin_fill()
            return Outcome.FILLING
        if (part.begun, part.chain, part.scope_version) != (state.fill_begun, state.fill_chain, state.scope_version):
            return Outcome.IGNORED
        self._fill(state, part)
        state.fill_kind, state.fill_id = part.to_kind, part.to_id
        state.has_seen(part.seq, part.seq_chain, part.proof)
        if part.is_last:
            state.filling, state.cursor, state.chain = False, part.begun, part.chain
            conflicts.keep_only(self._db, {entry.conflict for commit in part.conflicts for entry in commit.entries})
            for commit in part.conflicts:
                conflicts.take(self._db, commit, self._hook)
        return Outcome.APPLIED

    def _fill(self, state: DeviceState, part: SnapshotPart) -> None:
        """Make the rows between the two keys of a part what the part says."""
        after, to = (part.after_kind, part.after_id), None if part.is_last else (part.to_kind, part.to_id)
        base: dict[Key, Values | None] = dict.fromkeys(self._city.between(after, to))
        upper, values = ("", after) if to is None else ("AND (kind, id) <= (?, ?)", (*after, *to))
        for table in ("sync_base", "sync_pending"):
            rows = self._db.execute(f"SELECT kind, id FROM {table} WHERE (kind, id) > (?, ?) {upper}", values)
            base |= dict.fromkeys((kind, key) for kind, key in rows)
        base |= {(row.kind, row.id): dict(row.fields) for row in part.rows}
        self._db.execute(f"DELETE FROM sync_ahead WHERE (kind, id) > (?, ?) {upper}", values)
        newer = [(row.kind, row.id, row.version) for row in part.rows if row.version > part.begun]
        self._db.executemany("INSERT INTO sync_ahead VALUES (?, ?, ?)", newer)
        state.ahead = max(state.ahead, part.seq)
        self._show(state, base)

    def _refusal(self, state: DeviceState, refusal: Refusal) -> Outcome:
        if refusal.device != state.device:
            return Outcome.IGNORED
        if refusal.code == messages.FORK:
            return self._fork(state)
        if refusal.code == messages.EPOCH:
            return self._restored(state, refusal)
        is_news = {
            messages.SCOPE: refusal.expected != state.scope_version,
            messages.COMPACTED: refusal.expected > state.cursor + 1,
        }.get(refusal.code)
        if is_news is None:
            return Outcome.EARLY if refusal.code == messages.GAP else Outcome.REFUSED
        if not is_news or state.filling:
            return Outcome.OLD
        state.begin_fill()
        return Outcome.FILLING

    def _fork(self, state: DeviceState) -> Outcome:
        self._outbox.renamed(state, self._new_id, everything=False)
        return Outcome.FORKED

    def _restored(self, state: DeviceState, refusal: Refusal) -> Outcome:
        """Follow the centre into a new epoch; what was confirmed and may be lost there is sent again.

        What answers a message of an earlier epoch came late: the epoch that it names may be over itself.
        """
        epoch = refusal.epoch
        is_known = self._db.execute("SELECT 1 FROM sync_epoch WHERE epoch = ?", (epoch,)).fetchone() is not None
        if is_known or refusal.answers != state.epoch:
            return Outcome.OLD
        self._remember(epoch)
        self._outbox.renamed(state, self._new_id, everything=True)
        self._db.execute("DELETE FROM sync_ahead")
        state.enter(epoch, refusal.proof)
        return Outcome.RESTORED

    def _remember(self, epoch: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO sync_epoch VALUES (?)", (epoch,))

    # ── base and view ──

    def _base(self, keys: Iterable[Key]) -> dict[Key, tuple[Values | None, bool]]:
        """Return what the centre has of rows, and whether it is kept apart from what people see."""
        kept = keyed.rows(self._db, "sync_base", "row", keys)
        found: dict[Key, tuple[Values | None, bool]] = {(kind, key): (json.loads(row), True) for kind, key, row in kept}
        rest = [key for key in keys if key not in found]
        shown = self._city.rows(rest)
        return found | {key: (shown.get(key), False) for key in rest}

    def _show(self, state: DeviceState, base: Mapping[Key, Values | None]) -> None:
        """Write the rows that people see: the base with unconfirmed ops upon it."""
        pending = self._outbox.ops_on(state, base)
        self._keep({key: base[key] for key in pending})
        self._hook("device.base")
        if self._db.execute("SELECT 1 FROM sync_base LIMIT 1").fetchone():
            gone = [key for key in base if key not in pending]
            self._db.executemany("DELETE FROM sync_base WHERE kind = ? AND id = ?", gone)
        self._city.write({key: overlaid(row, pending.get(key, ())) for key, row in base.items()})

    def _keep(self, rows: Mapping[Key, Values | None]) -> None:
        self._hook("device.base")
        texts = ((*key, json.dumps(row, ensure_ascii=False)) for key, row in rows.items())
        self._db.executemany("INSERT OR REPLACE INTO sync_base VALUES (?, ?, ?)", texts)

    def _ahead(self, state: DeviceState, keys: Iterable[Key]) -> Mapping[Key, int]:
        """Return the versions of rows that a fill brought and that are newer than the cursor."""
        if not state.filling and state.cursor >= state.ahead:
            return {}
        found = keyed.rows(self._db, "sync_ahead", "version", keys)
        return {(kind, key): version for kind, key, version in found}
