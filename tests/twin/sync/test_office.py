"""What an office knows of its sync, and how its people decide."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import shapely

from tests.offices import meet, small_centre
from twin.errors import SyncError
from twin.model.changes import Change
from twin.model.places import Bin
from twin.store import Store
from twin.sync import office
from twin.sync.commit import CHANGED, REMOVED
from twin.sync.meeting import Meeting, meetings, note
from twin.sync.office import keep_theirs, read_office, take_mine
from twin.sync.workspace import device_of

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def stores(tmp_path):
    made = [Store.create(tmp_path / f"{name}.twin", random=Random(name)) for name in ("north", "south")]
    yield made
    for store in made:
        store.close()


@pytest.fixture
def quarrel(stores):
    """Return a centre and two offices of which the second has changed what the first changed, too."""
    center, (north, south) = small_centre(), stores
    thing = Bin(id=north.ids(), geometry=shapely.Point(8, 47), name="old", capacity_l=100.0)
    north.write([Change(None, thing)], title="A bin")
    for store in (north, south):
        meet(center, device_of(store))
    change(north, thing.id, "Ann", name="north", capacity_l=240.0)
    change(south, thing.id, "Bob", name="south", geometry=shapely.Point(8.1, 47.1))
    for store in (north, south, north):
        meet(center, device_of(store))
    return center, north, south, thing.id


def change(store, key, author, **values):
    old = store.get("bin", key)
    store.write([Change(old, dataclasses.replace(old, **values))], title="Change", author=author)


def test_a_city_that_never_met_a_centre_says_so(stores):
    assert read_office(stores[0]) == office.Office()


def test_what_waits_is_counted(quarrel):
    center, north, _, key = quarrel
    assert read_office(north).status.pending == 0
    change(north, key, "Ann", capacity_l=360.0)
    assert read_office(north).status.pending == 1
    meet(center, device_of(north))
    assert read_office(north).status.pending == 0


def test_a_conflict_tells_what_was_what_is_and_who_wanted_what(quarrel):
    _, north, south, key = quarrel
    for store in (north, south):
        (item,) = read_office(store).disputed
        assert (item.kind, item.id, item.user) == ("bin", key, "Bob")
        assert (item.was, item.theirs, item.mine) == ({"name": "old"}, {"name": "north"}, {"name": "south"})
        assert store.get("bin", key).geometry == shapely.Point(8.1, 47.1)  # nobody else moved it


def test_keeping_theirs_decides_it_everywhere_and_changes_nothing(quarrel):
    center, north, south, key = quarrel
    keep_theirs(south, read_office(south).disputed, user="Bob")
    assert read_office(south).disputed == ()
    for store in (south, north):
        meet(center, device_of(store))
        assert (read_office(store).disputed, store.get("bin", key).name) == ((), "north")


def test_taking_mine_is_an_edit_like_any_other(quarrel):
    center, north, south, key = quarrel
    take_mine(south, read_office(south).disputed, user="Bob")
    assert south.get("bin", key).name == "south"
    for store in (south, north):
        meet(center, device_of(store))
        assert (read_office(store).disputed, store.get("bin", key).name) == ((), "south")
    south.undo()
    for store in (south, north):
        meet(center, device_of(store))
    assert north.get("bin", key).name == "north"


@pytest.mark.parametrize("decide", [take_mine, keep_theirs])
def test_what_moved_on_while_somebody_decided_is_asked_again(quarrel, decide):
    center, north, south, key = quarrel
    shown = read_office(south).disputed
    change(north, key, "Ann", name="north again")
    for store in (north, south):
        meet(center, device_of(store))
    with pytest.raises(SyncError, match="changed again while you decided"):
        decide(south, shown, user="Bob")
    assert south.get("bin", key).name == "north again"
    (item,) = read_office(south).disputed
    assert (item.theirs, item.mine) == ({"name": "north again"}, {"name": "south"})
    decide(south, [item], user="Bob")  # now it was seen
    for store in (south, north):
        meet(center, device_of(store))
    assert north.get("bin", key).name == ("south" if decide is take_mine else "north again")
    assert read_office(north).disputed == ()


def test_what_changes_elsewhere_in_it_is_no_reason_to_ask_again(quarrel):
    center, north, south, key = quarrel
    shown = read_office(south).disputed
    change(north, key, "Ann", capacity_l=1100.0)
    for store in (north, south):
        meet(center, device_of(store))
    take_mine(south, shown, user="Bob")
    assert (south.get("bin", key).name, south.get("bin", key).capacity_l) == ("south", 1100.0)


def test_a_removal_is_decided_against_all_that_stands(quarrel):
    center, north, south, key = quarrel
    keep_theirs(south, read_office(south).disputed, user="Bob")
    for store in (south, north):
        meet(center, device_of(store))
    south.write([Change(south.get("bin", key), None)], title="Remove", author="Bob")
    change(north, key, "Ann", capacity_l=360.0)
    for store in (north, south):
        meet(center, device_of(store))
    (shown,) = read_office(south).disputed
    assert (shown.alive, shown.reason, next(iter(shown.theirs.items()))) == (False, CHANGED, ("capacity_l", 360.0))
    change(north, key, "Ann", name="renamed")
    for store in (north, south):
        meet(center, device_of(store))
    with pytest.raises(SyncError, match="changed again"):
        take_mine(south, [shown], user="Bob")
    take_mine(south, read_office(south).disputed, user="Bob")
    assert south.get("bin", key) is None


def test_many_are_decided_at_once(stores):
    center, (north, south) = small_centre(), stores
    things = [Bin(id=north.ids(), geometry=shapely.Point(8, 47), name="old") for _ in range(20)]
    north.write([Change(None, thing) for thing in things], title="Bins")
    for store in (north, south):
        meet(center, device_of(store))
    for thing in things:
        change(north, thing.id, "Ann", name="north")
        change(south, thing.id, "Bob", name="south")
    for store in (north, south):
        meet(center, device_of(store))
    disputed = read_office(south).disputed
    assert len(disputed) == 20
    take_mine(south, disputed, user="Bob")
    meet(center, device_of(south))
    assert read_office(south).disputed == ()
    assert {thing.name for thing in south.find("bin")} == {"south"}


def test_what_was_removed_meanwhile_is_brought_back_whole_by_who_made_it(stores):
    center, (north, south) = small_centre(), stores
    thing = Bin(id=south.ids(), geometry=shapely.Point(8, 47), name="old", capacity_l=240.0)
    south.write([Change(None, thing)], title="A bin")
    for store in (south, north):
        meet(center, device_of(store))
    north.write([Change(thing, None)], title="Remove", author="Ann")
    change(south, thing.id, "Bob", name="south")
    for store in (north, south):
        meet(center, device_of(store))
    assert south.get("bin", thing.id) is None
    (item,) = read_office(south).disputed
    take_mine(south, [item], user="Bob")
    assert south.get("bin", thing.id) == dataclasses.replace(thing, name="south")
    for store in (south, north):
        meet(center, device_of(store))
    assert north.get("bin", thing.id) == dataclasses.replace(thing, name="south")


def test_what_was_never_here_cannot_be_brought_back(quarrel):
    _, north, _, _ = quarrel
    (item,) = read_office(north).disputed
    with pytest.raises(SyncError, match="cannot be brought back"):
        take_mine(north, [dataclasses.replace(item, id="nothing", theirs={}, reason=REMOVED)], user="Ann")
    assert len(read_office(north).disputed) == 1


def test_meetings_are_remembered_newest_first_and_not_for_ever(stores):
    store = stores[0]
    device_of(store)
    for number in range(3):
        note(store, Meeting(AT + timedelta(days=number), "package", "sent", number, f"{number}.ctpkg"))
    note(store, Meeting(AT + timedelta(days=9), "wire", "heard", 7, ""))
    known = read_office(store)
    assert [item.edits for item in known.meetings] == [7, 2, 1, 0]
    assert (known.heard.at, known.meetings[1].what) == (AT + timedelta(days=9), "2.ctpkg")
    with store.looking() as db:
        assert len(meetings(db, limit=2)) == 2
