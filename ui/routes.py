"""A day's rounds as a result has them, in the forms in which crews and other programs take them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from twin.errors import ScenarioError
from twin.model.entity import CLOCK_UNIT
from twin.model.places import WASTE_KINDS
from twin.model.results import Result
from twin.model.snapshot import Snapshot
from ui.gpx import Mark, gpx
from ui.language import tr
from ui.quantity import quantity

NAMES = ("truck", "trip", "stop", "bin", "name", "waste_kind", "lon", "lat", "arrives", "load_l", "distance_km")
_LON_LAT_DIGITS = 6
_ENDINGS = ("pdf", "gpx")


def trips_of(result: Result) -> list[dict[str, Any]]:
    """Return the trips of the day in the order of trucks and turns."""
    columns = {name: column.tolist() for name, column in result.tables["route"].columns.items()}
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return [
        {**row, "truck": int(row["truck"]), "trip": int(row["trip"]), "waste_kind": WASTE_KINDS[int(row["waste_kind"])]}
        for row in rows
    ]


def has_rounds(result: Result) -> bool:
    """Whether a result tells the rounds of a day truck by truck; those of earlier versions do not."""
    return "stop" in result.tables and "truck" in result.tables["route"].columns


def stops_of(result: Result, city: Snapshot) -> list[dict[str, Any]]:
    """Return the stops of the day in the order of driving, with what the city knows of each bin."""
    stops, bins = result.tables["stop"], city["bin"]
    row_of = {key: row for row, key in enumerate(bins.ids.tolist())}
    rows = np.array([row_of[key] for key in stops.ids.tolist()], dtype=np.intp)
    lon_lat = np.round(city.projection.to_lon_lat(bins.xy[rows]), _LON_LAT_DIGITS).tolist()
    columns = {name: column.tolist() for name, column in stops.columns.items()}
    return [
        {
            "truck": int(columns["truck"][place]),
            "trip": int(columns["trip"][place]),
            "stop": int(columns["stop"][place]),
            "bin": str(key),
            "name": str(bins["name"][row]),
            "waste_kind": str(bins["waste_kind"][row]),
            "lon": lon_lat[place][0],
            "lat": lon_lat[place][1],
            "arrives_s": columns["arrives_s"][place],
            "load_l": columns["load_l"][place],
            "distance_km": columns["distance_km"][place],
        }
        for place, (key, row) in enumerate(zip(stops.ids.tolist(), rows.tolist(), strict=True))
    ]


def truck_file(folder: Path, truck: int, ending: str) -> Path:
    """Return the file of a truck in a folder of sheets or tracks."""
    return folder / f"truck-{truck:03d}.{ending}"


def refuse_others(folder: Path, trips: list[dict[str, Any]]) -> None:
    """Raise ``ScenarioError`` where a folder has files of trucks that do not drive on this day: somebody would drive them."""
    names = {truck_file(folder, trip["truck"], ending).name for trip in trips for ending in _ENDINGS}
    found = [path.name for ending in _ENDINGS for path in folder.glob(f"truck-*.{ending}")] if folder.is_dir() else []
    others = sorted(set(found) - names)
    if others:
        raise ScenarioError(
            f"The folder '{folder.name}' has files of trucks that do not drive on this day: {', '.join(others[:5])}.",
            "Choose an empty folder, or remove the old files, so that nobody drives an old round.",
        )


def csv_of(stops: list[dict[str, Any]]) -> str:
    """Return the stops as CSV; ``arrives`` is the time of day, HH:MM."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(NAMES)
    for stop in stops:
        told = {**stop, "arrives": quantity(stop["arrives_s"], CLOCK_UNIT), "load_l": f"{stop['load_l']:.0f}",
                "distance_km": f"{stop['distance_km']:.3f}"}  # fmt: skip
        writer.writerow([told[name] for name in NAMES])
    return text.getvalue()


def gpx_of(truck: int, result: Result, city: Snapshot, trips: list[dict[str, Any]], stops: list[dict[str, Any]]) -> str:
    """Return a truck's day as GPX: its stops as waypoints, its trips as segments of one track."""
    lines = result.tables["route"].geometry
    assert lines is not None  # noqa: S101  routes always have lines
    marks = [
        Mark(
            (stop["lon"], stop["lat"]),
            f"{stop['trip']}.{stop['stop']} {stop['name'] or stop['bin']}",
            f"{quantity(stop['arrives_s'], CLOCK_UNIT)} · {quantity(stop['load_l'], 'L')}",
        )
        for stop in stops
        if stop["truck"] == truck
    ]
    segments = [
        city.projection.to_lon_lat(shapely.get_coordinates(line))
        for trip, line in zip(trips, lines, strict=True)
        if trip["truck"] == truck
    ]
    return gpx(tr("Truck {number}", number=truck), marks, segments)
