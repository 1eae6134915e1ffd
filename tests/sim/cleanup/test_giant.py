"""The giant tour: an edit changes the order of no other stop."""

from __future__ import annotations

import numpy as np
import pytest
from cleanup_city import grid_city

from sim.cleanup.giant import measure_and_order
from sim.cleanup.operation import prepare_operation
from sim.cleanup.params import CleanupParams
from sim.routing.tour import hilbert_order
from twin.model.edits import CloseLinks, MoveBins, RemoveBins
from twin.model.scenario import baseline
from twin.task import finish


def tour_of(snapshot, scenario):
    """Nodes in the order of the tour."""
    operation = finish(prepare_operation(snapshot, scenario.apply(snapshot), CleanupParams()))
    ways, rank = finish(measure_and_order(operation))
    assert sorted(rank.tolist()) == list(range(len(rank)))
    return ways.node[np.argsort(rank)].tolist(), ways


@pytest.mark.parametrize(
    "edit",
    [
        MoveBins(target_ids=("bin-00001", "bin-00002"), dx_m=100.0),
        RemoveBins(target_ids=("bin-00001", "bin-00007", "bin-00020")),
        CloseLinks(target_ids=("l1-1>2-1", "l2-1>1-1")),
    ],
)
def test_the_stops_that_stay_keep_their_order(edit):
    snapshot = grid_city(size=8, bin_count=40)
    before, _ = tour_of(snapshot, baseline())
    after, _ = tour_of(snapshot, baseline().with_edit(edit))
    shared = set(before) & set(after)
    assert [node for node in before if node in shared] == [node for node in after if node in shared]


def test_the_tour_is_shorter_than_the_curve_it_starts_from():
    snapshot = grid_city(size=15, bin_count=120)
    tour, ways = tour_of(snapshot, baseline())
    places = ways.place_of_node[tour]
    curve = np.argsort(hilbert_order(snapshot["node"].xy[ways.node]), kind="stable")

    def seconds(order):
        return ways.time_s[order, np.roll(order, -1)].sum()

    assert seconds(places) < 0.95 * seconds(curve)
