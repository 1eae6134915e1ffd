"""``citytwin isochrone`` on a grid of streets: numbers, GeoJSON, scenarios, and a place in the sea."""

from __future__ import annotations

import json

import pytest
import shapely.geometry


def test_bands_grow_and_the_geojson_holds_their_areas(call_json, grid, tmp_path):
    file = tmp_path / "reach.geojson"
    found = call_json("isochrone", grid, "--minutes", "1,2,4", "--geojson", file)
    people = [found["indicators"][f"residents_within_{minutes}_min"]["value"] for minutes in (1, 2, 4)]
    assert people == sorted(people)
    assert people[0] > 0
    assert found["indicators"]["residents_within_1_min"]["definition"]
    place = (found["diagnostics"]["lon"], found["diagnostics"]["lat"])
    features = json.loads(file.read_text("utf-8"))["features"]
    assert [feature["properties"]["minutes"] for feature in features] == [4, 2, 1, 0]
    areas = [shapely.geometry.shape(feature["geometry"]) for feature in features[:3]]
    assert areas[0].area > areas[1].area > areas[2].area
    assert areas[0].covers(areas[2])
    assert areas[2].covers(shapely.Point(place))
    assert features[0]["properties"]["residents_within_4_min"] == people[2]


def test_a_place_in_the_sea_is_refused_in_two_lines(call, grid):
    status, out, err = call("isochrone", grid, "--lon", "0", "--lat", "0")
    assert (status, out) == (1, "")
    assert "from the nearest open road" in err


def test_the_help_shows_defaults_and_choices_as_they_are_typed(call):
    _, out, _ = call("isochrone", "--help")
    assert "otherwise 5,10,15" in " ".join(out.split())
    assert "bpr (bpr)" not in out
    assert "bpr, conical" in " ".join(out.split())


@pytest.mark.parametrize("words", [("--lon", "118.8"), ("--minutes", "10,5"), ("--scenario", "no such")])
def test_nonsense_is_refused(call, grid, words):
    status, _, err = call("isochrone", grid, *words)
    assert status == 1
    assert len(err.strip().splitlines()) >= 2
