"""The centre: it puts everybody's mutations in one order and tells everybody what came of them.

No transport, no clock, no database here: messages come in, messages go out, a ``LogStore`` keeps. A push is one
transaction: the device's row is held first, all that is slow is done (hashes, signatures), then the counter of commits
is held until the end. Thus commits become visible in the order of their numbers, and no cursor ever misses one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from twin.sync import clock
from twin.sync.commit import ACCEPTED, DENIED, ENTERS, REFUSED, Commit, Entry, Row, named
from twin.sync.log_store import DeviceRecord, Head, LogStore, Taken
from twin.sync.merge import Merged, Writer, merge
from twin.sync.messages import (
    CHECK,
    COMPACTED,
    EPOCH,
    FOREIGN,
    FORK,
    GAP,
    NOT_ALLOWED,
    SCHEMA,
    SCOPE,
    Changes,
    Fill,
    Hello,
    Message,
    PartRow,
    Pull,
    Push,
    Pushed,
    Refusal,
    SnapshotPart,
    Welcome,
)
from twin.sync.mutation import GENESIS, Fields, Key, Mutation, Op, Sign, Verify, canonical, digest, unsigned, unverified
from twin.sync.scope import EVERYTHING, Scope, seen_by
from twin.sync.wire import LARGEST_NUMBER

M = TypeVar("M", bound=Message)
MOST_AT_ONCE = 50_000  # rows or entries in one answer, whatever a device asks for


class Policy(Protocol):
    """What the centre asks of those who know users and the data dictionary."""

    def permits(self, device: str, user: str, op: Op, row: Row | None) -> str:
        """Return '' when the user may do that from this device, else the rule that forbids it, for people."""

    def upgraded(self, op: Op, schema_version: int) -> Op:
        """Return an op of an older program as this one writes it."""

    def moves(self, op: Op) -> bool:
        """Whether an op may change where its row lies."""

    def place_of(self, kind: str, fields: Fields) -> str:
        """Return where a row lies in scopes, as text that ``Scope.includes`` understands."""


class OpenPolicy:
    """Everybody may do everything, and all rows lie in one place: a centre without access control, and tests."""

    def permits(self, device: str, user: str, op: Op, row: Row | None) -> str:  # noqa: ARG002  by protocol
        """Forbid nothing."""
        return ""

    def upgraded(self, op: Op, schema_version: int) -> Op:  # noqa: ARG002  by protocol
        """Change nothing: there is one version."""
        return op

    def moves(self, op: Op) -> bool:  # noqa: ARG002  by protocol
        """Look at every one."""
        return True

    def place_of(self, kind: str, fields: Fields) -> str:  # noqa: ARG002  by protocol
        """Return the one place."""
        return ""


@dataclass
class Center:
    """The rule of the centre over what it keeps.

    ``new_epoch`` makes a new epoch's name, ``now_ms`` is the centre's clock. ``admits`` says whether a device id that is new may push: ``parent`` is the
    id from which it forked, '' for a new device. ``sign`` signs what the centre says of its log with its own key, and
    ``signed`` tells whether it did: ``signed(data, signature)``.
    """

    store: LogStore
    new_epoch: Callable[[], str]
    now_ms: Callable[[], int]
    policy: Policy = field(default_factory=OpenPolicy)
    verify: Verify = unverified
    schema_version: int = 1
    admits: Callable[[str, str], bool] = lambda device, parent: True  # noqa: ARG005  by position
    sign: Sign = unsigned
    signed: Callable[[bytes, bytes], bool] = lambda data, signature: True  # noqa: ARG005  by position

    def found(self) -> None:
        """Begin the first epoch of an empty store."""
        with self.store.writing():
            self.store.begin_epoch(self.new_epoch(), 0)

    def restored(self, common: int | None = None) -> str:
        """Begin a new epoch and return its name: whoever brings back an old backup does so before anybody writes.

        ``common`` is up to which commit this log is known to be the old one; by default all of it.
        """
        with self.store.writing():
            return self._begin_epoch(self.store.lock_head().seq if common is None else common)

    def hello(self, hello: Hello, scope: Scope = EVERYTHING) -> Welcome | Refusal:
        """Say how far the centre is."""
        if hello.schema_version > self.schema_version:
            return self._to(hello, self._too_old())
        with self.store.reading():
            head = self.store.head()
            last, _ = self.store.newest(hello.device, head.seq)
        return Welcome(head.epoch, head.seq, last, scope.version, self.schema_version, head.durable)

    # ── push ──

    def push(self, push: Push) -> Pushed | Refusal:
        """Take the mutations that are new, in their order: all of them or none."""
        return self._to(push, self._push(push))

    def _push(self, push: Push) -> Pushed | Refusal:
        if push.schema_version > self.schema_version:
            return self._too_old()
        with self.store.writing():
            record = self.store.lock_device(push.device)
            if record is None:
                if not self.admits(push.device, push.parent):
                    return Refusal(NOT_ALLOWED, f"The device {push.device} is not enrolled.", "Ask an administrator.")
                record = DeviceRecord(push.device)
            refusal = self._other_history(push)
            if refusal is not None:
                return refusal
            fresh = [mutation for mutation in push.mutations if mutation.number > record.last]
            refusal = self._refused(push, record, fresh)
            if refusal is not None:
                return refusal
            head = self.store.lock_head()
            if push.epoch not in ("", head.epoch):  # begun while this one waited
                return _lost(head.epoch)
            if fresh:
                head = self._take(fresh, head, self._counting(push, head))
                record = DeviceRecord(push.device, fresh[-1].number, fresh[-1].hash)
                self.store.save_device(record)
        return Pushed(push.device, head.epoch, record.last, head.seq)

    def _refused(self, push: Push, record: DeviceRecord, fresh: list[Mutation]) -> Refusal | None:
        """Check the chain before anything is held for long: gap, fork, signatures."""
        old = [mutation for mutation in push.mutations if mutation.number <= record.last]
        if old and old[-1].hash != self.store.hash(push.device, old[-1].number):
            return self._forked(push.device, old[-1].number)
        last, last_hash = record.last, record.last_hash
        for mutation in fresh:
            if mutation.number != last + 1:
                return Refusal(
                    GAP,
                    f"Mutation {last + 1} of the device {push.device} is needed before mutation {mutation.number}.",
                    "Send that one first.",
                    expected=last + 1,
                )
            if mutation.previous != last_hash:
                return self._forked(push.device, mutation.number)
            if not mutation.is_signed(self.verify):
                return Refusal(
                    NOT_ALLOWED,
                    f"The signature of mutation {mutation.number} is not that of the device {push.device}.",
                    "Nothing of it was taken. Ask an administrator to look at that device.",
                )
            last, last_hash = mutation.number, mutation.hash
        return None

    def _other_history(self, push: Push) -> Refusal | None:
        """Refuse a device that has seen commits that this log has not: the centre lost some, told or not.

        Only a head that this centre signed is evidence of that; nobody makes it begin a new epoch by saying something else.
        """
        head = self.store.head()
        if push.epoch == head.epoch:
            is_known = push.seen <= head.seq and self.store.chain(push.seen) == push.chain
        else:
            is_known = not push.epoch or self.store.common(push.epoch) is not None
            if is_known:  # an earlier epoch, or none yet
                return _lost(head.epoch) if push.epoch else None
        if is_known:
            return None
        if not self._is_own_head(push):
            return Refusal(
                FOREIGN,
                f"The device {push.device} has seen commits that this centre neither has nor ever signed.",
                "It follows another centre, or this one came back from a backup with other keys: ask its administrator.",
            )
        if self.store.lock_head().epoch == head.epoch:  # nobody told: nothing of what was seen can be taken for granted
            self._begin_epoch(0)
        return _lost(self.store.head().epoch)

    def _is_own_head(self, push: Push) -> bool:
        """Whether this centre signed what a device has seen."""
        try:
            signature = bytes.fromhex(push.proof)
        except ValueError:
            return False
        return self.signed(_head_bytes(push.epoch, push.seen, push.chain), signature)

    def _proof(self, epoch: str, seq: int, chain: str) -> str:
        """Return the signature of the log up to a commit: a device keeps it as evidence that it was so."""
        return self.sign(_head_bytes(epoch, seq, chain)).hex()

    def _take(self, fresh: list[Mutation], head: Head, counts: Mapping[str, int]) -> Head:
        """Decide every op and write all that comes of it."""
        seen = set(self.store.seen({mutation.identity for mutation in fresh}))
        waiting = self._waiting(fresh, head)
        keys = {op.key for mutation in fresh for op in mutation.ops} | {entry.key for _, entry in waiting.values()}
        before = self.store.rows(keys)
        rows: dict[Key, Row] = dict(before)
        taken = []
        for mutation in fresh:
            repeats = mutation.identity in seen
            entries = () if repeats else named(self._decided(mutation, head.seq + 1, rows, counts), mutation.hash)
            seen.add(mutation.identity)
            resolves = () if repeats else tuple(n for n in mutation.resolves if self._may_decide(n, mutation, waiting, rows))
            at = clock.heard(0, mutation.at, self.now_ms())
            commit = Commit(
                head.seq + 1, mutation.device, mutation.number, mutation.user, at, entries, mutation.title, resolves,
                mutation.at if at != mutation.at else 0, _is_as_asked(mutation, entries),
            )  # fmt: skip
            head = replace(
                head, seq=commit.seq, chain=digest(head.chain, canonical([mutation.hash, [_told(e) for e in entries]]))
            )
            taken.append(Taken(commit, mutation.hash, mutation.identity, head.chain))
        self.store.append(taken)
        self.store.save_rows([row for key, row in rows.items() if row is not before.get(key)])
        self.store.save_head(head)
        return head

    def _waiting(self, fresh: list[Mutation], head: Head) -> dict[str, tuple[Commit, Entry]]:
        """Return, by name, the open conflicts that mutations say they decide."""
        names = {name for mutation in fresh for name in mutation.resolves}
        commits = self.store.open_conflicts(head.seq) if names else []
        return {entry.conflict: (commit, entry) for commit in commits for entry in commit.entries if entry.conflict in names}

    def _may_decide(
        self, name: str, mutation: Mutation, waiting: Mapping[str, tuple[Commit, Entry]], rows: Mapping[Key, Row]
    ) -> bool:
        """Tell whether a mutation decides a conflict: its own device's, or one about what its user may write; else it stays open."""
        if name not in waiting:
            return True  # decided already, or never there
        commit, entry = waiting[name]
        op = Op(entry.kind, entry.id, dict(entry.fields), alive=entry.alive)
        return commit.device == mutation.device or not self.policy.permits(
            mutation.device, mutation.user, op, rows.get(entry.key)
        )

    def _counting(self, push: Push, head: Head) -> Mapping[str, int]:
        """Return, by epoch, up to which commit what an author had seen is what this log has there."""
        counts = {head.epoch: LARGEST_NUMBER}
        for mark in push.marks:
            if mark.epoch != head.epoch and mark.seq <= head.seq and self.store.chain(mark.seq) == mark.chain:
                counts[mark.epoch] = max(counts.get(mark.epoch, 0), min(mark.seq, self.store.common(mark.epoch) or 0))
        return counts

    def _decided(self, mutation: Mutation, seq: int, rows: dict[Key, Row], counts: Mapping[str, int]) -> tuple[Entry, ...]:
        common = counts.get(mutation.epoch, 0)
        found: list[Entry] = []
        for raw in mutation.ops:
            op = self.policy.upgraded(raw, mutation.schema_version)
            row = rows.get(op.key)
            rule = self.policy.permits(mutation.device, mutation.user, op, row)
            if rule:
                denied = Entry(DENIED, op.kind, op.id, dict(op.fields), op.alive, was=dict(op.was), reason=REFUSED, note=rule)
                found.append(denied if row is None else denied.placed(row.place, None))  # told to its author alone
                continue
            merged = merge(row, op, Writer(mutation.device, seq, min(op.base, common)))
            after, entries = self._placed(row, merged, op)
            if after is not None:
                rows[op.key] = after
            found += entries
        return tuple(found)

    def _placed(self, row: Row | None, merged: Merged, op: Op) -> tuple[Row | None, tuple[Entry, ...]]:
        """Say where the row lay and lies; who begins to see it gets all of it."""
        after = merged.row
        if after is None:
            return None, merged.entries
        stays = row is not None and row.alive and not self.policy.moves(op)
        place = after.place if stays else self.policy.place_of(after.kind, after.fields)
        before = None if row is None else row.place
        told = [entry.placed(place if before is None else before, place) for entry in merged.entries]
        if row is not None and before != place and after.alive:
            told.append(Entry(ENTERS, after.kind, after.id, after.fields, before=before, after=place))
        return (after if after.place == place else replace(after, place=place)), tuple(told)

    # ── pull ──

    def pull(self, pull: Pull, scope: Scope = EVERYTHING) -> Changes | Refusal:
        """Return the commits after the device's cursor, as far as the device may see them."""
        return self._to(pull, self._pull(pull, scope))

    def _pull(self, pull: Pull, scope: Scope) -> Changes | Refusal:
        with self.store.reading():
            head = self.store.head()
            refusal = self._cannot_pull(pull, head, scope)
            if refusal is not None:
                return refusal
            found = self.store.commits(pull.cursor, head.seq, _sensible(pull.limit))
            to = found[-1].seq if found else head.seq
            to_chain = self.store.chain(to) or ""
            checks = "".join(chain[:CHECK] for chain in self.store.chains(pull.cursor, to))
            last, last_hash = self.store.newest(pull.device, to)
        commits = tuple(told for told in (seen_by(commit, pull.device, scope) for commit in found) if told is not None)
        return Changes(
            pull.device, head.epoch, pull.cursor, pull.chain, to, to_chain, head.seq, last, last_hash,
            scope.version, self.schema_version, commits, head.durable, checks, self._proof(head.epoch, to, to_chain),
        )  # fmt: skip

    def _cannot_pull(self, pull: Pull, head: Head, scope: Scope) -> Refusal | None:
        if pull.schema_version > self.schema_version:
            return self._too_old()
        if pull.epoch != head.epoch or pull.cursor > head.seq or self.store.chain(pull.cursor) != pull.chain:
            return Refusal(
                EPOCH,
                "This device has not met this centre, or the centre was restored from a backup since.",
                "The device fills anew.",
                epoch=head.epoch,
            )
        if pull.scope_version != scope.version:
            return Refusal(SCOPE, "What this device may see has changed.", "The device fills anew.", expected=scope.version)
        if pull.cursor + 1 < head.oldest:
            return Refusal(
                COMPACTED,
                f"The centre keeps commits from {head.oldest:,} on; this device has those up to {pull.cursor:,}.",
                "The device fills anew.",
                expected=head.oldest,
            )
        return None

    # ── fill ──

    def fill(self, fill: Fill, scope: Scope = EVERYTHING) -> SnapshotPart | Refusal:
        """Return the next rows that the device may see."""
        return self._to(fill, self._fill(fill, scope))

    def _fill(self, fill: Fill, scope: Scope) -> SnapshotPart | Refusal:
        if fill.schema_version > self.schema_version:
            return self._too_old()
        with self.store.reading():
            head = self.store.head()
            chain = self.store.chain(fill.begun or head.seq)
            if chain is None or fill.epoch not in ("", head.epoch) or self.store.chain(fill.seen) != fill.chain:
                return Refusal(
                    EPOCH, "The centre was restored from a backup since this fill began.", "Begin again.", epoch=head.epoch
                )
            limit = _sensible(fill.limit)
            rows = self.store.rows_after((fill.kind, fill.id), limit)
            is_last = len(rows) < limit
            waiting = self.store.open_conflicts(head.seq) if is_last else []
        told = tuple(
            PartRow(row.kind, row.id, row.version, scope.masked(row.kind, row.place, row.fields))
            for row in rows
            if row.alive and scope.includes(row.kind, row.place)
        )
        conflicts = tuple(told for told in (seen_by(commit, fill.device, scope) for commit in waiting) if told is not None)
        to = ("", "") if is_last else rows[-1].key
        return SnapshotPart(
            fill.device, head.epoch, fill.begun or head.seq, chain, head.seq, head.chain, scope.version, self.schema_version,
            told, fill.kind, fill.id, *to, is_last, conflicts, fill.seen, self._proof(head.epoch, head.seq, head.chain),
        )  # fmt: skip

    # ── inside ──

    def _begin_epoch(self, common: int) -> str:
        epoch = self.new_epoch()
        self.store.begin_epoch(epoch, common)
        return epoch

    def _to(self, asked: Hello | Push | Pull | Fill, message: M) -> M:
        """Address a refusal to the device whose message it answers, so that nobody else heeds it, and it not later."""
        if not isinstance(message, Refusal):
            return message
        proof = self._proof(message.epoch, 0, GENESIS) if message.epoch else ""
        return replace(message, device=asked.device, answers=asked.epoch, proof=proof)

    def _too_old(self) -> Refusal:
        return Refusal(
            SCHEMA,
            f"The centre's program is older than this device's (its schema is {self.schema_version}).",
            "Update the centre; the edits stay on this device until then.",
            expected=self.schema_version,
        )

    @staticmethod
    def _forked(device: str, number: int) -> Refusal:
        return Refusal(
            FORK,
            f"The centre has another mutation {number} of the device {device}: it was restored from a backup, or copied.",
            "The device goes on under a new name; nothing is lost.",
            expected=number,
        )


def _is_as_asked(mutation: Mutation, entries: tuple[Entry, ...]) -> bool:
    """Whether all of a mutation was accepted just as it is."""
    return len(entries) == len(mutation.ops) and all(
        entry.verdict == ACCEPTED and (entry.key, entry.alive, entry.fields) == (op.key, op.alive, op.fields)
        for entry, op in zip(entries, mutation.ops, strict=True)
    )


def _told(entry: Entry) -> list[object]:
    return [entry.verdict, entry.kind, entry.id, dict(entry.fields), entry.alive]


def _lost(epoch: str) -> Refusal:
    return Refusal(
        EPOCH,
        "The centre was restored from a backup since this device met it.",
        "The device sends again what the backup may lack.",
        epoch=epoch,
    )


def _head_bytes(epoch: str, seq: int, chain: str) -> bytes:
    """Return what is signed of a log; nothing else that the centre signs begins so."""
    return b"citytwin head\x00" + canonical([epoch, seq, chain])


def _sensible(limit: int) -> int:
    """Return how much is told at once: a device that asks for nothing or for everything gets a page all the same."""
    return max(1, min(limit, MOST_AT_ONCE))
