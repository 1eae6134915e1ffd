"""What a planner reads of a run: tables by road and H3 cell, the course of each road over time, and the city's indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.queues.params import QueuesParams, spans_of
from sim.queues.run import SERIES_S, Ran
from sim.travel.traffic import cells_as_areas, ratio
from twin.model.entity import CLOCK_UNIT
from twin.model.results import Indicator, Measure, ResultSeries, ResultTable
from twin.model.scenario import Scenario

LEAST_QUEUE_M = 8.0
"""A shorter queue is one vehicle that waits."""
NOISE_M = 15.0
"""Two vehicles: who comes a little sooner finds the queue so much longer or shorter."""
NOISE_VPH = 24.0
"""Two vehicles in 5 minutes."""
SLACK_S = 600.0
"""A queue that is as long ten minutes sooner or later is no other queue."""

SPEED = Measure("speed_mps", "Speed", "m/s", worse="lower", definition="Length / mean travel time of those who left the road.")
QUEUE = Measure("queue_m", "Queue", "m", NOISE_M, definition="From the end of the road back to the last vehicle that is held up.")
FLOW = Measure("flow_vph", "Flow", "veh/h", NOISE_VPH, worse="neither", definition="Vehicles that left the road.")
DENSITY = Measure("density_vpkm", "Density", "veh/km", definition="Mean number of vehicles on the road / its length.")
_LINK = (
    Measure("queue_m", "Longest queue", "m", NOISE_M, definition="At the end of any 5 minutes."),
    Measure("queue_at_s", "Longest queue at", CLOCK_UNIT, worse="neither"),
    Measure("delay_veh_h", "Delay", "veh·h", definition="Vehicle-hours beyond free flow in the whole period."),
    Measure("travel_time_s", "Travel time", "s", definition="Mean of those who left the road."),
    SPEED,
    Measure("vehicles", "Vehicles", "", worse="neither", definition="Vehicles that entered the road in the whole period."),
)
_CELL = (
    Measure("delay_veh_h", "Delay", "veh·h", definition="Vehicle-hours beyond free flow in the whole period."),
    Measure("speed_mps", "Speed", "m/s", worse="lower", definition="Vehicle-metres / vehicle-seconds in the cell."),
    Measure("queued_m", "Longest queues", "m", definition="Sum of the longest queues of its roads."),
)


def tables(ran: Ran, params: QueuesParams) -> dict[str, ResultTable]:
    """Return the numbers of the whole period by road and by cell."""
    links = ran.city["link"]
    count = len(links)
    looks, roads = ran.outcome.looks, ran.roads
    entered, left, travel_s, longest_m, vehicle_s = (
        roads.of_city(column, count, 0.0)
        for column in (
            looks.entered[-1],
            looks.left[-1],
            looks.travel_s[-1],
            looks.queue_m.max(axis=0),
            ran.outcome.vehicle_s().sum(axis=0),
        )
    )
    length_m = _lengths(ran)
    time_s = ratio(travel_s, left, np.nan)
    delay_h = roads.of_city(_delay_s(ran), count, 0.0) / 3600.0
    at_s = params.start_s + looks.at_s[roads.of_city(looks.queue_m.argmax(axis=0).astype(float), count, 0.0).astype(int)]
    areas = cells_as_areas(ran.pieces, length_m)
    link = (longest_m, np.where(longest_m > LEAST_QUEUE_M, at_s, np.nan), delay_h, time_s, length_m / time_s, entered)
    speed_mps = ratio(areas.total(0.5 * (entered + left) * length_m), areas.total(vehicle_s), np.nan)
    cell = (areas.total(delay_h), speed_mps, areas.total(longest_m))
    return {
        "link": _table("link", links.ids, _LINK, link),
        "cell": _table("cell", ran.pieces.cells, _CELL, cell),
    }


def series(ran: Ran, params: QueuesParams) -> dict[str, ResultSeries]:
    """Return the course of every road in steps of 5 minutes; queues at the end of each step."""
    looks, links = ran.outcome.looks, ran.city["link"]
    step_s, length_m = np.diff(looks.at_s)[:, None], _lengths(ran)
    left, travel_s = np.diff(looks.left, axis=0), np.diff(looks.travel_s, axis=0)
    left, travel_s, on_it, queue_m = (
        ran.roads.of_city(column, len(links), 0.0)
        for column in (left, travel_s, ran.outcome.vehicle_s() / step_s, looks.queue_m[1:])
    )
    free_mps = ran.roads.of_city(_free_mps(ran), len(links), np.nan)
    speed_mps = np.where(left > 0.0, length_m * left / np.maximum(travel_s, 1e-9), np.where(on_it > 0.5, 0.0, free_mps))
    columns = {
        "speed_mps": speed_mps,
        "queue_m": queue_m,
        "flow_vph": left / step_s * 3600.0,
        "density_vpkm": on_it / length_m * 1e3,
    }
    told = {name: column.astype(np.float32) for name, column in columns.items()}
    t_s = params.start_s + looks.at_s[:-1]
    return {"link": ResultSeries("link", links.ids, t_s, SERIES_S, told, (SPEED, QUEUE, FLOW, DENSITY), SLACK_S)}


def indicators(ran: Ran, params: QueuesParams) -> tuple[Indicator, ...]:
    """Return the city's numbers for the whole period."""
    outcome, depart_s = ran.outcome, ran.problem.trips.trip["depart_s"]
    begun, arrived = ~outcome.stranded, np.isfinite(outcome.arrival_s)
    spent_s = np.where(arrived, outcome.arrival_s, params.horizon_s)[begun] - depart_s[begun]
    on_roads_s = float(outcome.vehicle_s().sum())
    delay_h = (float(spent_s.sum()) - on_roads_s + float(_delay_s(ran).sum())) / 3600.0
    is_road = ran.roads.row >= 0
    driven_km = float(outcome.looks.left[-1][is_road] @ ran.problem.network.length_m[is_road]) / 1000.0
    mean_s = float((outcome.arrival_s - depart_s)[arrived].mean()) if arrived.any() else 0.0
    longest_m = ran.outcome.looks.queue_m[:, is_road].sum(axis=1).max() if is_road.any() else 0.0
    of_trips = (
        Indicator("mean_trip_time_s", "Mean trip time", mean_s, "s", definition="Of trips that arrived."),
        Indicator("total_delay", "Delay", delay_h, "veh·h", definition="Beyond free flow, waiting to begin included."),
        Indicator("total_travel_time", "Total travel time", float(spent_s.sum()) / 3600.0, "veh·h"),
        Indicator("vkt", "Vehicle-kilometres", driven_km, "veh·km"),
        Indicator("queues_m", "Longest queues", float(longest_m), "m", definition="Sum over all roads at the worst moment."),
    )
    return (
        *(replace(item, rows=int(begun.sum()), left_out="not_arrived") for item in of_trips),
        Indicator("vehicles", "Vehicles", float(len(depart_s)), worse="neither", definition="Trips that begin in the period."),
        Indicator("not_arrived", "Vehicles not arrived", float((begun & ~arrived).sum()), definition="When time was up."),
        Indicator(
            "unserved_trips", "Trips without a way", float(outcome.stranded.sum()), definition="No open road joins their ends."
        ),
        Indicator(
            "gridlocks", "Gridlocks", float(len(outcome.gridlocks)), definition="Rings of full roads, each waiting for the next."
        ),
    )


