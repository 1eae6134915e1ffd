"""The demo city has what was promised, and it is well formed."""

from collections import Counter

import numpy as np
import pytest
import shapely

from twin.demo.city import draw_city
from twin.demo.plan import NOW, PROJECTION
from twin.model.catalogue import KINDS
from twin.model.entity import attributes
from twin.model.places import WASTE_KINDS
from twin.model.validation import all_problems
from twin.task import finish


def test_counts(city):
    counts = Counter(entity.kind for entity in city.entities)
    assert (counts["building"], counts["bin"], counts["camera"]) == (15_000, 10_000, 600)
    assert set(counts) == {kind.kind for kind in KINDS} - {"zone", "comment"}  # its trips are made up, and nobody has spoken yet
    assert 40 <= counts["counter"] <= 60
    assert 6 <= counts["district"] <= 9
    assert counts["link"] > 4000
    assert counts["unit_grid"] > 800
    assert counts["case"] > 4000
    assert counts["scenario"] == 4


def test_area_is_about_40_km2(city, in_metres):
    assert shapely.area(in_metres("district")).sum() / 1e6 == pytest.approx(40, abs=3)


def test_every_entity_passes_validation(city):
    for kind in KINDS:
        assert list(all_problems(city.of_kind(kind.kind))) == []


def test_keys_are_unique(city):
    assert len({entity.id for entity in city.entities}) == len(city.entities)
    assert len({(entity.kind, entity.source_id) for entity in city.entities}) == len(city.entities)


def test_names_are_in_both_languages(city):
    for entity in city.entities:
        if "name_en" in attributes(type(entity)):
            assert bool(entity.name) == bool(entity.name_en), entity
            assert not entity.name_en or entity.name_en.isascii(), entity
    for kind in ("link", "bin", "camera", "district", "depot", "disposal_site", "counter", "land_use"):
        assert all(entity.name for entity in city.of_kind(kind)), kind


def test_bins_are_of_five_kinds_and_have_names_of_their_own_street(city):
    kinds = Counter(item.waste_kind for item in city.of_kind("bin"))
    assert set(kinds) == set(WASTE_KINDS)
    assert min(kinds.values()) > 300


def test_cameras_look_along_streets(city, in_metres):
    links = in_metres("link")
    tree = shapely.STRtree(links)
    directions = np.array([camera.direction_deg for camera in city.of_kind("camera")])
    points = shapely.get_coordinates(in_metres("camera"))
    ahead = np.radians(90 - directions)
    seen = points + 40 * np.column_stack([np.cos(ahead), np.sin(ahead)])
    near = tree.query_nearest(shapely.points(seen), return_distance=True, all_matches=False)[1]
    assert np.quantile(near, 0.95) < 26  # half of a primary road, and the pole's place on the pavement


def test_grid_codes(city):
    codes = [grid.code for grid in city.of_kind("unit_grid")]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 15 and code.isdigit() and code.startswith("9901") for code in codes)
    divisions = {district.code for district in city.of_kind("district")}
    assert {code[:6] for code in codes} == divisions


def test_districts_tile_the_city(city, in_metres):
    districts = in_metres("district")
    whole = shapely.union_all(districts, grid_size=0.1)
    assert shapely.area(districts).sum() == pytest.approx(whole.area, rel=1e-3)
    buildings = shapely.centroid(in_metres("building"))
    shapely.prepare(whole)
    assert shapely.contains(whole, buildings).mean() > 0.999


def test_hills_on_one_side_and_a_river_below_its_banks(city, in_metres):
    heights = city.terrain.heights_m
    assert 150 < heights.max() - heights.min() < 900
    water = [area.geometry for area in city.of_kind("land_use") if area.name_en == "Demo River"]
    assert len(water) == 1
    bridges = np.array([link.bridge for link in city.of_kind("link")])
    middles = shapely.get_coordinates(shapely.line_interpolate_point(in_metres("link")[bridges], 0.5, normalized=True))
    ends = shapely.get_coordinates(shapely.get_point(in_metres("link")[bridges], 0))
    assert (city.terrain.at(middles) < city.terrain.at(ends)).mean() > 0.8


def test_other_seed_other_city(city):
    other = finish(draw_city(2))
    assert Counter(e.kind for e in other.entities)["building"] == 15_000
    assert {e.id for e in other.entities}.isdisjoint(e.id for e in city.entities)
    assert other.of_kind("district")[0].geometry != city.of_kind("district")[0].geometry


def test_scenarios_name_things_that_exist(city):
    closed, driven, accident, match = city.of_kind("scenario")
    assert [item.name for item in (closed, driven, accident, match)] == [
        "bridge-closed",
        "fill-driven",
        "accident",
        "match",
    ]
    links = {link.id: link for link in city.of_kind("link")}
    assert all(links[key].bridge and links[key].road_class == "primary" for key in closed.edits[0].target_ids)
    assert closed.edits[1].factor == pytest.approx(1.1)
    depots = {depot.id: depot for depot in city.of_kind("depot")}
    (depot_id,) = driven.edits[1].target_ids
    assert driven.edits[1].vehicle_count == depots[depot_id].vehicle_count + 2
    assert driven.edits[0].threshold == pytest.approx(0.7)
    (hit,) = (links[key] for key in accident.edits[0].target_ids)
    assert (hit.lanes, hit.road_class, hit.bridge) == (2.0, "primary", False)
    place = shapely.Point(PROJECTION.to_lon_lat(np.array([[match.edits[0].x_m, match.edits[0].y_m]]))[0])
    schools = [area for area in city.of_kind("land_use") if area.use == "education"]
    assert min(area.geometry.distance(place) for area in schools) < 0.002


def test_nothing_lies_in_the_future(city):
    assert max(item.fill_observed_at for item in city.of_kind("bin") if item.fill_observed_at) <= NOW
    assert max(case.reported_at for case in city.of_kind("case")) <= NOW
    assert max(incident.occurred_at for incident in city.of_kind("incident")) <= NOW
