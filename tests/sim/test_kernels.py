from __future__ import annotations

import sys

from sim.kernels import warm_up
from twin.task import Progress


def compiled():
    """Return how many signatures each compiled function of the simulations has."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("sim."):
            for key, value in vars(module).items():
                if hasattr(value, "signatures") and hasattr(value, "py_func"):
                    found[f"{name}.{key}"] = len(value.signatures)
    return found


def test_warming_up_brings_in_what_a_run_calls():
    steps = list(warm_up())
    assert all(isinstance(step, Progress) for step in steps)
    found = compiled()
    wanted = ["bush.plant", "growth.survey", "reloading.reload", "distances.skim"]
    wanted += [f"balance.{name}" for name in ("rebalance", "leave", "users", "add_up")]
    wanted += ["passes._mean_along", "passes._carry"]
    names = [f"sim.assignment.{name}" for name in wanted]
    names += [
        f"sim.{name}"
        for name in ("network.hierarchy.ways_to_all", "routing.split.split_tour", "routing.local_search.improve_pass")
    ]
    assert [name for name in names if not found[name]] == []


def test_a_second_time_compiles_nothing():
    list(warm_up())
    before = compiled()
    list(warm_up())
    assert compiled() == before
