"""A world of offices and a centre in which everything goes wrong that can: its seed is the whole schedule.

Messages are lost, repeated, reordered; packages on sticks live for ever; every write may be the last before a crash;
offices and the centre come back from old backups, told or not; clocks are years wrong; scopes change, logs are
compacted. After every step the reference looks at all that changed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from twin.sync import conflicts, device_state, messages
from twin.sync.center import Center, OpenPolicy
from twin.sync.city import PlainCity, Touch
from twin.sync.device import Device, Outcome
from twin.sync.messages import Fill, Message, Pull, Push
from twin.sync.mutation import Fields, Key
from twin.sync.proof.reference import Done, Place, Reference, ViolationError
from twin.sync.sqlite_log import SqliteLog

DECADE_MS = 10 * 365 * 86_400_000
NOW_MS = 1_790_000_000_000
FIELDS = ("f", "g", "h")
DISTRICTS = ("a", "b")
LIES = 0.05
"""After how many steps somebody lies to the centre."""


class CrashError(Exception):
    """The power is cut at this very place."""


class Hook:
    """Counts the places at which a write could be the last, and cuts the power at one of them."""

    def __init__(self) -> None:
        self.count = 0
        self.at = -1

    def __call__(self, where: str) -> None:
        """Pass a place."""
        self.count += 1
        if self.count == self.at:
            raise CrashError(where)


class District:
    """The scope of an office: rows of one district, or all ('')."""

    def __init__(self, name: str, version: int) -> None:
        self.name, self.version = name, version

    def includes(self, kind: str, place: str) -> bool:  # noqa: ARG002  by protocol
        """Whether rows of a district may be seen."""
        return self.name in ("", place)

    def masked(self, kind: str, place: str, fields: Fields) -> Fields:  # noqa: ARG002  by protocol
        """Mask nothing."""
        return fields


class ByDistrict(OpenPolicy):
    """Rows lie in the district that their field ``d`` names."""

    def place_of(self, kind: str, fields: Fields) -> str:  # noqa: ARG002  by protocol
        """Return the district."""
        return str(fields.get("d", ""))


@dataclass
class Counts:
    """What happened in a world."""

    actions: int = 0
    crashes: int = 0
    forks: int = 0
    restores: int = 0
    conflicts: int = 0
    fills: int = 0


def sealed(data: bytes) -> bytes:
    """Sign as this world's centre does; nobody else there knows how."""
    return hashlib.sha256(b"the centre's key" + data).digest()


def is_sealed(data: bytes, signature: bytes) -> bool:
    """Whether the centre signed some bytes."""
    return signature == sealed(data)


def brought_back(old: sqlite3.Connection, disk: bytes) -> sqlite3.Connection:
    """Return a database as a backup has it: a new connection, as a program that was started again has."""
    old.close()
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.deserialize(disk)
    return db


def simulated(seed: int, steps: int = 60, crash_at: int = -1) -> Counts:
    """Run one world to its end and return what happened. Raises ``ViolationError`` for a broken promise."""
    world = World(seed, crash_at=crash_at)
    try:
        return world.run(steps)
    finally:
        world.close()


def ended(seed: int, steps: int) -> int:
    """Return how many places there are at which a world's power could be cut before everything settles."""
    world = World(seed, crash_at=1 << 60)
    try:
        for _ in range(steps):
            world.step()
        return world.hook.count
    finally:
        world.close()


