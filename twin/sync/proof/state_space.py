"""Every state that a small world can reach, of the real code: two offices, a row, what each may do, and every message.

Messages are never used up: each may arrive at any later time, or never, again and again. So loss, repetition,
reordering and packages on sticks are all in it; and since every step is one transaction, so is every crash.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from twin.sync import device_state, messages
from twin.sync.center import Center
from twin.sync.city import PlainCity, Touch
from twin.sync.device import Device
from twin.sync.messages import Changes, Message, Pull, Push
from twin.sync.proof.reference import ViolationError
from twin.sync.proof.world import brought_back
from twin.sync.sqlite_log import SqliteLog

KEY = ("bin", "b")
NOW_MS = 1_790_000_000_000
MOST_STATES = 200_000


@dataclass(frozen=True)
class State:
    """The disks, what was done at each office, and every message that was ever sent."""

    disks: tuple[bytes, ...]
    done: tuple[int, ...]
    sent: frozenset[tuple[int, bytes]]


class Space:
    """The states that two offices reach which may each do ``edits`` things to a row with some fields."""

    def __init__(self, edits: int = 1, fields: tuple[str, ...] = ("f",)) -> None:
        self.edits, self.fields = edits, fields
        self.log = SqliteLog()
        self.center = Center(self.log, lambda: "e1", lambda: NOW_MS)
        self.center.found()
        self.cities: list[PlainCity] = []
        self.devices: list[Device] = []
        for name in ("a", "b"):
            db = sqlite3.connect(":memory:", isolation_level=None)
            device_state.create(db)
            self.cities.append(PlainCity(db))
            self.devices.append(Device(self.cities[-1], lambda name=name: name, lambda: NOW_MS))  # type: ignore[misc]
        self._begin()

    def _begin(self) -> None:
        """Give both offices the row, and let them know that the other has it."""
        self.cities[0].act("a", NOW_MS, [Touch(*KEY, None, dict.fromkeys(self.fields, "old"))], (), "add")
        for device in (*self.devices, *self.devices):  # twice, so that the first hears that its row was taken
            self.center.push(device.push())
            for _ in range(3):
                ask = device.ask()
                device.receive(self.center.pull(ask) if isinstance(ask, Pull) else self.center.fill(ask))

    def explore(self) -> int:
        """Visit every state and return how many there are. Raises ``ViolationError`` for one that breaks a promise."""
        first = State(self._disks(), (0, 0), frozenset())
        seen, queue = {self._name(first)}, deque([first])
        while queue:
            state = queue.popleft()
            for following in self._following(state):
                name = self._name(following)
                if name not in seen:
                    self._look(following)
                    seen.add(name)
                    queue.append(following)
            if len(seen) > MOST_STATES:
                raise ViolationError(f"there are more than {MOST_STATES:,} states")
        return len(seen)

    def _following(self, state: State) -> Iterator[State]:
        for number in (0, 1):
            if state.done[number] < self.edits:
                for action in range(len(self.fields) + 1):
                    self._load(state)
                    if self._act(number, action, state.done[number]):
                        done = tuple(count + (place == number) for place, count in enumerate(state.done))
                        yield State(self._disks(), done, state.sent)
            self._load(state)
            push = self.devices[number].push()
            if push.mutations:
                yield State(self._disks(), state.done, state.sent | {(-1, messages.encode(push))})
            changes = self.center.pull(_pull(self.devices[number].ask()))
            if isinstance(changes, Changes) and changes.to > changes.after:
                yield State(self._disks(), state.done, state.sent | {(number, messages.encode(changes))})
        for target, content in sorted(state.sent):
            self._load(state)
            message = messages.decode(content)
            if isinstance(message, Push):
                self.center.push(message)
            else:
                self.devices[target].receive(message)
            yield State(self._disks(), state.done, state.sent)

    def _act(self, number: int, action: int, count: int) -> bool:
        row = self.cities[number].rows([KEY]).get(KEY)
        if row is None:
            return False
        if action == len(self.fields):
            touch = Touch(*KEY, row, None)
        else:
            name = self.fields[action]
            touch = Touch(*KEY, {name: row[name]}, {name: f"{number}.{count}"})
        cursor = self.devices[number].state.cursor
        self.cities[number].act("ab"[number], NOW_MS, [touch], (), f"{number}.{count} saw {cursor}")
        return True

    # ── promises ──

    def _look(self, state: State) -> None:
        """Look at a state whose disks are those that the programs have just left."""
        log = self.log.commits(0, 1 << 60, 1 << 60)
        titles = [commit.title for commit in log]
        if len(set(titles)) != len(titles):
            raise ViolationError(f"I2: {titles}")
        for number, city in enumerate(self.cities):
            kept = {title for (title,) in city.db.execute("SELECT json_extract(body, '$.title') FROM sync_mutation")}
            kept |= {title for (title,) in city.db.execute("SELECT title FROM action")}
            for count in range(state.done[number]):
                if not any(title.startswith(f"{number}.{count} ") for title in kept | set(titles)):
                    raise ViolationError(f"I1: {number}.{count} is lost")
            self._compare(number, log)
        self._compare_writers(log)

    def _compare(self, number: int, log: list[Any]) -> None:
        """Compare what an office shows with the log up to its cursor and its own work that is not in there (I4, I7)."""
        city = self.cities[number]
        cursor, device = city.db.execute("SELECT cursor, device FROM sync_state").fetchone()
        row: dict[str, Any] | None = None
        for commit in log[:cursor]:
            for entry in commit.entries:
                if entry.verdict == "accepted":
                    row = None if entry.alive is False else {**(row or {}), **entry.fields}
        passed = {commit.title for commit in log[:cursor] if commit.device == device}
        for title, touches in city.db.execute("SELECT title, touches FROM action ORDER BY number").fetchall():
            if title not in passed and title != "add":
                ((_, _, _, new),) = json.loads(touches)
                row = None if new is None or row is None else {**row, **new}
        if city.rows([KEY]).get(KEY) != row:
            raise ViolationError(f"I7: office {number} shows {city.rows([KEY]).get(KEY)}, not {row}")

    def _compare_writers(self, log: list[Any]) -> None:
        """Look whether what another office wrote after an author looked was overwritten (I6)."""
        written = dict.fromkeys(self.fields, (log[0].device, 1))
        is_there = True
        for commit in log[1:]:
            saw = int(commit.title.split()[-1])
            for entry in commit.entries:
                if entry.verdict != "accepted" or not is_there:  # two removals agree
                    continue
                is_there = entry.alive is not False
                for name in (*entry.fields, *(() if is_there else self.fields)):
                    writer, seq = written[name]
                    if writer != commit.device and seq > saw:
                        raise ViolationError(f"I6: {commit.title} overwrote {name} of commit {seq}")
                    written[name] = commit.device, commit.seq

    # ── disks ──

    def _disks(self) -> tuple[bytes, ...]:
        return tuple(db.serialize() for db in self._databases())

    def _databases(self) -> tuple[sqlite3.Connection, ...]:
        return self.log.db, self.cities[0].db, self.cities[1].db

    def _load(self, state: State) -> None:
        """Start every program on the disks of a state."""
        self.log.db, self.cities[0].db, self.cities[1].db = map(brought_back, self._databases(), state.disks)

    def _name(self, state: State) -> tuple[Any, ...]:
        """Return what makes the state that was just reached another one: what is on the disks, however it lies there."""
        return tuple(_rows(db) for db in self._databases()), state.done, state.sent


def _pull(message: Message) -> Pull:
    assert isinstance(message, Pull)  # noqa: S101  offices that have filled ask for nothing else
    return message


def _rows(db: sqlite3.Connection) -> int:
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return hash(tuple(row for name in tables for row in db.execute(f'SELECT * FROM "{name}"').fetchall()))
