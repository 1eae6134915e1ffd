"""Workspaces as devices: what people do reaches every office, with undo, effects, and what no table can hold."""

from __future__ import annotations

import dataclasses
import shutil
import threading

import pytest
from shapely import Point

from twin.model.changes import Change
from twin.model.places import Bin
from twin.model.scenario import Scenario
from twin.sync import conflicts, outbox
from twin.sync.center import OpenPolicy
from twin.sync.device import Outcome
from twin.sync.messages import CHECK, Fill, Push
from twin.sync.mutation import GENESIS, Mutation, Op
from twin.sync.workspace import decide


@pytest.fixture
def a(make_office):
    return make_office("a")


@pytest.fixture
def b(make_office):
    return make_office("b")


def bin_(store, name="B-1", **more):
    return Bin(id=store.ids(), geometry=Point(24.9, 60.2), name=name, **more)


def add(office, *entities):
    office.store.write([Change(None, entity) for entity in entities], title="add", author="u")


def change(office, entity_id, author="u", kind="bin", **values):
    old = office.store.get(kind, entity_id)
    office.store.write([Change(old, dataclasses.replace(old, **values))], title="set", author=author)


def city(office):
    return {kind: office.store.find(kind) for kind in ("bin", "scenario")}


def test_an_edit_reaches_the_other_office_whole(a, b):
    made = bin_(a.store, stream="residual")
    add(a, made)
    a.sync()
    b.sync()
    assert b.store.get("bin", made.id) == made
    change(b, made.id, name="B-2", geometry=Point(25.0, 60.3))
    b.sync()
    a.sync()
    assert a.store.get("bin", made.id) == dataclasses.replace(made, name="B-2", geometry=Point(25.0, 60.3))
    assert a.store.snapshot(["bin"], bounds=(24.99, 60.29, 25.01, 60.31))["bin"].ids.tolist() == [made.id]
    b.store.write([Change(b.store.get("bin", made.id), None)], title="remove")
    b.sync()
    a.sync()
    assert city(a) == city(b) == {"bin": [], "scenario": []}
    assert (a.device.status.pending, b.device.status.pending) == (0, 0)


def test_who_draws_the_city_hears_what_has_changed(a, b):
    made = bin_(a.store)
    add(a, made, Scenario(id=a.store.ids(), name="s"))
    a.sync()
    seen = []
    b.store.changed.connect(seen.append)
    b.sync()
    assert [set(effects) for effects in seen] == [{"bin", "scenario"}]
    assert seen[0]["bin"] == {made.id}
    b.sync()
    assert len(seen) == 1


def test_undo_passes_over_what_the_centre_sent_and_travels_like_any_edit(a, b):
    made = bin_(a.store)
    add(a, made)
    change(a, made.id, name="second")
    a.sync()
    b.sync()
    change(b, made.id, stream="glass")
    b.sync()
    a.sync()
    assert [step.title for step in a.store.next_steps()] == ["set", None]
    a.store.undo()
    a.sync()
    b.sync()
    assert b.store.get("bin", made.id).name == "B-1"
    assert b.store.get("bin", made.id).stream == "glass"
    a.store.redo()
    a.sync()
    b.sync()
    assert city(a) == city(b)
    assert b.store.get("bin", made.id).name == "second"
    assert [step.title for step in b.store.next_steps()] == ["set", None]


def test_a_conflict_is_kept_in_both_offices_and_decided_by_an_edit(a, b):
    made = bin_(a.store)
    add(a, made)
    a.sync()
    b.sync()
    change(a, made.id, "anna", name="anna's", stream="glass")
    change(b, made.id, "ben", name="ben's", full_threshold=0.9)
    a.sync()
    b.sync()
    a.sync()
    assert city(a) == city(b)
    stored = a.store.get("bin", made.id)
    assert (stored.name, stored.stream, stored.full_threshold) == ("anna's", "glass", 0.9)
    (mine,) = conflicts.listed(b.device._db)
    (theirs,) = conflicts.listed(a.device._db)
    assert mine == theirs
    assert (mine.was, mine.theirs, mine.mine, mine.user) == ({"name": "B-1"}, {"name": "anna's"}, {"name": "ben's"}, "ben")
    old = b.store.get("bin", made.id)
    decide(b.store, [Change(old, dataclasses.replace(old, name="ben's"))], [mine.name], title="decide", author="ben")
    b.sync()
    a.sync()
    assert (a.device.status.conflicts, b.device.status.conflicts) == (0, 0)
    assert a.store.get("bin", made.id).name == "ben's"
    assert [item.resolved_by for item in conflicts.listed(a.device._db, also_decided=True)] == ["ben"]


