from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from sim.assignment.benchmark import run_benchmark
from twin.errors import DataError
from twin.model.tntp_network import TntpNetwork
from twin.sources.tntp import read_tntp
from twin.task import finish


def network(trips, free_time=(10.0, 20.0), power=(1.0, 1.0), toll=(0.0, 0.0)):
    links = {
        "capacity": (100.0, 400.0),
        "length": (1.0, 1.0),
        "free_time": free_time,
        "b": (1.0, 1.0),
        "power": power,
        "toll": toll,
    }
    return TntpNetwork(
        name="two roads",
        zone_count=2,
        node_count=2,
        first_through=0,
        tail=np.zeros(2, np.int32),
        head=np.ones(2, np.int32),
        demand=np.array(trips, dtype=float),
        **{name: np.array(values) for name, values in links.items()},
    )


def test_figures_of_the_two_roads_are_the_closed_form():
    ticks = count()
    found = finish(run_benchmark(network([[5, 400], [0, 0]]), 1e-12, lambda: float(next(ticks))))
    # 200 vehicles on each road, 30 each; integrals 10 v + v^2 / 20 and 20 v + v^2 / 40.
    assert found["total_travel_time"] == pytest.approx(12_000)
    assert found["beckmann_objective"] == pytest.approx(2000 + 2000 + 4000 + 1000)
    assert found["relative_gap"] <= 1e-12
    assert (found["load_seconds"], found["seconds"]) == (1.0, 1.0)
    assert set(found) == {"relative_gap", "beckmann_objective", "total_travel_time", "iterations", "seconds", "load_seconds"}


def test_a_power_of_0_is_a_constant_time():
    net = network([[0, 10], [0, 0]], free_time=(10.0, 50.0), power=(0.0, 1.0))
    found = finish(run_benchmark(net, 1e-9, lambda: 0.0))
    assert found["total_travel_time"] == pytest.approx(200.0)


def test_a_road_without_any_time_takes_a_little_but_a_short_one_what_it_says():
    # Braess' network has roads of 1e-8 that get slow by the first vehicle: 1e-8 (1 + 1e9 v).
    net = network([[0, 3], [0, 0]], free_time=(1e-8, 1e9))
    net = replace(net, b=np.array([1e9, 1.0]), capacity=np.ones(2))
    assert finish(run_benchmark(net, 1e-9, lambda: 0.0))["total_travel_time"] == pytest.approx(90.0)
    nothing = network([[0, 3], [0, 0]], free_time=(0.0, 9.0), power=(0.0, 1.0))
    assert finish(run_benchmark(nothing, 1e-9, lambda: 0.0))["total_travel_time"] == pytest.approx(3 * 0.02)


@pytest.mark.real_data
def test_braess_with_his_road_takes_92_for_everybody(real_data):
    folder = real_data / "tntp" / "Braess-Example"
    found = finish(run_benchmark(read_tntp(folder / "Braess_net.tntp", folder / "Braess_trips.tntp"), 1e-10, lambda: 0.0))
    assert found["total_travel_time"] == pytest.approx(6 * 92, rel=1e-6)


def test_trips_without_a_road_are_named():
    with pytest.raises(DataError, match="from zone 2 to zone 1"):
        finish(run_benchmark(network([[0, 1], [7, 0]]), 1e-6, lambda: 0.0))


def test_a_toll_counts_by_its_weight_and_only_then():
    # 10 + v/10 + 6 = 20 + (400 - v)/20: v = 160; integrals of time 10 v + v^2/20 and 20 w + w^2/40, and the toll.
    net = network([[0, 400], [0, 0]], toll=(300.0, 0.0))
    found = finish(run_benchmark(net, 1e-12, lambda: 0.0, toll_weight=0.02))
    assert found["beckmann_objective"] == pytest.approx(1600 + 1280 + 4800 + 1440 + 6 * 160)
    assert found["total_travel_time"] == pytest.approx(160 * 26 + 240 * 32)
    assert finish(run_benchmark(net, 1e-12, lambda: 0.0))["total_travel_time"] == pytest.approx(12_000)


@pytest.mark.parametrize(
    ("gap", "weight", "match"), [(0.0, 0.0, "gap asked for is 0"), (float("nan"), 0.0, "gap"), (1e-6, -1.0, "toll is -1")]
)
def test_a_gap_or_a_weight_of_nonsense_is_named(gap, weight, match):
    with pytest.raises(DataError, match=match):
        finish(run_benchmark(network([[0, 1], [0, 0]]), gap, lambda: 0.0, toll_weight=weight))


@pytest.mark.parametrize(
    ("trips", "capacity", "power"), [(1e80, (100.0, 400.0), (4.0, 4.0)), (7.0, (1e-300, 1e-300), (400.0, 400.0))]
)
def test_times_beyond_all_numbers_are_named_and_no_result(trips, capacity, power):
    net = replace(network([[0, trips], [0, 0]], power=power), capacity=np.array(capacity))
    with pytest.raises(DataError, match="beyond all numbers"):
        finish(run_benchmark(net, 1e-6, lambda: 0.0))


@pytest.mark.real_data
def test_chicago_sketch_with_tolls_and_lengths_meets_the_published_optimum(real_data):
    folder = real_data / "tntp" / "Chicago-Sketch"
    net = read_tntp(folder / "ChicagoSketch_net.tntp", folder / "ChicagoSketch_trips.tntp")
    found = finish(run_benchmark(net, 1e-9, lambda: 0.0, toll_weight=0.02, distance_weight=0.04))
    assert found["beckmann_objective"] == pytest.approx(17_313_018.738748, rel=1e-9)
