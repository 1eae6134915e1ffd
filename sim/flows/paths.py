"""The paths that trips take from one zone to another, as a planner reads them."""

from __future__ import annotations

import numpy as np

from sim.assignment.graph import Floats
from sim.assignment.origin_flow import OriginFlow
from sim.assignment.path_flow import PathFlow, path_flows
from sim.flows.params import FlowsParams
from sim.travel.solved import Solved
from twin.errors import ScenarioError
from twin.model.results import Measure, ResultTable

MEASURES = (
    Measure("trips_vph", "Trips", "veh/h", worse="neither", definition="By this path."),
    Measure("share", "Share of the pair", worse="neither", definition="Of all trips from the one zone to the other."),
    Measure("time_s", "Travel time", "s", definition="From zone to zone; at equilibrium the same on all used paths."),
    Measure("length_m", "Length", "m", worse="neither"),
)


def paths_table(solved: Solved, flow: OriginFlow, trips: Floats, params: FlowsParams) -> ResultTable:
    """Return the used paths of the pair asked for, called by their roads, the most used first.

    Without a pair, those of the one with the most ``trips (z, z)``. Raises ``ScenarioError`` for an unknown zone.
    """
    origin, destination = _pair(solved, trips, params)
    found = path_flows(solved.problem.graph, flow, origin, destination)
    rows = [_rows(solved, path) for path in found]
    ids = [_called(solved, path_rows, number) for number, path_rows in enumerate(rows, 1)]
    columns = (
        [path.trips for path in found],
        [path.share for path in found],
        [float(solved.solution.time[path.links].sum()) for path in found],
        [float(solved.network.length_m[path_rows].sum()) for path_rows in rows],
    )
    named = {measure.name: np.array(column, float) for measure, column in zip(MEASURES, columns, strict=True)}
    return ResultTable("path", np.array(ids, dtype=object), named, MEASURES)


def _pair(solved: Solved, trips: Floats, params: FlowsParams) -> tuple[int, int]:
    names = solved.network.zones.names
    if not params.zones:
        origin, destination = divmod(int(np.argmax(trips)), len(trips))
        return origin, destination
    for zone in params.zones:
        if zone not in names:
            raise ScenarioError(f"There is no zone '{zone}' in this city.", "Give zones as the list of pairs names them.")
    return names.index(params.zones[0]), names.index(params.zones[1])


def _rows(solved: Solved, path: PathFlow) -> list[int]:
    """Return the rows of the city's links along a path."""
    place = solved.network.place
    return [int(row) for link in path.links.tolist() for row in np.flatnonzero(place == link)]


def _called(solved: Solved, rows: list[int], number: int) -> str:
    """Return the number of a path and the names of its roads, each once."""
    names = solved.changed["link"]["name"][rows].tolist() if rows else []
    return f"{number}: " + " – ".join(dict.fromkeys(str(name) for name in names if name))
