from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.travel.network import make_network
from sim.travel.params import TravelParams
from sim.travel.road_delay import road_delay
from sim.travel.signals import uniform_wait
from twin.task import finish

PARAMS = TravelParams(signal_cycle_s=90.0)
GREEN_TIME = 1.0 - 8.0 / 90.0


def crossing(make, road_class="residential", links=None, **signal):
    """Return a 3 x 3 grid with a signal in its middle, whose east-west road is of ``road_class``."""
    entities = []
    for entity in make.grid(3, 3):
        values = dict(signal, signal=True) if entity.id == "n1-1" else {}
        if entity.kind == "link" and entity.id in ("n0-1>n1-1", "n2-1>n1-1", "n1-1>n0-1", "n1-1>n2-1"):
            values["road_class"] = road_class
        entities.append(type(entity)(**{**vars(entity), **values, **(links or {}).get(entity.id, {})}))
    return make.snapshot(entities)


def delay_of(city, key, params=PARAMS):
    delay = road_delay(city, finish(make_network(city, params)), params)
    row = city["link"].rows([key])[0]
    return float(delay.wait[row]), float(delay.capacity[row])


def test_equal_roads_share_the_green_that_the_changes_leave(make):
    wait, capacity = delay_of(crossing(make), "n0-1>n1-1")
    assert wait == pytest.approx(0.5 * 90.0 * (1.0 - 0.5 * GREEN_TIME) ** 2)
    assert capacity == 600.0
    assert delay_of(crossing(make), "n1-1>n2-1") == (0.0, 600.0)


def test_the_larger_road_has_more_green_and_waits_less(make):
    city = crossing(make, "primary")
    main, _ = delay_of(city, "n0-1>n1-1")
    side, _ = delay_of(city, "n1-0>n1-1")
    assert main == pytest.approx(45.0 * (1.0 - GREEN_TIME * 1000 / 1600) ** 2)
    assert side == pytest.approx(45.0 * (1.0 - GREEN_TIME * 600 / 1600) ** 2)


def test_a_known_cycle_and_share_of_green_are_used(make):
    city = crossing(make, links={"n0-1>n1-1": {"green_share": 0.3}}, cycle_s=120.0)
    wait, capacity = delay_of(city, "n0-1>n1-1")
    assert wait == pytest.approx(60.0 * 0.7**2)
    # Saturation flow is what the road carries at its usual green, by that share: 600 / (0.5 x 82/90).
    assert capacity == pytest.approx(600.0 / (0.5 * GREEN_TIME) * 0.3)
    other, more = delay_of(city, "n2-1>n1-1")
    assert other == pytest.approx(60.0 * (1.0 - 0.5 * (1.0 - 8.0 / 120.0)) ** 2)
    assert more > 600.0  # fewer changes in a longer cycle


def test_green_all_the_time_is_no_signal(make):
    assert delay_of(crossing(make, links={"n0-1>n1-1": {"green_share": 1.0}}), "n0-1>n1-1")[0] == 0.0


def test_a_crossing_of_pedestrians_leaves_the_road_two_thirds(make):
    entities = [e for e in make.grid(3, 3) if e.id not in ("n1-0>n1-1", "n1-2>n1-1", "n1-1>n1-0", "n1-1>n1-2")]
    entities = [type(e)(**{**vars(e), "signal": True}) if e.id == "n1-1" else e for e in entities]
    wait, _ = delay_of(make.snapshot(entities), "n0-1>n1-1")
    assert wait == pytest.approx(45.0 * (1.0 - GREEN_TIME * 2 / 3) ** 2)


def test_two_signals_of_one_junction_are_one_wait(make):
    near = [make.junction("a", 0.0, 900.0, signal=True), make.junction("b", 20.0, 900.0, signal=True)]
    entities = make.grid(3, 3)
    nodes = {entity.id: entity for entity in entities if entity.kind == "node"}
    ways = [("in", nodes["n0-2"], near[0]), ("between", *near), ("out", near[1], nodes["n1-2"])]
    city = make.snapshot([*entities, *near, *(make.road(*way) for way in ways)])
    assert delay_of(city, "in")[0] > 0.0
    assert delay_of(city, "between")[0] == 0.0


def test_editing_one_road_leaves_the_green_of_the_others(make):
    before = crossing(make)
    after = crossing(make, links={"n0-1>n1-1": {"capacity_vph": 1800.0, "lanes": 3.0, "closed": True}})
    for key in ("n2-1>n1-1", "n1-0>n1-1", "n1-2>n1-1"):
        assert delay_of(before, key) == delay_of(after, key)


@given(st.floats(20.0, 300.0), st.floats(0.0, 1.0))
def test_webster_the_wait_is_half_the_red_weighted_by_its_share(cycle_s, green):
    # Arrivals in red wait red/2 on average, those in green not at all.
    red_s = cycle_s * (1.0 - green)
    assert uniform_wait(np.array([cycle_s]), np.array([green]))[0] == pytest.approx(red_s / 2.0 * (red_s / cycle_s), abs=1e-12)
