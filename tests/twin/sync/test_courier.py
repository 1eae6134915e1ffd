"""Two offices and a centre that never meet but by stick: nothing is lost, and order, loss and repetition do not matter."""

from __future__ import annotations

import itertools
import sqlite3
from datetime import timedelta
from random import Random

import pytest

from tests.offices import NOW, packed
from twin.errors import PackageError
from twin.sync import conflicts, courier, device_state, outbox
from twin.sync.center import Center
from twin.sync.city import PlainCity, Touch
from twin.sync.courier import Address
from twin.sync.device import Device
from twin.sync.package.keys import KeyRing
from twin.sync.package.reading import open_package
from twin.sync.package.writing import Source
from twin.sync.sqlite_log import SqliteLog
from twin.task import finish

numbers = itertools.count(1)


class Office:
    """An office with its city, its device, its keys and its sticks."""

    def __init__(self, name, folder, ring, centre_ring):
        self.name, self.folder, self.ring, self.centre_ring = name, folder, ring, centre_ring
        db = sqlite3.connect(":memory:", isolation_level=None)
        device_state.create(db)
        self.city = PlainCity(db)
        self.device = Device(self.city, lambda: f"{name}-{next(numbers)}", lambda: 0)

    def act(self, key, old, new):
        self.city.act(self.name, 0, [Touch("bin", key, old, new)])

    def send(self, now=NOW):
        path = self.folder / f"{self.name}-{next(numbers)}.ctpkg"
        address = Address(id=str(next(numbers)), own=self.ring.own, recipients=(self.centre_ring.own.card,), now=now)
        finish(courier.export_task(path, self.device, ("c", "City"), address))
        return path

    def get(self, path, now=NOW):
        opened = open_package(path, self.ring, now)
        return finish(courier.import_task(opened, finish(opened.verify_task()), self.device))

    def row(self, key):
        return dict(self.city.rows([("bin", key)]).get(("bin", key), {}))


class Headquarters:
    """The centre with its keys."""

    def __init__(self, folder, ring):
        self.folder, self.ring = folder, ring
        self.center = Center(SqliteLog(), lambda: f"epoch-{next(numbers)}", lambda: 0)
        self.center.found()

    def answer(self, path, office, now=NOW):
        """Take a package; return what became of it and the path of the answer."""
        opened = open_package(path, self.ring, now)
        reply = self.folder / f"centre-{next(numbers)}.ctpkg"
        address = Address(id=str(next(numbers)), own=self.ring.own, recipients=(office.ring.own.card,), now=now)
        return finish(courier.answer_task(opened, self.center, reply, address)), reply


@pytest.fixture
def world(tmp_path):
    """Return the centre and two offices that have the same first bin."""
    rings = {name: KeyRing(tmp_path / "keys" / name) for name in ("centre", "north", "south")}
    for name, ring in rings.items():
        ring.make(name)
    for name in ("north", "south"):
        rings["centre"].trust(rings[name].own.card)
        rings[name].trust(rings["centre"].own.card)
    centre = Headquarters(tmp_path, rings["centre"])
    north, south = (Office(name, tmp_path, rings[name], rings["centre"]) for name in ("north", "south"))
    north.act("b1", None, {"name": "old", "fill": 0})
    for office in (north, south):
        visit(centre, office)
    return centre, north, south


def visit(centre, office):
    """Carry a stick to the centre and back until the office hears nothing new."""
    for _ in range(5):
        arrival = office.get(centre.answer(office.send(), office)[1])
        if not arrival.applied:
            return
    pytest.fail("the office never comes to rest")


def test_what_one_office_did_another_one_sees(world):
    centre, north, south = world
    assert north.row("b1") == south.row("b1") == {"name": "old", "fill": 0}
    north.act("b1", {"fill": 0}, {"fill": 7})
    visit(centre, north)
    visit(centre, south)
    assert south.row("b1") == {"name": "old", "fill": 7}
    assert (north.device.status.pending, south.device.status.pending) == (0, 0)


def test_one_stick_carries_all_that_is_not_confirmed_however_much_it_is(world, monkeypatch):
    centre, north, south = world
    monkeypatch.setattr(outbox, "MOST_CHARS", 1)  # each mutation in a message of its own
    for number in range(7):
        north.act("b1", {"fill": number}, {"fill": number + 1})
    arrival, reply = centre.answer(north.send(), north)
    assert (arrival.applied, arrival.refusals) == (7, [])
    north.get(reply)
    visit(centre, south)
    assert (south.row("b1")["fill"], north.device.status.pending) == (7, 0)


def test_a_lost_stick_costs_nothing(world):
    centre, north, south = world
    north.act("b1", {"fill": 0}, {"fill": 1})
    north.send()  # lost
    north.act("b1", {"fill": 1}, {"fill": 2})
    assert north.device.status.pending == 2
    path = north.send()
    centre.answer(path, north)  # the answer is lost
    assert north.device.status.pending == 2  # only an answer that proves it takes anything out of the outbox
    visit(centre, north)
    visit(centre, south)
    assert (north.row("b1")["fill"], south.row("b1")["fill"], north.device.status.pending) == (2, 2, 0)


