"""Two offices and a centre that meet by stick alone, on the command line, as their people would do it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from twin.errors import DataError
from twin.model.changes import Change
from twin.model.places import Bin
from twin.model.snapshot import Terrain
from twin.store import Store
from twin.sync import courier
from twin.sync.office import read_office
from twin.sync.package.keys import KeyRing
from twin.sync.package.reading import open_package
from twin.sync.package.writing import write_package
from twin.task import finish

NOW = datetime.now(UTC)
PLACE = shapely.Point(121.5, 31.2)


@pytest.fixture
def centre(tmp_path, monkeypatch, call, call_json):
    """Return the options of a centre whose city has three bins."""
    monkeypatch.setenv("CITYTWIN_DATABASE", f"sqlite:///{tmp_path / 'central.db'}")
    keys = ("--keys", tmp_path / "centre keys")
    assert call("package", "key", "new", "Centre", *keys)[0] == 0
    call_json("central", "init")
    call_json("central", "user", "add", "ada", "--role", "admin")
    with Store.create(tmp_path / "main.twin") as store:
        store.write(
            [Change(None, Bin(id=f"b{n}", geometry=PLACE, name=f"B-{n}", capacity_l=240.0)) for n in range(3)], title="Bins"
        )
    call_json("central", "load", tmp_path / "main.twin")
    return keys


def begin(call, call_json, tmp_path, centre, name, *more):
    """Let an office begin from a stick; return its workspace and the options of its keys."""
    stick = tmp_path / f"stick of {name}"
    made = call_json("package", "begin", name, "--account", "ada", "--out", stick, *more, *centre)
    assert sorted(path.name for path in stick.iterdir()) == ["centre.ctcard", "city.ctpkg", "office.ctkey"]
    keys = ("--keys", tmp_path / f"keys of {name}")
    (tmp_path / "words").write_text(made["passphrase"])
    call_json("package", "key", "trust", stick / "centre.ctcard", *keys)
    call_json("package", "key", "accept", stick / "office.ctkey", "--passphrase-file", tmp_path / "words", *keys)
    workspace = tmp_path / f"{name}.twin"
    taken = call_json("package", "import", workspace, stick / "city.ctpkg", *keys)
    assert (taken["is_news"], taken["refusals"]) == (True, [])
    return workspace, keys


def carry(call_json, tmp_path, centre, workspace, keys):
    """Carry a stick to the centre and back; return what the office's import said."""
    call_json("package", "export", workspace, "--to", "Centre", "--out", tmp_path / "out.ctpkg", *keys)
    answer = call_json("package", "answer", tmp_path / "out.ctpkg", "--reply", tmp_path / "back.ctpkg", *centre)
    assert answer["refusals"] == []
    return call_json("package", "import", workspace, tmp_path / "back.ctpkg", *keys)


def edit(workspace, key, author, **values):
    with Store.open(workspace) as store:
        old = store.get("bin", key)
        store.write([Change(old, dataclasses.replace(old, **values))], title="Change", author=author)


def bins(workspace):
    with Store.open(workspace, writable=False) as store:
        return {item.id: item.name for item in store.find("bin")}


def test_two_offices_begin_from_sticks_and_share_their_work(call, call_json, tmp_path, centre):
    north, north_keys = begin(call, call_json, tmp_path, centre, "North")
    south, south_keys = begin(call, call_json, tmp_path, centre, "South")
    assert bins(north) == bins(south) == {"b0": "B-0", "b1": "B-1", "b2": "B-2"}
    edit(north, "b0", "Ann", name="by Ann")
    edit(south, "b1", "Bob", name="by Bob")
    carry(call_json, tmp_path, centre, north, north_keys)
    carry(call_json, tmp_path, centre, south, south_keys)
    carry(call_json, tmp_path, centre, north, north_keys)
    assert bins(north) == bins(south) == {"b0": "by Ann", "b1": "by Bob", "b2": "B-2"}
    with Store.open(north) as store:
        assert (read_office(store).status.pending, read_office(store).meetings[0].turn) == (0, "heard")


