"""The tour along all kerbs: what balancing costs against a linear program, and that nothing is left out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse.csgraph import dijkstra

from sim.arc_routing.tour import balanced, circuits, joined

NONE = np.full(0, -1, np.int32)


def network(seed, nodes=9, extra=8):
    """A strongly connected network: a ring and some chords, of random lengths; some arcs have to be swept."""
    rng = np.random.default_rng(seed)
    ring = rng.permutation(nodes)
    tail = np.concatenate([ring, rng.integers(0, nodes, extra)])
    head = np.concatenate([np.roll(ring, -1), rng.integers(0, nodes, extra)])
    kept = tail != head
    tail, head = tail[kept], head[kept]
    weight = np.full((nodes, nodes), np.inf)
    np.minimum.at(weight, (tail, head), rng.integers(1, 20, len(tail)).astype(float))
    between = dijkstra(np.where(np.isfinite(weight), weight, 0.0))
    swept = rng.random(len(tail)) < 0.6
    swept[0] = True
    return tail[swept].astype(np.int32), head[swept].astype(np.int32), weight, between


@pytest.mark.parametrize("seed", range(40))
def test_balancing_costs_what_a_flow_of_least_cost_does(seed):
    start, end, weight, between = network(seed)
    time_s = between[np.ix_(end, start)].astype(np.float32)
    onward, least_s = balanced(start, end, time_s)
    tail, head = np.nonzero(np.isfinite(weight))
    leaves = np.zeros((len(weight), len(tail)))
    leaves[tail, np.arange(len(tail))] += 1
    leaves[head, np.arange(len(tail))] -= 1
    surplus = np.bincount(end, minlength=len(weight)) - np.bincount(start, minlength=len(weight))
    flow = linprog(weight[tail, head], A_eq=leaves, b_eq=surplus)
    assert least_s == pytest.approx(flow.fun)
    np.testing.assert_array_equal(np.sort(onward), np.sort(start))


@given(st.integers(0, 10_000), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_the_tour_has_every_kerb_once_and_its_circuits_drive_what_balancing_costs(seed, first):
    start, end, _, between = network(seed, nodes=14, extra=14)
    time_s = between[np.ix_(end, start)].astype(np.float32)
    onward, least_s = balanced(start, end, time_s)
    walks = circuits(start, onward, np.full(len(start), -1, np.int32), first % len(start))
    assert walks[0][0] == first % len(start)
    driven = sum(float(time_s[walk, np.roll(walk, -1)].sum()) for walk in walks)
    assert driven == pytest.approx(least_s)
    tour = joined(walks, time_s)
    assert sorted(tour.tolist()) == list(range(len(start)))
    assert float(time_s[tour, np.roll(tour, -1)].sum()) >= least_s - 1e-3


def test_a_street_is_turned_round_in_only_where_nothing_else_is_left():
    # A cross of four streets from node 0 to nodes 1 … 4: at its middle the other arms come first, at its ends there is none.
    start = np.array([0, 1, 0, 2, 0, 3, 0, 4], np.int32)
    end = np.array([1, 0, 2, 0, 3, 0, 4, 0], np.int32)
    across = np.array([1, 0, 3, 2, 5, 4, 7, 6], np.int32)
    (walk,) = circuits(start, end, across, 0)
    turns = [(one, other) for one, other in zip(walk, np.roll(walk, -1).tolist(), strict=True) if across[one] == other]
    assert [int(end[one]) for one, _ in turns] == [int(end[kerb]) for kerb in walk if end[kerb] != 0]
