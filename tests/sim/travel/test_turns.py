from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from sim.travel.turns import banned_turns, split_nodes

# A crossing: node 4 between 0 (west), 1 (east), 2 (south), 3 (north); links in 0-3, links out 4-7.
TAIL = np.array([0, 1, 2, 3, 4, 4, 4, 4])
HEAD = np.array([4, 4, 4, 4, 0, 1, 2, 3])


def can_turn(split, start, end):
    count = len(split.node_of)
    turns = slice(split.link_count, None)
    if split.head[start] == split.tail[end]:
        return True
    matrix = coo_array((np.ones(len(split.tail[turns])), (split.tail[turns], split.head[turns])), shape=(count, count))
    return bool(np.isfinite(dijkstra(matrix.tocsr(), indices=split.head[start])[split.tail[end]]))


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 3), st.integers(4, 7))))
def test_exactly_the_banned_turns_are_impossible(banned):
    split = split_nodes(TAIL, HEAD, 5, banned)
    for start in range(4):
        for end in range(4, 8):
            assert can_turn(split, start, end) == ((start, end) not in banned)


TURNS = st.tuples(st.integers(0, 3), st.integers(4, 7))


@settings(max_examples=60, deadline=None)
@given(st.sets(TURNS, max_size=6), st.dictionaries(TURNS, st.floats(1.0, 60.0)))
def test_a_turn_takes_its_delay_and_nothing_else_does(banned, delays):
    split = split_nodes(TAIL, HEAD, 5, banned, delays)
    count = len(split.node_of)
    times = np.full((count, count), np.inf)
    np.fill_diagonal(times, 0.0)
    for start, end, seconds in zip(split.tail[8:], split.head[8:], split.turn_s, strict=True):
        times[start, end] = seconds
    for way in range(count):  # Floyd and Warshall
        times = np.minimum(times, times[:, [way]] + times[[way], :])
    for start in range(4):
        for end in range(4, 8):
            expected = np.inf if (start, end) in banned else delays.get((start, end), 0.0)
            assert times[split.head[start], split.tail[end]] == expected


def test_without_bans_nothing_is_split():
    split = split_nodes(TAIL, HEAD, 5, set())
    assert split.tail.tolist() == TAIL.tolist()
    assert split.head.tolist() == HEAD.tolist()


def test_an_only_rule_bans_every_other_turn():
    assert banned_turns([(0, 5, "only"), (1, 6, "no")], HEAD, {4: [4, 5, 6, 7]}) == {(0, 4), (0, 6), (0, 7), (1, 6)}


def test_a_ban_between_links_that_do_not_meet_is_ignored():
    assert len(split_nodes(TAIL, HEAD, 5, {(4, 1)}).node_of) == 5