def remarks(ran: Ran, params: QueuesParams) -> tuple[str, ...]:
    """Return what must be said beside the numbers."""
    notes: list[str] = []
    start = _clock(params.start_s)
    notes.append(f"Roads are empty at {start}: the first quarter of an hour is quieter than it would be.")
    notes.append("Signals count with the mean wait and capacity of their cycle.")
    notes.append("Drivers keep to the ways that they are used to; who hears of a road that is unusually slow goes around it.")
    notes += _late(ran, params)
    locks = ran.outcome.gridlocks
    if locks:
        seen = _clock(params.start_s + locks[0].seen_s)
        notes.append(f"Gridlock: {len(locks)} rings of full roads wait for themselves, the first seen at {seen}.")
        notes += _remedy(ran, locks[0].links, relief=params.relief)
    return tuple(notes)


def outside(scenario: Scenario, params: QueuesParams) -> tuple[str, ...]:
    """Return a warning for incidents and events that the period does not hold."""
    notes: list[str] = []
    out = [span for span in spans_of(scenario) if not params.holds(*span)]
    if out:
        first, last = (_clock(edge) for edge in (min(start for start, _ in out), max(end for _, end in out)))
        notes.append(f"From {first} to {last} there is an incident or an event that this period does not hold: choose another.")
    return tuple(notes)


def _late(ran: Ran, params: QueuesParams) -> list[str]:
    """Return how many had not arrived when time was up, and where they were: on a road, or still where they begin."""
    notes: list[str] = []
    looks, count = ran.outcome.looks, len(ran.outcome.arrival_s)
    late = int((~ran.outcome.stranded & ~np.isfinite(ran.outcome.arrival_s)).sum())
    moving = int((looks.entered[-1] - looks.left[-1]).sum())
    if late:
        time, share, home = _clock(params.start_s + params.horizon_s), 100.0 * late / count, late - moving
        notes.append(
            f"{late} of {count} vehicles ({share:.1f} %) had not arrived at {time}: "
            f"{moving} on roads, {home} still waiting to begin."
        )
    if late > moving:
        notes.append("Who waits to begin does so where the road that they enter is full or carries less than they ask for.")
    return notes


def _remedy(ran: Ran, ring: tuple[int, ...], *, relief: bool) -> list[str]:
    """Return where a ring of full roads is, and what is done about it."""
    notes: list[str] = []
    rows, names = ran.roads.row[list(ring)], ran.city["link"]["name"]
    streets = ", ".join(sorted({str(names[row]) for row in rows if row >= 0 and names[row]}))
    if streets:
        notes.append(f"Streets of the first ring: {streets}.")
    if relief:
        notes.append("Vehicles of such rings are moved on by one place every 5 minutes.")
    else:
        notes.append("Nobody is taken out of such a ring; who waits there has not arrived.")
    return notes


def _clock(t_s: float) -> str:
    minutes = round(t_s / 60.0)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _table(kind: str, ids: NDArray[np.object_], measures: tuple[Measure, ...], columns: tuple[Floats, ...]) -> ResultTable:
    named: Mapping[str, Floats] = {measure.name: column for measure, column in zip(measures, columns, strict=True)}
    return ResultTable(kind, ids, named, measures)


def _lengths(ran: Ran) -> Floats:
    """Return the length of each of the city's links ``(n,)``, 1 where nobody can pass."""
    return ran.roads.of_city(ran.problem.network.length_m, len(ran.city["link"]), 1.0)


def _free_s(ran: Ran) -> Floats:
    return np.asarray(ran.problem.network.link["free_s"][: ran.problem.network.links])


def _free_mps(ran: Ran) -> Floats:
    return np.asarray(np.where(ran.problem.network.is_open, ran.problem.network.length_m / _free_s(ran), np.nan))


def _delay_s(ran: Ran) -> Floats:
    """Return the vehicle-seconds beyond free flow on each of the engine's links ``(m,)``."""
    return np.asarray(np.maximum(ran.outcome.vehicle_s().sum(axis=0) - ran.outcome.looks.entered[-1] * _free_s(ran), 0.0))
