"""Open data, read back as anybody would: what the public may see, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from tests.access_city import EAST, PERSONAL, WEST, case, city
from twin.access.scope import Scope, Viewer, parent
from twin.errors import DataError, StorageError
from twin.geo import cells
from twin.model.changes import Change
from twin.model.places import Bin, PopulationCell
from twin.model.scenario import Scenario
from twin.opendata import export_open_data, licence_for
from twin.opendata.aggregate import FEWEST, grouped
from twin.store import Store
from twin.task import finish

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
EARLIER = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)


def near(lon_lat, number):
    return shapely.Point(lon_lat[0] + 1e-5 * number, lon_lat[1])


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("open") / "city.twin"
    things = city()
    things += [
        Bin(
            id=f"w{n}", geometry=near(WEST, n), name=f"CANARY-{n}", capacity_l=100.0, fill_level=0.1 * n, fill_observed_at=EARLIER
        )
        for n in range(7)
    ]
    things += [Bin(id=f"g{n}", geometry=near(EAST, n), waste_kind="food", name=f"CANARY-{n}") for n in range(4)]
    things += [
        case(
            f"c{n}", WEST, class_code="E0102" if n < 6 else "E0505", reported_at=EARLIER, stage="closed", closed_at=AT, due_at=AT
        )
        for n in range(9)
    ]
    things += [PopulationCell(id=f"p{n}", geometry=near(WEST, 10 * n).buffer(1e-5), residents=12.4) for n in range(6)]
    things += [Scenario(id="s2", name="Ring road open", status="published", author="CANARY-feng")]
    with Store.create(path, now=lambda: AT, random=Random(1), synthetic=True) as opened:
        opened.write([Change(None, item) for item in things], title="t")
        yield opened


@pytest.fixture(scope="module")
def folder(store, tmp_path_factory):
    target = tmp_path_factory.mktemp("out") / "open"
    finish(export_open_data(lambda kind: store.snapshot([kind], with_terrain=False), target, made_at=AT))
    return target


def test_the_three_formats_and_the_dictionary_say_the_same(folder):
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    layers = dict(pyogrio.list_layers(folder / "open-data.gpkg"))
    names = {item["name"] for item in described["resources"]}
    assert names == {"link", "incident", "district", "unit_grid", "bins", "population", "cases", "scenario"} == set(layers)
    for item in described["resources"]:
        table = pd.read_csv(folder / item["path"], dtype=str, keep_default_na=False)
        assert list(table.columns) == [field["name"] for field in item["schema"]["fields"]]
        assert len(table) == item["rows"] == len(pyogrio.read_dataframe(folder / "open-data.gpkg", layer=item["name"]))
        has_places = layers[item["name"]] is not None
        read = geopandas.read_parquet if has_places else pd.read_parquet
        again = read(folder / f"{item['name']}.parquet")
        assert len(again) == item["rows"]
        if has_places:
            assert again.crs.to_epsg() == 4326
            assert list(again.geometry.to_wkt(rounding_precision=7)) == table["geometry"].tolist()
    rows = pd.read_csv(folder / "data_dictionary.csv", keep_default_na=False)
    assert set(rows["table"]) == names
    assert (rows["title"] != "").all()


def test_licence_and_freshness_are_told(folder):
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert described["licenses"][0]["name"] == "CC0-1.0"
    assert described["created"] == AT.isoformat()
    assert "made up" in described["description"]
    assert next(item for item in described["resources"] if item["name"] == "bins")["modified"] == EARLIER.isoformat()


def test_no_canary_in_any_byte_of_any_file(folder):
    # In Parquet and GeoPackage texts may be packed: what their readers get is looked at, and their bytes.
    texts = [path.read_bytes() for path in folder.iterdir()]
    texts += [pd.read_parquet(path).to_csv().encode() for path in folder.glob("*.parquet")]
    layers = dict(pyogrio.list_layers(folder / "open-data.gpkg"))
    texts += [pyogrio.read_dataframe(folder / "open-data.gpkg", layer=layer).to_csv().encode() for layer in layers]
    for canary in (*PERSONAL, "CANARY", "bin-1", "case-1", "b5bb9d80", "camera-1", "bridge closed"):
        assert all(canary.encode() not in text for text in texts), canary


def test_incidents_are_shown_without_house_numbers_and_where_they_about_are(folder):
    shown = pyogrio.read_dataframe(folder / "open-data.gpkg", layer="incident")
    assert shown["address"].tolist() == ["中山路"]
    assert "***" in shown["description"][0] or "****" in shown["description"][0]
    assert shown.geometry[0] != shapely.Point(*EAST)


def test_bins_are_sums_of_five_and_more(folder):
    table = pd.read_csv(folder / "bins.csv")
    assert table["bins"].tolist() == [8]
    assert table["observed_bins"].tolist() == [7]
    assert table["mean_fill_level"].tolist() == [0.3]
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert next(item for item in described["resources"] if item["name"] == "bins")["left_out"] == 5


def test_cases_are_counted_and_rare_classes_told_together(folder):
    table = pd.read_csv(folder / "cases.csv", keep_default_na=False)
    assert table[["district", "month", "class_code", "cases", "closed_in_time"]].values.tolist() == [
        ["West", "2026-03", "E0102", 6, 6]
    ]  # fmt: skip


def test_residents_are_told_to_the_nearest_ten(folder):
    assert pd.read_csv(folder / "population.csv")["residents"].tolist() == [70.0]


def test_a_published_scenario_is_shown_without_its_author(folder):
    table = pd.read_csv(folder / "scenario.csv")
    assert table["name"].tolist() == ["Ring road open"]
    assert "author" not in table.columns


def test_groups_are_large_and_no_row_is_in_two():
    rng = np.random.default_rng(1)
    points = shapely.points(rng.normal(WEST, 0.05, (400, 2)))
    keys = [(cell, "x") for cell in cells(points)]
    groups, left_out = grouped(keys)
    members = [row for rows in groups.values() for row in rows]
    assert len(members) == len(set(members)) == 400 - left_out
    assert min(len(rows) for rows in groups.values()) >= FEWEST
    for (cell, _), rows in groups.items():
        assert all(parent(keys[row][0], cell >> 52 & 0xF) == cell for row in rows)


def test_another_role_gets_what_it_sees(store, tmp_path):
    scope = Scope(Viewer("zhao", "acceptor"))
    read = lambda kind: store.snapshot([kind], with_terrain=False)  # noqa: E731  one line
    finish(export_open_data(read, tmp_path / "out", made_at=AT, scope=scope))
    assert len(pd.read_csv(tmp_path / "out" / "bin.csv")) == 13
    assert "complainant" not in pd.read_csv(tmp_path / "out" / "case.csv").columns
    with pytest.raises(DataError, match="nothing"):
        finish(export_open_data(read, tmp_path / "none", made_at=AT, scope=Scope(Viewer("x", "no such role"))))


def test_an_export_is_replaced_and_anything_else_is_left(store, tmp_path):
    read = lambda kind: store.snapshot([kind], with_terrain=False)  # noqa: E731  one line
    target = tmp_path / "out"
    for _ in range(2):
        finish(export_open_data(read, target, made_at=AT))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(StorageError, match="left as it is"):
        finish(export_open_data(read, tmp_path / "mine", made_at=AT))
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
    (target / "letter.txt").write_text("dear")  # somebody keeps a letter beside the export
    with pytest.raises(StorageError, match="left as it is"):
        finish(export_open_data(read, target, made_at=AT))
    (target / "letter.txt").unlink()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "datapackage.json").write_text('{"name": "rainfall", "resources": []}')
    with pytest.raises(StorageError, match="left as it is"):  # a data package, and not one of ours
        finish(export_open_data(read, tmp_path / "theirs", made_at=AT))
    task = export_open_data(read, tmp_path / "cancelled", made_at=AT)
    next(task)
    task.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "out", "theirs"]


def test_licences():
    assert licence_for({"osm", "csv"}, synthetic=False).name == "ODbL-1.0"
    assert licence_for({"csv"}, synthetic=False, wanted="CC-BY-4.0").name == "CC-BY-4.0"
    for sources, wanted in (({"osm"}, "CC0-1.0"), ({"csv"}, ""), ({"csv"}, "mine")):
        with pytest.raises(DataError):
            licence_for(sources, synthetic=False, wanted=wanted)
