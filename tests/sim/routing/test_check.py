from __future__ import annotations

import re

import numpy as np
import pytest

from sim.routing.check import capacity_faults, route_cost
from twin.model.routing_instance import CapacityInstance
from twin.sources.cvrplib import read_cvrp, read_solution_cost

SQUARE = CapacityInstance("square", np.array([[0.0, 0], [0, 1], [1, 1], [1, 0]]), np.array([0.0, 2, 2, 2]), 4.0, is_rounded=False)


@pytest.mark.parametrize(
    ("routes", "faults"),
    [
        ([[1, 2], [3]], []),
        ([[1, 2]], ["stop 3 is served 0 times"]),
        ([[1, 2], [3, 1]], ["stop 1 is served 2 times"]),
        ([[1, 2, 3]], ["route 1 carries 6 of 4"]),
        ([[1, 2], [3], [4]], ["there is no stop 4"]),
        ([[1, 2], [3, 0]], ["there is no stop 0"]),
    ],
)
def test_faults_are_named(routes, faults):
    assert capacity_faults(SQUARE, routes) == faults


def test_cost_of_the_square():
    assert route_cost(SQUARE, [[1, 2, 3]]) == 4.0
    assert route_cost(SQUARE, [[1, 2], [3]]) == pytest.approx(4.0 + np.sqrt(2))
    rounded = CapacityInstance("square", SQUARE.xy, SQUARE.demand, 4.0, is_rounded=True)
    assert route_cost(rounded, [[2]]) == 2.0


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["X-n1001-k43", "Leuven1"])
def test_published_solutions_cost_what_they_say(real_data, name):
    folder = real_data / "waste" / "cvrplib"
    instance = read_cvrp(folder / f"{name}.vrp")
    text = (folder / f"{name}.sol").read_text()
    routes = [[int(word) for word in line.split()] for line in re.findall(r"Route #\d+:(.*)", text)]
    assert capacity_faults(instance, routes) == []
    assert route_cost(instance, routes) == read_solution_cost(folder / f"{name}.sol")
