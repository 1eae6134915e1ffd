"""``citytwin flows`` on a grid of streets: by name, by key, without a road, and for one that is not there."""

from __future__ import annotations

import pytest

from sim.travel.kept import KeptCity


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
    status, out, _ = call("flows", grid, "--road", "Street 11")
    assert status == 0
    assert "From zone" in out


@pytest.mark.parametrize("words", [(), ("--road", ""), ("--road", "Street 11", "--link", " ")])
def test_no_road_is_refused(call, grid, words):
    status, out, err = call("flows", grid, *words)
    assert (status, out) == (1, "")
    assert "--road NAME" in err


@pytest.mark.parametrize("words", [("flows", "--road", "Street 99"), ("isochrone", "--lon", "0", "--lat", "0")])
def test_what_cannot_be_is_refused_before_the_traffic_is_solved(call, grid, monkeypatch, words):
    monkeypatch.setattr(KeptCity, "solved", lambda *_: pytest.fail("the traffic was solved"))
    status, _, err = call(words[0], grid, *words[1:])
    assert status == 1
    assert err


def test_an_unknown_road_is_refused_in_two_lines(call, grid):
    status, out, err = call("flows", grid, "--road", "Strassse 11")
    assert (status, out) == (1, "")
    assert "There is no road 'Strassse 11'" in err
