"""H3 in bulk against the h3 library."""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import cells
from tests.town import PROJECTION


@given(st.floats(-85, 85), st.floats(-180, 180), st.integers(1, 15))
def test_parents_agree_with_the_library(lat, lon, resolution):
    cell = h3.latlng_to_cell(lat, lon, resolution)
    for coarser in range(resolution):
        assert cells.parents(np.array([cell], np.uint64), coarser)[0] == h3.cell_to_parent(cell, coarser)


@given(st.floats(39, 40), st.floats(116, 117), st.integers(0, 15))
def test_points_fall_into_the_cells_of_the_library(lat, lon, resolution):
    found = cells.cells_of(np.array([[lon, lat]]), resolution)
    assert int(found[0]) == h3.latlng_to_cell(lat, lon, resolution)
    assert cells.resolution_of(found) == resolution
    assert cells.cells_from_text(cells.texts(found)) == found


def test_rings_are_the_outlines_in_metres():
    disk = np.array(h3.grid_disk(h3.latlng_to_cell(39.9, 116.4, 9), 3), np.uint64)
    ring, counts = cells.rings(disk, PROJECTION)
    assert (counts == 6).all()
    edge = np.hypot(*(ring[:, 1] - ring[:, 0]).T)
    assert edge == pytest.approx(cells.EDGE_M[9], rel=0.15)
    x, y = ring[..., 0], ring[..., 1]
    area = 0.5 * (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)
    assert (area > 0).all()  # counter-clockwise


def test_a_pentagon_keeps_its_five_corners():
    pentagon = next(iter(h3.get_pentagons(8)))
    ring, counts = cells.rings(np.array([pentagon], np.uint64), PROJECTION)
    assert counts[0] == len(h3.cell_to_boundary(pentagon))
    assert ring.shape[1] >= counts[0]


def test_coarser_cells_keep_totals_and_weighted_means():
    rng = np.random.default_rng(5)
    lon_lat = np.column_stack([rng.uniform(116.3, 116.5, 800), rng.uniform(39.85, 39.95, 800)])
    value, weight = rng.normal(size=800), rng.uniform(0.5, 2, 800)
    fine = cells.gathered(cells.cells_of(lon_lat, 9), value * weight, weight)
    coarse = fine.at(7)
    assert coarse.total.sum() == pytest.approx((value * weight).sum())
    direct = cells.gathered(cells.cells_of(lon_lat, 9), value * weight, weight)
    parent = np.array([h3.cell_to_parent(int(c), 7) for c in direct.cells], np.uint64)
    for cell, mean in zip(coarse.cells, coarse.mean, strict=True):
        inside = parent == cell
        assert mean == pytest.approx(direct.total[inside].sum() / direct.weight[inside].sum())


def test_rows_without_a_number_count_for_nothing():
    found = cells.gathered(np.array([7, 7, 8], np.uint64), np.array([1.0, np.nan, np.nan]), np.ones(3))
    assert found.cells.tolist() == [7]
    assert found.mean.tolist() == [1.0]
