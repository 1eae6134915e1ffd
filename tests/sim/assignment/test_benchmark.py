from __future__ import annotations

from itertools import count

import numpy as np
import pytest

from sim.assignment.benchmark import run_benchmark
from twin.errors import DataError
from twin.model.tntp_network import TntpNetwork


def network(trips, free_time=(10.0, 20.0), power=(1.0, 1.0)):
    links = {
        "capacity": (100.0, 400.0),
        "length": (1.0, 1.0),
        "free_time": free_time,
        "b": (1.0, 1.0),
        "power": power,
        "toll": (0.0, 0.0),
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
    found = run_benchmark(network([[5, 400], [0, 0]]), 1e-12, lambda: float(next(ticks)))
    # 200 vehicles on each road, 30 each; integrals 10 v + v^2 / 20 and 20 v + v^2 / 40.
    assert found["total_travel_time"] == pytest.approx(12_000)
    assert found["beckmann_objective"] == pytest.approx(2000 + 2000 + 4000 + 1000)
    assert found["relative_gap"] <= 1e-12
    assert (found["load_seconds"], found["seconds"]) == (1.0, 1.0)
    assert set(found) == {"relative_gap", "beckmann_objective", "total_travel_time", "iterations", "seconds", "load_seconds"}


def test_a_power_of_0_is_a_constant_time():
    found = run_benchmark(network([[0, 10], [0, 0]], free_time=(10.0, 50.0), power=(0.0, 1.0)), 1e-9, lambda: 0.0)
    assert found["total_travel_time"] == pytest.approx(200.0)


def test_trips_without_a_road_are_named():
    with pytest.raises(DataError, match="from zone 2 to zone 1"):
        run_benchmark(network([[0, 1], [7, 0]]), 1e-6, lambda: 0.0)
