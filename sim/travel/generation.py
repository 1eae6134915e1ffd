"""Generation: how many trips begin and end in each zone in an hour, before anybody knows where they go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from sim.assignment.graph import Floats
from sim.travel.gates import Gates
from sim.travel.network import RoadNetwork
from sim.travel.params import TravelParams
from sim.travel.profile import Profile
from sim.travel.zones import Zones
from twin.errors import ScenarioError
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

AREA_PER_RESIDENT_M2 = 40.0
STOREY_M = 3.0
RESIDENTS_PER_M2 = 0.006
RESIDENTS_PER_ROAD_M = 0.1
HOMES = {"residential": 1.0, "other": 0.4}
"""Share of a building's floor that is lived in, by use."""
WORK = {"commercial": 3.0, "education": 2.0, "health": 3.0, "industrial": 1.0, "other": 0.5, "residential": 0.1}
"""Trips that a floor area attracts, by use, relative to each other."""
COVERED = 0.25
"""A source is believed when it puts somebody into at least this share of the zones; else it is a mere fragment."""


@dataclass(frozen=True, eq=False)
class Generation:
    """Trips (veh/h) that begin, ``production (z,)``, and end, ``attraction (z,)``, in each zone; what they were made of.

    Of gates, the last zones, both are trips across the edge of the city.
    """

    production: Floats
    attraction: Floats
    residents: float
    source: str
    job_source: str


def generate(snapshot: Snapshot, network: RoadNetwork, params: TravelParams, profile: Profile, hour: int) -> Generation:
    """Return the trips of an hour (local) by zone.

    Raises ``ScenarioError`` when nobody lives or nothing is in reach of the roads.
    """
    zones = network.zones
    residents, source = residents_of(snapshot, zones, network)
    jobs, job_source = _jobs(snapshot, zones, residents)
    of_peak = float(profile.shares[hour] / profile.shares.max())
    vehicles = residents * params.trip_rate * params.car_share * of_peak
    if vehicles.sum() <= 0.0:
        raise ScenarioError(
            "Nobody makes a trip in this city: no residents are in reach of its roads.",
            "Import population or buildings, or raise trip rate and car share.",
        )
    work, outward = jobs * (vehicles.sum() / jobs.sum()), float(profile.outward[hour])
    production = outward * vehicles + (1.0 - outward) * work
    attraction = outward * work + (1.0 - outward) * vehicles
    enter, leave = _of_gates(zones.gates, len(zones), params.gate_share * of_peak)
    return Generation(production + enter, attraction + leave, float(residents.sum()), source, job_source)


def _of_gates(gates: Gates, zone_count: int, share: float) -> tuple[Floats, Floats]:
    """Return what enters and leaves the city by its gates (veh/h), each ``(z,)``: a share of the roads' capacity."""
    zone = zone_count - len(gates) + gates.gate
    enter, leave = (np.bincount(zone, vph, zone_count).astype(np.float64) for vph in (gates.enter_vph, gates.leave_vph))
    return share * enter, share * leave


def residents_of(snapshot: Snapshot, zones: Zones, network: RoadNetwork) -> tuple[Floats, str]:
    """Return the residents of each zone ``(z,)`` by the first source that covers the city, and what it is called."""
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
