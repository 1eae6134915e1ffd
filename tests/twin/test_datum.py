from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from twin import datum

GEOD = Geod(ellps="WGS84")
CITIES = {"Shenzhen": (114.06, 22.55), "Shanghai": (121.47, 31.23), "Hangzhou": (120.16, 30.27), "Beijing": (116.40, 39.90)}


def distance_m(one, two):
    return GEOD.inv(one[:, 0], one[:, 1], two[:, 0], two[:, 1])[2]


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize(
    ("there", "back"),
    [
        (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84),
        (datum.gcj02_to_bd09, datum.bd09_to_gcj02),
        (datum.wgs84_to_bd09, datum.bd09_to_wgs84),
    ],
)
def test_round_trip_is_within_a_millimetre(city, there, back):
    points = np.array(CITIES[city]) + np.random.default_rng(1).uniform(-0.4, 0.4, (5000, 2))
    assert distance_m(back(there(points)), points).max() < 0.001


@pytest.mark.parametrize(("city", "low_m", "high_m"), [("Shenzhen", 560, 620), ("Shanghai", 440, 500), ("Beijing", 500, 566)])
def test_shift_has_the_size_that_was_measured(city, low_m, high_m):
    points = np.array(CITIES[city]) + np.random.default_rng(2).uniform(-0.4, 0.4, (2000, 2))
    shift = distance_m(datum.wgs84_to_gcj02(points), points)
    assert low_m < shift.mean() < high_m


def test_known_point_in_beijing():
    # The point of every public implementation's README: 39.915, 116.404 in WGS 84.
    gcj = datum.wgs84_to_gcj02(np.array([[116.404, 39.915]]))
    assert gcj[0] == pytest.approx([116.41024449916938, 39.91640428150164], abs=1e-9)
    bd = datum.gcj02_to_bd09(np.array([[116.404, 39.915]]))
    assert bd[0] == pytest.approx([116.41036949371029, 39.92133699351022], abs=1e-9)


@given(st.floats(-180, 71), st.floats(-90, 90))
def test_identity_outside_china(lon, lat):
    point = np.array([[lon, lat]])
    for convert in (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84, datum.wgs84_to_bd09, datum.bd09_to_wgs84):
        assert (convert(point) == point).all()
