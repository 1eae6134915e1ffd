"""Histories, terrain and results: the files beside the database."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from shapely import LineString, Point

from twin.errors import BugError, DataError, StorageError
from twin.model.changes import Change
from twin.model.edits import ScaleDemand
from twin.model.places import Bin
from twin.model.results import Indicator, Measure, Result, ResultSeries, ResultTable
from twin.model.scenario import Scenario
from twin.model.snapshot import Terrain
from twin.store import Store, transaction

DAYS = np.arange("2026-01-01", "2026-01-05", dtype="datetime64[D]")
READINGS = {"subject_id": np.array(["a", "b", "a", "b"], dtype=object), "at": DAYS, "fill_level": np.array([0.1, 0.2, 0.3, 0.4])}


def append(store, kind="fill_reading", columns=READINGS, title="t"):
    with store.transaction(title) as opened:
        opened.append_history(kind, columns)
    return opened.effects


def result(version, scenario="baseline", value=1.5, **values):
    measures = (Measure("volume_vph", "Volume", "veh/h", noise=0.5),)
    columns = {"volume_vph": np.array([value, np.nan])}
    line = np.array([LineString([(0, 0), (1, 1)]), None], dtype=object)
    table = ResultTable("route", np.array(["r1", "r2"], dtype=object), columns, measures, line)
    mean = Indicator("delay", "Delay", value, "h", low=-np.inf, high=2.0, samples=(1.0, 2.0), rows=2)
    facts = {
        "params": {"gap": 1e-6},
        "seed": 3,
        "input_hash": "abc",
        "diagnostics": {"relative_gap": 1e-7},
        "notes": ("made up",),
    }
    return Result("congestion", scenario, version, indicators=(mean,), tables={"route": table}, **{**facts, **values})


def test_a_history_comes_back_with_its_defaults(store):
    assert append(store) == {"fill_reading": frozenset({"a", "b"})}
    append(store)
    found = store.snapshot([], histories=["fill_reading", "traffic_count"]).histories
    assert store.counts()["fill_reading"] == 8
    assert found["fill_reading"]["subject_id"].tolist() == ["a", "b", "a", "b"] * 2
    assert found["fill_reading"]["at"].dtype == "datetime64[s]"
    np.testing.assert_array_equal(found["fill_reading"]["at"][:4], DAYS)
    np.testing.assert_array_equal(found["fill_reading"]["fill_level"], [0.1, 0.2, 0.3, 0.4] * 2)
    assert found["fill_reading"]["emptied"].tolist() == [False] * 8
    assert {name: len(column) for name, column in found["traffic_count"].items()}["cars"] == 0


def test_missing_numbers_stay_missing(store):
    counts = {"subject_id": ["c"], "at": [np.datetime64("2012-01-01T07:00")], "total": [10.0], "cars": [np.nan]}
    append(store, "traffic_count", counts)
    found = store.snapshot([], histories=["traffic_count"]).histories["traffic_count"]
    assert np.isnan(found["cars"][0])
    assert np.isnan(found["buses"][0])
    assert (found["duration_s"][0], found["total"][0], found["direction"][0]) == (3600.0, 10.0, "")


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"fill_level": [0.1, 0.2, 1.6, 0.4]}, DataError, "fill_level of fill_reading is 1.6 in row 3 of 4"),
        ({"fill_level": [0.1, np.nan, 0.3, 0.4]}, DataError, "row 2 of 4"),
        ({"subject_id": ["a", None, "a", "b"]}, DataError, "subject_id of fill_reading is None in row 2"),
        ({"at": np.array(["2026-01-01", "NaT", "2026-01-01", "2026-01-01"], dtype="datetime64[s]")}, DataError, "row 2"),
        ({"colour": [1, 2, 3, 4]}, BugError, "no column 'colour'"),
        ({"fill_level": [0.1]}, BugError, "unequal lengths"),
    ],
)
def test_bad_rows_are_refused_with_column_and_row(store, columns, error, message):
    with pytest.raises(error, match=message):
        append(store, columns={**READINGS, **columns})
    assert store.version == 0


def test_an_import_is_taken_back_with_its_history(store, folder):
    append(store)
    append(store)
    assert store.undo().effects == {"fill_reading": frozenset({"history/fill_reading-00000002-000.parquet"})}
    assert store.counts()["fill_reading"] == 4
    store.redo()
    assert store.counts()["fill_reading"] == 8
    store.undo()
    store.undo()
    assert store.counts()["fill_reading"] == 0
    assert len(list((folder / "history").iterdir())) == 2  # the journal may need them again


def test_a_long_history_is_written_in_lots(store, folder, monkeypatch):
    monkeypatch.setattr(transaction, "HISTORY_LOT", 6)
    with store.transaction("t") as opened:
        for _ in range(4):
            opened.append_history("fill_reading", READINGS)
    assert store.counts()["fill_reading"] == 16
    assert sorted(path.name for path in (folder / "history").iterdir()) == [
        f"fill_reading-00000001-00{i}.parquet" for i in (0, 1)
    ]
    assert store.undo().title is not None
    assert store.counts()["fill_reading"] == 0


def test_readings_of_an_undone_import_do_not_fill_bins(store):
    bin_ = Bin(id="b", geometry=Point(8, 47))
    store.write([Change(None, bin_)], title="bins")
    append(store)
    at = datetime(2026, 1, 10, tzinfo=UTC)
    assert store.snapshot(["bin"], at=at)["bin"]["fill_level"].tolist() == [0.4]
    store.undo()
    assert np.isnan(store.snapshot(["bin"], at=at)["bin"]["fill_level"][0])


def test_what_a_killed_writer_left_is_swept_and_nothing_else(store, folder):
    append(store)
    kept = store.save_result(result(1))
    store.close()
    left = [folder / "history" / "fill_reading-00000009-000.parquet", folder / "history" / "x.parquet.partial"]
    for path in left:
        path.write_bytes(b"half")
    torn = folder / "results" / ("congestion-" + "0" * 16)
    torn.mkdir()
    (torn / "result.json").write_text("{")
    own = folder / "history" / "notes.txt"
    own.write_text("of somebody")
    with Store.open(folder, writable=False) as reader:
        assert reader.counts()["fill_reading"] == 4
        assert torn.exists()
    with Store.open(folder) as writer:
        assert [path.exists() for path in [*left, torn, own]] == [False, False, False, True]
        assert writer.counts()["fill_reading"] == 4
        assert [item.name for item in writer.results()] == [kept]


def test_terrain_is_exchanged_and_taken_back(store):
    heights = [Terrain(-5.0, 2.5, 10.0, np.array([[1, np.nan], [3, height]], dtype=np.float32)) for height in (4, 5)]
    with pytest.raises(StorageError, match="no origin"), store.transaction("t") as opened:
        opened.set_terrain(heights[0])
    store.set_origin(8, 47)
    for terrain in heights:
        with store.transaction("t") as opened:
            opened.set_terrain(terrain)

    def stored():
        return store.snapshot([]).terrain

    assert (stored().x0_m, stored().y0_m, stored().step_m) == (-5.0, 2.5, 10.0)
    np.testing.assert_array_equal(stored().heights_m, heights[1].heights_m)
    store.undo()
    np.testing.assert_array_equal(stored().heights_m, heights[0].heights_m)
    store.undo()
    assert stored() is None
    store.redo()
    store.redo()
    np.testing.assert_array_equal(stored().heights_m, heights[1].heights_m)


def test_a_result_is_found_until_the_city_or_its_scenario_changes(store):
    scenario = Scenario(id=store.ids(), name="S", edits=(ScaleDemand(factor=2.0),))
    store.write([Change(None, Bin(id="b", geometry=Point(8, 47)))], title="city")
    store.write([Change(None, scenario)], title="plan")
    store.save_result(result(store.city_version))
    store.save_result(result(store.city_version, "S", 2.5))
    found = store.result("congestion", "S")
    assert (found.indicators, found.params, found.notes) == (
        result(1, value=2.5).indicators, {"gap": 1e-6}, ("made up",)
    )  # fmt: skip
    table = found.tables["route"]
    np.testing.assert_array_equal(table.columns["volume_vph"], [2.5, np.nan])
    assert (table.ids.tolist(), table.measures, table.geometry[1]) == (["r1", "r2"], result(1).tables["route"].measures, None)
    changed = scenario.with_edit(ScaleDemand(factor=0.5))
    store.write([Change(scenario, changed)], title="edit")
    assert store.result("congestion", "S") is None
    assert store.result("congestion", "baseline") is not None
    assert [(item.scenario, item.stale) for item in store.results()] == [("S", True), ("baseline", False)]
    store.undo()
    assert store.result("congestion", "S") is not None
    store.write([Change(None, Bin(id="c", geometry=Point(8, 47)))], title="city")
    assert store.result("congestion", "baseline") is None
    assert store.result("cleanup", "baseline") is None
    assert store.load_result(store.results()[0].name).scenario == "S"


def test_the_same_result_is_one_folder(store, folder):
    names = [store.save_result(result(0)), store.save_result(result(0, value=9.0)), store.save_result(result(0))]
    assert names[0] == names[2] != names[1]
    assert len(list((folder / "results").iterdir())) == 2
    assert store.result("congestion", "baseline").indicator("delay").value == 1.5


def test_a_result_can_be_saved_inside_a_transaction(store):
    with store.transaction("t") as opened:
        opened.append_history("fill_reading", READINGS)
        store.save_result(result(1))
    assert store.result("congestion", "baseline") is not None


def test_the_span_of_a_history_is_known_without_its_rows(store):
    assert store.history_span("fill_reading") is None
    append(store)
    append(store, columns={**READINGS, "at": DAYS + np.timedelta64(9, "D")})
    found = store.snapshot((), histories=["fill_reading"]).histories["fill_reading"]["at"]
    first, last = store.history_span("fill_reading")
    assert (first, last) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 13, tzinfo=UTC))
    assert [np.datetime64(at.replace(tzinfo=None)) for at in (first, last)] == [found.min(), found.max()]
    store.undo()
    assert store.history_span("fill_reading")[1] == datetime(2026, 1, 4, tzinfo=UTC)


def test_a_series_over_the_day_comes_back(store):
    measures = (Measure("queue_m", "Queue", "m"),)
    column = np.array([[0.0, 1.5], [np.nan, 2.5]], np.float32)
    series = ResultSeries(
        "link", np.array(["a", "b"], dtype=object), np.array([0.0, 900.0]), 900.0, {"queue_m": column}, measures
    )
    store.save_result(result(store.city_version, series={"link": series}))
    found = store.result("congestion", "baseline").series["link"]
    assert (found.kind, found.ids.tolist(), found.t_s.tolist(), found.step_s) == ("link", ["a", "b"], [0.0, 900.0], 900.0)
    assert (found.measures, found.columns["queue_m"].dtype) == (measures, np.float32)
    np.testing.assert_array_equal(found.columns["queue_m"], column)
