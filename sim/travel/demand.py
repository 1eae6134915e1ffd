"""Synthetic demand: how many vehicles go from zone to zone in the peak hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from sim.assignment.graph import Floats
from sim.travel import gravity
from sim.travel.network import RoadNetwork
from sim.travel.params import TravelParams
from sim.travel.zones import Zones
from twin.errors import ScenarioError
from twin.model.edits import ScaleDemand
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

AREA_PER_RESIDENT_M2 = 40.0
STOREY_M = 3.0
RESIDENTS_PER_M2 = 0.006
RESIDENTS_PER_ROAD_M = 0.1
HOMES = {"residential": 1.0, "other": 0.4}
"""Share of a building's floor that is lived in, by use."""
WORK = {"commercial": 3.0, "education": 2.0, "health": 3.0, "industrial": 1.0, "other": 0.5, "residential": 0.1}
"""Trips that a floor area attracts, by use, relative to each other."""
HOME_END = 0.8
"""Share of peak-hour trips that begin at home and end at work, school or shop; the rest go the other way."""
COVERED = 0.25
"""A source is believed when it puts somebody into at least this share of the zones; else it is a mere fragment."""
LONGEST_SHARE = 0.75
"""The fitted mean trip time is at most this share of what it would be if distance did not matter."""


@dataclass(frozen=True, eq=False)
class Demand:
    """Trips (veh/h) between zones, ``(z, z)`` with an empty diagonal, and how they came about."""

    trips: Floats
    within_zones: float
    residents: float
    beta_per_s: float
    notes: tuple[str, ...]


def make_demand(snapshot: Snapshot, network: RoadNetwork, skim_s: Floats, params: TravelParams) -> Task[Demand]:
    """Return the demand of a city as it is: gravity model on the times of empty roads ``skim_s (z, z)``.

    Raises ``ScenarioError`` when nobody lives or nothing is in reach of the roads.
    """
    zones = network.zones
    yield Progress(gravity.MESSAGE)
    residents, source = _residents(snapshot, zones, network)
    yield Progress(gravity.MESSAGE)
    jobs, job_source = _jobs(snapshot, zones, residents)
    vehicles = residents * params.trip_rate * params.car_share
    if vehicles.sum() <= 0.0:
        raise ScenarioError(
            "Nobody makes a trip in this city: no residents are in reach of its roads.",
            "Import population or buildings, or raise trip rate and car share.",
        )
    work = jobs * (vehicles.sum() / jobs.sum())
    production = HOME_END * vehicles + (1.0 - HOME_END) * work
    attraction = HOME_END * work + (1.0 - HOME_END) * vehicles
    cost = _with_diagonal(skim_s)
    if params.beta_per_s > 0.0:
        beta = params.beta_per_s
        trips = yield from gravity.gravity(cost, production, attraction, beta)
    else:
        anywhere = yield from gravity.gravity(cost, production, attraction, 0.0)
        longest = LONGEST_SHARE * float((anywhere * cost).sum() / anywhere.sum())
        shortest = min(params.mean_trip_time_s, longest)
        beta, trips = yield from gravity.fit_beta(cost, production, attraction, shortest)
    within = float(np.trace(trips))
    np.fill_diagonal(trips, 0.0)
    note = f"Demand is synthetic: a gravity model on {source} and {job_source}; it does not know real trips."
    return Demand(trips, within, float(residents.sum()), beta, (note,))


def scaled(trips: Floats, zones: Zones, edits: tuple[ScaleDemand, ...]) -> Floats:
    """Return the trips after the scenario's demand edits, in order.

    An edit with a radius takes trips that begin or end in a zone whose centre is within it, or in the
    nearest zone when there is none.
    """
    for edit in edits:
        if edit.radius_m <= 0.0:
            trips = trips * edit.factor
            continue
        away = np.hypot(zones.xy[:, 0] - edit.x_m, zones.xy[:, 1] - edit.y_m)
        inside = away <= max(edit.radius_m, float(away.min()))
        trips = np.where(inside[:, None] | inside[None, :], trips * edit.factor, trips)
    return trips


def _with_diagonal(skim_s: Floats) -> Floats:
    """Return the times with half of the way to the nearest other zone for trips within a zone."""
    cost = skim_s.copy()
    np.fill_diagonal(cost, np.inf)
    np.fill_diagonal(cost, 0.5 * cost.min(axis=1))
    return cost


def _residents(snapshot: Snapshot, zones: Zones, network: RoadNetwork) -> tuple[Floats, str]:
    population = snapshot["population_cell"]
    if len(population):
        found = zones.totals(population.xy, population["residents"])
        if _covers(found):
            return found, "population cells"
    buildings = snapshot["building"]
    if len(buildings):
        found = zones.totals(buildings.xy, _floor_m2(buildings) * _weights(buildings, HOMES)) / AREA_PER_RESIDENT_M2
        if _covers(found):
            return found, "residents estimated from floor area"
    areas = snapshot["land_use"]
    if len(areas):
        found = zones.totals(areas.xy, shapely.area(areas.geometry) * _weights(areas, {"residential": 1.0})) * RESIDENTS_PER_M2
        if _covers(found):
            return found, "residents estimated from land use"
    links = snapshot["link"]
    is_local = np.isin(links["road_class"], ("residential", "tertiary", "service"))
    weight = network.length_m * np.where(is_local, RESIDENTS_PER_ROAD_M, RESIDENTS_PER_ROAD_M / 10)
    return zones.totals(links.xy, weight), "residents estimated from the length of roads alone"


def _jobs(snapshot: Snapshot, zones: Zones, residents: Floats) -> tuple[Floats, str]:
    """Return relative attractions ``(z,)``, never all 0."""
    buildings = snapshot["building"]
    if len(buildings):
        found = zones.totals(buildings.xy, _floor_m2(buildings) * _weights(buildings, WORK))
        if _covers(found):
            return found, "floor area by use"
    areas = snapshot["land_use"]
    if len(areas):
        found = zones.totals(areas.xy, shapely.area(areas.geometry) * _weights(areas, {**WORK, "other": 0.0}))
        if _covers(found):
            return found, "land use"
    return residents + (0.0 if residents.sum() > 0.0 else 1.0), "residents again for want of buildings and land use"


def _covers(found: Floats) -> bool:
    return bool(np.count_nonzero(found > 0.0) >= COVERED * len(found))


def _floor_m2(buildings: Frame) -> Floats:
    levels = buildings["levels"].astype(np.float64)
    by_height = np.maximum(1.0, np.round(buildings["height_m"] / STOREY_M))
    return np.asarray(shapely.area(buildings.geometry) * np.where(levels > 0.0, levels, by_height))


def _weights(frame: Frame, weight_of: dict[str, float]) -> Floats:
    return np.array([weight_of.get(use, 0.0) for use in frame["use"].tolist()])
