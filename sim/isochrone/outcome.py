"""What a planner reads of an isochrone: when each road and cell is reached, and how many residents within each band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.assignment.graph import Floats
from sim.isochrone.params import IsochroneParams
from sim.isochrone.reach import Arrival, arrivals, entered, residents_within
from sim.travel.generation import residents_of
from sim.travel.solved import Solved
from twin.model.results import Indicator, Measure, ResultTable
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

ARRIVAL = Measure(
    "arrival_s",
    "Reached after",
    "s",
    definition="Shortest time by car from the place at the travel times of user equilibrium; roads by their end.",
)
MESSAGE = "Measuring the ways from the place"


@dataclass(frozen=True, eq=False)
class Isochrones:
    """The outcome of one scenario."""

    indicators: tuple[Indicator, ...]
    tables: Mapping[str, ResultTable]
    diagnostics: Mapping[str, float]
    notes: tuple[str, ...]


def refuse_far(city: Snapshot, params: IsochroneParams) -> None:
    """Raise ``ScenarioError`` for a place far from every open road, before anybody waits for the traffic."""
    if params.lon is not None and params.lat is not None:
        entered(city, city.projection.to_xy(np.array([[params.lon, params.lat]]))[0])


def described(solved: Solved, params: IsochroneParams) -> Task[Isochrones]:
    """Return all that is reached within the bands. Raises ``ScenarioError`` for a place far from every open road."""
    yield Progress(MESSAGE)
    zones = solved.network.zones
    residents, source = residents_of(solved.changed, zones, solved.network)
    yield Progress(MESSAGE)
    xy = _place(solved, params, residents)
    start = entered(solved.changed, xy)
    yield Progress(MESSAGE)
    now = arrivals(solved.changed, solved.traffic.time_s, start, params)
    yield Progress(MESSAGE)
    before = arrivals(solved.changed, solved.traffic_before.time_s, start, params)
    yield Progress(MESSAGE)
    tables = _tables(solved, params, now, before)
    lon_lat = solved.changed.projection.to_lon_lat(xy.reshape(1, 2))[0]
    return Isochrones(
        _indicators(solved, params, residents, now, before),
        tables,
        {"lon": float(lon_lat[0]), "lat": float(lon_lat[1]), "access_s": start.access_s},
        (*solved.baseline.notes, *solved.notes, f"Residents come from {source}, spread evenly over the junctions of each zone."),
    )


def _place(solved: Solved, params: IsochroneParams, residents: Floats) -> Floats:
    """Return the place ``(2,)`` in the city's metres; without one asked for, the junction nearest to the middle of the residents."""
    if params.lon is not None and params.lat is not None:
        return np.asarray(solved.changed.projection.to_xy(np.array([[params.lon, params.lat]]))[0])
    zones = solved.network.zones
    weight = residents if residents.sum() > 0.0 else np.ones(len(zones))
    middle = (weight @ zones.xy) / weight.sum()
    return np.asarray(zones.member_xy[int(np.argmin(np.hypot(*(zones.member_xy - middle).T)))])


def _tables(solved: Solved, params: IsochroneParams, now: Arrival, before: Arrival) -> dict[str, ResultTable]:
    pieces = solved.pieces
    return {
        "link": _table("link", solved.changed["link"].ids, params, now.link_s, before.link_s),
        "cell": _table("cell", pieces.cells, params, now.cell_s(pieces), before.cell_s(pieces)),
    }


def _table(
    kind: str, ids: np.ndarray[tuple[int], np.dtype[np.object_]], params: IsochroneParams, now: Floats, before: Floats
) -> ResultTable:
    """Return when each thing is reached; NaN beyond the last band."""
    last = params.within_s[-1]
    both = (now <= last) & (before <= last)
    noise = float(np.abs(now[both] - before[both]).max()) if both.any() else 0.0
    measure = replace(ARRIVAL, noise=noise, bands=(0.0, *params.within_s))
    return ResultTable(kind, ids, {"arrival_s": np.where(now <= last, now, np.nan)}, (measure,))


def _indicators(
    solved: Solved, params: IsochroneParams, residents: Floats, now: Arrival, before: Arrival
) -> tuple[Indicator, ...]:
    """Return residents, length of road and cells reached within each band, with their noise."""
    first, other = (
        [item for minutes in params.minutes for item in _within(solved, residents, arrival, minutes)] for arrival in (now, before)
    )
    return tuple(replace(item, noise=abs(item.value - same.value)) for item, same in zip(first, other, strict=True))


def _within(solved: Solved, residents: Floats, arrival: Arrival, minutes: float) -> tuple[Indicator, ...]:
    network, city, within_s = solved.network, solved.changed, 60.0 * minutes
    name = f"{minutes:g}".replace(".", "_")
    reached = arrival.link_s <= within_s
    people = residents_within(residents, network.zones, city, arrival, within_s)
    cells = int(np.count_nonzero(arrival.cell_s(solved.pieces) <= within_s))
    return (
        Indicator(
            f"residents_within_{name}_min",
            f"Residents within {minutes:g} min",
            people,
            rows=len(network.zones),
            worse="lower",
            definition="Residents whose junction is reached by car in that time.",
        ),
        Indicator(
            f"roads_within_{name}_min_m",
            f"Roads within {minutes:g} min",
            float(solved.traffic.length_m[reached].sum()),
            "m",
            rows=int(reached.sum()),
            worse="lower",
            definition="Length of the roads whose end is reached in that time, each direction by itself.",
        ),
        Indicator(
            f"cells_within_{name}_min",
            f"Cells within {minutes:g} min",
            float(cells),
            rows=cells,
            worse="lower",
            definition="H3 cells of resolution 9 of which a road is reached in that time.",
        ),
    )
