"""Any edits of a small city, solved from its baseline, against the same problem solved from nothing."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.assignment.equilibrium import solve
from sim.travel.baseline import input_key, make_baseline
from sim.travel.params import TravelParams
from sim.travel.solved import solve_scenario
from tests.sim.conftest import grid, snapshot
from twin.errors import ScenarioError
from twin.model.edits import AddEvent, AddLink, BanTurn, CloseLinks, SetCapacity, SetDirection, SetSignal, SetZoneDemand
from twin.model.scenario import Scenario
from twin.task import finish

SIDE, STEP_M = 5, 300.0
PARAMS = TravelParams(relative_gap=1e-8, zone_count=9)
CELL = st.tuples(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1))
TURN = st.sampled_from(((1, 0), (-1, 0), (0, 1), (0, -1)))


@cache
def city():
    return snapshot(grid(SIDE, SIDE, STEP_M, capacity_vph=60.0))


@cache
def baseline():
    return finish(make_baseline(finish(input_key(city(), PARAMS)), city(), PARAMS))


def street(place, step):
    """Return the street from a junction one step on, or back where the grid ends."""
    (i, j), (di, dj) = place, step
    if not (0 <= i + di < SIDE and 0 <= j + dj < SIDE):
        di, dj = -di, -dj
    return f"n{i}-{j}>n{i + di}-{j + dj}"


STREET = st.builds(street, CELL, TURN)
POINT = st.tuples(st.floats(0, STEP_M * (SIDE - 1)), st.floats(0, STEP_M * (SIDE - 1)))

ON_STREET = st.tuples(st.integers(0, SIDE - 1).map(lambda column: STEP_M * column), st.floats(0, STEP_M * (SIDE - 1)))


@st.composite
def turns(draw):
    start = draw(STREET)
    middle = tuple(map(int, start.split(">n")[1].split("-")))
    return BanTurn(target_ids=(start,), into=(street(middle, draw(TURN)),))


ROADS = (
    st.tuples(ON_STREET, ON_STREET, st.booleans())
    .filter(lambda drawn: abs(drawn[0][0] - drawn[1][0]) + abs(drawn[0][1] - drawn[1][1]) > 200.0)
    .map(lambda drawn: AddLink(path_m=drawn[:2], two_way=drawn[2], speed_mps=12.0))
)
EDIT = st.one_of(
    turns(),
    ROADS,
    STREET.map(lambda key: CloseLinks(target_ids=(key,))),
    STREET.map(lambda key: SetDirection(target_ids=(key,), direction="against")),
    STREET.map(lambda key: SetSignal(target_ids=(key,))),
    st.tuples(STREET, st.floats(0, 500)).map(lambda drawn: SetCapacity(target_ids=(drawn[0],), capacity_vph=drawn[1])),
    POINT.map(lambda at: AddEvent(trips=30.0, x_m=at[0], y_m=at[1])),
    POINT.map(lambda at: SetZoneDemand(trips_vph=40.0, x_m=at[0], y_m=at[1])),
)


@given(st.lists(EDIT, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_from_the_baseline_or_from_nothing_it_is_one_equilibrium(edits):
    try:
        solved = finish(solve_scenario(baseline(), city(), Scenario(id="s", name="s", edits=tuple(edits)), PARAMS))
    except ScenarioError as error:  # the same road drawn twice
        assert "twice" in str(error)  # noqa: PT017  it is one of several outcomes
        return
    cold = finish(solve(solved.problem, 1e-11))
    volume, time = solved.solution.volume, solved.solution.time
    assert solved.solution.relative_gap <= PARAMS.relative_gap
    assert np.isfinite(volume).all()
    assert volume.min() >= 0.0
    away = np.abs(time - cold.time) * volume  # volumes of streets without congestion are not unique, times are
    assert away.sum() <= 2e-4 * max(1.0, volume @ time)
    assert float(solved.problem.demand.sum()) + solved.unserved > 0.0
    for link, tail, head in zip(volume, solved.network.graph.tail, solved.network.graph.head, strict=True):
        assert link <= solved.problem.demand.sum() + 1e-6, (tail, head)
