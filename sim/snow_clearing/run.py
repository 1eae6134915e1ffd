"""The run: from a city and a scenario to when its roads are clear."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from sim.arc_routing.area import Area, find_areas, part_places
from sim.arc_routing.kerbs import Kerbs, curve_through, kerbs_along
from sim.arc_routing.yards import READING, prepare_yards
from sim.base import Simulation
from sim.digest import input_hash
from sim.network.streets import IntArray
from sim.snow_clearing.outcome import Cleared, indicators, notes_of, tables
from sim.snow_clearing.params import SnowClearingParams
from sim.snow_clearing.work import Plan, plan_work
from twin.errors import ScenarioError
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASS_NAMES
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task

ORDERS = (1, 2, 3)


def simulate(simulation: Simulation, base: Snapshot, scenario: Scenario, params: SnowClearingParams, seed: int) -> Task[Result]:
    """Clear the snow of a scenario's roads. Raises ``ScenarioError`` where there is nothing to clear."""
    yield READING
    edited = scenario.apply(base)
    curve, moved = curve_through(base, edited)
    before, order_before = _kerbs(base["link"], curve, params)
    kerbs, order = _kerbs(edited["link"], moved, params)
    if not len(before.link):
        raise ScenarioError(
            "This city has no roads of a class that is cleared.", "Import a road network, or give its classes an order."
        )
    yield READING
    notes: list[str] = []
    ground, yards = yield from prepare_yards(base, edited, params.speed_factor, notes, at_depots=True)
    areas: list[list[Area]] = []
    for number in ORDERS:
        places = part_places(before.along[order_before == number])
        areas.append((yield from find_areas(kerbs, np.flatnonzero(order == number), places, ground, yards)))
    plans: tuple[Plan, ...] = ()
    for start in range(params.replications):
        plans += ((yield from plan_work(kerbs, areas, yards, params, start)),)
    cleared = Cleared(edited, kerbs, order, ground, plans)
    digest = yield from input_hash(base, simulation.kinds, (), scenario)
    return Result(
        simulation.name,
        scenario.name,
        base.version,
        asdict(params),
        seed,
        simulation.input_hash(scenario, digest, params),
        indicators(cleared, params),
        (yield from tables(cleared, params)),
        {"kerbs": float(len(kerbs.link)), "replications": float(params.replications)},
        notes_of(base, cleared, params, notes),
    )


def _kerbs(links: Frame, along: np.ndarray[tuple[int], np.dtype[np.int64]], params: SnowClearingParams) -> tuple[Kerbs, IntArray]:
    """Return the kerbs of the roads that are cleared, one for each pass, and the order of each."""
    orders = {name: params.order_of(name) for name in ROAD_CLASS_NAMES}
    order = np.array([orders[name] for name in links["road_class"].tolist()], dtype=np.int32).reshape(-1)
    lanes = np.maximum(np.ceil(np.nan_to_num(links["lanes"].astype(np.float64), nan=1.0) / params.lanes_per_pass), 1.0)
    passes = np.where(order > 0, lanes, 0).astype(np.int32)
    salt = np.full(len(links), params.salt_kg_per_km / 1000.0)
    kerbs = kerbs_along(links, along, passes, params.ploughing_kmh / 3.6, salt)
    return kerbs, order[kerbs.link]
