"""What a planner reads of an equilibrium: tables by road and by H3 cell, and the city's indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.travel.indices import IndexFamily
from sim.travel.traffic import VOLUME_MEASURE, Areas, Traffic, ratio
from twin.model.grade import LABELS
from twin.model.results import Indicator, Measure

LINK_MEASURES = (
    VOLUME_MEASURE,
    Measure("travel_time_s", "Travel time", "s"),
    Measure(
        "speed_mps",
        "Speed",
        "m/s",
        worse="lower",
        definition="Length / travel time, with the wait at the signal at its end: below the free-flow speed even when empty.",
    ),
    Measure(
        "queue_veh",
        "Queue after the hour",
        "veh",
        definition="Deterministic queue: (volume - capacity) x 1 h where positive. It does not reach back: see the dynamic model.",
    ),
    Measure(
        "queue_m",
        "Queue length after the hour",
        "m",
        definition="Vehicles in the queue x 7.5 m / lanes; more than the road's own length where the queue reaches back beyond it.",
    ),
)
TRUCK_MEASURE = Measure(
    "truck_vph", "Trucks", "veh/h", worse="neither", definition="Of the volume, where trucks are a class of their own."
)
CELL_MEASURES = (
    Measure("speed_mps", "Speed", "m/s", worse="lower", definition="Vehicle-metres / vehicle-seconds in the cell."),
    Measure("delay_veh_h", "Delay", "veh·h", definition="Vehicle-hours per hour beyond free flow."),
    Measure("volume_vkt", "Vehicle-kilometres", "veh·km", worse="neither", definition="Vehicle-kilometres per hour."),
)
_OF_EMPTY_ROADS = frozenset({"volume_vph", "queue_veh", "queue_m", "delay_veh_h", "volume_vkt"})
"""Measures that a closed road has, too: they are 0 there, where all others are unknown."""


def link_columns(traffic: Traffic, family: IndexFamily) -> dict[str, Floats]:
    """Return the numbers of each link ``(n,)``.

    Nobody drives on a closed one: it has a volume of 0 and no time, speed or grade (NaN), so that closing a
    jammed road does not read as a road that became better.
    """
    columns = {
        "volume_vph": traffic.volume_vph,
        "travel_time_s": traffic.time_s,
        "speed_mps": traffic.length_m / traffic.time_s,
        **family.of_links(traffic),
        "queue_veh": traffic.queue_veh,
        "queue_m": traffic.queue_m,
    }
    return _known(columns, ~traffic.is_closed)


def cell_columns(traffic: Traffic, cells: Areas, family: IndexFamily) -> dict[str, Floats]:
    """Return the numbers of each cell ``(c,)``.

    A cell without traffic shows its empty roads; one whose roads are all closed has no speed and no grade (NaN).
    """
    vehicle_m, vehicle_s = cells.total(traffic.vehicle_m), cells.total(traffic.vehicle_s)
    is_open = ~traffic.is_closed
    open_m, open_s = (cells.total(np.where(is_open, column, 0.0)) for column in (traffic.length_m, traffic.empty_time_s))
    is_driven = vehicle_m > 0.0
    columns = {
        "speed_mps": np.where(is_driven, ratio(vehicle_m, vehicle_s, np.nan), ratio(open_m, open_s, np.nan)),
        **family.of_areas(traffic, cells),
        "delay_veh_h": np.maximum(vehicle_s - cells.total(traffic.vehicle_empty_s), 0.0) / 3600.0,
        "volume_vkt": vehicle_m / 1000.0,
    }
    return _known(columns, is_driven | (open_s > 0.0))


def _known(columns: Mapping[str, Floats], is_known: NDArray[np.bool_]) -> dict[str, Floats]:
    """Return columns without the numbers that mean nothing where nobody can drive."""
    return {name: column if name in _OF_EMPTY_ROADS else np.where(is_known, column, np.nan) for name, column in columns.items()}


def measures(kind: str, family: IndexFamily) -> tuple[Measure, ...]:
    """Return the measures of a table in the order of its columns."""
    if kind == "link":
        return (*LINK_MEASURES[:3], *family.link_measures, *LINK_MEASURES[3:])
    return (CELL_MEASURES[0], *family.area_measures, *CELL_MEASURES[1:])


def indicators(
    traffic: Traffic, family: IndexFamily, *, trips: float, unserved: float, trip_time_s: float
) -> tuple[Indicator, ...]:
    """Return the city's numbers for one hour."""
    vehicle_s, empty_s, vehicle_m = (
        float(column.sum()) for column in (traffic.vehicle_s, traffic.vehicle_empty_s, traffic.vehicle_m)
    )
    full_m = float(traffic.length_m[traffic.queue_veh > 0.0].sum())
    of_trips_made = (
        Indicator(
            "total_travel_time",
            "Total travel time",
            vehicle_s / 3600.0,
            "veh·h",
            definition="Of all on the roads in the hour, buses too; a truck or a bus counts as the cars whose room it takes.",
        ),
        Indicator("delay", "Delay", (vehicle_s - empty_s) / 3600.0, "veh·h", definition="Beyond free flow."),
        Indicator(
            "vkt",
            "Vehicle-kilometres",
            vehicle_m / 1000.0,
            "veh·km",
            definition="Of all on the roads in the hour, buses too; a truck or a bus counts as the cars whose room it takes.",
        ),
        Indicator("mean_speed_mps", "Mean speed", vehicle_m / vehicle_s if vehicle_s > 0.0 else 0.0, "m/s", worse="lower"),
        *family.of_network(traffic),
        Indicator(
            "over_capacity_m",
            "Roads over capacity",
            full_m,
            "m",
            definition="Length of the roads whose volume exceeds their capacity.",
        ),
        Indicator("mean_trip_time_s", "Mean trip time", trip_time_s, "s", definition="From zone to zone."),
    )
    used = int(np.count_nonzero(traffic.volume_vph > 0.0))
    return (
        *(replace(item, rows=used, left_out="unserved_trips") for item in of_trips_made),
        Indicator("trips", "Trips", trips, "veh/h", worse="neither", definition="Trips between zones in the peak hour."),
        Indicator("unserved_trips", "Trips without a way", unserved, "veh/h", definition="No open road joins their ends."),
    )


def with_noise(now: Sequence[Indicator], before: Sequence[Indicator]) -> tuple[Indicator, ...]:
    """Return the indicators with what moved between the last two gaps as their noise; a grade is a class and has none."""
    return tuple(
        replace(item, noise=0.0 if item.unit in LABELS else abs(item.value - other.value))
        for item, other in zip(now, before, strict=True)
    )
