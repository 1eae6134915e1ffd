"""Conflicts and refusals on the command line: two offices that changed the same, and a centre that forbids something."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest
import shapely

from tests.offices import meet, small_centre
from twin.model.changes import Change
from twin.store import Store
from twin.sync.center import OpenPolicy
from twin.sync.workspace import device_of


class NoDepots(OpenPolicy):
    """Lets nobody change a depot."""

    def permits(self, device, user, op, row):
        return "only the boss changes this" if op.kind == "depot" else ""


@pytest.fixture
def quarrel(session, tmp_path):
    """Return the path of an office, closed: numbers 1 and 2 are conflicts about bins, 3 is a refused edit of the depot."""
    here, centre = session.store, small_centre()
    with Store.create(tmp_path / "other.twin") as other:
        for store in (here, other):
            meet(centre, device_of(store))
        centre.policy = NoDepots()
        for place, name in enumerate(("bin0", "bin1")):
            old = here.get("bin", name)
            moved = shapely.Point(118.806 + place / 100, 32.002)
            other.write([Change(old, dataclasses.replace(old, name="theirs", geometry=moved))], title="t", author="Ann")
            mine = dataclasses.replace(old, name="mine", geometry=shapely.Point(118.807, 32.003), capacity_l=360.0)
            here.write([Change(old, mine)], title="m", author="Bob")
        depot = here.get("depot", "depot")
        here.write([Change(depot, dataclasses.replace(depot, name_en="Yard"))], title="Rename", author="Bob")
        meet(centre, device_of(other))
        meet(centre, device_of(here))
    session.close()
    return here.path


def names(path):
    with Store.open(path, writable=False) as store:
        return {key: store.get("bin", key).name for key in ("bin0", "bin1")}


def waiting(call_json, path):
    found = call_json("conflicts", path, "list")
    return [[item["number"] for item in found[key]] for key in ("conflicts", "refusals")]


def test_what_is_open_is_listed(quarrel, call, call_json):
    assert waiting(call_json, quarrel) == [[1, 2], [3]]
    status, out, err = call("conflicts", "list", quarrel)
    assert (status, err) == (0, "")
    assert "2 conflicts wait for your decision." in out
    assert "Bin: theirs" in out
    assert "Name, Place" in out
    assert "Somebody else changed it meanwhile." in out
    assert "only the boss changes this" in out
    assert out.count("Bob") == 3


def test_one_is_shown_field_by_field(quarrel, call, call_json):
    _, out, _ = call("conflicts", quarrel, "show", 1)
    (row,) = (line.split() for line in out.splitlines() if line.startswith("Name"))
    assert row == ["Name", "name", "B-0", "theirs", "mine"]
    assert "32.00200°, 118.80600°" in out
    shown = call_json("conflicts", quarrel, "show", 1)
    assert (shown["number"], shown["kind"], shown["id"], shown["by"], shown["verdict"]) == (1, "bin", "bin0", "Bob", "conflict")
    assert (shown["reason"], shown["decided_by"], shown["adds"], shown["removes"]) == ("changed", "", False, False)
    assert shown["fields"]["name"] == {"base": "B-0", "theirs": "theirs", "mine": "mine"}
    assert shown["fields"]["geometry"]["mine"] == {"type": "Point", "coordinates": [118.807, 32.003]}
    assert set(shown["fields"]) == {"name", "geometry"}
    assert call_json("conflicts", quarrel, "show", 3)["rule"] == "only the boss changes this"


def test_keys_are_the_same_in_chinese(quarrel, call, call_json):
    english = call_json("conflicts", quarrel, "show", 1)
    assert call_json("conflicts", quarrel, "show", 1, "--language", "zh_CN").keys() == english.keys()
    _, out, _ = call("conflicts", quarrel, "list", "--language", "zh_CN")
    assert "有 2 项冲突等待裁定。" in out
    assert "conflict" not in out.lower()
    status, _, err = call("conflicts", quarrel, "decide", 9, "--for", "edit", "--language", "zh_CN")
    assert status == 1
    assert "9" in err
    assert "There is" not in err
    assert "List them" not in err
    _, out, _ = call("conflicts", quarrel, "decide", 1, "--for", "edit", "--language", "zh_CN")
    assert "Decided" not in out


def test_one_is_decided_for_the_edit_and_undone(quarrel, call, call_json):
    status, out, _ = call("conflicts", quarrel, "decide", 2, "--for", "edit", "--author", "Cy")
    assert status == 0
    assert "Bin: theirs" in out
    assert names(quarrel) == {"bin0": "theirs", "bin1": "mine"}
    assert waiting(call_json, quarrel) == [[1], [3]]
    assert call_json("conflicts", quarrel, "show", 2)["decided_by"] == "Cy"
    assert call("undo", quarrel)[0] == 0
    assert names(quarrel)["bin1"] == "theirs"


def test_all_are_decided_for_the_centre(quarrel, call_json):
    done = call_json("conflicts", quarrel, "decide", "--all", "--for", "centre")
    assert (done["decided"], done["for"], done["conflicts"], done["refusals"]) == ([1, 2], "centre", 0, 1)
    assert names(quarrel) == {"bin0": "theirs", "bin1": "theirs"}


@pytest.mark.parametrize(("side", "field"), [("edit", "name"), ("centre", "geometry")])
def test_fields_are_decided_apart(quarrel, call_json, side, field):
    call_json("conflicts", quarrel, "decide", 1, "--for", side, "--field", field)
    with Store.open(quarrel, writable=False) as store:
        decided = store.get("bin", "bin0")
    assert (decided.name, decided.geometry) == ("mine", shapely.Point(118.806, 32.002))
    assert waiting(call_json, quarrel) == [[2], [3]]


def test_a_side_of_no_field_is_the_other_side(quarrel, call_json):
    call_json("conflicts", quarrel, "decide", 1, "--for", "centre", "--field", "name", "geometry")
    assert names(quarrel)["bin0"] == "theirs"
    assert waiting(call_json, quarrel) == [[2], [3]]


def test_who_made_it_so_by_hand_can_still_decide_for_the_edit(quarrel, call_json):
    with Store.open(quarrel) as store:
        old = store.get("bin", "bin0")
        store.write([Change(old, dataclasses.replace(old, name="mine", geometry=shapely.Point(118.807, 32.003)))], title="t")
    assert call_json("conflicts", quarrel, "decide", 1, "--for", "edit")["conflicts"] == 1


def test_a_refusal_is_noted(quarrel, call, call_json):
    status, out, _ = call("conflicts", quarrel, "note", 3)
    assert status == 0
    assert out.startswith("Noted:")
    assert waiting(call_json, quarrel) == [[1, 2], []]
    assert call("conflicts", quarrel, "note", "--all")[2].startswith("No refused edit is open.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", 9), "no conflict or refused edit with number 9"),
        (("decide", 1, 9, "--for", "edit"), "no conflict or refused edit with number 9"),
        (("decide", 3, "--for", "edit"), "No. 3 was refused by the centre and is no conflict."),
        (("note", 1), "No. 1 is a conflict and was not refused."),
        (("note",), "No number was given."),
        (("decide", 1, "--all", "--for", "edit"), "Both numbers and --all were given."),
        (("decide", 1, "--for", "edit", "--field", "colour"), "has no field 'colour'"),
    ],
)
def test_what_cannot_be_done_is_said_and_decides_nothing(quarrel, call, call_json, words, said):
    status, out, err = call("conflicts", quarrel, *words)
    assert (status, out, len(err.splitlines())) == (1, "", 2)
    assert said in err
    assert waiting(call_json, quarrel) == [[1, 2], [3]]


def test_what_was_decided_is_not_decided_twice(quarrel, call):
    assert call("conflicts", quarrel, "decide", 1, "--for", "centre", "--author", "Cy")[0] == 0
    status, _, err = call("conflicts", quarrel, "decide", 1, "--for", "edit")
    assert status == 1
    assert "No. 1 was decided already, by Cy." in err
    assert names(quarrel)["bin0"] == "theirs"


def test_a_city_without_conflicts_has_nothing_to_decide(workspace, call, call_json):
    assert call_json("conflicts", workspace, "list") == {"conflicts": [], "refusals": []}
    assert call("conflicts", workspace, "list")[1] == "This city is on this computer alone.\n"
    status, _, err = call("conflicts", workspace, "decide", "--all", "--for", "edit")
    assert (status, err.splitlines()[0]) == (1, "No conflict is open.")


def test_beside_a_program_that_writes_they_are_listed_and_not_decided(quarrel, call, call_json):
    hold = "import sys; from twin.store import Store; s = Store.open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(quarrel)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "open\n"
        assert waiting(call_json, quarrel) == [[1, 2], [3]]
        status, _, err = call("conflicts", quarrel, "decide", 1, "--for", "edit")
        other.stdin.close()
    assert status == 1
    assert "is open for writing in CityTwin" in err