def test_a_conflict_that_is_decided_for_what_stands_changes_nothing(a, b):
    made = bin_(a.store)
    add(a, made)
    a.sync()
    b.sync()
    for office in (a, b):
        change(office, made.id, name=office.store.name)
    for office in (a, b, a):
        office.sync()
    before = city(b)
    b.device.resolve([item.name for item in conflicts.listed(b.device._db)], "ben", 0, "keep theirs")
    b.sync()
    a.sync()
    assert city(a) == before == city(b)
    assert (a.device.status.conflicts, b.device.status.conflicts, b.device.status.pending) == (0, 0, 0)


def test_a_workspace_from_before_brings_all_of_its_journal(a, b):
    made = [bin_(a.store, f"B-{number}") for number in range(30)]
    add(a, *made)
    a.store.undo()
    a.store.redo()
    assert a.device.status.pending == 3
    a.sync(limit=7)
    b.sync(limit=7)
    assert city(b) == city(a)
    assert len(city(b)["bin"]) == 30


def test_an_edit_is_not_lost_when_the_centre_sends_what_was_edited(a, b):
    made = bin_(a.store)
    add(a, made)
    a.sync()
    b.sync()
    change(a, made.id, name="a's")
    a.sync()
    answer = b.answer()
    change(b, made.id, stream="paper")
    assert b.hear(answer) is Outcome.APPLIED
    assert (b.store.get("bin", made.id).name, b.store.get("bin", made.id).stream) == ("a's", "paper")
    b.sync()
    a.sync()
    assert city(a) == city(b)


def test_the_same_record_of_the_same_source_from_two_offices_stops_nobody(a, b):
    for office in (a, b):
        add(office, bin_(office.store, office.store.name, source="osm", source_id="node/1"))
    for office in (a, b, a, b):
        office.sync()
    assert [item.name for item in city(a)["bin"]] == ["a"]
    assert [item.name for item in city(b)["bin"]] == ["b"]
    a.store.write([Change(city(a)["bin"][0], None)], title="remove")  # the double that is here no longer hides the other
    a.sync()
    b.sync()
    assert [item.name for item in city(a)["bin"]] == [item.name for item in city(b)["bin"]] == ["b"]


def test_what_a_newer_program_sends_is_kept_aside_and_stays_whole(a, b, center):
    made = bin_(a.store)
    add(a, made)
    a.sync()
    newer = Mutation(
        "newer", 1, GENESIS,
        (Op("bin", made.id, {"lid": "blue", "name": "N"}, base=9), Op("tram_stop", "t1", {"name": "Kallio"}, alive=True)),
        "u", 0, center.store.head().epoch, 1,
    )  # fmt: skip
    center.push(Push("newer", center.store.head().epoch, 1, 0, "", (newer,)))
    b.sync()
    assert b.store.get("bin", made.id).name == "N"
    change(b, made.id, name="again")
    b.sync()
    a.sync()
    keys = [("bin", made.id), ("tram_stop", "t1")]
    for office in (a, b):
        rows = office.device._city.rows(keys)
        assert (rows[keys[0]]["lid"], rows[keys[0]]["name"], rows[keys[1]]) == ("blue", "again", {"name": "Kallio"})


def test_a_row_that_no_table_can_hold_stops_nobody(a, b, center):
    bad = Op("bin", "x", {"name": 7, "geometry": "zz"}, alive=True)
    good = Op("bin", "y", {"name": "fine"}, alive=True)
    mutation = Mutation("other", 1, GENESIS, (bad, good), "u", 0, center.store.head().epoch, 1)
    center.push(Push("other", center.store.head().epoch, 1, 0, "", (mutation,)))
    a.sync()
    assert [item.name for item in city(a)["bin"]] == ["fine"]
    assert a.device._city.rows([("bin", "x")]) == {("bin", "x"): {"name": 7, "geometry": "zz"}}


