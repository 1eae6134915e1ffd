"""``citytwin flows`` on a grid of streets: by name, by key, without a road, and for one that is not there."""

from __future__ import annotations

import pytest


def test_pairs_add_up_to_the_trips_on_the_road(call_json, grid):
    found = call_json("flows", grid, "--road", "Street 11", "--pair-count", "10000")
    trips = found["indicators"]["trips_here"]["value"]
    assert trips > 0.0
    assert sum(pair["trips_vph"] for pair in found["pairs"]) == pytest.approx(trips)
    assert [pair["trips_vph"] for pair in found["pairs"]] == sorted((pair["trips_vph"] for pair in found["pairs"]), reverse=True)
    assert any("same proportions" in note for note in found["notes"])


def test_one_link_has_fewer_trips_than_the_whole_road(call_json, grid):
    road = call_json("flows", grid, "--road", "Street 11")["indicators"]["trips_here"]["value"]
    link = call_json("flows", grid, "--link", "n1-1>n2-1")["indicators"]["trips_here"]["value"]
    assert 0.0 < link < road


def test_the_terminal_lists_the_pairs(call, grid):
    status, out, _ = call("flows", grid)
    assert status == 0
    assert "From zone" in out


def test_an_unknown_road_is_refused_in_two_lines(call, grid):
    status, out, err = call("flows", grid, "--road", "Strassse 11")
    assert (status, out) == (1, "")
    assert "There is no road 'Strassse 11'" in err
