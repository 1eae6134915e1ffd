from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from sim.travel.contraction import chains, without_dead_ends


def times(tail, head, cost, nodes):
    best = {}
    for start, end, value in zip(tail.tolist(), head.tolist(), cost.tolist(), strict=True):
        best[start, end] = min(value, best.get((start, end), np.inf))
    rows, columns = zip(*best, strict=True) if best else ((), ())
    return dijkstra(coo_array((list(best.values()), (rows, columns)), shape=(nodes, nodes)).tocsr())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.booleans()), min_size=4, max_size=24),
    st.sets(st.integers(0, 11), min_size=2, max_size=4),
)
def test_times_between_protected_nodes_are_unchanged(streets, kept):
    pairs = sorted({pair for a, b, both in streets for pair in ([(a, b), (b, a)] if both else [(a, b)])})
    tail, head = (np.array(side) for side in zip(*pairs, strict=True))
    cost = 1.0 + np.arange(len(tail)) % 5
    protected = np.isin(np.arange(12), list(kept))
    used = without_dead_ends(tail, head, np.ones(len(tail), dtype=bool), protected)
    chain_of, first, last = chains(tail, head, used, protected)
    inside = chain_of >= 0
    summed = np.bincount(chain_of[inside], cost[inside], len(first))
    ends = sorted(kept)
    before = times(tail, head, cost, 12)[np.ix_(ends, ends)]
    after = times(first, last, summed, 12)[np.ix_(ends, ends)]
    assert np.array_equal(before, after)


def test_a_street_with_bends_becomes_one_link_each_way():
    tail, head = np.array([0, 1, 2, 3, 2, 1]), np.array([1, 2, 3, 2, 1, 0])
    protected = np.array([True, False, False, True])
    chain_of, first, last = chains(tail, head, np.ones(6, dtype=bool), protected)
    assert chain_of.tolist() == [0, 0, 0, 1, 1, 1]
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == [(0, 3), (3, 0)]


def test_a_dead_end_is_cut_off_piece_by_piece():
    # 0 - 1 protected; 1 - 2 - 3 leads nowhere.
    tail, head = np.array([0, 1, 1, 2, 2, 3]), np.array([1, 0, 2, 1, 3, 2])
    protected = np.array([True, True, False, False])
    assert without_dead_ends(tail, head, np.ones(6, dtype=bool), protected).tolist() == [True, True, False, False, False, False]
