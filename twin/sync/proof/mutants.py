"""Seeded faults: the protocol with one thing wrong, to show that the simulated world would notice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from twin.sync import conflicts, device, device_state, merge, rebase, scope, sqlite_log
from twin.sync.center import Center
from twin.sync.city import PlainCity
from twin.sync.commit import CONFLICT, Commit, Entry
from twin.sync.device import Device, Outcome
from twin.sync.device_state import DeviceState
from twin.sync.messages import Changes, Message, Push, Pushed, SnapshotPart
from twin.sync.mutation import Op
from twin.sync.outbox import Outbox

Patch = tuple[Any, str, Any]
"""What is put in another one's place: the owner, the name there, and the wrong thing."""


def _drop_conflicts(row: Any, op: Op, writer: merge.Writer) -> merge.Merged:
    merged = merge.merge(row, op, writer)
    return merged._replace(entries=tuple(entry for entry in merged.entries if entry.verdict != CONFLICT))


def _blind_removal(row: Any, op: Op, writer: merge.Writer) -> merge.Merged:
    return merge.merge(row, op, writer._replace(base=1 << 60) if op.alive is False else writer)


def _forget_on_pushed(self: Device, message: Message) -> Outcome:
    if isinstance(message, Pushed):
        with self._step() as state:
            if message.device == state.device:
                self._outbox.confirm(state, min(message.last, state.number))
        return Outcome.OLD
    return _RECEIVE(self, message)


def _no_gap(state: DeviceState, changes: Changes) -> Outcome | None:
    found = _UNFIT(state, changes)
    return None if found is Outcome.EARLY else found


def _go_back(state: DeviceState, changes: Changes) -> Outcome | None:
    found = _UNFIT(state, changes)
    return None if found is Outcome.OLD and changes.to < state.cursor else found


def _no_fork(self: Outbox, state: DeviceState, number: int) -> None:
    return None


def _newest_of_all(self: sqlite_log.SqliteLog, name: str, to: int) -> tuple[int, str]:
    return _NEWEST(self, name, 1 << 60)


def _nothing_seen(self: sqlite_log.SqliteLog, identities: Collection[str]) -> Collection[str]:
    return ()


def _stay(self: Center, row: Any, merged: Any, op: Op) -> Any:
    placed, told = _PLACED(self, row, merged, op)
    return placed, tuple(replace(entry, before=entry.after) for entry in told if entry.verdict != "enters")


def _fill_adds_only(self: Device, state: DeviceState, part: SnapshotPart) -> None:
    self._show(state, {(row.kind, row.id): dict(row.fields) for row in part.rows})


def _not_ahead(self: Device, state: DeviceState, keys: Any) -> Mapping[Any, int]:
    return {}


def _base_alone(row: Any, ops: Any) -> Any:
    return row


def _fresh_base(touch: Any, seen: int, base: Any, pending: Any) -> Iterator[Op]:
    return rebase.ops_of(touch, seen, base, ())


def _renamed_fresh(self: Outbox, state: DeviceState, mutation: Any, *, lies: bool = True) -> None:
    if mutation.origin:
        mutation = replace(mutation, epoch=state.epoch, ops=tuple(replace(op, base=max(op.base, 40)) for op in mutation.ops))
    _ADD(self, state, mutation, lies=lies)


def _forget_soon(self: Device, state: DeviceState, changes: Changes) -> Outcome:
    return _CHANGES(self, state, replace(changes, durable=changes.to))


def _no_cap(self: sqlite_log.SqliteLog, epoch: str) -> int:
    return 1 << 60


def _seal_late(self: Device) -> Any:
    @contextmanager
    def step() -> Iterator[DeviceState]:
        with self._city.exchanging():
            state = self.state
            yield state
            self._seal(state)
            device_state.save(self._db, state)

    return step()


def _trusting(self: Center, push: Push) -> None:
    return None


def _gullible(self: Center, push: Push) -> bool:
    return True


@contextmanager
def _not_atomic(self: PlainCity) -> Iterator[None]:
    self.db.execute("BEGIN IMMEDIATE")
    try:
        yield
        self._hook("device.commit")
    finally:
        self.db.execute("COMMIT")
    self._hook("device.committed")


def _forgetful(db: Any, commit: Commit, hook: Any = sqlite_log.nowhere) -> None:
    return None


def _removed_again(row: Any, entry: Entry) -> Any:
    return row if entry.alive is False else rebase.received(row, entry)


_RECEIVE, _UNFIT, _CHANGES = Device.receive, Device._unfit, Device._changes  # noqa: SLF001  faults are put inside
_NEWEST = sqlite_log.SqliteLog.newest
_PLACED, _ADD = Center._placed, Outbox.add  # noqa: SLF001  the same

MUTANTS: Mapping[str, Patch] = {
    "the last one wins": (merge.Writer, "saw", lambda self, cell: True),
    "a removal looks at nothing": (Center.__module__, "merge", _blind_removal),
    "a conflict is dropped": (Center.__module__, "merge", _drop_conflicts),
    "the centre's receipt confirms": (Device, "receive", _forget_on_pushed),
    "a gap in the commits is passed over": (Device, "_unfit", staticmethod(_no_gap)),
    "old commits take a device back": (Device, "_unfit", staticmethod(_go_back)),
    "a device does not look at its hashes": (Outbox, "hash", _no_fork),
    "a page confirms what lies beyond it": (sqlite_log.SqliteLog, "newest", _newest_of_all),
    "work that comes under a new name is taken twice": (sqlite_log.SqliteLog, "seen", _nothing_seen),
    "nobody hears that a row has moved": (Center, "_placed", _stay),
    "a fill takes nothing away": (Device, "_fill", _fill_adds_only),
    "a fill forgets which rows are newer": (Device, "_ahead", _not_ahead),
    "unconfirmed work is not shown": (device.__name__, "overlaid", _base_alone),
    "what hides a value counts as seen": (device.__name__, "ops_of", _fresh_base),
    "work under a new name has seen everything": (Outbox, "add", _renamed_fresh),
    "work is forgotten before it is in a backup": (Device, "_changes", _forget_soon),
    "versions of a lost log count": (sqlite_log.SqliteLog, "common", _no_cap),
    "what people did is taken down after the centre was heard": (Device, "_step", _seal_late),
    "the centre does not notice that it lost commits": (Center, "_other_history", _trusting),
    "the centre believes whoever has seen more": (Center, "_is_own_head", _gullible),
    "a step is kept in part": (PlainCity, "exchanging", _not_atomic),
    "a device forgets its conflicts": (conflicts, "take", _forgetful),
    "the removal of a row is not heard": (device.__name__, "received", _removed_again),
    "a device sees what its scope leaves out": (scope, "_seen", lambda entry, scope, is_own: iter([entry])),
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Run the block with one fault in the protocol."""
    owner, attribute, wrong = MUTANTS[name]
    place = sys.modules[owner] if isinstance(owner, str) else owner
    right = place.__dict__[attribute]
    setattr(place, attribute, wrong)
    try:
        yield
    finally:
        setattr(place, attribute, right)


def first_caught(name: str, seeds: range, run: Callable[[int], None]) -> tuple[int, str] | None:
    """Return the first seed at which a world with this fault breaks a promise, and which one; None when none does."""
    with planted(name):
        for seed in seeds:
            try:
                run(seed)
            except Exception as error:  # noqa: BLE001  whatever a fault does, it was noticed
                return seed, f"{type(error).__name__}: {error}"
    return None
