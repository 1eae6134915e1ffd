"""The centre's tables: whatever is done, they answer as the plain reference does, on both databases."""

from __future__ import annotations

from random import Random

import pytest

from twin.central.log_store import DatabaseLogStore
from twin.errors import BugError
from twin.sync import messages
from twin.sync.center import Center
from twin.sync.commit import Row, Stamp
from twin.sync.messages import Fill, Hello, Pushed, SnapshotPart
from twin.sync.mutation import Op
from twin.sync.sqlite_log import SqliteLog


def op(key, alive=None, base=0, **fields):
    return Op("bin", key, fields, alive, base)


def test_what_was_pushed_is_pulled_by_another_device(office):
    a, b = office("a"), office("b")
    a.make(op("1", alive=True, name="Bin 1", capacity_l=240.0, geometry=None))
    a.make(op("1", capacity_l=1100))
    assert a.push() == Pushed("a", "epoch 1", 2, 2)
    changes = b.pull()
    assert [entry.fields for commit in changes.commits for entry in commit.entries] == [
        {"name": "Bin 1", "capacity_l": 240.0, "geometry": None},
        {"capacity_l": 1100},
    ]
    assert (changes.to, changes.head, b.pull().commits) == (2, 2, ())


def test_a_row_keeps_who_wrote_each_of_its_fields(database):
    store = DatabaseLogStore(database)
    fields = {"name": "Bin 1", "capacity_l": 1e22, "district": "城区"}
    stamps = {"name": Stamp(3, "a"), "capacity_l": Stamp(7, "b"), "district": Stamp(3, "a")}
    rows = [Row("bin", "1", True, Stamp(2, "c"), fields, stamps, "place"), Row("bin", "0", False, Stamp(9, "a"), {}, {}, "")]
    with store.writing():
        store.save_rows(rows)
    with store.reading():
        assert store.rows({("bin", "1"), ("bin", "0"), ("bin", "2")}) == {row.key: row for row in rows}
        assert store.rows_after(("", ""), 10) == [rows[1], rows[0]]
        assert store.rows_after(("bin", "0"), 10) == [rows[0]]


def test_many_rows_are_written_over_twice_in_one_transaction(database):
    store = DatabaseLogStore(database)
    stamps = [Stamp(version, "a") for version in (1, 2)]
    rows = [[Row("bin", f"{i:03}", True, by, {"x": "\t\\N\n'"}, {"x": by}) for i in range(120)] for by in stamps]
    with store.writing():
        for lot in rows:
            store.save_rows(lot)
    with store.reading():
        assert store.rows_after(("", ""), 1000) == rows[1]


def test_rows_come_in_the_order_of_their_bytes(database):
    store = DatabaseLogStore(database)
    names = ["B", "a", "Z", "é", "z", "10", "9", "区"]
    with store.writing():
        store.save_rows([Row("bin", name, True, Stamp(1, "a"), {}, {}) for name in names])
    with store.reading():
        assert [row.id for row in store.rows_after(("", ""), 100)] == sorted(names)


def test_a_transaction_that_fails_leaves_nothing(center, office):
    a = office("a")
    a.make(op("1", alive=True))
    store = center.store

    def fail():
        with store.writing():
            store.begin_epoch("never", 0)
            store.save_rows([Row("bin", "1", True, Stamp(1, "a"), {}, {})])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.reading():
        assert store.head().epoch == "epoch 1"
        assert not store.rows({("bin", "1")})


def test_the_log_is_not_used_outside_of_a_transaction(center):
    with pytest.raises(BugError):
        center.store.head()


def test_compaction_forgets_entries_and_what_was_removed_and_keeps_hashes(center, office):
    a, b = office("a"), office("b")
    a.make(op("1", alive=True, name="x"))
    a.make(op("1", alive=False, base=1))
    a.make(op("2", alive=True, name="y"))
    a.push()
    with center.store.writing():
        center.store.compact(3)
    assert b.pull().code == messages.COMPACTED
    with center.store.reading():
        kept = [(row.id, row.alive, row.fields) for row in center.store.rows_after(("", ""), 10)]
        assert kept == [("1", False, {}), ("2", True, {"name": "y"})]
        assert center.store.hash("a", 1) == a.made[0].hash
    assert isinstance(a.push(), Pushed)


def test_pages_of_changes_end_where_there_are_enough_entries(center, office):
    a, b = office("a"), office("b")
    for number in range(6):
        a.make(*(op(f"{number}-{i}", alive=True) for i in range(3)))
    a.push()
    assert [len(b.pull(limit=7).commits) for _ in range(4)] == [2, 2, 2, 0]
    c = office("c")
    assert len(c.pull(limit=1).commits) == 1


@pytest.mark.parametrize("seed", range(6))
def test_it_answers_as_the_plain_reference_does(database, office_of, seed):
    """Random edits, pushes and pulls of three devices, each said to this store and to the reference: the same bytes."""
    random = Random(seed)
    centers = [Center(DatabaseLogStore(database), _epochs(), lambda: 0), Center(SqliteLog(), _epochs(), lambda: 0)]
    for one in centers:
        one.found()
    pairs = {name: [office_of(one, name) for one in centers] for name in "abc"}
    for _ in range(120):
        name = random.choice("abc")
        what, seen = random.random(), pairs[name][0].cursor
        made = _random_op(random, seen)
        answers = [_done(one, what, made) for one in pairs[name]]
        assert answers[0] == answers[1]
    centers[1].store.close()


def _epochs():
    names = iter(f"epoch {number}" for number in range(1, 100))
    return lambda: next(names)


def _random_op(random, seen):
    fields = {name: random.choice([1, 2.5, None, "x", True]) for name in random.sample("fgh", random.randint(0, 3))}
    return op(str(random.randint(1, 6)), random.choice([None, None, True, False]), random.randint(0, seen), **fields)


def _done(office, what, made):
    if what < 0.5:
        waiting = [entry.conflict for commit in office.heard for entry in commit.entries if entry.conflict]
        office.make(made, resolves=tuple(waiting[-1:]) if what < 0.1 else ())
        return b""
    if what < 0.7:
        return messages.encode(office.push(first=max(1, len(office.made) - 3)))
    if what < 0.9:
        return messages.encode(office.pull(limit=5))
    if what < 0.95:
        part = office.center.fill(Fill(office.device, 1, limit=2 if what < 0.93 else 100))
        assert isinstance(part, SnapshotPart)
        return messages.encode(part)
    return messages.encode(office.center.hello(Hello(office.device, office.epoch, office.cursor, 1, 1)))
