"""What a planner reads of an equilibrium: tables by road and by H3 cell, and the city's indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.travel import gbt33171
from sim.travel.cells import Pieces
from sim.travel.network import RoadDelay
from twin.model.frame import Frame
from twin.model.grade import GRADE_UNIT
from twin.model.results import Indicator, Measure, ResultTable

_LINK_MEASURES = (
    Measure("volume_vph", "Volume", "veh/h", worse="neither", definition="Vehicles per hour at user equilibrium."),
    Measure("travel_time_s", "Travel time", "s"),
    Measure(
        "speed_mps",
        "Speed",
        "m/s",
        worse="lower",
        definition="Length / travel time, with the wait at the signal at its end: below the free-flow speed even when empty.",
    ),
    Measure(
        "tti",
        "Travel time index (TTI)",
        definition="GB/T 33171-2016: travel time / travel time on the empty road, both with the wait at its signal.",
    ),
    Measure("dtp", "Delay time proportion (DTP)", definition="GB/T 33171-2016: delay / travel time."),
    Measure("tpi", "Traffic performance index (TPI)", definition="GB/T 33171-2016, 0-10."),
    Measure("grade", "Congestion grade", GRADE_UNIT, definition="GB/T 33171-2016, 0 free to 4 severely congested."),
)
_CELL_MEASURES = (
    Measure("speed_mps", "Speed", "m/s", worse="lower", definition="Vehicle-metres / vehicle-seconds in the cell."),
    Measure("dtp", "Delay time proportion (DTP)", definition="GB/T 33171-2016, weighted by vehicle-kilometres."),
    Measure("tpi", "Traffic performance index (TPI)", definition="GB/T 33171-2016, 0-10."),
    Measure("grade", "Congestion grade", GRADE_UNIT, definition="GB/T 33171-2016, 0 free to 4 severely congested."),
    Measure("delay_veh_h", "Delay", "veh·h", definition="Vehicle-hours per hour beyond free flow."),
    Measure("volume_vkt", "Vehicle-kilometres", "veh·km", worse="neither", definition="Vehicle-kilometres per hour."),
)


def link_columns(volume: Floats, length_m: Floats, delay: RoadDelay, closed: NDArray[np.bool_]) -> dict[str, Floats]:
    """Return the numbers of each link ``(n,)`` at a volume.

    Nobody drives on a ``closed`` one ``(n,)``: it has a volume of 0 and no time, speed or grade (NaN), so
    that closing a jammed road does not read as a road that became better.
    """
    time, empty = delay.at(volume), delay.empty_time
    dtp = gbt33171.dtp_of_times(time, empty)
    driven = {
        "travel_time_s": time,
        "speed_mps": length_m / time,
        "tti": time / empty,
        "dtp": dtp,
        "tpi": gbt33171.tpi_of_dtp(dtp),
        "grade": gbt33171.grade_of_dtp(dtp),
    }
    return {"volume_vph": volume, **{name: np.where(closed, np.nan, column) for name, column in driven.items()}}


def cell_columns(
    volume: Floats, length_m: Floats, delay: RoadDelay, pieces: Pieces, closed: NDArray[np.bool_]
) -> dict[str, Floats]:
    """Return the numbers of each cell ``(c,)`` at a volume.

    A cell without traffic shows its empty roads; one whose roads are all ``closed`` has no speed and no grade (NaN).
    """
    time, empty = delay.at(volume), delay.empty_time
    share = pieces.length_m / length_m[pieces.link]

    def total(of_link: Floats) -> Floats:
        return np.bincount(pieces.cell, of_link[pieces.link] * share, len(pieces.cells)).astype(np.float64)

    vehicle_m, vehicle_s, vehicle_free_s = total(volume * length_m), total(volume * time), total(volume * empty)
    moving = vehicle_m > 0.0
    open_m, open_s = total(np.where(closed, 0.0, length_m)), total(np.where(closed, 0.0, empty))
    is_open = moving | (open_s > 0.0)
    speed = np.divide(open_m, open_s, out=np.full(len(open_m), np.nan), where=open_s > 0.0)
    np.divide(vehicle_m, vehicle_s, out=speed, where=moving)
    dtp = np.divide(
        total(volume * length_m * gbt33171.dtp_of_times(time, empty)), vehicle_m, out=np.zeros_like(speed), where=moving
    )
    return {
        "speed_mps": speed,
        "dtp": np.where(is_open, dtp, np.nan),
        "tpi": np.where(is_open, gbt33171.tpi_of_dtp(dtp), np.nan),
        "grade": np.where(is_open, gbt33171.grade_of_dtp(dtp), np.nan),
        "delay_veh_h": np.maximum(vehicle_s - vehicle_free_s, 0.0) / 3600.0,
        "volume_vkt": vehicle_m / 1000.0,
    }


def table(kind: str, ids: NDArray[np.object_], now: Mapping[str, Floats], before: Mapping[str, Floats]) -> ResultTable:
    """Return a result table whose noise is what the last iteration still moved."""
    described = _LINK_MEASURES if kind == "link" else _CELL_MEASURES
    measures = []
    for measure in described:
        moved = np.abs(now[measure.name] - before[measure.name])
        moved = moved[np.isfinite(moved)]
        # A grade is a class: one road on its border says nothing about the next one's grade.
        noise = float(moved.max()) if len(moved) and measure.name != "grade" else 0.0
        measures.append(replace(measure, noise=noise))
    return ResultTable(kind, ids, {measure.name: now[measure.name] for measure in described}, tuple(measures))


def indicators(
    volume: Floats, links: Frame, length_m: Floats, delay: RoadDelay, *, trips: float, unserved: float, trip_time_s: float
) -> tuple[Indicator, ...]:
    """Return the city's numbers for one hour at a volume."""
    time, empty = delay.at(volume), delay.empty_time
    vehicle_s, free_s, vehicle_m = float(volume @ time), float(volume @ empty), float(volume @ length_m)
    classes, class_of = np.unique(links["road_class"].astype(str), return_inverse=True)
    by_class = [np.bincount(class_of, volume * of_link, len(classes)).astype(np.float64) for of_link in (time, empty, length_m)]
    dtp = gbt33171.network_dtp(gbt33171.dtp_of_times(by_class[0], by_class[1]), by_class[2])
    tpi = float(gbt33171.tpi_of_dtp(np.array([dtp]))[0])
    grade = float(gbt33171.grade_of_dtp(np.array([dtp]))[0])
    used = int(np.count_nonzero(volume > 0.0))
    of_trips_made = (
        Indicator("total_travel_time", "Total travel time", vehicle_s / 3600.0, "veh·h", rows=used),
        Indicator("delay", "Delay", (vehicle_s - free_s) / 3600.0, "veh·h", rows=used, definition="Beyond free flow."),
        Indicator("vkt", "Vehicle-kilometres", vehicle_m / 1000.0, "veh·km", rows=used),
        Indicator(
            "mean_speed_mps", "Mean speed", vehicle_m / vehicle_s if vehicle_s > 0.0 else 0.0, "m/s", rows=used, worse="lower"
        ),
        Indicator(
            "network_tti", "Network TTI", 1.0 / (1.0 - dtp), rows=used, definition="GB/T 33171-2016: 1 / (1 - network DTP)."
        ),
        Indicator(
            "network_dtp",
            "Network DTP",
            dtp,
            rows=used,
            definition="GB/T 33171-2016: mean over classes of road, weighted by vehicle-kilometres.",
        ),
        Indicator("network_tpi", "Network TPI", tpi, rows=used, definition="GB/T 33171-2016: from the network DTP."),
        Indicator(
            "network_grade",
            "Network grade",
            grade,
            GRADE_UNIT,
            rows=used,
            definition="GB/T 33171-2016, 0 free to 4 severely congested.",
        ),
        Indicator("mean_trip_time_s", "Mean trip time", trip_time_s, "s", rows=used, definition="From zone to zone."),
    )
    return (
        *(replace(item, left_out="unserved_trips") for item in of_trips_made),
        Indicator("trips", "Trips", trips, "veh/h", worse="neither", definition="Trips between zones in the peak hour."),
        Indicator("unserved_trips", "Trips without a way", unserved, "veh/h", definition="No open road joins their ends."),
    )
