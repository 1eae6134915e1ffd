"""What a planner reads of the trips on a road: on which roads they drive, where they begin and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

import h3
import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.assignment.origin_flow import OriginFlow, proportional
from sim.assignment.select_link import Selection, select_link
from sim.flows.params import FlowsParams
from sim.flows.paths import paths_table
from sim.travel.baseline import city_volume
from sim.travel.solved import Solved
from sim.travel.zones import Zones
from twin.errors import ScenarioError
from twin.geo import Projection
from twin.model.frame import Frame
from twin.model.results import Indicator, Measure, ResultTable
from twin.task import Progress, Task

COARSE = 8
"""H3 resolution of cells that stand for zones which are no cells."""
_VOLUME = Measure("volume_vph", "Volume of these trips", "veh/h", worse="neither", definition="Trips that use the chosen road.")
_SHARE = Measure(
    "share", "Share of the volume", worse="neither", definition="Trips that use the chosen road / all vehicles here."
)
_FROM = Measure("trips_from_vph", "Trips from here", "veh/h", worse="neither", definition="Of those that use the chosen road.")
_TO = Measure("trips_to_vph", "Trips to here", "veh/h", worse="neither", definition="Of those that use the chosen road.")
_TRIPS = Measure("trips_vph", "Trips", "veh/h", worse="neither", definition="From one zone to another by the chosen road.")


@dataclass(frozen=True, eq=False)
class Found:
    """The outcome of one scenario."""

    indicators: tuple[Indicator, ...]
    tables: Mapping[str, ResultTable]
    diagnostics: Mapping[str, float]
    notes: tuple[str, ...]


def described(solved: Solved, params: FlowsParams) -> Task[Found]:
    """Return the trips that use the chosen roads. Raises ``ScenarioError`` when there are none such in the model."""
    rows = chosen_rows(solved, params)
    links = np.unique(solved.network.place[rows])
    selection, cars = yield from _selected(solved, links)
    yield Progress("Measuring flows")
    volume = city_volume(solved.network, selection.volume)
    notes = [*solved.baseline.notes, *solved.notes]
    notes.append(
        "At equilibrium volumes are settled, but not who makes them: trips are split in the same proportions wherever two ways "
        "take equally long."
    )
    return Found(
        _indicators(solved, selection, rows),
        {
            "link": _roads(solved, volume),
            "cell": _cells(solved, selection.trips),
            "pair": _pairs(solved, selection.trips, params),
            "path": paths_table(solved, cars, selection.trips, params),
        },
        {"relative_gap": solved.solution.relative_gap, "uneven_vph": cars.uneven, "links": float(len(rows))},
        tuple(notes),
    )


def chosen_rows(solved: Solved, params: FlowsParams) -> NDArray[np.int64]:
    """Return the rows of the chosen roads among the links: by key, else by name; without any, the fullest road."""
    links, modelled = solved.changed["link"], solved.network.place >= 0
    if not params.wanted:
        return np.array([int(np.argmax(np.where(modelled, solved.traffic.volume_vph, -1.0)))])
    chosen = rows_named(links, params)
    if not modelled[chosen].any():
        raise ScenarioError(
            f"'{params.roads}' carries no traffic in the model: it is closed, or cut off from the main network.",
            "Choose another road.",
        )
    return chosen[modelled[chosen]]


def rows_named(links: Frame, params: FlowsParams) -> NDArray[np.int64]:
    """Return the rows of the links whose keys or names are asked for. Raises ``ScenarioError`` naming near names."""
    names = {name: links[name].astype(str) for name in ("name", "name_en")}
    found: list[int] = []
    for wanted in params.wanted:
        row = links.row_of.get(wanted)
        rows = [row] if row is not None else np.flatnonzero((names["name"] == wanted) | (names["name_en"] == wanted)).tolist()
        if not rows:
            _refuse(wanted, {*names["name"], *names["name_en"]} - {""})
        found += rows
    return np.unique(np.array(found, np.int64))


def _refuse(wanted: str, names: set[str]) -> NoReturn:
    near = get_close_matches(wanted, sorted(names), 3)
    if near:
        raise ScenarioError(f"There is no road '{wanted}' in this city.", f"Did you mean {', '.join(near)}?")
    raise ScenarioError(f"There is no road '{wanted}' in this city.", "Give the name of a road, or the key of one of its pieces.")


def _selected(solved: Solved, links: NDArray[np.int64]) -> Task[tuple[Selection, OriginFlow]]:
    """Select over all classes of vehicles together; return the flow of cars, too."""
    problem = solved.problem
    cars = yield from proportional(problem, solved.solution)
    selection = yield from select_link(problem.graph, cars, links)
    for number in range(1, problem.class_count):
        flow = yield from proportional(problem, solved.solution, number)
        part = yield from select_link(problem.graph, flow, links)
        selection = Selection(selection.trips + part.trips, selection.volume + part.volume)
    return selection, cars


def _indicators(solved: Solved, selection: Selection, rows: NDArray[np.int64]) -> tuple[Indicator, ...]:
    trips, all_trips = float(selection.trips.sum()), solved.trips
    time_s = float(selection.volume @ solved.solution.time)
    used = int(np.count_nonzero(selection.trips > 0.0))
    return (
        Indicator("trips_here", "Trips that use the road", trips, "veh/h", rows=len(rows), worse="neither"),
        Indicator("share_of_trips", "Share of all trips", trips / all_trips if all_trips > 0.0 else 0.0, worse="neither"),
        Indicator("pairs", "Pairs of zones", float(used), rows=used, worse="neither", definition="With trips that use the road."),
        Indicator(
            "mean_trip_time_s",
            "Mean trip time",
            time_s / trips if trips > 0.0 else 0.0,
            "s",
            rows=used,
            definition="From zone to zone, of the trips that use the road.",
        ),
    )


def _roads(solved: Solved, volume: Floats) -> ResultTable:
    every = solved.traffic.volume_vph
    share = np.divide(volume, every, out=np.zeros(len(every)), where=every > 0.0)
    return ResultTable(
        "link", solved.changed["link"].ids, {"volume_vph": volume, "share": np.minimum(share, 1.0)}, (_VOLUME, _SHARE)
    )


def _cells(solved: Solved, trips: Floats) -> ResultTable:
    """Return trips from and to each H3 cell; zones that are no cells count in the cell of their middle."""
    cells, cell_of = np.unique(_cell_names(solved.network.zones, solved.changed.projection), return_inverse=True)
    begin, end = (np.bincount(cell_of, trips.sum(axis=axis), len(cells)).astype(np.float64) for axis in (1, 0))
    return ResultTable("cell", cells.astype(object), {_FROM.name: begin, _TO.name: end}, (_FROM, _TO))


def _cell_names(zones: Zones, projection: Projection) -> NDArray[np.str_]:
    """Return a cell for each zone, all of one resolution: that of the coarsest zone that is a cell."""
    own = [h3.get_resolution(name) if h3.is_valid_cell(name) else None for name in zones.names]
    coarsest = min((resolution for resolution in own if resolution is not None), default=COARSE)
    places = projection.to_lon_lat(zones.xy).tolist()
    return np.array(
        [
            h3.cell_to_parent(name, coarsest) if resolution is not None else h3.latlng_to_cell(lat, lon, coarsest)
            for name, resolution, (lon, lat) in zip(zones.names, own, places, strict=True)
        ]
    )


def _pairs(solved: Solved, trips: Floats, params: FlowsParams) -> ResultTable:
    """Return the pairs of zones with the most trips on the road, as 'from > to'."""
    names, zones = solved.network.zones.names, len(trips)
    order = np.argsort(-trips, axis=None, kind="stable")[: params.pair_count]
    order = order[trips.ravel()[order] > 0.0]
    ids = np.array([f"{names[at // zones]} > {names[at % zones]}" for at in order.tolist()], dtype=object)
    return ResultTable("pair", ids, {_TRIPS.name: trips.ravel()[order]}, (_TRIPS,))
