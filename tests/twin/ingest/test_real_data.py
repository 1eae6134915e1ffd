"""The published data sets: the counts that their notices give."""

from __future__ import annotations

import numpy as np
import pytest

from twin.errors import DataError
from twin.ingest import import_source, workspace_info
from twin.model.network import Link
from twin.sources import ReadOptions, source_for
from twin.task import finish

pytestmark = pytest.mark.real_data


def test_helsinki_whole(store, bring, real_data):
    roads = bring(real_data / "osm/helsinki_centre_2019.osm.pbf")
    accidents = bring(real_data / "incidents/helsinki_accidents_2011_2016.csv", crs="EPSG:3067")
    counts = bring(real_data / "traffic/helsinki_hourly_counts_2011_2016.csv", kind="counts", crs="EPSG:3879")
    people = bring(real_data / "population/helsinki_population_grid_2020.gpkg")
    info = workspace_info(store)
    assert (info["bins"], info["cameras"], info["speed_cameras"]) == (128, 397, 2)
    # Every road and building of the notice is there or named: those at the edge lack most of their nodes.
    refused = [str(problem.row) for problem in roads.problems if "road lies" in problem.reason]
    assert info["roads"] + info["service_roads"] + len(refused) == 2395 - 15  # less outlines of squares
    buildings = sum("of the building" in problem.reason for problem in roads.problems)
    assert info["buildings"] + buildings == pytest.approx(1498, abs=1)
    assert 200 <= sum(node.signal for node in store.find("node")) <= 224
    assert info["incidents"] + len(accidents.problems) == 10081
    strays = [problem for problem in accidents.problems if "km from the city" in problem.reason]
    assert [problem.row for problem in strays] == [10040, 10066]
    assert (info["counts"], info["counters"], dict(counts.history)) == (28728, 57, {"traffic_count": 28728})
    assert dict(people.added) == {"population_cell": 92}
    version = store.version
    assert not bring(real_data / "osm/helsinki_centre_2019.osm.pbf").changes_anything
    assert store.version == version


def test_monaco_with_its_terrain(store, bring, real_data):
    bring(real_data / "osm/monaco_2023.osm.pbf")
    bring(real_data / "dem/N43E007.hgt.zip")
    info = workspace_info(store)
    assert (info["roads"], info["bins"], info["cameras"], info["terrain"]) == (694, 83, 14, True)
    heights = store.snapshot(["node"]).terrain.heights_m
    assert -12 < np.nanmin(heights) < 10
    assert 500 < np.nanmax(heights) < 1400  # Mont Agel stands 1,148 m above the town
    assert not bring(real_data / "dem/N43E007.hgt.zip").changes_anything


def test_nanjing_has_chinese_names(store, bring, real_data):
    bring(real_data / "osm/nanjing_centre.osm")
    names = {link.name: link.name_en for link in store.find("link")}
    assert any("一" <= name[:1] <= "鿿" for name in names)
    assert any(names.values())
    assert workspace_info(store)["roads"] == 221


@pytest.mark.parametrize(
    ("name", "options", "added", "history", "refused"),
    [
        ("bins/wyndham_smart_bins_2021.geojson", {}, {"bin": 32}, {"fill_reading": 160}, 0),
        ("bins/wyndham_smartbin_daily_2018_2021.csv", {}, {"bin": 31}, {"fill_reading": 29357}, 0),
        ("bins/malaga_waste_containers_osm_2022.geojson", {}, {"bin": 14344}, {}, 2),
        ("bins/zurich_collection_points.csv", {"crs": "EPSG:2056"}, {"bin": 173}, {}, 0),
        ("cameras/hongkong_traffic_cameras.csv", {}, {"camera": 210}, {}, 0),
        ("cameras/seattle_traffic_cameras.geojson", {}, {"camera": 540}, {}, 3),
        ("boundaries/shenzhen_districts.json", {}, {"district": 10}, {}, 0),
        ("boundaries/shanghai_districts.json", {}, {"district": 1}, {}, 0),
    ],
)
def test_published_tables_need_at_most_a_system(bring, real_data, name, options, added, history, refused):
    report = bring(real_data / name, **options)
    assert (dict(report.added), dict(report.history)) == (added, history)
    assert len(report.problems) == refused


def test_porto_metro_is_read_whole(real_data):
    path = real_data / "osm/porto_metro_roads.osm.pbf"
    links = [item for item in source_for(path).read(path, ReadOptions()) if isinstance(item, Link)]
    ways = {link.way_id for link in links if link.road_class != "service"}
    assert len(ways) == 38_105  # of 38,146: 38 have no piece in the file, 3 are outlines of squares
    assert len(links) == 149_227


def test_files_that_lack_a_system_or_are_of_another_city(store, bring, real_data):
    with pytest.raises(DataError, match="nothing says in which system"):
        bring(real_data / "incidents/helsinki_accidents_2011_2016.csv")
    bring(real_data / "cameras/hongkong_traffic_cameras.csv")
    with pytest.raises(DataError, match="outside this city"):
        bring(real_data / "osm/nanjing_centre.osm")
    assert store.counts()["link"] == 0


def test_a_truncated_map_is_refused(store, real_data, tmp_path):
    content = (real_data / "osm/helsinki_centre_2019.osm.pbf").read_bytes()
    for share in (0.3, 0.9, 0.999):
        path = tmp_path / "cut.osm.pbf"
        path.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(DataError, match="cannot be read") as caught:
            finish(import_source(store, path))
        assert "get it again" in caught.value.advice
    assert store.version == 0
