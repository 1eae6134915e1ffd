"""``citytwin simulate cleanup``: what cannot be collected is named, the rest is; advice that nobody follows changes nothing."""

from __future__ import annotations

import shapely

from twin.model.changes import Change
from twin.model.places import Bin, Depot
from ui.session import Session

SHORT = ("--days", 3, "--warm-up-days", 1, "--replications", 2)


def simulated(call_json, workspace, *words):
    return call_json("simulate", "cleanup", workspace, *SHORT, *words)


def value(found, name):
    return found["indicators"][name]["value"]


def scenario(call, workspace, name, *edit):
    assert call("scenario", workspace, "new", name)[0] == 0
    status, _, err = call("scenario", workspace, "edit", name, *edit)
    assert status == 0, err


def test_advice_that_nobody_follows_has_no_effect_at_all(call, call_json, collected):
    scenario(call, collected, "by-fill", "policy", "--policy", "threshold", "--threshold", 0.6)
    before = simulated(call_json, collected, "--adherence", 0)
    after = simulated(call_json, collected, "--adherence", 0, "--scenario", "by-fill")
    assert {name: item["value"] for name, item in after["indicators"].items()} == {
        name: item["value"] for name, item in before["indicators"].items()
    }
    followed = simulated(call_json, collected, "--adherence", 1, "--scenario", "by-fill")
    assert value(followed, "visits") != value(before, "visits")


def test_an_empty_fleet_collects_nothing_and_says_so(call, call_json, collected):
    scenario(call, collected, "nobody", "fleet", "--depots", "depot", "--vehicle-count", 0)
    found = simulated(call_json, collected, "--scenario", "nobody")
    assert value(found, "visits") == value(found, "cost") == 0
    assert value(found, "uncollected_stops") > 0
    assert "No depot has a vehicle: nothing is collected." in found["notes"]


def test_a_closed_street_before_the_depot_is_named_and_what_is_cut_off_with_it(call, call_json, collected):
    roads = ("n0-0>n1-0", "n1-0>n0-0", "n0-0>n0-1", "n0-1>n0-0")
    scenario(call, collected, "closed", "close", "--roads", *roads)
    status, _, err = call("simulate", "cleanup", collected, *SHORT, "--scenario", "closed")
    assert status == 1
    assert "cut the bins off from every one of the 1 depots" in err
    with Session.open(collected) as session:  # a second depot is enough
        session.change([Change(None, Depot(id="other", geometry=shapely.Point(118.812, 32.008)))], "Another depot")
    found = simulated(call_json, collected, "--scenario", "closed")
    said = " ".join(found["notes"])
    assert "1 of 2 depots are cut off by closed roads and not used: depot." in said
    assert "1 bins cannot be reached on the open roads; they stay uncollected: b0." in said
    assert value(found, "visits") > 0


def test_a_bin_far_from_every_road_and_one_too_large_are_named_and_the_rest_is_collected(call_json, collected):
    far = Bin(id="far", geometry=shapely.Point(118.79, 32.02), fill_level=0.9)
    large = Bin(id="large", geometry=shapely.Point(118.804, 32.0), capacity_l=30000.0, fill_level=1.0)
    with Session.open(collected) as session:
        session.change([Change(None, far), Change(None, large)], "Two more")
    found = simulated(call_json, collected)
    said = " ".join(found["notes"])
    assert "1 bins are more than 200 m from a road; trucks stop at the nearest road: far." in said
    assert "1 bins hold more than one vehicle carries; a visit takes a vehicle's load from them: large." in said
    assert value(found, "visits") > 0
