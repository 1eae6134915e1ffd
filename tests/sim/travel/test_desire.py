from __future__ import annotations

import numpy as np
import pytest
import shapely

from sim.congestion import Congestion, CongestionParams
from sim.travel.desire import MOST, desire_lines
from twin.model.scenario import baseline
from twin.task import finish


class Zones:
    """Three zones in a row."""

    names = ("a", "b", "c")
    xy = np.array([[0.0, 0.0], [100.0, 0.0], [300.0, 0.0]])


TRIPS = np.array([[0.0, 10, 0], [5, 0, 40], [0, 1, 0]])


def test_both_ways_of_a_pair_are_one_line_and_the_fullest_comes_first():
    table = desire_lines(TRIPS, Zones)
    assert table.ids.tolist() == ["b – c", "a – b"]
    assert table.columns["between_vph"].tolist() == [41.0, 15.0]
    assert shapely.get_coordinates(table.geometry[0]).tolist() == [[100.0, 0.0], [300.0, 0.0]]


def test_classes_of_vehicles_are_added():
    table = desire_lines(np.stack([TRIPS, TRIPS]), Zones)
    assert table.columns["between_vph"].tolist() == [82.0, 30.0]


def test_nobody_goes_anywhere():
    assert len(desire_lines(np.zeros((3, 3)), Zones).ids) == 0


def test_a_result_has_its_fullest_pairs(make):
    result = finish(Congestion().run(make.snapshot(make.grid(6, 6)), baseline(), CongestionParams(), 1))
    table = result.tables["desire"]
    assert len(table.ids) == MOST
    between = table.columns["between_vph"]
    assert np.all(np.diff(between) <= 0.0)
    assert between.sum() <= result.indicator("trips").value * (1 + 1e-9)
    assert between[0] == pytest.approx(between.max())
