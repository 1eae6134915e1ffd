"""Frames and snapshots: columns that are shared, not copied, and a point for every place."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString, MultiPolygon, Point, box

from twin.errors import BugError
from twin.geo import Projection
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot, Terrain


def frame(*geometry):
    ids = np.array([f"k{i}" for i in range(len(geometry))], dtype=object)
    return Frame("bin", ids, {"n": np.arange(float(len(ids))), "m": np.ones(len(ids))}, np.array(geometry, dtype=object))


def test_rows_are_found_in_the_order_asked_and_unknown_keys_left_out():
    assert frame(Point(0, 0), Point(1, 1), Point(2, 2)).rows(["k2", "x", "k0"]).tolist() == [2, 0]


def test_taking_rows_takes_everything():
    taken = frame(Point(0, 0), Point(1, 1), Point(2, 2)).take(np.array([True, False, True]))
    assert (taken.ids.tolist(), taken["n"].tolist(), taken.xy.tolist()) == (["k0", "k2"], [0, 2], [[0, 0], [2, 2]])


def test_new_values_leave_the_old_frame_and_share_the_other_columns():
    old = frame(Point(0, 0), Point(1, 1))
    new = old.with_values(["k1"], {"n": 9.0})
    assert (old["n"].tolist(), new["n"].tolist()) == ([0, 1], [0, 9])
    assert new["m"] is old["m"]
    assert new.geometry is old.geometry


def test_every_place_has_a_point():
    line, ring = LineString([(0, 0), (4, 0), (4, 4)]), box(0, 0, 2, 2).difference(box(0.5, 0.5, 1.5, 1.5))
    several = MultiPolygon([box(0, 0, 1, 1), box(5, 5, 9, 9)])
    found = frame(Point(3, 4), line, ring, several)
    assert found.xy[:2].tolist() == [[3, 4], [4, 0]]
    assert ring.contains(Point(found.xy[2]))
    assert several.contains(Point(found.xy[3]))
    assert frame().xy.shape == (0, 2)


def test_columns_must_fit():
    with pytest.raises(BugError, match="column 'n' of 'bin' has 1 rows, not 2"):
        Frame("bin", np.array(["a", "b"], dtype=object), {"n": np.ones(1)})
    with pytest.raises(BugError, match="has no place"):
        _ = Frame("scenario", np.array([], dtype=object), {}).xy


def test_a_snapshot_with_another_frame_is_another_snapshot():
    first = Snapshot("city", 1, Projection(8, 47), {"bin": frame(Point(0, 0))})
    second = first.with_frame(frame())
    assert (len(first["bin"]), len(second["bin"]), second.version) == (1, 0, 1)


def test_terrain_is_bilinear_between_cells_and_level_beyond_them():
    x, y = np.meshgrid(np.arange(4.0), np.arange(3.0))
    plane = Terrain(100, 200, 10, (2 * x + 5 * y + 1).astype(np.float32))
    points = np.array([[100, 200], [105, 200], [100, 215], [117, 212], [-1e6, -1e6], [1e6, 1e6]])
    np.testing.assert_allclose(plane.at(points), [1, 2, 8.5, 1 + 3.4 + 6, 1, 1 + 6 + 10], atol=1e-4)


def test_terrain_without_data_counts_as_the_level_of_the_sea():
    assert Terrain(0, 0, 1, np.full((2, 2), np.nan, np.float32)).at(np.array([[0.5, 0.5]])).tolist() == [0]