@pytest.mark.parametrize("days", ["0", "-1", "nan", "inf", "1e9", "soon"])
def test_a_package_that_nobody_could_use_is_not_written(call, tmp_path, days):
    status, _, err = call("package", "export", tmp_path / "city.twin", "--to", "Centre", "--days", days)
    assert status == 2
    assert "no number of days above 0" in err


def test_both_who_change_the_same_see_the_conflict(call, call_json, tmp_path, centre):
    north, north_keys = begin(call, call_json, tmp_path, centre, "North")
    south, south_keys = begin(call, call_json, tmp_path, centre, "South")
    edit(north, "b0", "Ann", name="by Ann")
    edit(south, "b0", "Bob", name="by Bob")
    for office in ((north, north_keys), (south, south_keys), (north, north_keys)):
        carry(call_json, tmp_path, centre, *office)
    for workspace in (north, south):
        with Store.open(workspace) as store:
            (item,) = read_office(store).disputed
            assert (item.theirs, item.mine, item.user) == ({"name": "by Ann"}, {"name": "by Bob"}, "Bob")


def test_a_revoked_office_is_refused_and_nothing_of_it_is_taken(call, call_json, tmp_path, centre):
    north, keys = begin(call, call_json, tmp_path, centre, "North")
    edit(north, "b0", "Ann", name="by Ann")
    call_json("package", "export", north, "--to", "Centre", "--out", tmp_path / "out.ctpkg", *keys)
    office = call_json("package", "key", "list", *keys)["own"]["id"]
    before = call_json("central", "status")
    call_json("central", "device", "revoke", office)
    status, _, err = call("package", "answer", tmp_path / "out.ctpkg", "--reply", tmp_path / "back.ctpkg", *centre)
    assert (status, not (tmp_path / "back.ctpkg").exists()) == (1, True)
    assert "revoked" in err
    assert call_json("central", "status")["commits"] == before["commits"]


def test_who_is_not_enrolled_is_refused(call, call_json, tmp_path, centre):
    keys = ("--keys", tmp_path / "stranger keys")
    call("package", "key", "new", "Stranger", *keys)
    call_json("package", "key", "show", "--out", tmp_path / "c.ctcard", *centre)
    call_json("package", "key", "trust", tmp_path / "c.ctcard", *keys)
    call_json("create", tmp_path / "s.twin")
    call_json("package", "export", tmp_path / "s.twin", "--to", "Centre", *keys)
    status, _, err = call("package", "answer", tmp_path / "s.ctpkg", "--reply", tmp_path / "back.ctpkg", *centre)
    assert status == 1
    assert "not enrolled" in err


def test_what_was_done_before_there_was_a_key_is_signed_when_it_is_sent(call, call_json, tmp_path, centre):
    from twin.sync.workspace import device_of

    north, keys = begin(call, call_json, tmp_path, centre, "North")
    edit(north, "b0", "Ann", name="by Ann")
    with Store.open(north) as store:
        device_of(store).push()  # sealed without a key
    carry(call_json, tmp_path, centre, north, keys)
    with Store.open(north) as store:
        assert read_office(store).status.pending == 0


def test_a_city_is_not_put_over_another_one_and_leaves_nothing_when_it_fails(call, call_json, tmp_path, centre):
    _, keys = begin(call, call_json, tmp_path, centre, "North")
    stick = tmp_path / "stick of North"
    content = (stick / "city.ctpkg").read_bytes()
    (stick / "city.ctpkg").write_bytes(content[:-1])
    status, _, err = call("package", "import", tmp_path / "new.twin", stick / "city.ctpkg", *keys)
    assert (status, (tmp_path / "new.twin").exists()) == (1, False)
    assert "not whole" in err
    (stick / "city.ctpkg").write_bytes(content)
    again = call_json("package", "import", tmp_path / "North.twin", stick / "city.ctpkg", *keys)
    assert again["is_news"] is False
    assert "nothing that is new" in call("package", "import", tmp_path / "North.twin", stick / "city.ctpkg", *keys)[1]
    Store.create(tmp_path / "new.unfinished.twin").close()  # as a process leaves it that is killed meanwhile
    call_json("package", "import", tmp_path / "new.twin", stick / "city.ctpkg", *keys)
    assert sorted(path.name for path in tmp_path.glob("new*")) == ["new.twin"]


