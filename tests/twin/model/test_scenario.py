"""A scenario: its edits, in order."""

from __future__ import annotations

import numpy as np
from shapely import LineString, Point

from twin.geo import Projection
from twin.model import edits as e
from twin.model import scenario as s
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

LINKS = Frame(
    "link",
    np.array(["l1", "l2"], dtype=object),
    {
        "closed": np.array([False, False]),
        "lanes": np.array([2.0, 0.0]),
        "capacity_vph": np.array([1800.0, 600.0]),
        "free_flow_speed_mps": np.array([10.0, 10.0]),
    },
    np.array([LineString([(0, 0), (1, 0)])] * 2, dtype=object),
)
BINS = Frame(
    "bin",
    np.array(["b1", "b2"], dtype=object),
    {"capacity_l": np.array([240.0, 240.0])},
    np.array([Point(0, 0), Point(5, 5)], dtype=object),
)
DEPOTS = Frame("depot", np.array(["d1"], dtype=object), {"vehicle_count": np.array([4])}, np.array([Point(0, 0)], dtype=object))
CITY = Snapshot("city", 1, Projection(8, 47), {"link": LINKS, "bin": BINS, "depot": DEPOTS})


def test_a_scenario_applies_its_edits_in_order():
    plan = (
        s.Scenario(id="s", name="S")
        .with_edit(e.SetLanes(target_ids=("l1",), lanes=4.0))
        .with_edit(e.CloseLinks(target_ids=("l1",)))
    )
    city = plan.with_edit(e.SetLanes(target_ids=("l1",), lanes=1.0)).apply(CITY)["link"]
    assert (city["lanes"][0], city["capacity_vph"][0], city["closed"][0]) == (1, 900, True)
    assert [type(edit) for edit in plan.edits] == [e.SetLanes, e.CloseLinks]
    assert plan.edits_of(e.CloseLinks) == (plan.edits[1],)
    assert s.baseline().apply(CITY) is CITY


def test_a_scenario_leaves_out_edits_of_kinds_that_were_not_asked_for():
    plan = s.Scenario(
        id="s",
        name="S",
        edits=(e.CloseLinks(target_ids=("l1",)), e.SetFleet(target_ids=("d1",)), e.RemoveBins(target_ids=("b1",))),
    )
    roads_only = Snapshot("city", 1, Projection(8, 47), {"link": LINKS})
    assert plan.apply(roads_only)["link"]["closed"].tolist() == [True, False]
