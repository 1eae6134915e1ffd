"""A day's plan, as it was handed to the crews, beside the emptyings that came back: read, set side by side, written."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.cleanup.actual import DAY_S, Actual, Emptied, Planned, plan_against_actual, working_day
from twin.errors import DataError
from twin.model.entity import CLOCK_UNIT
from twin.model.snapshot import Snapshot
from twin.sources.base import ReadOptions
from twin.sources.table import Table, read_csv
from ui.quantity import quantity

NAMES = ("state", "truck", "trip", "stop", "bin", "name", "planned", "emptied", "delay_s", "driver", "load_kg")
_NEEDED = ("truck", "trip", "stop", "bin", "arrives")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::[0-5]\d)?")


class Day(NamedTuple):
    """A plan against its record: rows for people and scripts, the comparison itself, and the day it is about."""

    date: date
    actual: Actual
    rows: list[dict[str, Any]]
    not_in_city: int


def day_of(plan: Table, city: Snapshot, zone: tzinfo, wanted: date | None = None) -> Day:
    """Compare a list of stops that was handed out with the emptyings that the city has of a day; otherwise of the newest.

    Raises ``DataError`` where the list is none, or no emptying is of that day.
    """
    planned, order = _planned(plan)
    history = city.histories["emptying"]
    local = _local_s(history["at"], zone)
    day = wanted if wanted is not None else _newest_day(local, planned)
    since = local - _midnight_s(day)
    begin_s, end_s = working_day(planned)
    rows = np.flatnonzero((since >= begin_s) & (since < end_s))
    if not len(rows):
        raise DataError(
            f"The city has no emptying of {day.isoformat()}.",
            "Import the record of that day with 'citytwin import … --as emptying', or name another day with --date.",
        )
    emptied = Emptied(history["subject_id"][rows], history["truck"][rows], since[rows])
    actual = plan_against_actual(planned, emptied)
    bins = city["bin"]
    name_of = dict(zip(bins.ids.tolist(), bins["name"].tolist(), strict=True))
    load_of = _load_of(emptied, history["load_kg"][rows])
    found = [*_planned_rows(plan, order, planned, actual, name_of, load_of), *_unplanned_rows(actual, emptied, name_of, load_of)]
    return Day(day, actual, found, sum(key not in name_of for key in planned.bin.tolist()))


def read_plan(path: Path, encoding: str | None = None) -> Table:
    """Read a list of stops. Raises ``DataError`` where there is no such file, or it is no table."""
    try:
        return read_csv(path, ReadOptions(encoding=encoding))
    except OSError as error:
        raise DataError(f"Cannot read '{path}': {error.strerror}.", "Check the name of the file.") from error


def csv_of(rows: list[dict[str, Any]]) -> str:
    """Return the rows as CSV; ``planned`` and ``emptied`` are times of day, HH:MM."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(NAMES)
    for row in rows:
        told = {**row, "planned": _clock(row["planned_s"]), "emptied": _clock(row["emptied_s"])}
        told["delay_s"] = None if row["delay_s"] is None else f"{row['delay_s']:.0f}"
        writer.writerow([told[name] for name in NAMES])
    return text.getvalue()


def _clock(seconds: float | None) -> str:
    return "" if seconds is None else quantity(seconds, CLOCK_UNIT)


def _planned(table: Table) -> tuple[Planned, list[int]]:
    """Return the stops in the order of driving and the row of each in the table."""
    missing = [name for name in _NEEDED if name not in table.columns]
    if missing:
        raise DataError(
            f"{table.where} is no list of stops: the columns {', '.join(missing)} are missing.",
            "Give the file that 'citytwin routes … --csv FILE' wrote for that day.",
        )
    if table.problems:
        raise DataError(f"{table.where}: row {table.problems[0].row} {table.problems[0].reason}.", "Write the list again.")
    if not len(table):
        raise DataError(f"{table.where} has no stops.", "No bin was to be collected on that day: there is nothing to compare.")
    order = sorted(range(len(table)), key=lambda row: tuple(_whole(table, name, row) for name in ("truck", "trip", "stop")))
    bins = [str(table.columns["bin"][row]).strip() for row in order]
    seen: dict[str, int] = {}
    for row, key in zip(order, bins, strict=True):
        if key in seen:
            raise DataError(f"{table.where}: row {table.rows[row]} plans bin '{key}' again.", "Plan each bin once a day.")
        seen[key] = row
    trucks = np.array([_whole(table, "truck", row) for row in order], dtype=np.intp)
    return Planned(np.array(bins, dtype=object), trucks, np.array([_arrives_s(table, row) for row in order])), order


