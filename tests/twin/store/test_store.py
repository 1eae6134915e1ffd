"""The store as its users meet it: write, read, take back, reopen."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest
from shapely import LineString, Point, box

from twin.errors import BugError, DataError, ScenarioError, StorageError
from twin.model.catalogue import HISTORY_OF, KIND_OF
from twin.model.changes import Change, PassedOver, Step
from twin.model.edits import CloseLinks, ScaleDemand
from twin.model.incidents import Case, Incident
from twin.model.network import Link, Node
from twin.model.places import Bin, Camera, District
from twin.model.scenario import Scenario
from twin.model.snapshot import Terrain
from twin.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def node(store, lon=8.0, lat=47.0, **values):
    return Node(id=store.ids(), geometry=Point(lon, lat), **values)


def added(*entities):
    return [Change(None, entity) for entity in entities]


def test_what_is_written_is_read_back_after_reopening(store, folder):
    road = Link(
        id=store.ids(),
        geometry=LineString([(8, 47), (8.01, 47)]),
        name="Straße",
        lanes=2,
        source="osm",
        source_id="w1",
        source_hash="h",
    )
    case = Case(id=store.ids(), geometry=Point(8, 47), reported_at=NOON, stage="filed")
    camera = Camera(id=store.ids(), geometry=Point(8, 47), online=None, direction_deg=None)
    scenario = Scenario(id=store.ids(), name="A", edits=(CloseLinks(target_ids=(road.id,)), ScaleDemand(factor=1.5)))
    effects = store.write(added(road, case, camera, scenario), title="All sorts", author="me")
    assert effects == {item.kind: frozenset({item.id}) for item in (road, case, camera, scenario)}
    store.close()
    with Store.open(folder, writable=False) as again:
        assert [again.get(item.kind, item.id) for item in (road, case, camera, scenario)] == [road, case, camera, scenario]
        assert again.version == 1
        assert again.name == "city"
        (entry,) = again.journal()
        assert (entry.number, entry.title, entry.author, entry.change_count, entry.undoes) == (1, "All sorts", "me", 4, None)


def test_an_empty_city_can_be_looked_at_but_has_no_plane(store):
    snapshot = store.snapshot()
    assert set(snapshot.frames) == set(KIND_OF)
    assert not any(len(frame) for frame in snapshot.frames.values())
    assert store.counts() == dict.fromkeys([*KIND_OF, *HISTORY_OF], 0)
    with pytest.raises(StorageError, match="no place on the earth"):
        _ = store.projection


def test_the_origin_is_the_middle_of_the_first_places(store):
    store.write(added(node(store, 8.0, 47.0), node(store, 8.2, 47.1)), title="first")
    store.write(added(node(store, 9.0, 48.0)), title="second")
    assert (store.projection.lon, store.projection.lat) == (8.1, 47.05)
    np.testing.assert_allclose(store.snapshot(["node"])["node"].xy[:2].sum(axis=0), 0, atol=20)
    with pytest.raises(StorageError, match="fixed already"):
        store.set_origin(0, 0)


def test_columns_have_the_types_that_frames_promise(store):
    one = Camera(id=store.ids(), geometry=Point(8, 47), online=True, direction_deg=90.0)
    two = Camera(id=store.ids(), geometry=Point(8, 47))
    bin_ = Bin(id=store.ids(), geometry=Point(8, 47), fill_level=0.5, fill_observed_at=NOON)
    store.write(added(one, two, bin_, Bin(id=store.ids(), geometry=Point(8, 47))), title="t")
    cameras, bins = store.snapshot(["camera"])["camera"], store.snapshot(["bin"])["bin"]
    np.testing.assert_array_equal(cameras["direction_deg"], [90.0, np.nan])
    np.testing.assert_array_equal(cameras["online"], [1.0, np.nan])
    np.testing.assert_array_equal(bins["fill_observed_at"], np.array(["2026-03-01T12:00:00", "NaT"], dtype="datetime64[s]"))
    assert store.snapshot(["node"])["node"]["signal"].dtype == bool
    assert store.snapshot(["depot"])["depot"]["vehicle_count"].dtype == np.int64


def test_bounds_take_what_touches_them(store):
    inside, outside = node(store, 8.05, 47.05), node(store, 8.5, 47.05)
    across = Link(id=store.ids(), geometry=LineString([(7, 47.05), (9, 47.05)]))
    around = District(id=store.ids(), geometry=box(7, 46, 9, 48))
    beside = node(store, 8.1 + 1e-7, 47.05)  # within float32 of the edge
    store.write(added(inside, outside, across, around, beside), title="t")
    snapshot = store.snapshot(bounds=(8.0, 47.0, 8.1, 47.1))
    assert snapshot["node"].ids.tolist() == [inside.id]
    assert (len(snapshot["link"]), len(snapshot["district"])) == (1, 1)


def test_set_and_remove_move_the_index_too(store):
    first = node(store)
    moved = dataclasses.replace(first, geometry=Point(9, 48))
    store.write(added(first), title="add")
    store.write([Change(first, moved)], title="move")
    assert not len(store.snapshot(["node"], bounds=(7.9, 46.9, 8.1, 47.1))["node"])
    assert len(store.snapshot(["node"], bounds=(8.9, 47.9, 9.1, 48.1))["node"]) == 1
    store.write([Change(moved, None)], title="remove")
    assert store.counts()["node"] == 0


def test_a_stale_change_is_refused_whole(store):
    first, other = node(store), node(store)
    store.write(added(first), title="add")
    stale = dataclasses.replace(first, signal=True)
    with pytest.raises(StorageError, match="has another signal"):
        store.write([Change(None, other), Change(stale, None)], title="stale")
    assert store.get("node", other.id) is None
    with pytest.raises(StorageError, match="not there any more"):
        store.write([Change(other, None)], title="gone")
    assert store.version == 1


def test_the_same_record_of_a_source_is_stored_once(store):
    first, second = node(store, source="osm", source_id="1"), node(store, source="osm", source_id="1")
    store.write(added(first), title="add")
    with pytest.raises(StorageError, match="same record"):
        store.write(added(second), title="again")
    with pytest.raises(StorageError, match="same key"):
        store.write(added(dataclasses.replace(first, source_id="2")), title="again")
    assert store.sources("node", "osm") == {"1": (first.id, "")}
    store.write([Change(first, None), Change(None, second)], title="exchange")
    assert store.undo().title is not None
    assert store.sources("node", "osm") == {"1": (first.id, "")}


def test_bad_values_are_refused_with_the_field_named(store):
    with pytest.raises(DataError, match=r"Bin 'B-17' cannot be stored: fill_level is 1.7; expected 0–1.5"):
        store.write(added(Bin(id=store.ids(), geometry=Point(8, 47), name="B-17", fill_level=1.7)), title="t")
    with pytest.raises(DataError, match="geometry has a coordinate that is not a number"):
        store.write(added(node(store, float("nan"))), title="t")
    assert store.version == 0


def test_nothing_changed_is_not_an_entry(store):
    first = node(store)
    store.write(added(first), title="add")
    assert store.write([Change(first, dataclasses.replace(first))], title="same") == {}
    assert store.write([], title="none") == {}
    assert store.version == 1


def test_undo_and_redo_append_to_the_journal(store):
    first = node(store)
    second = dataclasses.replace(first, signal=True)
    store.write(added(first), title="add")
    store.write([Change(first, second)], title="signal")
    assert store.next_steps() == (Step("signal"), Step())
    assert store.undo().effects == {"node": frozenset({first.id})}
    assert store.get("node", first.id) == first
    store.undo()
    assert store.get("node", first.id) is None
    assert store.undo() == Step()
    store.redo()
    store.redo()
    assert store.get("node", first.id) == second
    assert store.redo() == Step()
    store.undo()
    store.write(added(node(store)), title="new")
    assert store.redo() == Step()
    assert [entry.undoes for entry in reversed(store.journal())] == [None, None, 2, 1, 4, 3, 6, None]
    assert store.journal()[1].title == "Undo: signal"


def test_an_undo_that_would_overwrite_later_work_is_passed_over(store):
    first = node(store)
    store.write(added(first), title="add")
    store._connections.writer.execute("UPDATE node SET signal = 1")  # as a synchronisation from elsewhere would
    expected = Step(passed_over=(PassedOver("add", f"signal of Node {first.id} was changed since"),))
    assert store.next_steps()[0] == expected
    assert store.undo() == expected
    assert store.get("node", first.id) is not None


def test_an_undo_that_would_make_a_name_twice_passes_over_it(store):
    gone, other = (Scenario(id=store.ids(), name=name) for name in ("plan", "other"))
    store.write(added(gone), title="add")
    store.write([Change(gone, None)], title="delete")
    with store.reception("centre") as transaction:  # somebody else uses the name meanwhile
        transaction.receive("scenario", {other.id: {"name": "plan"}})
    step = store.undo()
    assert step.title is None
    assert [item.title for item in step.passed_over] == ["delete", "add"]
    assert "of that name already" in step.passed_over[0].why


def test_what_an_entry_did_twice_to_one_thing_is_looked_at_once(store):
    first = node(store)
    second = dataclasses.replace(first, signal=True)
    third = dataclasses.replace(second, source="osm")
    store.write([Change(None, first), Change(first, second), Change(second, third)], title="three")
    assert store.next_steps()[0] == Step("three")
    assert store.undo().title == "three"
    assert store.next_steps() == (Step(), Step("three"))
    store.redo()
    assert store.get("node", first.id) == third


def test_undo_spares_what_was_written_up_to_an_entry(store):
    for name in ("one", "two"):
        store.write(added(node(store)), title=name)
    store.undo()
    store.redo()
    assert [store.undo(after=1).title, store.undo(after=1).title] == ["two", None]


def test_leaving_a_transaction_with_an_exception_takes_everything_back(store, folder):
    with pytest.raises(ZeroDivisionError), store.transaction("t") as transaction:  # noqa: PT012  the block is what is taken back
        transaction.write(added(node(store)))
        transaction.append_history(
            "fill_reading", {"subject_id": ["b"], "at": [np.datetime64("2026-01-01")], "fill_level": [0.5]}
        )
        assert store.counts()["node"] == 1  # inside, one's own writes are seen
        assert store.projection.lon == 8.0
        transaction.set_terrain(Terrain(0, 0, 10, np.zeros((2, 2), np.float32)))
        _ = 1 / 0
    assert store.version == 0
    assert store.snapshot().terrain is None
    assert not any((folder / "history").iterdir())
    assert not any((folder / "rasters").iterdir())


def test_one_transaction_at_a_time(store):
    with store.transaction("import"), pytest.raises(StorageError, match="'import' is being written"):
        store.write([], title="edit")


def test_listeners_hear_of_commits_and_of_nothing_else(store):
    heard = []
    store.changed.connect(heard.append)
    first = node(store)
    store.write(added(first), title="add")
    store.write([], title="none")
    with pytest.raises(StorageError):
        store.write(added(first), title="again")
    store.undo()
    assert heard == [{"node": frozenset({first.id})}] * 2


def test_what_was_known_at_a_time(store):
    bin_ = Bin(id=store.ids(), geometry=Point(8, 47), fill_level=0.9, fill_observed_at=datetime(2026, 3, 5, tzinfo=UTC))
    early = Incident(id=store.ids(), geometry=Point(8, 47), occurred_at=datetime(2026, 3, 1, tzinfo=UTC))
    late = Incident(id=store.ids(), geometry=Point(8, 47), occurred_at=datetime(2026, 3, 6, tzinfo=UTC))
    undated = Incident(id=store.ids(), geometry=Point(8, 47))
    at = np.array(["2026-03-03", "2026-03-01", "2026-03-04"], dtype="datetime64[s]")
    with store.transaction("t") as transaction:
        transaction.write(added(bin_, early, late, undated))
        transaction.append_history("fill_reading", {"subject_id": [bin_.id] * 3, "at": at, "fill_level": [0.3, 0.1, 0.4]})

    def level(day):
        return store.snapshot(["bin"], at=datetime(2026, 3, day, tzinfo=UTC))["bin"]["fill_level"][0]

    assert [level(day) for day in (1, 2, 3, 4, 5)] == [0.1, 0.1, 0.3, 0.4, 0.9]
    assert np.isnan(store.snapshot(["bin"], at=datetime(2026, 2, 1, tzinfo=UTC))["bin"]["fill_level"][0])
    assert store.snapshot(["incident"], at=NOON)["incident"].ids.tolist() == [early.id, undated.id]
    assert store.snapshot(["bin"])["bin"]["fill_level"][0] == 0.9


def test_find_by_attributes(store):
    closed = Link(id=store.ids(), geometry=LineString([(8, 47), (8.01, 47)]), closed=True)
    store.write(added(closed, Link(id=store.ids(), geometry=LineString([(8, 47), (8.01, 47)]))), title="t")
    assert store.find("link", closed=True) == [closed]
    assert len(store.find("link", name="")) == 2
    with pytest.raises(BugError, match="no attribute"):
        store.find("link", colour="red")


def test_scenarios_have_unique_names_and_near_misses_are_told(store):
    store.write(added(Scenario(id=store.ids(), name="Close bridge")), title="t")
    assert store.scenario("baseline").edits == ()
    assert [scenario.name for scenario in store.scenarios()] == ["Close bridge"]
    with pytest.raises(ScenarioError, match="Did you mean 'Close bridge'"):
        store.scenario("Close brdge")
    with pytest.raises(StorageError, match="scenario of that name"):
        store.write(added(Scenario(id=store.ids(), name="Close bridge")), title="t")
    with pytest.raises(DataError, match="name is empty"):
        store.write(added(Scenario(id=store.ids(), name=" ")), title="t")
    assert (store.version, store.city_version) == (1, 0)


def test_a_cancelled_task_takes_its_transaction_back(store):
    def task():
        with store.transaction("import") as transaction:
            for _ in range(3):
                transaction.write(added(node(store)))
                yield

    running = task()
    next(running)
    next(running)
    running.close()
    assert store.version == 0
    store.write(added(node(store)), title="free again")
    assert store.counts()["node"] == 1


def test_snapshots_name_the_sources_of_their_records(store):
    store.write(
        added(node(store, source="osm", source_id="1"), node(store, source="sumo", source_id="1"), node(store)), title="t"
    )
    assert store.snapshot().sources == {"osm", "sumo"}
    assert store.snapshot(["link"]).sources == frozenset()


def test_a_transaction_that_changes_a_thing_again_and_again_is_taken_back_in_reverse(store):
    first = node(store, source="a")
    states = [dataclasses.replace(first, source=name) for name in "abc"]
    passing = node(store)
    changes = [Change(None, states[0]), Change(None, passing), Change(states[0], states[1]), Change(passing, None)]
    store.write([*changes, Change(states[1], states[2])], title="t")
    for _ in range(2):
        store.undo()
        assert store.counts()["node"] == 0
        store.redo()
        assert store.find("node") == [states[2]]
