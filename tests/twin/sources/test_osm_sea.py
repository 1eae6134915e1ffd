"""The sea: which side of a coastline is water, and when nobody can know."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from twin.sources.base import ReadOptions
from twin.sources.osm import OsmSource
from twin.sources.osm_sea import sea

BOX = (0.0, 0.0, 1.0, 1.0)


def line(*xy):
    return np.array(xy, dtype=np.float64)


def area(polygons):
    return sum(polygon.area for polygon in polygons)


@given(st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_water_is_on_the_right(west, east):
    coast = line((-0.2, west), (0.5, 0.5), (1.2, east))
    south, north = sea([coast], BOX), sea([coast[::-1]], BOX)
    assert area(south) + area(north) == pytest.approx(1.0)
    assert shapely.union_all(south).covers(shapely.Point(0.5, 0.01))
    assert shapely.union_all(north).covers(shapely.Point(0.5, 0.99))


def test_pieces_are_joined_and_islands_are_land():
    pieces = [line((0.5, 0.5), (1.1, 0.5)), line((-0.1, 0.5), (0.5, 0.5))]
    island = line((0.4, 0.2), (0.6, 0.2), (0.6, 0.3), (0.4, 0.3), (0.4, 0.2))
    assert area(sea([*pieces, island], BOX)) == pytest.approx(0.48)
    assert area(sea([island], BOX)) == pytest.approx(0.98)


def test_a_coast_cut_off_just_inside_goes_on_to_the_edge():
    assert area(sea([line((0.02, 0.5), (0.98, 0.5))], BOX)) == pytest.approx(0.5, abs=1e-6)


def test_beyond_the_end_of_the_coast_nothing_is_said():
    coast = line((0.0, 0.0), (0.3, 0.4), (0.6, 0.6))
    (found,) = sea([coast], BOX)
    assert found.bounds == pytest.approx((0.0, 0.0, 0.6, 0.6))
    assert found.covers(shapely.Point(0.5, 0.1))


def test_where_land_and_water_are_not_parted_there_is_no_sea():
    assert sea([], BOX) == ()
    bent = line((0.5, 0.5), (0.2, 0.2), (0.8, 0.2), (0.55, 0.7), (0.1, 0.9), (0.9, 0.95), (0.6, 0.6))
    assert sea([bent], BOX) == ()
    assert sea([line((-0.1, 0.3), (1.1, 0.3)), line((-0.1, 0.6), (1.1, 0.6))], BOX) == ()  # between them both are true


def test_the_sea_of_a_file_is_water_and_the_same_each_time(tmp_path):
    path = tmp_path / "coast.osm"
    nodes = ((1, 59.995, 24.99), (2, 60.005, 25.005), (3, 60.005, 25.02), (4, 60.008, 25.001), (5, 60.008, 25.009))
    path.write_text(
        '<osm version="0.6"><bounds minlat="60" minlon="25" maxlat="60.01" maxlon="25.01"/>'
        + "".join(f'<node id="{key}" lat="{lat}" lon="{lon}" version="1"/>' for key, lat, lon in nodes)
        + '<way id="7" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="natural" v="coastline"/></way>'
        + '<way id="8" version="1"><nd ref="4"/><nd ref="5"/><tag k="highway" v="residential"/></way></osm>'
    )
    once, twice = (
        [item for item in OsmSource().read(path, ReadOptions()) if getattr(item, "use", "") == "water"] for _ in range(2)
    )
    assert [(item.source_id, item.name, item.geometry.wkt) for item in once] == [
        (item.source_id, item.name, item.geometry.wkt) for item in twice
    ]
    (water,) = once
    assert water.source_id == "sea/7#0"
    assert water.geometry.covers(shapely.Point(25.008, 60.001))
    assert not water.geometry.covers(shapely.Point(25.002, 60.008))


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "wet", "dry"),
    [
        ("monaco_2023", (7.4240, 43.7347), (7.4205, 43.7385)),
        ("helsinki_centre_2019", (24.9565, 60.1640), (24.9410, 60.1690)),
    ],
)
def test_harbours_are_wet_and_squares_are_dry(real_data, name, wet, dry):
    items = OsmSource().read(real_data / "osm" / f"{name}.osm.pbf", ReadOptions())
    water = shapely.union_all([item.geometry for item in items if getattr(item, "source_id", "").startswith("sea/")])
    assert water.covers(shapely.Point(wet))
    assert not water.intersects(shapely.Point(dry))
