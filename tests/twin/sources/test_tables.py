from __future__ import annotations

from datetime import UTC, datetime

import geopandas
import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twin import datum
from twin.errors import DataError
from twin.sources import ReadOptions, read_mapping, source_for


def test_chinese_columns_code_page_and_datum(read, written):
    place = np.array([[114.0579, 22.5431]])
    lon, lat = datum.wgs84_to_gcj02(place)[0].tolist()
    text = f"设备编码,设备名称,摄像机类型,朝向,经度,纬度,在线状态\n44030001,深南大道,球机,90,{lon!r},{lat!r},在线\n"
    (camera,) = read(written("cameras.csv", text, "gb18030"), crs="gcj02").kinds["camera"]
    assert (camera.source_id, camera.name, camera.camera_type, camera.direction_deg, camera.online) == (
        "44030001", "深南大道", "ptz", 90, True,
    )  # fmt: skip
    assert shapely.get_coordinates(camera.geometry)[0] == pytest.approx(place[0], abs=1e-8)


def test_semicolons_decimal_commas_and_a_projected_system(read, written):
    text = "Kennung;Name;Höhe (m);Geschosse;X;Y;Nutzung\nA;Haus;12,5;4;2682863,8;1246295,9;Wohnen\n"
    path = written("houses.csv", text, "iso-8859-1")
    with pytest.raises(DataError, match="a building is a Polygon"):
        read(path, kind="buildings", crs="EPSG:2056")
    (site,) = read(path, kind="depots", crs="2056").kinds["depot"]
    assert shapely.get_coordinates(site.geometry)[0] == pytest.approx([8.536, 47.362], abs=0.001)


def test_fill_scales_and_percent(read, written):
    head = "bin_id,lon,lat,{},timestamp\nB1,24.9,60.1,{},2026-01-01\nB2,24.9,60.1,{},2026-01-01\n"
    for name, one, two in (("fill_level", 0.25, 1.0), ("fill_level", 25, 100), ("fill (%)", "25", "100"), ("fill_lvl", 2.5, 10)):
        given = read(written("bins.csv", head.format(name, one, two)))
        assert [item.fill_level for item in given.kinds["bin"]] == pytest.approx([0.25, 1.0]), name
        assert given.histories[0].columns["fill_level"] == pytest.approx([0.25, 1.0])


def test_repeated_rows_and_rows_without_a_key(read, written):
    given = read(
        written("cases.csv", "案件编号,经度,纬度,上报时间,阶段\nA,114.1,22.5,2026-01-01,立案\nA,114.1,22.5,2026-01-01,结案\n")
    )
    assert [item.stage for item in given.kinds["case"]] == ["filed"]
    assert [(item.row, item.reason) for item in given.problems] == [(3, "repeats 'A' of row 2")]
    text = "lon,lat,accident_type\n24.9,60.1,fire\n24.9,60.1,fire\n24.95,60.1,crash\n"
    given = read(written("incidents.csv", text), kind="incidents")
    assert [item.category for item in given.kinds["incident"]] == ["fire", "road_accident"]
    assert all(item.source_id.startswith("row:") for item in given.kinds["incident"])
    assert given.problems[0].reason == "is the same as row 2"


def test_a_time_from_parts_of_a_local_day(read, written):
    text = "accident_id,year,month,day,hour,x,y,killed\n1,2020,7,14,24,24.94,60.17,0\n2,2020,7,14,-1,24.94,60.17,1\n"
    given = read(written("a.csv", text), crs="EPSG:4326", time_zone="Europe/Helsinki")
    one, two = given.kinds["incident"]
    assert one.occurred_at == datetime(2020, 7, 14, 21, tzinfo=UTC)
    assert two.occurred_at == datetime(2020, 7, 13, 21, tzinfo=UTC)
    assert (one.severity, two.severity, one.category) == ("low", "critical", "road_accident")


def test_counts_with_quarters_of_an_hour(read, written):
    rows = "".join(f"P1;Bridge;24.9;60.1;1;{at};2020;10\n" for at in (500, 600, 615, 630, 645, 700))
    given = read(written("counts.csv", "piste;nimi;lon;lat;suunta;aika;vuosi;autot\n" + rows))
    (batch,) = given.histories
    assert [item.source_id for item in given.kinds["counter"]] == ["P1"]
    assert batch.columns["duration_s"].tolist() == [3600, 900, 900, 900, 900, 3600]
    assert batch.columns["at"][2] == np.datetime64("2020-01-01T06:15:00")


def test_after_which_reading_a_bin_was_emptied(read, written):
    levels = (0.2, 0.5, 0.9, 0.1, 0.05, 0.3)
    rows = "".join(f"B1,24.9,60.1,{level},2026-01-0{day}\n" for day, level in enumerate(levels, 1))
    (batch,) = read(written("bins.csv", "bin_id,lon,lat,fill_level,timestamp\n" + rows)).histories
    assert batch.columns["emptied"].tolist() == [False, False, True, False, False, False]


def test_a_workbook(read, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["camera_id", "name", "lon", "lat", "direction"])
    sheet.append(["C1", "Gate", 24.9, 60.1, 370])
    sheet.append([None, None, None, None, None])
    sheet.append(["C2", "Yard", 24.9, 60.1, 180])
    book.save(tmp_path / "cameras.xlsx")
    given = read(tmp_path / "cameras.xlsx")
    assert [item.name for item in given.kinds["camera"]] == ["Yard"]
    assert [(item.row, item.reason) for item in given.problems] == [(2, "Camera 'C1': direction_deg is 370; expected 0–360")]
    with pytest.raises(DataError, match="no sheet 'May'"):
        read(tmp_path / "cameras.xlsx", layer="May")


