"""The city's plane: metres that agree with the ellipsoid, there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod
from shapely import LineString, Point, box

from twin.geo import Projection


@given(st.floats(-179, 179), st.floats(-84, 84), st.lists(st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)), min_size=1))
def test_there_and_back_is_exact_to_a_micrometre(lon, lat, offsets):
    projection = Projection(lon, lat)
    degrees = np.array([lon, lat]) + np.array(offsets)
    back = projection.to_lon_lat(projection.to_xy(degrees))
    np.testing.assert_allclose(back, degrees, atol=1e-11)


def test_the_origin_is_zero_and_axes_are_east_and_north():
    projection = Projection(8.5, 47.4)
    found = projection.to_xy(np.array([[8.5, 47.4], [8.51, 47.4], [8.5, 47.41]]))
    np.testing.assert_allclose(found[0], 0, atol=1e-9)
    assert found[1][0] > 700
    assert abs(found[1][1]) < 1
    assert found[2][1] > 1000
    assert abs(found[2][0]) < 1e-6


@pytest.mark.parametrize(("lon", "lat"), [(121.47, 31.23), (-8.6, 41.15), (24.9, 60.2)])
def test_distances_are_those_on_the_ellipsoid(lon, lat):
    ends = np.array([[lon - 0.05, lat - 0.05], [lon + 0.05, lat + 0.05]])
    _, _, metres = Geod(ellps="WGS84").inv(*ends[0], *ends[1])
    flat = np.linalg.norm(np.diff(Projection(lon, lat).to_xy(ends), axis=0))
    assert flat == pytest.approx(metres, rel=1e-6)


def test_geometries_keep_their_order_and_what_is_missing_stays_missing():
    projection = Projection(8.5, 47.4)
    degrees = np.array([Point(8.5, 47.4), None, LineString([(8.5, 47.4), (8.6, 47.4)]), box(8, 47, 9, 48)], dtype=object)
    metres = projection.geometries_to_xy(degrees)
    assert metres[1] is None
    assert metres[0].distance(Point(0, 0)) < 1e-9
    back = projection.geometries_to_lon_lat(metres)
    assert [a is b is None or a.equals_exact(b, 1e-9) for a, b in zip(back, degrees, strict=True)] == [True] * 4


def test_the_plane_is_told_to_gis_tools():
    assert CRS.from_proj4(Projection(8.5, 47.4).proj4).axis_info[0].unit_name == "metre"
