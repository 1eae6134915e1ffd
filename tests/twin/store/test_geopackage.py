"""The derived GeoPackage, read back by GDAL."""

from __future__ import annotations

from datetime import UTC, datetime

import pyogrio
import pytest
from shapely import LineString, MultiPolygon, Point, box

from twin.errors import CancelledError, StorageError
from twin.model.changes import Change
from twin.model.network import Link
from twin.model.places import Bin, Camera, District
from twin.store import geopackage
from twin.task import finish

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def city(store):
    entities = [
        Bin(id="b1", geometry=Point(8.1, 47.2), name="Erste", fill_level=0.25, fill_observed_at=AT),
        Bin(id="b2", geometry=Point(8.2, 47.1)),
        Link(id="l1", geometry=LineString([(8, 47), (8.1, 47.1)]), closed=True),
        District(id="d1", geometry=box(8, 47, 9, 48), name="一"),
        District(id="d2", geometry=MultiPolygon([box(8, 47, 8.1, 47.1), box(8.5, 47, 8.6, 47.1)])),
        Camera(id="c1", geometry=Point(8, 47)),
    ]
    store.write([Change(None, entity) for entity in entities], title="t")
    return store


def test_layers_and_columns_carry_the_words_of_the_data_dictionary(city, tmp_path):
    path = finish(city.export_geopackage(tmp_path / "layers.gpkg"))
    assert dict(pyogrio.list_layers(path)) == {
        "Roads": "LineString", "Bins": "Point", "Cameras": "Point", "Districts": "MultiPolygon", "data_dictionary": None
    }  # fmt: skip
    bins = pyogrio.read_dataframe(path, layer="Bins")
    assert bins["Key"].tolist() == ["b1", "b2"]
    assert bins["Fill level"][0] == 0.25
    assert bins["Fill level observed"][0] == AT
    assert bins["Fill level observed"].isna()[1]
    assert (bins["Capacity (L)"] == 240).all()
    assert bins.crs.to_epsg() == 4326
    assert bins.geometry[0].distance(Point(8.1, 47.2)) < 1e-9
    assert pyogrio.read_dataframe(path, layer="Districts")["Name"].tolist() == ["一", ""]
    assert pyogrio.read_dataframe(path, layer="Roads")["Closed"].tolist() == [True]
    assert sorted(tmp_path.glob("*.gpkg*")) == [path]


def test_many_rows_are_written_in_lots(city, tmp_path, monkeypatch):
    monkeypatch.setattr(geopackage, "LOT", 1)
    path = finish(city.export_geopackage(tmp_path / "layers.gpkg"))
    assert len(pyogrio.read_dataframe(path, layer="Bins")) == 2


def test_cancelling_leaves_the_file_of_before(city, tmp_path):
    path = tmp_path / "layers.gpkg"
    path.write_bytes(b"before")
    steps = iter([False, False, False, True])
    heard = []
    with pytest.raises(CancelledError):
        finish(city.export_geopackage(path), heard.append, lambda: next(steps))
    assert path.read_bytes() == b"before"
    assert [item.name for item in tmp_path.glob("layers*")] == ["layers.gpkg"]
    assert heard[0].message == "Writing layers for QGIS"


def test_the_same_city_gives_the_same_layers(city, tmp_path):
    paths = [finish(city.export_geopackage(tmp_path / name)) for name in ("one.gpkg", "two.gpkg")]
    one, two = ([pyogrio.read_dataframe(path, layer=name) for name in ("Bins", "Roads")] for path in paths)
    assert all(a.equals(b) for a, b in zip(one, two, strict=True))


def test_an_empty_city_gives_a_file_that_opens(store, tmp_path):
    path = finish(store.export_geopackage(tmp_path / "layers.gpkg"))
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["Empty city", "data_dictionary"]


def test_a_folder_that_is_not_there_is_told(city, tmp_path):
    with pytest.raises(StorageError):
        finish(city.export_geopackage(tmp_path / "no" / "layers.gpkg"))


def test_the_data_dictionary_travels_with_the_layers(city, tmp_path):
    path = finish(city.export_geopackage(tmp_path / "layers.gpkg"))
    table = pyogrio.read_dataframe(path, layer="data_dictionary")
    of_bins = table[table["layer"] == "Bins"].set_index("name")
    assert of_bins.loc["capacity_l", "column"] == "Capacity (L)"
    assert of_bins.loc["fill_level", "definition"] == "Volume held / capacity, newest reading."
    bins = pyogrio.read_dataframe(path, layer="Bins")
    assert set(of_bins["column"]) <= set(bins.columns)
