"""Cases by which UXsim is verified (Seo 2025, doi:10.21105/joss.07617), their answers derived anew from the fundamental diagram."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kinematic_wave.capacity import Windows
from sim.kinematic_wave.closed_form import JAM_VPM, SPEED_MPS, TOP_VPS, WAVE_MPS, flows, problem, streets
from sim.kinematic_wave.network import make_network
from sim.kinematic_wave.run import Clock, simulate
from twin.task import finish


def lanes(*counts):
    """Return the columns of roads with so many lanes."""
    many = np.array(counts, float)
    return {"capacity_vps": TOP_VPS * many, "out_vps": TOP_VPS * many, "in_vps": TOP_VPS * many, "jam_vpm": JAM_VPM * many}


def solve(roads, nodes, *streams, horizon_s, renew_s=1e6, windows=None):
    clock = Clock(horizon_s, series_s=10.0, renew_s=renew_s, tables=1)
    what = problem(make_network(roads, nodes), flows(*streams), clock, windows=windows)
    return what, finish(simulate(what))


def at(outcome, column, moment_s):
    return getattr(outcome.looks, column)[int(moment_s // 10.0)].astype(float)


def test_two_lanes_become_one():
    """Upstream the branch of congestion of two lanes: k = 2 · 0.2 - q / w = 0.24 veh/m, so 3.33 m/s; downstream free flow at 0.8 veh/s."""
    roads = streets((0, 1, 3000.0), (1, 2, 3000.0), **lanes(2, 1))
    _, outcome = solve(roads, 3, (0, 2, 0.0, 1000.0, 2.0), horizon_s=2000.0)
    flow = (at(outcome, "entered", 600.0) - at(outcome, "entered", 100.0)) / 500.0
    assert flow[0] == pytest.approx(2 * TOP_VPS, abs=0.01)  # before the shock, which needs 3000 m / 5 m/s, has come back
    density = (at(outcome, "entered", 900.0) - at(outcome, "left", 900.0)) / 3000.0
    assert density[0] == pytest.approx(2 * JAM_VPM - TOP_VPS / WAVE_MPS, abs=0.002)
    assert density[1] == pytest.approx(TOP_VPS / SPEED_MPS, abs=0.001)
    flow = (at(outcome, "left", 1200.0) - at(outcome, "left", 800.0)) / 400.0
    assert flow[0] == pytest.approx(TOP_VPS, abs=0.005)
    assert flow[0] / density[0] == pytest.approx(10.0 / 3.0, rel=0.02)


def test_two_lanes_become_three():
    roads = streets((0, 1, 3000.0), (1, 2, 3000.0), **lanes(2, 3))
    _, outcome = solve(roads, 3, (0, 2, 0.0, 2000.0, 2.0), horizon_s=2000.0)
    flow = (at(outcome, "left", 1900.0) - at(outcome, "left", 900.0)) / 1000.0
    density = (at(outcome, "entered", 1500.0) - at(outcome, "left", 1500.0)) / 3000.0
    assert flow == pytest.approx([1.6, 1.6], abs=0.005)
    assert density == pytest.approx([0.08, 0.08], abs=0.001)


def test_some_leave_where_the_road_narrows():
    """Who leaves in the middle takes nothing of the narrow road: 1.6 veh/s go on through two of three lanes, 0.8 veh/s leave."""
    roads = streets((0, 1, 1000.0), (1, 2, 1000.0), **lanes(3, 2))
    _, outcome = solve(roads, 3, (0, 2, 0.0, 2000.0, 1.6), (0, 1, 1000.0, 2000.0, 0.8), horizon_s=2000.0)
    before, after = ((at(outcome, "left", end) - at(outcome, "left", end - 500.0)) / 500.0 for end in (900.0, 1900.0))
    assert before == pytest.approx([1.6, 1.6], abs=0.01)
    assert after == pytest.approx([2.4, 1.6], abs=0.01)


TWO_WAYS = ((0, 1, 1000.0), (1, 3, 1000.0), (0, 2, 2000.0), (2, 3, 2000.0))


def test_of_two_ways_one_is_too_long():
    what, outcome = solve(streets(*TWO_WAYS), 4, (0, 3, 0.0, 1500.0, 0.8), horizon_s=2000.0, renew_s=100.0)
    assert outcome.looks.left[-1].tolist() == [1200, 1200, 0, 0]
    taken_s = outcome.arrival_s - what.trips.trip["depart_s"]
    assert taken_s == pytest.approx(np.full(1200, 100.0), abs=1e-6)


def test_the_long_way_is_taken_when_the_short_one_is_shut_and_left_when_it_opens():
    shut = Windows(np.array([0]), np.array([450.0]), np.array([950.0]), np.zeros(1), np.zeros(1))
    _, outcome = solve(streets(*TWO_WAYS), 4, (0, 3, 0.0, 1500.0, 0.4), horizon_s=2500.0, renew_s=100.0, windows=shut)
    # Heard of at 500 and 1000 s; who waits to begin meanwhile goes the other way then.
    entered = [at(outcome, "entered", moment_s)[[0, 2]].tolist() for moment_s in (450.0, 500.0, 1000.0, 2500.0)]
    assert entered[0] == entered[1]
    assert entered[0] == pytest.approx([180.0, 0.0], abs=1.0)
    assert entered[2] == pytest.approx([180.0, 0.4 * (1000.0 - 450.0)], abs=1.0)
    assert entered[3] == pytest.approx([600.0 - entered[2][1], entered[2][1]], abs=1.0)
    assert sum(entered[3]) == 600
    assert np.isfinite(outcome.arrival_s).all()