def _whole(table: Table, name: str, row: int) -> int:
    text = str(table.columns[name][row]).strip()
    if not text.isdecimal():
        raise DataError(f"{table.where}: {name} is '{text[:40]}' in row {table.rows[row]}; expected a number.", "Mend that row.")
    return int(text)


def _arrives_s(table: Table, row: int) -> float:
    text = str(table.columns["arrives"][row]).strip()
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise DataError(f"{table.where}: arrives is '{text[:40]}' in row {table.rows[row]}; expected HH:MM.", "Mend that row.")
    return int(match[1]) * 3600.0 + int(match[2]) * 60.0


def _local_s(at: np.ndarray[Any, Any], zone: tzinfo) -> np.ndarray[Any, Any]:
    """Return UTC times as seconds since 1970 on the clocks of a zone, each with the offset of its own hour."""
    utc_s = at.astype("datetime64[s]").astype(np.int64)
    hours, place = np.unique(utc_s // 3600, return_inverse=True)
    offsets = [datetime.fromtimestamp(hour * 3600, UTC).astimezone(zone).utcoffset() for hour in hours.tolist()]
    return np.asarray(utc_s + np.array([(offset or timedelta()).total_seconds() for offset in offsets])[place], dtype=float)


def _midnight_s(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()


def _newest_day(local: np.ndarray[Any, Any], planned: Planned) -> date:
    if not len(local):
        raise DataError(
            "The city has no record of emptied bins.", "Import what the crews brought back: 'citytwin import … --as emptying'."
        )
    begin_s, _ = working_day(planned)
    number = int((local.max() - begin_s) // DAY_S)
    return datetime.fromtimestamp(number * DAY_S, UTC).date()


def _load_of(emptied: Emptied, load_kg: np.ndarray[Any, Any]) -> dict[tuple[str, float], float | None]:
    pairs = zip(emptied.bin.tolist(), emptied.at_s.tolist(), load_kg.tolist(), strict=True)
    return {(key, at): None if load is None or load != load else float(load) for key, at, load in pairs}  # noqa: PLR0124  NaN


def _planned_rows(
    table: Table,
    order: list[int],
    planned: Planned,
    actual: Actual,
    name_of: dict[str, str],
    load_of: dict[tuple[str, float], float | None],
) -> list[dict[str, Any]]:
    driver_of = {truck.truck: truck.driver for truck in actual.trucks}
    found = []
    for place, row in enumerate(order):
        key, truck, at_s = str(planned.bin[place]), int(planned.truck[place]), float(actual.at_s[place])
        is_driven, by = at_s == at_s, str(actual.by[place])  # noqa: PLR0124  NaN where the stop was missed
        state = "missed" if not is_driven else "driven" if by == driver_of[truck] else "by_another_truck"
        found.append({
            "state": state, "truck": truck, "trip": _whole(table, "trip", row), "stop": _whole(table, "stop", row),
            "bin": key, "name": name_of.get(key, ""), "planned_s": float(planned.arrives_s[place]),
            "emptied_s": at_s if is_driven else None, "delay_s": at_s - float(planned.arrives_s[place]) if is_driven else None,
            "driver": by, "load_kg": load_of.get((key, at_s)),
        })  # fmt: skip
    return found


def _unplanned_rows(
    actual: Actual, emptied: Emptied, name_of: dict[str, str], load_of: dict[tuple[str, float], float | None]
) -> list[dict[str, Any]]:
    return [
        {"state": "unplanned", "truck": None, "trip": None, "stop": None, "bin": str(emptied.bin[row]),
         "name": name_of.get(emptied.bin[row], ""), "planned_s": None, "emptied_s": float(emptied.at_s[row]), "delay_s": None,
         "driver": str(emptied.truck[row]), "load_kg": load_of.get((emptied.bin[row], float(emptied.at_s[row])))}
        for row in actual.unplanned[np.argsort(emptied.at_s[actual.unplanned], kind="stable")].tolist()
    ]  # fmt: skip