def test_an_edit_waits_for_an_exchange_and_an_exchange_for_an_edit(a):
    made = bin_(a.store)
    done = []
    with a.store.reception("From the centre"):
        editor = threading.Thread(target=lambda: done.append(add(a, made)))
        editor.start()
        editor.join(0.2)
        assert editor.is_alive()
    editor.join(10)
    assert a.store.get("bin", made.id) == made
    with a.store.transaction("long"):
        exchange = threading.Thread(target=lambda: done.append(a.device.push()))
        exchange.start()
        exchange.join(0.2)
        assert exchange.is_alive()
    exchange.join(10)
    assert len(done[1].mutations) == 1


def test_a_workspace_that_was_restored_from_a_backup_loses_nothing(a, b, tmp_path):
    made = bin_(a.store)
    add(a, made)
    a.sync()
    a.reopened(lambda folder: shutil.copytree(folder, tmp_path / "backup.twin"))
    change(a, made.id, name="lost with the disk, but sent")
    a.sync()
    a.reopened(lambda folder: (shutil.rmtree(folder), shutil.copytree(tmp_path / "backup.twin", folder)))
    change(a, made.id, stream="new work")
    assert a.hear(a.center.push(a.sent(a.device.push()))) is Outcome.FORKED
    a.sync()
    b.sync()
    stored = b.store.get("bin", made.id)
    assert (stored.name, stored.stream) == ("lost with the disk, but sent", "new work")
    assert a.device.status.pending == 0


def test_a_row_that_nobody_told_of_makes_the_office_fill_anew(a, b):
    """What an office may see changes with a district's border, too, where nobody changes its rights."""
    made, other = bin_(a.store), bin_(a.store, "B-2")
    add(a, made, other)
    a.sync()
    b.sync()
    with b.device._city.exchanging():
        b.device._city.write({("bin", made.id): None})
    change(a, made.id, name="changed")
    a.sync()
    assert Outcome.FILLING in b.sync()
    assert {one.id: one for one in b.store.find("bin")} == {one.id: one for one in a.store.find("bin")}


def test_after_a_fill_only_those_conflicts_are_open_that_the_centre_has(a, b):
    made = bin_(a.store)
    add(a, made)
    a.sync()
    b.sync()
    change(a, made.id, name="a's")
    change(b, made.id, name="b's")
    a.sync()
    b.sync()
    (conflict,) = conflicts.listed(b.device._db)
    a.sync()
    a.device.resolve([conflict.name], "anna", 0, "keep theirs")
    a.sync()
    with b.device._step() as state:  # an office that misses what was told meanwhile
        state.begin_fill()
    b.sync()
    assert conflicts.listed(b.device._db) == []
    assert city(b) == city(a)


def test_a_refusal_that_comes_late_leads_nobody_into_an_epoch_that_is_over(a, center):
    add(a, bin_(a.store))
    a.sync()
    epoch = a.device.state.epoch
    center.restored()
    late = center.push(a.sent(a.device.push()))
    center.restored()
    a.sync()
    newest = a.device.state.epoch
    assert (late.epoch, late.answers) == (f"epoch {int(epoch[-1]) + 1}", epoch)
    with a.device._step():  # as if it had never heard of that one
        a.device._db.execute("DELETE FROM sync_epoch WHERE epoch = ?", (late.epoch,))
    assert a.hear(dataclasses.replace(late, device=a.device.state.device)) is Outcome.OLD
    assert a.device.state.epoch == newest == center.store.head().epoch


def test_what_was_asked_long_ago_is_taken_only_from_the_log_that_the_office_follows(a, b, center):
    for number in range(4):
        add(a, bin_(a.store, f"B-{number}"))
        a.sync()
    early = b.sent(b.device.ask())
    b.sync()
    long_ago = dataclasses.replace(b.sent(b.device.ask()), cursor=1, chain=center.store.chain(1))
    for number in range(4):
        add(a, bin_(a.store, f"C-{number}"))
        a.sync()
    told = center.pull(long_ago)
    assert isinstance(early, Fill)
    assert (told.after, told.to, len(told.checks)) == (1, 8, 7 * CHECK)
    other = dataclasses.replace(told, checks="0" * len(told.checks))  # as another log would say after a silent restore
    assert b.hear(other) is Outcome.IGNORED
    assert b.hear(told) is Outcome.APPLIED
    assert {one.id for one in b.store.find("bin")} == {one.id for one in a.store.find("bin")}


