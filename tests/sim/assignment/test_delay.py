from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq

from sim.assignment.delay import AKCELIK, BPR, CONICAL, beckmann_objective, refresh, times
from sim.assignment.equilibrium import Problem, solve
from sim.assignment.graph import Delay, Loading, make_graph
from twin.task import finish

FORMS = {"bpr": BPR, "conical": CONICAL, "akcelik": AKCELIK}


def one(form, free_time=10.0, b=1.0, capacity=100.0, power=4.0):
    values = (np.array([value], float) for value in (free_time, b, capacity, power))
    return Delay(*values, np.array([FORMS[form]], np.int8))


def time_at(delay, volume):
    return float(times(delay, np.array([volume], float))[0])


def slope_at(delay, volume):
    loading = Loading(np.array([volume], float), np.empty(1), np.empty(1), np.zeros(1))
    refresh(delay, loading)
    return float(loading.slope[0])


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_road_takes_its_free_time(form):
    assert time_at(one(form), 0.0) == pytest.approx(10.0, rel=1e-14)


@pytest.mark.parametrize("alpha", [1.5, 2.0, 4.0, 12.0])
def test_a_conical_road_at_capacity_takes_twice_as_long_and_rises_by_alpha(alpha):
    # Spiess 1990: f(1) = 2 and f'(1) = alpha, whatever alpha is.
    delay = one("conical", power=alpha)
    assert time_at(delay, 100.0) == pytest.approx(20.0, rel=1e-12)
    assert slope_at(delay, 100.0) == pytest.approx(10.0 * alpha / 100.0, rel=1e-12)


def test_a_conical_road_far_beyond_capacity_rises_by_twice_alpha_at_most():
    delay = one("conical", power=4.0)
    assert slope_at(delay, 1e7) == pytest.approx(2 * 4.0 * 10.0 / 100.0, rel=1e-6)


def akcelik(capacity_vph, j, peak_h, free_h=0.02):
    return one("akcelik", free_h, peak_h / (4 * free_h), capacity_vph, 8 * j / (capacity_vph * peak_h))


def test_an_akcelik_road_at_capacity_waits_by_the_root_of_its_parameter():
    # t0 + 0.25 T sqrt(8 J / (Q T)) at x = 1, here in hours.
    assert time_at(akcelik(900, 0.8, 0.5), 900) == pytest.approx(0.02 + 0.25 * 0.5 * np.sqrt(8 * 0.8 / (900 * 0.5)), rel=1e-12)


@pytest.mark.parametrize("ratio", [1.2, 1.5, 3.0])
def test_a_road_without_disturbance_has_the_deterministic_queue(ratio):
    # J = 0: nothing below capacity, and on average half of the last vehicle's wait T (x - 1) beyond it.
    delay = akcelik(1000, 0.0, 1.0)
    assert time_at(delay, 900.0) == pytest.approx(0.02)
    assert time_at(delay, 1000.0 * ratio) - 0.02 == pytest.approx(0.5 * (ratio - 1.0), rel=1e-12)


WIDTHS = st.floats(50.0, 5000.0)
RATIOS = st.floats(
    0.0, 5.0, allow_subnormal=False
)  # quad divides intervals, which cannot be done with the least numbers there are
POWERS = {"bpr": st.floats(1.0, 10.0), "conical": st.floats(1.2, 12.0), "akcelik": st.floats(1e-6, 20.0)}
ROADS = st.one_of(
    *(
        st.builds(one, st.just(form), st.floats(1.0, 500.0), st.floats(0.05, 5.0), WIDTHS, powers)
        for form, powers in POWERS.items()
    )
)


@settings(max_examples=150, deadline=None)
@given(ROADS, RATIOS)
def test_the_slope_is_the_derivative_of_the_time(delay, ratio):
    volume = (ratio + 1e-3) * float(delay.capacity[0])
    step = 1e-5 * float(delay.capacity[0])
    numeric = (time_at(delay, volume + step) - time_at(delay, volume - step)) / (2.0 * step)
    scale = float(delay.free_time[0] * delay.b[0] / delay.capacity[0])
    assert slope_at(delay, volume) == pytest.approx(numeric, rel=1e-3, abs=1e-3 * scale)


@settings(max_examples=100, deadline=None)
@given(ROADS, RATIOS)
def test_the_objective_is_the_integral_of_the_time(delay, ratio):
    volume = ratio * float(delay.capacity[0])
    bend = [float(delay.capacity[0])] if ratio > 1.0 else None
    integral, _ = quad(lambda v: time_at(delay, v), 0.0, volume, points=bend, limit=200)
    # Next to no volume the integral is a difference of two near numbers: exact to the rounding of these.
    rounding = 1e-13 * float(delay.free_time[0] * delay.capacity[0] * (1.0 + delay.b[0] * delay.power[0]))
    assert beckmann_objective(np.array([volume]), delay) == pytest.approx(integral, rel=1e-6, abs=rounding)


@settings(max_examples=100, deadline=None)
@given(ROADS, RATIOS, RATIOS)
def test_more_volume_never_takes_less_time(delay, one_ratio, other_ratio):
    low, high = sorted((one_ratio, other_ratio))
    capacity = float(delay.capacity[0])
    assert time_at(delay, low * capacity) <= time_at(delay, high * capacity) * (1.0 + 1e-12)
    assert slope_at(delay, low * capacity) >= 0.0


@settings(max_examples=25, deadline=None)
@given(ROADS, ROADS, st.floats(10.0, 10_000.0))
def test_two_roads_of_any_form_share_the_trips_so_that_both_take_equally_long(first, second, trips):
    graph, _ = make_graph(np.zeros(2, np.int32), np.ones(2, np.int32), 2, 0)
    delay = Delay(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))
    solution = finish(solve(Problem(graph, delay, np.array([[0.0, trips], [0.0, 0.0]])), 1e-12))

    def difference(volume):
        return time_at(first, volume) - time_at(second, trips - volume)

    def volume_at(wanted):
        if difference(0.0) >= wanted:
            return 0.0
        return (
            trips if difference(trips) <= wanted else brentq(lambda volume: difference(volume) - wanted, 0.0, trips, xtol=1e-12)
        )

    # Far below capacity times hardly differ: any volume at which they are equal to nine digits is an equilibrium.
    equal = 1e-9 * float(first.free_time[0])
    assert volume_at(-equal) - 1e-4 * trips <= solution.volume[0] <= volume_at(equal) + 1e-4 * trips
    assert solution.relative_gap <= 1e-9
