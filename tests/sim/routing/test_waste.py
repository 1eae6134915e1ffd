from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.routing.check_waste import waste_faults, way_miles
from sim.routing.course import Limit
from sim.routing.solve_waste import solve_waste
from twin.errors import DataError
from twin.model.routing_instance import DEPOT, LANDFILL, STOP, WasteInstance
from twin.sources.waste_stops import read_waste_stops
from twin.task import finish

HOUR_S = 3600.0
MILE_FT = 5280.0


def day(stop_miles, **changes):
    """A depot at 0, a landfill at mile 1, stops along one road, 40 mph, open 6:00 to 18:00, one yard a stop."""
    miles = np.array([0.0, 1.0, *stop_miles])
    kind = np.array([DEPOT, LANDFILL, *[STOP] * len(stop_miles)], np.int8)
    plain = {
        "name": "road",
        "xy_ft": np.column_stack([miles * MILE_FT, np.zeros(len(miles))]),
        "kind": kind,
        "opens_s": np.where(kind == DEPOT, 6 * HOUR_S, 0.0),
        "closes_s": np.where(kind == DEPOT, 18 * HOUR_S, 24 * HOUR_S),
        "service_s": np.full(len(miles), 60.0),
        "load": (kind == STOP).astype(float),
        "capacity": 10.0,
        "day_capacity": 10.0,
        "day_stops": 10,
        "lunch_s": HOUR_S,
        "speed_mph": 40.0,
    }
    return WasteInstance(**{**plain, **changes})


def test_one_vehicle_goes_there_and_back():
    instance = day([5.0, 2.0, 4.0])
    solved = finish(solve_waste(instance, 1, Limit(400)))
    assert len(solved.routes) == 1
    assert solved.cost == pytest.approx(10.0)
    assert waste_faults(instance, solved.routes) == []
    assert way_miles(instance, solved.routes) == pytest.approx(10.0)


def test_a_full_vehicle_unloads_on_its_way():
    instance = day([1.0, 2.0, 3.0, 4.0], capacity=2.0)
    solved = finish(solve_waste(instance, 1, Limit(1000)))
    # Mile 4 and 3, unload at 1, then 2 and 1: 8 miles, and 2 more from the landfill to mile 2 and back.
    assert [way.count(1) >= 2 for way in solved.routes] == [True]
    assert solved.cost == pytest.approx(10.0)
    assert waste_faults(instance, solved.routes) == []


@pytest.mark.parametrize(("limit", "vehicles"), [({"day_capacity": 2.0}, 3), ({"day_stops": 3}, 2), ({"day_stops": 1}, 5)])
def test_limits_of_a_day_need_more_vehicles(limit, vehicles):
    instance = day([1.0, 2.0, 3.0, 4.0, 5.0], **limit)
    solved = finish(solve_waste(instance, 1, Limit(400)))
    assert len(solved.routes) == vehicles
    assert waste_faults(instance, solved.routes) == []


def test_windows_that_one_vehicle_cannot_keep():
    closes_s = np.array([18.0, 24.0, 7.0, 7.0]) * HOUR_S
    instance = day([35.0, -35.0], closes_s=closes_s)
    solved = finish(solve_waste(instance, 1, Limit(400)))
    assert len(solved.routes) == 2
    assert waste_faults(instance, solved.routes) == []


def test_a_stop_that_no_vehicle_reaches_is_named():
    with pytest.raises(DataError, match="place 3"):
        finish(solve_waste(day([5.0, 400.0]), 1, Limit(100)))


def test_same_seed_same_rounds():
    random = np.random.default_rng(1)
    instance = day(list(random.random(40) * 30), capacity=4.0, day_capacity=15.0, day_stops=20)
    assert finish(solve_waste(instance, 3, Limit(600))) == finish(solve_waste(instance, 3, Limit(600)))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), stops=st.integers(1, 30), capacity=st.floats(3.0, 12.0), landfills=st.integers(1, 3))
