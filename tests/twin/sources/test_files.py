from __future__ import annotations

import zipfile

import numpy as np
import pytest
import rasterio
from affine import Affine

from twin.errors import DataError
from twin.geo import Projection
from twin.sources import SOURCES, source_for
from twin.sources.base import Source
from twin.sources.files import unpacked

LIMIT = 1 << 24


def archive(path, entries, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return path


def test_an_archive_is_unpacked_side_by_side_and_taken_away(tmp_path):
    path = archive(tmp_path / "a.zip", {"data/one.txt": b"1", "two.txt": b"2", "__MACOSX/x": b"3"})
    with unpacked(path, LIMIT) as folder:
        assert {item.name for item in folder.iterdir()} == {"one.txt", "two.txt"}
    assert not folder.exists()


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"a.tif": b"\0" * (LIMIT + 1)}, "zip bomb"),
        ({"a.tif": b"\0" * (LIMIT - 1)}, "zip bomb"),
        ({"../a.tif": b"1"}, "outside the archive"),
        ({"/etc/a.tif": b"1"}, "outside the archive"),
        ({"C:\\a.tif": b"1"}, "outside the archive"),
        ({"a\\..\\..\\b.tif": b"1"}, "outside the archive"),
        ({f"{i}.txt": b"1" for i in range(1001)}, "holds 1001 files"),
        ({}, "holds no file"),
    ],
)
def test_archives_that_do_harm_are_refused_before_anything_is_unpacked(tmp_path, entries, message):
    path = archive(tmp_path / "a.zip", entries)
    with pytest.raises(DataError, match=message) as caught, unpacked(path, LIMIT):
        pass
    assert caught.value.advice
    assert [item.name for item in tmp_path.iterdir()] == ["a.zip"]


def test_a_header_that_lies_about_the_size_does_not_help(tmp_path):
    path = archive(tmp_path / "a.zip", {"a.tif": bytes(range(256)) * 4096})
    content = path.read_bytes()
    real = (256 * 4096).to_bytes(4, "little")
    path.write_bytes(content.replace(real, (10).to_bytes(4, "little")))
    with pytest.raises(DataError), unpacked(path, 1000):
        pass


def test_an_archive_with_broken_bytes(tmp_path):
    path = archive(tmp_path / "a.zip", {"a.tif": bytes(range(256)) * 64})
    content = bytearray(path.read_bytes())
    content[60:90] = b"\xff" * 30
    path.write_bytes(content)
    with pytest.raises(DataError, match="cannot be unpacked"), unpacked(path, LIMIT):
        pass


def raster(path, crs="EPSG:4326", nodata=-32768.0):
    """Write a slope: 100 m in the south, 200 m in the north, a hole in the north-west corner."""
    heights = np.linspace(200, 100, 40)[:, None].repeat(60, axis=1).astype(np.float32)
    heights[:4, :4] = nodata
    step = 0.0005
    with rasterio.open(
        path, "w", driver="GTiff", width=60, height=40, count=1, dtype="float32", crs=crs, nodata=nodata,
        transform=Affine(step, 0, 24.9, 0, -step, 60.2),
    ) as file:  # fmt: skip
        file.write(heights, 1)
    return path


def test_a_raster_becomes_a_grid_of_metres_with_the_south_first(read, tmp_path):
    (grid,) = read(raster(tmp_path / "dem.tif")).terrains
    terrain = grid.terrain
    assert 30 <= terrain.step_m <= 60
    west, south, east, north = 24.9, 60.18, 24.93, 60.2
    corner = grid.projection.to_xy(np.array([[west + 0.015, south + 0.001], [west + 0.015, north - 0.001]]))
    assert terrain.at(corner) == pytest.approx([105, 195], abs=2)
    assert np.isnan(terrain.heights_m[-1, 0])
    assert np.isfinite(terrain.heights_m[2:-8, 2:-2]).all()
    assert (grid.projection.lon, grid.projection.lat) == pytest.approx(((west + east) / 2, (south + north) / 2))


def test_a_raster_is_cut_to_the_city_and_refused_beside_it(read, tmp_path):
    path = raster(tmp_path / "dem.tif")
    city = Projection(24.91, 60.19)
    (grid,) = read(path, bounds=(24.909, 60.189, 24.911, 60.191), projection=city).terrains
    assert grid.projection == city
    with pytest.raises(DataError, match="the city is elsewhere"):
        read(path, bounds=(7.4, 43.7, 7.5, 43.8), projection=Projection(7.4, 43.7))


def test_a_raster_in_a_zip_and_one_without_a_system(read, tmp_path):
    path = raster(tmp_path / "dem.tif")
    packed = archive(tmp_path / "dem.zip", {"dem.tif": path.read_bytes()})
    assert len(read(packed).terrains) == 1
    with pytest.raises(DataError, match="coordinate system"):
        read(raster(tmp_path / "bare.tif", crs=None))
    assert len(read(tmp_path / "bare.tif", crs="EPSG:4326").terrains) == 1


def test_every_source_is_one_and_has_its_own_name():
    assert all(isinstance(source, Source) for source in SOURCES)
    assert len({source.name for source in SOURCES}) == len(SOURCES)
    assert all(end.startswith(".") for source in SOURCES for end in source.extensions)


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("a.osm.pbf", b"x", "osm"),
        ("a.osm.bz2", b"x", "osm"),
        ("a.xml", b'<?xml version="1.0"?>\n<osm version="0.6">', "osm"),
        ("a.TIF", b"x", "raster"),
        ("a.hgt", b"x", "raster"),
        ("a.geojson", b"x", "vector"),
        ("a.gpkg", b"x", "vector"),
        ("a.csv", b"x", "csv"),
        ("a.xlsx", b"x", "workbook"),
    ],
)
def test_files_are_known_by_name_or_content(written, name, content, source):
    assert source_for(written(name, content)).name == source


@pytest.mark.parametrize(("named", "is_known"), [("EPSG:999999", False), ("urn:ogc:def:crs:OGC:1.3:CRS84", True)])
def test_a_geojson_that_names_an_unknown_coordinate_system_is_not_taken_for_degrees(tmp_path, named, is_known):
    from twin.sources.base import ReadOptions
    from twin.sources.vector import read_vector

    path = tmp_path / "points.geojson"
    place = '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [24.9, 60.1]}}'
    crs = f'"crs": {{"type": "name", "properties": {{"name": "{named}"}}}}'
    path.write_text(f'{{"type": "FeatureCollection", {crs}, "features": [{place}]}}')
    assert (read_vector(path, ReadOptions()).crs != named) == is_known