def test_packages_may_come_any_number_of_times_and_in_any_order(world):
    centre, north, south = world
    sent = []
    for fill in range(1, 5):
        north.act("b1", {"fill": fill - 1}, {"fill": fill})
        sent.append(north.send())
    chance = Random(3)
    answers = [centre.answer(path, north)[1] for path in chance.choices(sent, k=12)]
    arrivals = [north.get(path) for path in chance.sample(answers, len(answers))]
    assert [item.is_news for item in arrivals].count(True) >= 1
    visit(centre, north)
    visit(centre, south)
    assert (north.row("b1")["fill"], south.row("b1")["fill"], north.device.status.pending) == (4, 4, 0)
    before = centre.center.store.head()
    arrival, reply = centre.answer(sent[0], north)
    assert (arrival.applied, arrival.old, centre.center.store.head()) == (0, 1, before)
    assert north.get(reply).is_news is False


def test_an_answer_that_comes_too_early_is_refused_before_anything_is_written(world):
    centre, north, south = world
    first = south.send()
    north.act("b1", {"fill": 0}, {"fill": 1})
    visit(centre, north)
    skipped = centre.answer(first, south)[1]
    # The office is set back to a backup in which it had not yet come so far.
    state = south.device.state
    north.act("b1", {"fill": 1}, {"fill": 2})
    visit(centre, north)
    south.get(skipped)
    late = centre.answer(south.send(), south)[1]
    set_back(south, state)
    before = dump(south)
    with pytest.raises(
        PackageError, match=r"needs the one before it first: it begins after commit \d+, this office has those up to \d+"
    ) as caught:
        south.get(late)
    assert (caught.value.refusal, dump(south)) == ("gap", before)
    south.get(skipped)
    south.get(late)
    assert south.row("b1")["fill"] == 2


def set_back(office, state):
    """Make an office remember an older state, as a backup of it would."""
    with office.city.exchanging():
        device_state.save(office.city.db, state)


def dump(office):
    return list(office.city.db.iterdump())


def test_both_sides_of_a_conflict_are_kept(world):
    centre, north, south = world
    north.act("b1", {"fill": 0}, {"fill": 5})
    south.act("b1", {"fill": 0}, {"fill": 9})
    visit(centre, north)
    visit(centre, south)
    visit(centre, north)
    assert north.row("b1")["fill"] == south.row("b1")["fill"] == 5
    for office in (north, south):
        (conflict,) = conflicts.listed(office.city.db)
        assert (conflict.mine, conflict.theirs, conflict.was, conflict.user) == ({"fill": 9}, {"fill": 5}, {"fill": 0}, "south")


def test_an_import_that_was_stopped_goes_on(world):
    centre, north, south = world
    for number in range(50):
        north.act(f"n{number}", None, {"fill": number})
    visit(centre, north)
    reply = centre.answer(south.send(), south)[1]
    opened = open_package(reply, south.ring, NOW)
    manifest = finish(opened.verify_task())
    task = courier.import_task(opened, manifest, south.device)
    next(task)
    task.close()
    assert south.get(reply) is not None
    assert south.row("n49") == {"fill": 49}


@pytest.mark.parametrize("damage", ["torn", "flipped", "expired"])
def test_nothing_is_written_of_a_package_that_is_refused(world, damage):
    centre, north, _ = world
    north.act("b1", {"fill": 0}, {"fill": 5})
    path = north.send()
    content = bytearray(path.read_bytes())
    if damage == "torn":
        del content[-1]
    elif damage == "flipped":
        content[-5] ^= 1
    path.write_bytes(content)
    before = list(centre.center.store.db.iterdump())
    with pytest.raises(PackageError):
        centre.answer(path, north, NOW + timedelta(days=40 if damage == "expired" else 0))
    assert list(centre.center.store.db.iterdump()) == before
    assert not list(path.parent.glob("*.partial"))


def test_packages_are_not_taken_where_they_do_not_belong(world):
    centre, north, south = world
    reply = centre.answer(north.send(), north)[1]
    south.ring.adopt(north.ring.own, replace=True)  # the same office on another computer
    with pytest.raises(PackageError, match="answers another computer of this office"):
        south.get(reply)
    centre.ring.adopt(north.ring.own, replace=True)
    centre.ring.trust(centre.ring.own_keys()[1].card)
    with pytest.raises(PackageError, match="is for an office"):
        centre.answer(reply, north)


def test_what_a_newer_program_says_is_refused_by_name(world):
    centre, north, _ = world
    path = north.folder / "x.ctpkg"
    packed(path, north.ring, [centre.ring], [Source("messages/1", "messages", [b'{"message": "sing"}\n{"end": 0}\n'])])
    with pytest.raises(PackageError, match="does not understand") as caught:
        centre.answer(path, north)
    assert caught.value.refusal == "newer"


def test_a_centre_that_was_restored_gets_what_it_lost(world):
    centre, north, south = world
    backup = sqlite3.connect(":memory:")
    centre.center.store.db.backup(backup)
    north.act("b1", {"fill": 0}, {"fill": 5})
    visit(centre, north)
    backup.backup(centre.center.store.db)
    centre.center.restored()
    for office in (north, south, north):
        visit(centre, office)
    assert north.row("b1")["fill"] == south.row("b1")["fill"] == 5