def test_rounds_keep_every_rule(seed, stops, capacity, landfills):
    random = np.random.default_rng(seed)
    kind = np.array([DEPOT] + [LANDFILL] * landfills + [STOP] * stops, np.int8)
    opens = np.where(kind == STOP, random.choice([0.0, 0.0, 8.0, 12.0], len(kind)), 0.0)
    closes = np.where(kind == STOP, np.maximum(opens + 2.0, random.choice([9.0, 24.0, 24.0], len(kind))), 24.0)
    opens[0], closes[0] = 5.0, 17.0
    instance = day(
        [],
        xy_ft=random.random((len(kind), 2)) * 10 * MILE_FT,
        kind=kind,
        opens_s=opens * HOUR_S,
        closes_s=closes * HOUR_S,
        service_s=random.random(len(kind)) * 600,
        load=np.where(kind == STOP, random.random(len(kind)) * 3, 0.0),
        capacity=capacity,
        day_capacity=2 * capacity,
        day_stops=12,
    )
    solved = finish(solve_waste(instance, seed, Limit(200)))
    assert waste_faults(instance, solved.routes) == []
    assert way_miles(instance, solved.routes) == pytest.approx(solved.cost)


GOOD = [2, 3, 1]


@pytest.mark.parametrize(
    ("changes", "rounds", "fault"),
    [
        ({}, [GOOD], None),
        ({}, [[2, 1]], "stop 3 is served 0 times"),
        ({}, [GOOD, [2, 1]], "stop 2 is served 2 times"),
        ({}, [[2, 3]], "does not unload last"),
        ({}, [[*GOOD, 0]], "there is no stop or landfill 0"),
        ({}, [[*GOOD, 9]], "there is no stop or landfill 9"),
        ({"capacity": 1.0}, [GOOD], "carries 2 of 1 at place 3"),
        ({"capacity": 1.0}, [[2, 1, 3, 1]], None),
        ({"day_capacity": 1.0}, [GOOD], "takes more than 1 in a day"),
        ({"day_stops": 1}, [GOOD], "has 2 stops of 1"),
        ({"closes_s": np.array([18.0, 24, 24, 6]) * HOUR_S}, [GOOD], "is at place 3 after its window"),
        ({"closes_s": np.array([11.5, 24, 24, 24]) * HOUR_S}, [GOOD], "has no time for lunch"),
        ({"service_s": np.array([0.0, 60, 4 * HOUR_S, 2.5 * HOUR_S])}, [GOOD], None),
        (
            {"service_s": np.array([0.0, 60, 60, 7 * HOUR_S]), "closes_s": np.array([18.0, 24, 6.5, 6.5]) * HOUR_S},
            [GOOD],
            "no time for lunch",
        ),
    ],
)
def test_the_checker_names_every_fault(changes, rounds, fault):
    found = waste_faults(day([2.0, 3.0], **changes), rounds)
    assert (found == []) if fault is None else any(fault in one for one in found)


def test_a_landfill_that_opens_late_is_waited_for():
    instance = day([2.0], opens_s=np.array([6.0, 14.0, 0.0]) * HOUR_S)
    assert waste_faults(instance, [[2, 1]]) == []
    assert waste_faults(replace(instance, closes_s=np.array([14.0, 24.0, 24.0]) * HOUR_S), [[2, 1]])
    assert finish(solve_waste(instance, 1, Limit(100))).routes == [[2, 1]]


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "vehicles", "miles"), [("102", 4, 200), ("277", 4, 500), ("444", 12, 110), ("804", 6, 790)])
def test_published_days_need_no_more_than_one_vehicle_more_than_the_paper(real_data, name, vehicles, miles):
    instance = read_waste_stops(real_data / "waste" / "kim2006_wcvrptw" / f"{name}_stop.txt")
    solved = finish(solve_waste(instance, 1, Limit(400)))
    assert waste_faults(instance, solved.routes) == []
    assert len(solved.routes) <= vehicles
    assert solved.cost < miles
