"""Zones as people call them, in both languages."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import shapely

from twin.geo import Projection
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot
from ui.language import set_language
from ui.zone_names import zone_name

PROJECTION = Projection(118.8, 32.0)


@pytest.fixture
def city():
    """Return a city of one district with another inside."""
    columns = {"name": np.array(["西区", "老城"], object), "name_en": np.array(["West", "Old Town"], object)}
    shapes = np.array([shapely.box(-5000, -5000, 5000, 5000), shapely.box(-800, -800, 800, 800)])
    district = Frame("district", np.array(["d", "o"], object), columns, shapes)
    return Snapshot("test", 1, PROJECTION, {"district": district}, {})


def cell_at(x, y):
    lon, lat = PROJECTION.to_lon_lat(np.array([[x, y]]))[0]
    return h3.latlng_to_cell(lat, lon, 9)


def test_a_cell_is_called_by_the_smallest_district_around_it(city):
    set_language("en")
    assert zone_name(city, cell_at(0, 0)).startswith("Old Town · ")
    assert zone_name(city, cell_at(3000, 0)).startswith("West · ")
    set_language("zh_CN")
    assert zone_name(city, cell_at(3000, 0)).startswith("西区 · ")


def test_cells_of_one_district_are_told_apart(city):
    set_language("en")
    assert zone_name(city, cell_at(2000, 0)) != zone_name(city, cell_at(3000, 0))


def test_outside_of_all_districts_the_cell_alone_is_told(city):
    far = cell_at(50_000, 0)
    assert zone_name(city, far) == far.rstrip("f")[-4:]


def test_gates_and_zones_of_a_matrix_keep_their_names(city):
    set_language("en")
    assert zone_name(city, "gate 3") == "Gate 3"
    assert zone_name(city, "TAZ-17") == "TAZ-17"
    set_language("zh_CN")
    assert zone_name(city, "gate 3") == "出入口 3"
