"""The outbox: mutations that a device made, kept until the centre's backups have them, never edited.

Those whose number is above ``DeviceState.confirmed`` are still to be sent. ``sync_pending`` names the rows on which
unconfirmed ones lie; what is only sent again after the centre lost it does not lie on anything.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from twin.sync import keyed, wire
from twin.sync.city import City
from twin.sync.device_state import DeviceState
from twin.sync.mutation import GENESIS, Key, Mutation, Op, Sign
from twin.sync.sqlite_log import Hook, nowhere

MOST_CHARS = 8 << 20
"""Of the values in one mutation, and of the mutations sent at once: a line of a message has at most 64 MiB, a body as many."""
_COLUMNS = "previous, signature, body"


class Outbox:
    """The mutations of one device in its database. Everything happens in the transaction that is open."""

    def __init__(self, city: City, sign: Sign, hook: Hook = nowhere) -> None:
        self._city, self._sign, self._hook = city, sign, hook

    @property
    def _db(self) -> sqlite3.Connection:
        return self._city.db

    def add(self, state: DeviceState, mutation: Mutation, *, lies: bool = True) -> None:
        """Keep the next mutation, signed; ``lies`` says whether people see it upon what the centre has."""
        signed = mutation.signed(self._sign)
        self._hook("outbox.mutation")
        self._db.execute(
            "INSERT INTO sync_mutation (device, number, previous, hash, signature, body) VALUES (?, ?, ?, ?, ?, ?)",
            (signed.device, signed.number, signed.previous, signed.hash, signed.signature, signed.body.decode()),
        )
        state.number, state.hash = signed.number, signed.hash
        if lies:
            self._hook("outbox.pending")
            keys = {op.key for op in signed.ops}
            self._db.executemany("INSERT INTO sync_pending VALUES (?, ?, ?)", ((*key, signed.number) for key in keys))

    def unsent(self, state: DeviceState, most_ops: int, after: int = 0) -> list[Mutation]:
        """Return the oldest unconfirmed mutations after a number, until they have so many ops together; at least one.

        What was done before this computer had a key is signed now: the signature is no part of the chain.
        """
        found: list[Mutation] = []
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM sync_mutation WHERE device = ? AND number > ? ORDER BY number",
            (state.device, max(state.confirmed, after)),
        )
        most_chars = MOST_CHARS
        for previous, signature, body in rows:
            mutation = _mutation(previous, signature, body)
            most_ops, most_chars = most_ops - len(mutation.ops), most_chars - len(body)
            if found and (most_ops < 0 or most_chars < 0):
                break
            found.append(mutation if mutation.signature else mutation.signed(self._sign))
        return found

    def count(self, state: DeviceState) -> int:
        """Return how many mutations are not confirmed."""
        return state.number - state.confirmed

    def hash(self, state: DeviceState, number: int) -> str | None:
        """Return the hash of a mutation of this device id; None when it is no longer kept."""
        row = self._db.execute(
            "SELECT hash FROM sync_mutation WHERE device = ? AND number = ?", (state.device, number)
        ).fetchone()
        return None if row is None else str(row[0])

    def decisions(self, state: DeviceState, after: int, to: int) -> Mapping[int, tuple[str, ...]]:
        """Return, by number, which conflicts mutations of this device id after one up to another said they decide."""
        rows = self._db.execute(
            "SELECT number, json_extract(body, '$.resolves') FROM sync_mutation "
            'WHERE device = ? AND number > ? AND number <= ? AND instr(body, \'"resolves":["\')',
            (state.device, after, to),
        )
        return {number: tuple(json.loads(names)) for number, names in rows if names}

    def ops_on(self, state: DeviceState, keys: Collection[Key]) -> Mapping[Key, list[Op]]:
        """Return the unconfirmed ops on rows, oldest first; what was seen in an earlier epoch counts as not seen."""
        numbers: dict[int, set[Key]] = defaultdict(set)
        for kind, key, number in keyed.rows(self._db, "sync_pending", "number", keys):
            numbers[number].add((kind, key))
        found: dict[Key, list[Op]] = defaultdict(list)
        for number in sorted(numbers):
            mutation = self._numbered(state.device, number)
            for op in mutation.ops:
                if op.key in numbers[number]:
                    found[op.key].append(op if mutation.epoch == state.epoch else replace(op, base=0))
        return found

    def ops(self, state: DeviceState, number: int) -> tuple[Op, ...] | None:
        """Return what a mutation of this device id does; None when it is no longer kept."""
        return None if self.hash(state, number) is None else self._numbered(state.device, number).ops

    def confirm(self, state: DeviceState, last: int) -> Mapping[int, set[Key]]:
        """Take mutations up to ``last`` off what people see, and return by number the rows on which they lay."""
        keys: dict[int, set[Key]] = defaultdict(set)
        if last <= state.confirmed:
            return keys
        for kind, key, number in self._db.execute("SELECT kind, id, number FROM sync_pending WHERE number <= ?", (last,)):
            keys[number].add((kind, key))
        self._hook("outbox.confirm")
        self._db.execute("DELETE FROM sync_pending WHERE number <= ?", (last,))
        state.confirmed = last
        return keys

    def forget(self, state: DeviceState) -> None:
        """Forget what is confirmed: the centre's backups have it."""
        self._hook("outbox.forget")
        self._db.execute("DELETE FROM sync_mutation WHERE NOT (device = ? AND number > ?)", (state.device, state.confirmed))

    def renamed(self, state: DeviceState, new_id: Callable[[], str], *, everything: bool) -> None:
        """Go on under a new device id: what is not confirmed is made again with what its author had seen then.

        ``everything``: also what was confirmed and is still kept, because the centre may have lost it.
        """
        device, confirmed = state.device, state.confirmed
        which = "" if everything else "WHERE device = ? AND number > ?"
        rows = self._db.execute(
            f"SELECT place, device, number, {_COLUMNS} FROM sync_mutation {which} ORDER BY place",
            () if everything else (device, confirmed),
        ).fetchall()
        lying = {number for (number,) in self._db.execute("SELECT DISTINCT number FROM sync_pending")}
        self._hook("outbox.rename")
        self._db.execute("DELETE FROM sync_pending")
        self._db.executemany("DELETE FROM sync_mutation WHERE place = ?", ((row[0],) for row in rows))
        state.device, state.parent, state.number, state.hash, state.confirmed = new_id(), device, 0, GENESIS, 0
        for _, maker, number, *columns in rows:
            old = _mutation(*columns)
            again = replace(
                old, device=state.device, number=state.number + 1, previous=state.hash, origin=old.identity, signature=""
            )
            self.add(state, again, lies=maker == device and number in lying)

    def _numbered(self, device: str, number: int) -> Mutation:
        query = f"SELECT {_COLUMNS} FROM sync_mutation WHERE device = ? AND number = ?"
        return _mutation(*self._db.execute(query, (device, number)).fetchone())


def chunks(ops: Iterable[Op], size: int) -> list[tuple[Op, ...]]:
    """Return ops in mutations' sizes, by number and by length; one empty lot for no ops."""
    lots: list[tuple[Op, ...]] = []
    some: list[Op] = []
    chars = 0
    for op in ops:
        more = sum(len(str(value)) for values in (op.fields, op.was) for value in values.values())
        if some and (len(some) == size or chars + more > MOST_CHARS):
            lots.append(tuple(some))
            some, chars = [], 0
        some.append(op)
        chars += more
    return [*lots, tuple(some)]


def _mutation(previous: str, signature: str, body: str) -> Mutation:
    return wire.read(Mutation, {**json.loads(body), "previous": previous, "signature": signature})
