"""``citytwin routes``: table, CSV and GPX tell the same day, and the day keeps its own arithmetic."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from sim.cleanup.params import CleanupParams
from twin.errors import ScenarioError
from twin.task import finish
from ui import route_sheets
from ui.route_sheets import hand_over, sheets_of
from ui.routes import stops_of, trips_of
from ui.session import Session

GPX = "{http://www.topografix.com/GPX/1/1}"


@pytest.fixture
def day(call_json, collected, tmp_path):
    found = call_json("routes", collected, "--csv", tmp_path / "stops.csv", "--gpx", tmp_path / "trucks")
    return found, tmp_path


def test_every_stop_of_a_trip_is_listed_in_order_with_its_load_and_way(day):
    found, _ = day
    assert found["trips"]
    for trip in found["trips"]:
        stops = [stop for stop in found["stops"] if (stop["truck"], stop["trip"]) == (trip["truck"], trip["trip"])]
        assert [stop["stop"] for stop in stops] == list(range(1, int(trip["stops"]) + 1))
        assert sum(stop["load_l"] for stop in stops) == pytest.approx(trip["load_l"])
        assert {stop["waste_kind"] for stop in stops} == {trip["waste_kind"]}
        assert trip["leaves_s"] <= stops[0]["arrives_s"]
        assert sorted(stop["distance_km"] for stop in stops) == [stop["distance_km"] for stop in stops]
        assert stops[-1]["distance_km"] <= trip["distance_km"]


def test_the_csv_has_the_same_stops_with_the_time_of_day(day):
    found, folder = day
    rows = list(csv.DictReader(io.StringIO((folder / "stops.csv").read_text("utf-8-sig"))))
    assert [row["bin"] for row in rows] == [stop["bin"] for stop in found["stops"]]
    hours, minutes = rows[0]["arrives"].split(":")
    assert abs(int(hours) * 3600 + int(minutes) * 60 - found["stops"][0]["arrives_s"]) < 60


def test_each_truck_has_a_gpx_with_its_stops_as_waypoints_near_its_track(day):
    found, folder = day
    trucks = sorted({trip["truck"] for trip in found["trips"]})
    files = sorted((folder / "trucks").iterdir())
    assert [file.name for file in files] == [f"truck-{truck:03d}.gpx" for truck in trucks]
    for truck, file in zip(trucks, files, strict=True):
        root = ET.fromstring(file.read_bytes())  # noqa: S314  written by us a moment ago
        mine = [stop for stop in found["stops"] if stop["truck"] == truck]
        marks = [(float(mark.get("lon")), float(mark.get("lat"))) for mark in root.iter(f"{GPX}wpt")]
        assert marks == [(stop["lon"], stop["lat"]) for stop in mine]
        assert len(list(root.iter(f"{GPX}trkseg"))) == sum(trip["truck"] == truck for trip in found["trips"])
        track = [(float(point.get("lon")), float(point.get("lat"))) for point in root.iter(f"{GPX}trkpt")]
        assert all(min(abs(x - a) + abs(y - b) for a, b in track) < 0.005 for x, y in marks)


def test_the_break_moves_the_stops_after_it_and_nothing_else(call_json, collected):
    late, long = ("--break-after-s", "86400"), ("--break-after-s", "0")
    without = call_json("routes", collected, *late)["stops"]
    with_break = call_json("routes", collected, *long, "--break-s", "1800")["stops"]
    assert [stop["bin"] for stop in with_break] == [stop["bin"] for stop in without]
    moved = {round(b["arrives_s"] - a["arrives_s"]) for a, b in zip(without, with_break, strict=True)}
    assert moved <= {0, 1800}
    assert 1800 in moved


def test_a_city_without_bins_is_told_what_to_import(call, grid):
    status, _, err = call("routes", grid)
    assert status == 1
    assert "bins" in err


def test_crews_read_it_in_chinese(call, collected, tmp_path):
    status, out, _ = call("routes", collected, "--language", "zh_CN", "--gpx", tmp_path / "trucks")
    assert status == 0
    assert "趟次" in out
    assert "1 号车" in (tmp_path / "trucks" / "truck-001.gpx").read_text()


def test_each_truck_has_a_route_sheet_that_names_its_bins(call_json, collected, tmp_path):
    found = call_json("routes", collected, "--pdf", tmp_path / "sheets")
    trucks = sorted({trip["truck"] for trip in found["trips"]})
    files = sorted((tmp_path / "sheets").iterdir())
    assert [file.name for file in files] == [f"truck-{truck:03d}.pdf" for truck in trucks]
    assert all(file.read_bytes().startswith(b"%PDF") and len(file.read_bytes()) > 5000 for file in files)


def test_the_window_writes_all_of_a_simulated_day_into_a_folder(collected, tmp_path):
    with Session.open(collected) as session:
        finish(session.simulate_task("cleanup", CleanupParams(days=1, replications=1, search_iterations=0)))
        trucks = finish(hand_over(session, tmp_path / "rounds"))
    assert trucks > 0
    names = {file.name for file in (tmp_path / "rounds").iterdir()}
    assert names == {"stops.csv", *(f"truck-{n + 1:03d}.{end}" for n in range(trucks) for end in ("pdf", "gpx"))}


def test_the_window_says_what_to_do_where_nothing_was_simulated(collected, tmp_path):
    with Session.open(collected) as session, pytest.raises(ScenarioError, match="no rounds"):
        finish(hand_over(session, tmp_path / "rounds"))
    assert not (tmp_path / "rounds").exists()


def test_a_sheet_says_who_made_the_map_and_has_all_stops(collected, monkeypatch):
    made = []
    monkeypatch.setattr(route_sheets, "route_sheet_pdf", lambda sheet: made.append(sheet) or b"")
    with Session.open(collected) as session:
        result = finish(session.simulate_task("cleanup", CleanupParams(days=1, replications=1, search_iterations=0)))
        city = replace(session.edited_snapshot, sources=frozenset({"osm"}))
    list(sheets_of(result, city, trips_of(result), stops_of(result, city)))
    assert all(any("OpenStreetMap" in part for part in sheet.around.foot) for sheet in made)
    listed = sum(len(trip.stops) for sheet in made for trip in sheet.trips)
    assert listed == len(result.tables["stop"].ids) > 0


def test_a_folder_with_the_file_of_a_truck_that_does_not_drive_is_refused_before_anything_is_written(call, collected, tmp_path):
    folder = tmp_path / "trucks"
    folder.mkdir()
    (folder / "truck-099.gpx").write_text("an old round", encoding="utf-8")
    status, _, err = call("routes", collected, "--gpx", folder, "--csv", tmp_path / "stops.csv")
    assert status == 1
    assert "truck-099.gpx" in err
    assert [path.name for path in tmp_path.rglob("*") if path.suffix in (".gpx", ".csv")] == ["truck-099.gpx"]
    (folder / "truck-099.gpx").unlink()
    assert call("routes", collected, "--gpx", folder)[0] == 0
    assert call("routes", collected, "--gpx", folder)[0] == 0  # its own files are written anew
