"""What may not be stored is named, field by field; the quick way over columns says the same as one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, Polygon, box

from twin.model.edits import ScaleDemand, SetPolicy
from twin.model.incidents import Incident
from twin.model.network import Link
from twin.model.places import Bin, Camera, Depot, District
from twin.model.scenario import Scenario
from twin.model.validation import all_problems, problems

HERE = Point(8, 47)


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        (Bin(id="b", geometry=HERE), []),
        (Bin(id="", geometry=HERE), ["id is empty"]),
        (
            Bin(id="b", geometry=HERE, waste_kind="gold"),
            ["waste_kind is 'gold'; expected one of residual, recyclable, food, hazardous, litter"],
        ),
        (Bin(id="b", geometry=HERE, capacity_l=float("nan")), ["capacity_l is nan; expected a finite number"]),
        (Bin(id="b", geometry=HERE, fill_level=-0.1), ["fill_level is -0.1; expected 0–1.5"]),
        (Bin(id="b", geometry=HERE, name=None), ["name is missing"]),
        (Bin(id="b", geometry=HERE, name=7), ["name is 7; expected text"]),
        (Bin(id="b", geometry=HERE, name="\ud800"), ["name has a character that is no Unicode text"]),
        (Bin(id="b", geometry=HERE, capacity_l="240"), ["capacity_l is '240'; expected a number"]),
        (Bin(id="b", geometry=HERE, capacity_l=True), ["capacity_l is True; expected a number"]),
        (Depot(id="d", geometry=HERE, vehicle_count=2.5), ["vehicle_count is 2.5; expected a whole number"]),
        (Depot(id="d", geometry=HERE, vehicle_count=2.0), []),
        (Camera(id="c", geometry=HERE, online="yes"), ["online is 'yes'; expected true or false"]),
        (Camera(id="c", geometry=HERE, online=np.True_, direction_deg=np.float32(10)), []),
        (Incident(id="i", geometry=HERE, occurred_at="noon"), ["occurred_at is 'noon'; expected a time"]),
        (
            Incident(id="i", geometry=HERE, occurred_at=datetime(2026, 1, 1)),  # noqa: DTZ001  that is the fault
            ["occurred_at is 2026-01-01T00:00:00 without a time zone; expected UTC"],
        ),
        (Incident(id="i", geometry=HERE, occurred_at=datetime(2026, 1, 1, tzinfo=UTC)), []),
        (Bin(id="b"), ["geometry is missing"]),
        (Bin(id="b", geometry=Point()), ["geometry is empty"]),
        (Bin(id="b", geometry=Point(8, float("inf"))), ["geometry has a coordinate that is not a number"]),
        (Bin(id="b", geometry=LineString([(0, 0), (1, 1)])), ["geometry is a LineString; expected a Point"]),
        (
            Bin(id="b", geometry=Point(690000, 240000)),
            ["geometry is not in longitude -180–180, latitude -90–90: is its coordinate system another one?"],
        ),
        (Link(id="l", geometry=MultiLineString([[(0, 0), (1, 1)]])), ["geometry is a MultiLineString; expected a LineString"]),
        (District(id="d", geometry=box(0, 0, 1, 1)), []),
        (District(id="d", geometry=Polygon()), ["geometry is empty"]),
        (Scenario(id="s", name="S", geometry=HERE), ["geometry is given, but this kind has no place"]),
        (Scenario(id="s", name=""), ["name is empty"]),
        (Scenario(id="s", name="baseline"), ["name is 'baseline', which is the city without edits"]),
        (Scenario(id="s", name="S", edits=[]), ["edits is []; expected a list"]),
        (Scenario(id="s", name="S", edits=(ScaleDemand(factor=11),)), ["edit 1: factor is 11; expected 0–10"]),
        (
            Scenario(id="s", name="S", edits=(ScaleDemand(), SetPolicy(policy="x"))),
            ["edit 2: policy is 'x'; expected one of fixed, standing, threshold, risk, look_ahead, perfect"],
        ),
    ],
)
def test_each_fault_is_named(entity, expected):
    assert problems(entity) == expected


ODD = st.sampled_from([None, "", "x", "一", "\ud800", 0, 1, 0.5, -1.0, float("nan"), float("inf"), True, 1e9, "residual"])


@given(
    st.lists(
        st.builds(
            Bin,
            id=ODD,
            geometry=st.sampled_from([HERE, None, Point(999, 0)]),
            name=ODD,
            waste_kind=ODD,
            capacity_l=ODD,
            fill_level=ODD,
        )
    )
)
def test_many_together_have_the_problems_that_each_has_alone(bins):
    together = {id(entity): found for entity, found in all_problems(bins)}
    assert [together.get(id(entity), []) for entity in bins] == [problems(entity) for entity in bins]
