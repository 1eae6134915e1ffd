from __future__ import annotations

import numpy as np
import shapely

from layers.base import Scene
from layers.desire import DesireLayer, DesireStyle
from tests.town import town
from twin.model.results import Measure, ResultTable


def table(trips):
    lines = [shapely.LineString([[0, 0], [100 * (i + 1), 50]]) for i in range(len(trips))]
    ids = np.array([f"{i}" for i in range(len(trips))], dtype=object)
    return ResultTable(
        "desire", ids, {"between_vph": np.array(trips, float)}, (Measure("between_vph", "Trips"),), np.asarray(lines, object)
    )


def widths(trips, **style):
    picture = DesireLayer().encode(Scene(town(), {"desire": table(trips)}, ""), DesireStyle(**style))
    return {mark.width_px: len(mark.offsets) - 1 for level in picture.all_levels for mark in level.marks}


def test_fuller_pairs_are_wider():
    # By the root: a quarter of the trips has half of the width.
    assert widths([400, 100, 4], widest_px=8) == {8.0: 1, 4.0: 1, 1.0: 1}


def test_only_so_many_lines_are_drawn():
    assert sum(widths([9, 8, 7, 6, 5], count=2).values()) == 2


def test_without_trips_nothing_is_drawn():
    for tables in ({}, {"desire": table([])}):
        assert DesireLayer().encode(Scene(town(), tables, ""), DesireStyle()).all_levels == ()


def test_the_legend_tells_the_fullest():
    picture = DesireLayer().encode(Scene(town(), {"desire": table([400, 100])}, ""), DesireStyle())
    assert [entry.values for entry in picture.legend.entries] == [(400.0,), (100.0,)]
    assert picture.legend.unit == "veh/h"
