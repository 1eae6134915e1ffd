"""Pieces of streets on the command line: listed with their keys, chosen by place and direction."""

from __future__ import annotations

import pytest

from ui.language import set_language
from ui.session import Session
from ui.street_names import COMPASS, StreetNames


def edit_of(workspace, name="x"):
    with Session.open(workspace, writable=False) as session:
        return session.find_scenario(name).edits[-1]


def test_the_pieces_of_a_street_are_listed_with_their_keys(call_json, grid):
    found = call_json("roads", grid, "--name", "Street 11")["roads"]
    assert {item["key"] for item in found} == {"n1-1>n2-1", "n1-1>n0-1", "n1-1>n1-2", "n1-1>n1-0"}
    towards = {item["key"]: item["towards"] for item in found}
    assert towards == {"n1-1>n2-1": "east", "n1-1>n0-1": "west", "n1-1>n1-2": "north", "n1-1>n1-0": "south"}
    assert all(item["length_m"] == 400.0 for item in found)
    assert {item["opposite_key"] for item in found if item["towards"] == "east"} == {"n2-1>n1-1"}


def test_those_near_a_place_come_first(call_json, grid):
    found = call_json("roads", grid, "--at", 118.802, 32.0001)["roads"]
    assert {found[0]["key"], found[1]["key"]} == {"n0-0>n1-0", "n1-0>n0-0"}
    east = call_json("roads", grid, "--at", 118.802, 32.0001, "--towards", "east")["roads"]
    assert east[0]["key"] == "n0-0>n1-0"
    assert {item["towards"] for item in east} == {"east"}


def test_the_terminal_tells_pieces_apart_by_the_streets_between_which_they_run(call, grid):
    status, out, _ = call("roads", grid, "--name", "Street 11", "--towards", "east")
    assert status == 0
    assert "Street 11, eastward, from Street 01 to Street 20" in out
    status, out, _ = call("roads", grid)
    assert "--json has all of them" in out


def test_one_way_by_the_name_of_a_street_needs_a_direction(call, workspace, grid):
    call("scenario", grid, "new", "x")
    both = ("n1-1>n2-1", "n2-1>n1-1")
    status, _, err = call("scenario", grid, "edit", "x", "direction", "--roads", *both)
    assert status == 1
    assert "--towards east" in err
    assert call("scenario", grid, "edit", "x", "direction", "--roads", *both, "--towards", "east")[0] == 0
    assert edit_of(grid).target_ids == ("n1-1>n2-1",)


def test_an_edit_is_of_the_piece_at_a_place(call, grid):
    call("scenario", grid, "new", "x")
    assert call("scenario", grid, "edit", "x", "close", "--roads", "all", "--at", 118.802, 32.0001)[0] == 0
    assert set(edit_of(grid).target_ids) == {"n0-0>n1-0", "n1-0>n0-0"}
    words = ("--roads", "all", "--at", "118.802", "32.0001", "--towards", "west")
    assert call("scenario", grid, "edit", "x", "close", *words)[0] == 0
    assert edit_of(grid).target_ids == ("n1-0>n0-0",)
    status, _, err = call("scenario", grid, "edit", "x", "close", "--roads", "n0-0>n1-0", "--towards", "west")
    assert status == 1
    assert "runs west" in err


def test_a_turn_needs_two_roads(call, grid):
    call("scenario", grid, "new", "x")
    status, _, err = call("scenario", grid, "edit", "x", "turn", "--roads", "n0-0>n1-0")
    assert status == 2
    assert "--into" in err


def test_times_of_day_are_typed_as_clocks_show_them(call, grid):
    _, out, _ = call("scenario", grid, "edit", "x", "block", "--help")
    assert out.count("HH:MM") >= 2
    assert "a time such as 08:30" in " ".join(out.split())


def test_the_only_bridge_closed_leaves_trips_without_a_way(call, call_json, grid):
    """All streets between two columns of the grid but one are closed in the base, then that one, too."""
    call("scenario", grid, "new", "cut")
    streets = [key for j in range(5) for key in (f"n2-{j}>n3-{j}", f"n3-{j}>n2-{j}")]
    call("scenario", grid, "edit", "cut", "close", "--roads", *streets[2:])
    whole = call_json("simulate", "congestion", grid, "--scenario", "cut")
    assert whole["indicators"]["unserved_trips"]["value"] == 0.0
    call("scenario", grid, "edit", "cut", "close", "--roads", *streets[:2])
    cut = call_json("simulate", "congestion", grid, "--scenario", "cut")
    assert cut["indicators"]["unserved_trips"]["value"] > 0.1 * cut["indicators"]["trips"]["value"]
    assert all(item["value"] is not None for item in cut["indicators"].values())
    status, out, _ = call("simulate", "congestion", grid, "--scenario", "cut")
    assert status == 0
    assert "Trips without a way" in out


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_piece_has_words_of_its_own(grid, language):
    set_language(language)
    with Session.open(grid, writable=False) as session:
        names = StreetNames(session.snapshot)
        keys = session.snapshot["link"].ids.tolist()
        said = [names.piece(key) for key in keys]
    assert len(set(said)) == len(keys)


def test_the_compass_is_complete():
    assert len(set(COMPASS)) == 8