@pytest.mark.parametrize("name", ["areas.gpkg", "areas.geojson", "areas.shp"])
def test_vector_files_of_areas(read, tmp_path, name):
    squares = [shapely.box(24.9, 60.1, 24.91, 60.11), shapely.MultiPolygon([shapely.box(24.9, 60.2, 24.91, 60.21)])]
    frame = geopandas.GeoDataFrame({"bezirk": ["Kallio", "Töölö"], "tunnus": ["11", "13"]}, geometry=squares, crs=4326)
    frame.to_crs(4326 if name.endswith("json") else 3067).to_file(tmp_path / name)
    found = read(tmp_path / name).kinds["district"]
    assert [(item.name, item.code) for item in found] == [("Kallio", "11"), ("Töölö", "13")]
    assert found[0].geometry.area == pytest.approx(squares[0].area, rel=1e-3)


def test_a_shapefile_without_a_system_asks_for_one(read, tmp_path):
    frame = geopandas.GeoDataFrame({"bin_id": ["A"], "fill_level": [0.5]}, geometry=[shapely.Point(385000, 6672000)], crs=3067)
    frame.to_file(tmp_path / "bins.shp")
    (tmp_path / "bins.prj").unlink()
    with pytest.raises(DataError, match="coordinate system") as caught:
        read(tmp_path / "bins.shp")
    assert "--crs" in caught.value.advice
    assert len(read(tmp_path / "bins.shp", crs="EPSG:3067").kinds["bin"]) == 1
    with pytest.raises(DataError, match="no coordinate system 'EPSG:999999'"):
        read(tmp_path / "bins.shp", crs="EPSG:999999")


MAPPING = """
kind = "bin"
time_zone = "Asia/Shanghai"
[attributes]
source_id = "no"
lon = "a"
lat = "b"
waste_kind = { column = "sort", choices = { k = "food", r = "recyclable" } }
capacity_l = { column = "size", unit = "m3" }
fill_level = { column = "full", unit = "%" }
fill_observed_at = { column = "when", format = "%d/%m/%y %H:%M" }
district = { constant = "Futian" }
"""


def test_an_explicit_mapping(read, written):
    mapping = read_mapping(written("bins.toml", MAPPING))
    path = written(
        "x.csv", "no,a,b,sort,size,full,when\n7,114.05,22.55,k,0.66,85,01/02/26 08:00\n8,114.05,22.55,z,1,1,01/02/26 08:00\n"
    )
    given = read(path, mapping=mapping)
    (item,) = given.kinds["bin"]
    assert (item.source_id, item.waste_kind, item.district) == ("7", "food", "Futian")
    assert (item.capacity_l, item.fill_level) == pytest.approx((660, 0.85))
    assert item.fill_observed_at == datetime(2026, 2, 1, 0, tzinfo=UTC)
    assert given.problems[0].reason == "sort is 'z', which the mapping's choices do not name"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.toml", "kind = ", "is not valid"),
        ("m.json", "[1, 2]", "holds no table"),
        ("m.json", '{"attributes": {}}', "maps no attribute"),
        ("m.json", '{"attributs": {"id": "a"}}', "has an entry 'attributs'"),
        ("m.json", '{"attributes": {"id": {"colum": "a"}}}', "has 'colum'"),
        ("m.json", '{"attributes": {"id": {}}}', "needs a column or a constant"),
        ("m.json", '{"attributes": {"capacity_l": {"column": "a", "unit": "barrel"}}}', "has unit 'barrel'"),
        ("m.json", '{"attributes": {"id": 7}}', "id is 7"),
    ],
)
def test_mappings_that_are_refused(written, name, content, message):
    with pytest.raises(DataError, match=message):
        read_mapping(written(name, content))


def test_a_mapping_that_does_not_fit_the_file(read, written):
    path = written("x.csv", "number,lon,lat\n1,24,60\n")
    for rules, message in (({"id": "nummer"}, "does not have"), ({"colour": "lon"}, "a bin does not have")):
        mapping = read_mapping(written("m.json", f'{{"kind": "bin", "attributes": {rules}}}'.replace("'", '"')))
        with pytest.raises(DataError, match=message):
            read(path, mapping=mapping)


def exhausted(path, **options):
    return list(source_for(path).read(path, ReadOptions(**options)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([None, "bin", "incident", "counter", "fill_reading", "district"]))
def test_any_bytes_give_records_or_a_data_error(tmp_path, data, kind):
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    try:
        exhausted(path, kind=kind, crs="EPSG:4326")
    except DataError as error:
        assert error.advice  # noqa: PT017  either outcome is right


CELL = st.one_of(
    st.sampled_from(
        ["", "1", "24.9", "60.1", "-1", "1e400", "nan", "x", "2026-01-01", "0000-01-01", "99999999999999999999", '"', "A,1", "½"]
    ),
    st.text(max_size=8),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=9, max_size=9), min_size=1, max_size=4),
    st.sampled_from(["bin", "incident", "counter", "case"]),
)
def test_any_cells_give_records_or_a_data_error(tmp_path, rows, kind):
    path = tmp_path / "file.csv"
    header = "id,lon,lat,fill_level,timestamp,date,hour,year,total"
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]), encoding="utf-8", errors="replace")
    try:
        exhausted(path, kind=kind)
    except DataError as error:
        assert error.advice  # noqa: PT017  either outcome is right