class Office:
    """One office: its disk, its clock, its scope."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.name = world, f"o{number}"
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.offset_ms = world.random.randint(-DECADE_MS, DECADE_MS) if world.random.random() < 0.3 else 0
        self.scope = District("", 1)
        self.scopes = {0: "", 1: ""}
        self.backups: list[tuple[bytes, list[Done]]] = []
        device_state.create(self.db)
        self.start()

    @property
    def scope_name(self) -> str:
        """The district that its disk is about."""
        return self.scopes[self.device.state.scope_version]

    def start(self) -> None:
        """Start the program on what the disk has."""
        self.city = PlainCity(self.db, self.world.hook)
        at = self.world.hook.at
        self.world.hook.at = -1
        self.device = Device(self.city, self.world.new_device, lambda: NOW_MS + self.offset_ms, hook=self.world.hook)
        self.world.hook.at = at


class World:
    """Offices, a centre, a network, sticks, and the reference that looks at them."""

    def __init__(self, seed: int, *, offices: int = 3, crash_at: int = -1) -> None:
        self.random, self.hook = Random(seed), Hook()
        self.liar = Random(seed)  # its own: a lie changes nothing, the schedule neither
        self.crash_at = crash_at
        self.names = 0
        self.reference = Reference()
        self.counts = Counts()
        self.log = SqliteLog(hook=self.hook)
        self.center = Center(self.log, self.new_epoch, lambda: NOW_MS, ByDistrict(), sign=sealed, signed=is_sealed)
        self.center.found()
        self.net: list[tuple[int, Message]] = []
        self.sticks: list[tuple[int, Message]] = []
        self.backups: list[tuple[bytes, Place]] = []
        self.size, self.offices = offices, list[Office]()
        for number in range(offices):
            self.offices.append(Office(self, number))
        self.keys: list[Key] = [("bin", name) for name in "stuvw"]

    def close(self) -> None:
        """Forget the disks."""
        self.log.close()
        for office in self.offices:
            office.db.close()

    def new_device(self) -> str:
        """Return a device id that nobody had; those after the first of an office have a tilde."""
        self.names += 1
        return f"d{self.names}" if len(self.offices) < self.size else f"d{self.names}~"

    def new_epoch(self) -> str:
        """Return the name of an epoch that never was."""
        self.names += 1
        return f"e{self.names}"

    # ── one step ──

    def run(self, steps: int) -> Counts:
        """Do steps, then let everything arrive, and look at what came of it."""
        for _ in range(steps):
            self.step()
        self.settle()
        return self.counts

    def step(self) -> None:
        """Do one thing, and look."""
        (chosen,) = self.random.choices(_STEPS, _WEIGHTS)
        office = self.random.choice(self.offices)
        chosen(self, office)
        if self.liar.random() < LIES:
            self.lie(office)
        self.look(office)

    def look(self, office: Office) -> None:
        """Compare with the reference what a step may have changed."""
        self.reference.read_log(self.log.db)
        self.reference.check_office(office.name, office.scope_name, self.keys, office.db)
        self.reference.check_owed({item.name: item.db for item in self.offices})

    def risky(self, office: Office, do: Callable[[], Any]) -> Any:
        """Do something during which the power may be cut."""
        if self.crash_at < 0:
            self.hook.at = self.hook.count + self.random.randint(1, 25) if self.random.random() < 0.12 else -1
        else:
            self.hook.at = self.crash_at
        try:
            return do()
        except CrashError:
            self.counts.crashes += 1
            self.hook.at = -1
            office.start()
            return None
        finally:
            self.hook.at = -1

    # ── what can happen ──

    def act(self, office: Office) -> None:
        """Let a person do something."""
        title = str(len(self.reference.done) + 1)
        touches = self.touches(office, title)
        if not touches:
            return
        before = office.db.execute("SELECT coalesce(max(number), 0) FROM action").fetchone()[0]
        self.risky(office, lambda: office.city.act(office.name, NOW_MS + office.offset_ms, touches, title=title))
        after = office.db.execute("SELECT coalesce(max(number), 0) FROM action").fetchone()[0]
        if after > before:
            self.reference.did(office.name, title, [(item.key, item.old, item.new) for item in touches], office.db)
            self.counts.actions += 1

    def touches(self, office: Office, title: str) -> list[Touch]:
        """Make up what a person does to what they see."""
        found = []
        for kind, key in self.random.sample(self.keys, self.random.choice((1, 1, 1, 2))):
            row = office.city.rows([(kind, key)]).get((kind, key))
            if row is None:
                new = {name: self.value(title) for name in FIELDS} | {"d": self.random.choice(DISTRICTS)}
                found.append(Touch(kind, key, None, new))
            elif self.random.random() < 0.1:
                found.append(Touch(kind, key, row, None))
            else:
                names = self.random.sample(FIELDS, self.random.choice((1, 1, 2)))
                wanted: dict[str, Any] = {name: self.value(title) for name in names}
                if self.random.random() < 0.1:
                    wanted["d"] = self.random.choice(DISTRICTS)
                new = {name: value for name, value in wanted.items() if row.get(name) != value}
                if new:
                    found.append(Touch(kind, key, {name: row[name] for name in new if name in row}, new))
        return found

    def value(self, title: str) -> Any:
        """Make up a value: mostly one that nobody else writes."""
        return self.random.choice((0, 1)) if self.random.random() < 0.15 else f"v{title}"

    def send(self, office: Office) -> None:
        """Let an office put a message into the net or on a stick."""
        push = self.random.random() < 0.5
        most = self.random.choice((1, 2, 100))
        message = self.risky(office, (lambda: office.device.push(most)) if push else (lambda: self.asking(office)))
        if message is not None:
            where = self.sticks if self.random.random() < 0.15 else self.net
            where.append((-1, message))

    def asking(self, office: Office) -> Message:
        """Return an office's question, for a part of a page or for all."""
        return office.device.ask(self.random.choice((1, 3, None)))

    def deliver(self, _: Office) -> None:
        """Let any message arrive, again, never, or out of order."""
        where = self.net if self.net and (not self.sticks or self.random.random() < 0.75) else self.sticks
        if not where:
            return
        place = self.random.randrange(len(where))
        target, message = where[place]
        if where is self.net and self.random.random() < 0.8:
            del where[place]
            if self.random.random() < 0.15:
                return
        self.arrive(target, message)

    def arrive(self, target: int, message: Message) -> Outcome | None:
        """Let a message arrive at the centre (-1) or at an office, as the bytes that it is."""
        message = messages.decode(messages.encode(message))
        if target >= 0:
            office = self.offices[target]
            outcome: Outcome | None = self.risky(office, lambda: office.device.receive(message))
            self.heard(office, outcome)
            return outcome
        asker = self.asker(message)
        answer = self.risky(asker, lambda: self.answer(message, asker))
        self.reference.read_log(self.log.db)
        if answer is not None:
            self.net.append((self.offices.index(asker), answer))
        return None

    def heard(self, office: Office, outcome: Outcome | None) -> None:
        """Count what came of a message, and look."""
        self.counts.forks += outcome is Outcome.FORKED
        self.counts.fills += outcome in (Outcome.FILLING, Outcome.RESTORED)
        self.look(office)

    def asker(self, message: Message) -> Office:
        """Return the office whose device id a message has; any for one that no office has any more."""
        name = getattr(message, "device", "")
        return next((item for item in self.offices if item.device.state.device == name), self.offices[0])

    def answer(self, message: Message, asker: Office) -> Message:
        """Let the centre answer."""
        if isinstance(message, Push):
            return self.center.push(message)
        if isinstance(message, Fill):
            return self.center.fill(message, asker.scope)
        assert isinstance(message, Pull)  # noqa: S101  offices send nothing else
        return self.center.pull(message, asker.scope)

    def cut(self, office: Office) -> None:
        """Put commits from anywhere in the log on a stick for an office: such as it has, overlapping, or too late."""
        state, head = office.device.state, self.center.store.head()
        cursor = min(max(state.cursor + self.random.randint(-4, 4), 0), head.seq)
        limit = self.random.choice((1, 5, 10_000))
        ask = Pull(state.device, state.epoch, cursor, self.log.chain(cursor) or "", state.scope_version, 1, limit)
        self.sticks.append((self.offices.index(office), self.answer(ask, office)))

    def exchange(self, office: Office) -> None:
        """Let an office meet the centre over a good line."""
        for message in (office.device.push(), office.device.ask()):
            answer = self.risky(office, partial(self.answer, message, office))
            self.reference.read_log(self.log.db)
            if answer is not None:
                self.arrive(self.offices.index(office), answer)

    def resolve(self, office: Office) -> None:
        """Let a person decide a conflict for what stands."""
        waiting = conflicts.listed(office.db)
        if waiting:
            title = str(len(self.reference.done) + 1)
            chosen = self.random.choice(waiting)
            self.reference.did(office.name, title, [], office.db)
            self.reference.owed.discard(title)
            before = self.counts.crashes
            self.risky(office, lambda: office.device.resolve([chosen.name], office.name, NOW_MS, title))
            if self.counts.crashes == before:
                self.reference.owed.add(title)

    def back_up(self, office: Office) -> None:
        """Keep a copy of an office's disk, or of the centre's."""
        if self.random.random() < 0.5:
            office.backups.append((office.db.serialize(), self.reference.saved(office.name)))
            return
        head = self.center.store.head()
        self.backups.append((self.log.db.serialize(), self.reference.place_of_log(head.seq)))
        if self.random.random() < 0.5:  # it says so: nothing older will be brought back
            self.log.db.execute("UPDATE head SET durable = ?", (head.seq,))
            del self.backups[:-1]

    def restore_office(self, office: Office) -> None:
        """Give an office the disk of a backup."""
        if office.backups:
            disk, history = self.random.choice(office.backups)
            office.db = brought_back(office.db, disk)
            self.reference.office_restored(office.name, history)
            office.start()
            self.reference.forgive({item.name: item.db for item in self.offices})
            self.counts.restores += 1

    def restore_center(self, _: Office) -> None:
        """Give the centre the disk of a backup; it is told, or not."""
        if self.backups and self.random.random() < 0.5:
            disk, place = self.random.choice(self.backups)
            self.log.db = brought_back(self.log.db, disk)
            self.reference.center_restored(place)
            if self.random.random() < 0.6:
                self.center.restored()
            self.reference.forgive({item.name: item.db for item in self.offices})
            self.counts.restores += 1

    def lie(self, office: Office) -> None:
        """Let somebody enrolled say that they saw what was never there, with a true signature of something else."""
        true, head = office.device.state, self.center.store.head()
        epoch, chain = self.liar.choice((true.epoch, "made up")), self.liar.choice((true.seen_chain, "ab" * 32))
        seen = head.seq + self.liar.randint(1, 5)
        if (epoch, seen, chain) == (true.epoch, true.seen, true.seen_chain):
            return  # by chance it is the truth: the centre was restored and lost just that
        self.center.push(Push("liar", epoch, 1, seen, chain, (), proof=true.seen_proof))
        if self.center.store.head() != head:
            raise ViolationError(f"a lie took the centre from {head} to {self.center.store.head()}")

    def change_scope(self, office: Office) -> None:
        """Let an administrator change what an office may see."""
        office.scope = District(self.random.choice(("", *DISTRICTS)), office.scope.version + 1)
        office.scopes[office.scope.version] = office.scope.name

    def compact(self, _: Office) -> None:
        """Let the centre forget old commits."""
        head = self.center.store.head()
        with suppress(CrashError), self.log.writing():
            self.log.compact(self.random.randint(1, head.seq + 1))

    # ── the end ──

    def settle(self) -> None:
        """Let every office meet the centre until nobody has anything to say, and compare them (I5)."""
        self.crash_at = 1 << 60
        for _ in range(3):
            for office in self.offices:
                self.meet(office)
        rows = self.reference.lives[-1].rows
        for office in self.offices:
            self.look(office)
            status = office.device.status
            if status.pending or status.is_filling:
                raise ViolationError(f"I5: {office.name} still has {status}")
            wanted = {key: row for key, row in rows.items() if office.scope.name in ("", row["d"])}
            self.require_conflicts(office)
            shown = office.city.rows(self.keys)
            if shown != wanted:
                raise ViolationError(f"I5: {office.name} shows {shown}, the centre has {wanted}")
        self.counts.conflicts = sum(
            entry.verdict == "conflict" for commit in self.log.commits(0, 1 << 60, 1 << 60) for entry in commit.entries
        )

    def require_conflicts(self, office: Office) -> None:
        """Every conflict that waits for a decision is known to who sees its row."""
        known = {item.name for item in conflicts.listed(office.db, also_decided=True)}
        for commit in self.log.open_conflicts(1 << 60):
            for entry in commit.entries:
                if entry.after is not None and office.scope.includes(entry.kind, entry.after) and entry.conflict not in known:
                    raise ViolationError(f"I5: {office.name} does not know the conflict {entry.conflict}")

    def meet(self, office: Office, most: int = 60) -> None:
        """Let one office meet the centre over a good line, until it has all."""
        for _ in range(most):
            self.net.clear()
            self.arrive(-1, office.device.push())
            for target, answer in list(self.net):
                self.arrive(target, answer)
            self.net.clear()
            self.arrive(-1, office.device.ask())
            ((target, answer),) = self.net
            if self.arrive(target, answer) is Outcome.OLD and not office.device.status.pending:
                return
        raise ViolationError(f"I5: {office.name} finds no end: {office.device.state}")


_STEPS = (
    World.act, World.send, World.deliver, World.exchange, World.resolve, World.back_up,
    World.restore_office, World.restore_center, World.change_scope, World.compact, World.cut,
)  # fmt: skip
_WEIGHTS = (30, 18, 32, 9, 2, 4, 1.5, 1.5, 1, 1, 5)