def test_long_values_are_cut_into_mutations_and_sent_in_parts_that_a_centre_takes(a, b, monkeypatch):
    monkeypatch.setattr(outbox, "MOST_CHARS", 2_000)
    add(a, *(bin_(a.store, f"B-{number} " + "x" * 700) for number in range(9)))
    sent = a.device.push().mutations
    assert 1 <= len(sent) < a.device.status.pending
    assert all(len(mutation.body) < 4_000 for mutation in sent)
    a.sync()
    b.sync()
    assert a.device.status.pending == 0
    assert {one.id: one for one in b.store.find("bin")} == {one.id: one for one in a.store.find("bin")}


def test_lots_hold_every_op_once_in_their_order():
    ops = [Op("bin", str(number), {"name": "x" * (number % 7) * 1_000_000}) for number in range(40)]
    lots = outbox.chunks(ops, 5)
    assert [op for lot in lots for op in lot] == ops
    assert max(len(lot) for lot in lots) <= 5
    assert all(sum(len(op.fields["name"]) for op in lot) <= outbox.MOST_CHARS for lot in lots)
    assert outbox.chunks([], 5) == [()]
    huge = Op("bin", "h", {"name": "x" * (outbox.MOST_CHARS + 1)})
    assert outbox.chunks([huge, huge], 5) == [(huge,), (huge,)]


def test_a_decision_that_the_centre_does_not_take_leaves_the_conflict_open(a, b, center):
    made = bin_(a.store)
    add(a, made)
    a.sync()
    b.sync()
    change(a, made.id, "anna", name="anna's")
    change(b, made.id, "ben", name="ben's")
    for office in (a, b, a):
        office.sync()
    (conflict,) = conflicts.listed(a.device._db)
    center.policy = Readers("anna")
    a.device.resolve([conflict.name], "anna", 0, "keep mine")
    assert conflicts.listed(a.device._db) == []
    a.sync()
    b.sync()
    assert [item.name for office in (a, b) for item in conflicts.listed(office.device._db)] == [conflict.name] * 2


class Readers(OpenPolicy):
    """Some users may only read."""

    def __init__(self, *names):
        self.names = names

    def permits(self, device, user, op, row):
        return "only reads" if user in self.names else ""


def test_own_work_comes_back_without_its_values_and_changes_nothing_that_is_seen(a, b, center):
    add(a, bin_(a.store, "bin"))
    for office in (a, b):
        office.sync()
    change(b, city(b)["bin"][0].id, name="theirs")
    b.sync()
    change(a, city(a)["bin"][0].id, capacity_l=999.0)
    a.hear(center.push(a.device.push()))
    first, second = a.answer().commits
    assert [(commit.as_asked, len(commit.entries)) for commit in (first, second)] == [(False, 1), (True, 0)]
    change(a, city(a)["bin"][0].id, fill_level=0.5)
    a.sync()
    change(a, city(a)["bin"][0].id, capacity_l=500.0)
    change(a, city(a)["bin"][0].id, capacity_l=600.0)
    a.sync()
    b.sync()
    assert city(a)["bin"] == city(b)["bin"]
    (seen,) = city(a)["bin"]
    assert (seen.name, seen.capacity_l, seen.fill_level, a.device.status.pending) == ("theirs", 600.0, 0.5, 0)
    with a.store.looking() as db:
        assert db.execute("SELECT count(*) FROM sync_base").fetchone() == (0,)


def test_who_lost_own_work_that_the_centre_has_is_filled_anew(a, b, center):
    add(a, bin_(a.store, "bin"))
    a.sync()
    change(a, city(a)["bin"][0].id, name="mine")
    a.hear(center.push(a.device.push()))
    with a.store.reception("lost") as transaction:
        for table in ("sync_mutation", "sync_pending", "sync_base"):
            transaction.database.execute(f"DELETE FROM {table}")
    assert a.hear(a.answer()) is Outcome.FILLING
    a.sync()
    b.sync()
    assert [item.name for item in city(a)["bin"]] == [item.name for item in city(b)["bin"]] == ["mine"]
