from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.assignment.path_flow import path_flows
from twin.errors import DataError


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_paths_lead_from_end_to_end_take_equally_long_and_carry_all_trips(streets, balanced, even, data):
    origin, destination = data.draw(st.integers(0, 24)), data.draw(st.integers(0, 24))
    paths = path_flows(streets.graph, even, origin, destination, most=10_000)
    demand = streets.demand[origin, destination]
    assert sum(path.trips for path in paths) == pytest.approx(demand, abs=1e-6)
    assert [path.trips for path in paths] == sorted((path.trips for path in paths), reverse=True)
    times = [float(balanced.time[path.links].sum()) for path in paths if path.share > 1e-6]
    assert not times or max(times) == pytest.approx(min(times), rel=1e-6)
    for path in paths:
        tail, head = streets.graph.tail[path.links], streets.graph.head[path.links]
        assert (tail[0], head[-1]) == (origin, destination)
        assert np.array_equal(tail[1:], head[:-1])
        assert len(set(head.tolist())) == len(head)


def test_the_paths_of_all_pairs_add_up_to_the_volumes(streets, balanced, even):
    volume = np.zeros(len(streets.graph.tail))
    for origin in range(25):
        for destination in range(25):
            for path in path_flows(streets.graph, even, origin, destination, most=10_000):
                volume[path.links] += path.trips
    assert volume == pytest.approx(balanced.volume, rel=1e-6)


def test_only_as_many_as_asked_for_the_most_used_first(streets, even):
    every = path_flows(streets.graph, even, 0, 24, most=10_000)
    assert len(every) > 1
    first = path_flows(streets.graph, even, 0, 24, most=1)
    assert len(first) == 1
    assert first[0].trips == every[0].trips


def test_a_pair_that_does_not_exist_is_refused(streets, even):
    with pytest.raises(DataError, match="no pair of zones 3 and 25"):
        path_flows(streets.graph, even, 3, 25)
