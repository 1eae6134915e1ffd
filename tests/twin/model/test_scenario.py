"""Edits: what they do to a copy of the city, and that they do nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString, Point

from twin.errors import ScenarioError
from twin.geo import Projection
from twin.model import scenario as s
from twin.model.entity import attributes
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


def test_edits_of_roads():
    city = s.CloseLinks(target_ids=("l1",)).apply(CITY)
    assert city["link"]["closed"].tolist() == [True, False]
    assert s.SetSpeed(target_ids=("l2",), speed_mps=5.0).apply(CITY)["link"]["free_flow_speed_mps"].tolist() == [10, 5]
    wider = s.SetLanes(target_ids=("l1",), lanes=3.0).apply(CITY)["link"]
    assert (wider["lanes"].tolist(), wider["capacity_vph"].tolist()) == ([3, 0], [2700, 600])
    assert np.isfinite(s.SetLanes(target_ids=("l2",), lanes=1.0).apply(CITY)["link"]["capacity_vph"]).all()


def test_edits_of_collection():
    assert s.MoveBins(target_ids=("b2",), dx_m=1.0, dy_m=-2.0).apply(CITY)["bin"].xy.tolist() == [[0, 0], [6, 3]]
    assert s.RemoveBins(target_ids=("b1",)).apply(CITY)["bin"].ids.tolist() == ["b2"]
    assert s.ResizeBins(target_ids=("b1",), capacity_l=660.0).apply(CITY)["bin"]["capacity_l"].tolist() == [660, 240]
    assert s.SetFleet(target_ids=("d1",), vehicle_count=6).apply(CITY)["depot"]["vehicle_count"].tolist() == [6]


def test_the_city_itself_is_never_touched():
    before = {kind: {name: column.copy() for name, column in frame.columns.items()} for kind, frame in CITY.frames.items()}
    for edit_type in s.EDITS:
        keys = {"link": ("l1",), "bin": ("b1",), "depot": ("d1",)}.get(edit_type.target_kind, ())
        edit_type(target_ids=keys).apply(CITY)
    for kind, frame in CITY.frames.items():
        for name, column in frame.columns.items():
            np.testing.assert_array_equal(column, before[kind][name])
    assert CITY["bin"].xy.tolist() == [[0, 0], [5, 5]]


def test_edits_without_a_thing_leave_the_city_as_it_is():
    assert s.ScaleDemand(factor=2.0).apply(CITY) is CITY
    assert s.SetPolicy().apply(CITY) is CITY


@pytest.mark.parametrize("edit_type", [t for t in s.EDITS if t.target_kind])
def test_an_edit_of_things_that_are_not_there_is_refused(edit_type):
    with pytest.raises(ScenarioError, match=rf"'{edit_type.name}' names 1 object"):
        edit_type(target_ids=("gone",)).apply(CITY)


def test_a_scenario_applies_its_edits_in_order():
    plan = (
        s.Scenario(id="s", name="S")
        .with_edit(s.SetLanes(target_ids=("l1",), lanes=4.0))
        .with_edit(s.CloseLinks(target_ids=("l1",)))
    )
    city = plan.with_edit(s.SetLanes(target_ids=("l1",), lanes=1.0)).apply(CITY)["link"]
    assert (city["lanes"][0], city["capacity_vph"][0], city["closed"][0]) == (1, 900, True)
    assert [type(edit) for edit in plan.edits] == [s.SetLanes, s.CloseLinks]
    assert plan.edits_of(s.CloseLinks) == (plan.edits[1],)
    assert s.baseline().apply(CITY) is CITY


def test_edits_have_names_labels_and_described_parameters():
    names = [edit_type.name for edit_type in s.EDITS]
    assert len(set(names)) == len(names)
    assert all(edit_type.label and all(facts.label for facts in attributes(edit_type).values()) for edit_type in s.EDITS)


def test_a_scenario_leaves_out_edits_of_kinds_that_were_not_asked_for():
    plan = s.Scenario(
        id="s",
        name="S",
        edits=(s.CloseLinks(target_ids=("l1",)), s.SetFleet(target_ids=("d1",)), s.RemoveBins(target_ids=("b1",))),
    )
    roads_only = Snapshot("city", 1, Projection(8, 47), {"link": LINKS})
    assert plan.apply(roads_only)["link"]["closed"].tolist() == [True, False]