def test_terrain_and_histories_go_with_the_city_and_lie_where_they_lay(call, call_json, tmp_path, centre):
    with Store.open(tmp_path / "main.twin") as store:
        with store.transaction("Files") as transaction:
            transaction.set_terrain(Terrain(-100.0, -200.0, 50.0, np.arange(12, dtype=np.float32).reshape(3, 4)))
            times = np.array(["2026-03-01T08:00", "2026-03-01T09:00"], "datetime64[s]")
            transaction.append_history("fill_reading", {"subject_id": ["b0", "b1"], "at": times, "fill_level": [0.2, 0.7]})
        before = store.snapshot(histories=["fill_reading"])
    north, _ = begin(call, call_json, tmp_path, centre, "North", "--files", tmp_path / "main.twin")
    with Store.open(north) as store:
        after = store.snapshot(histories=["fill_reading"])
        assert after.projection == before.projection
        assert after.terrain.heights_m.tolist() == before.terrain.heights_m.tolist()
        assert (after.terrain.x0_m, after.terrain.step_m) == (-100.0, 50.0)
        assert after.histories["fill_reading"]["fill_level"].tolist() == [0.2, 0.7]
        with store.reception("again") as transaction:
            assert not transaction.adopt(store.files()[0], [b"other"])  # it is here already
        foreign = dataclasses.replace(store.files()[0], sha256="0" * 64)
        with pytest.raises(DataError, match="is not what it was"), store.reception("more") as transaction:
            transaction.adopt(foreign, [b"other"])
        assert len(store.files()) == 2
        assert len(list((north / "history").iterdir()) + list((north / "rasters").iterdir())) == 2


def test_no_other_office_plays_the_centre_though_it_is_trusted(call, call_json, tmp_path, centre):
    north, keys = begin(call, call_json, tmp_path, centre, "North")
    _, south_keys = begin(call, call_json, tmp_path, centre, "South")
    edit(north, "b0", "Ann", name="by Ann")
    call_json("package", "export", north, "--to", "Centre", "--out", tmp_path / "out.ctpkg", *keys)
    call_json("package", "answer", tmp_path / "out.ctpkg", "--reply", tmp_path / "back.ctpkg", *centre)
    ours, theirs = KeyRing(keys[1]), KeyRing(south_keys[1])
    ours.trust(theirs.own.card)
    package = open_package(tmp_path / "back.ctpkg", ours, NOW)
    manifest = finish(package.verify_task())
    address = courier.Address(id="played", own=theirs.own, recipients=(ours.own.card,), now=NOW)
    said = (courier.part(number, message) for number, message in enumerate(courier.said_in(package, manifest), 1))
    finish(write_package(tmp_path / "played.ctpkg", address.letter("changes"), manifest.contents, said, theirs.own))
    status, _, err = call("package", "import", north, tmp_path / "played.ctpkg", *keys)
    assert status == 1
    assert "not the centre of this city" in err
    with Store.open(north) as store:
        assert read_office(store).status.pending == 1
    assert call_json("package", "import", north, tmp_path / "back.ctpkg", *keys)["is_news"]
    assert call("package", "import", north, tmp_path / "played.ctpkg", "--new-centre", *keys)[0] == 0
    assert call("package", "import", north, tmp_path / "back.ctpkg", *keys)[0] == 1  # the other one is the centre now
