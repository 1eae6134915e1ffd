"""Demand: how many vehicles go from zone to zone in an hour."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import CLOSED_TIME_S, Floats
from sim.travel import gravity
from sim.travel.generation import Generation, generate
from sim.travel.network import RoadNetwork
from sim.travel.od_matrix import OdMatrix
from sim.travel.params import TravelParams
from sim.travel.profile import Profile
from sim.travel.radiation import radiation
from sim.travel.zones import Zones
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

LONGEST_SHARE = 0.75
"""The fitted mean trip time is at most this share of what it would be if distance did not matter."""


@dataclass(frozen=True, eq=False)
class Demand:
    """Trips (veh/h) between zones, ``(z, z)`` with an empty diagonal, in an ``hour`` (local) of the day ``profile``.

    ``generation`` is what they were made of, None for trips that were imported.
    """

    trips: Floats
    within_zones: float
    residents: float
    beta_per_s: float
    profile: Profile
    hour: int
    generation: Generation | None = None
    notes: tuple[str, ...] = ()


def make_demand(
    snapshot: Snapshot, network: RoadNetwork, skim_s: Floats, params: TravelParams, profile: Profile, hour: int
) -> Task[Demand]:
    """Return the demand of a city as it is, made up of what is known of it and of the times of empty roads ``skim_s (z, z)``.

    Raises ``ScenarioError`` when nobody lives or nothing is in reach of the roads.
    """
    yield Progress(gravity.MESSAGE)
    generation = generate(snapshot, network, params, profile, hour)
    yield Progress(gravity.MESSAGE)
    cost = with_diagonal(skim_s)
    beta = yield from _deterrence(cost, generation, network.zones, params)
    trips = yield from distributed(cost, generation, network.zones, params, beta)
    within = float(np.trace(trips))
    np.fill_diagonal(trips, 0.0)
    notes = _notes(generation, network.zones, params)
    return Demand(trips, within, generation.residents, beta, profile, hour, generation, notes)


def of_matrix(given: OdMatrix, zones: Zones, profile: Profile, hour: int) -> Demand:
    """Return the demand of a city that has a matrix of its own."""
    trips = given.trips.copy()
    within = float(np.trace(trips))
    np.fill_diagonal(trips, 0.0)
    notes: list[str] = []
    notes.append(f"Demand is imported: {trips.sum():.0f} trips per hour between {len(zones)} zones from {given.name}.")
    if within > 0.0:
        notes.append(f"{within:.0f} trips per hour stay within their zone and are not on the roads.")
    return Demand(trips, within, 0.0, 0.0, profile, hour if given.hour is None else given.hour, None, tuple(notes))


def with_ways(demand: Demand, skim_s: Floats, zones: Zones) -> Demand:
    """Return the demand without trips that no road leads to, and say which these are; ``skim_s (z, z)`` are times of empty roads."""
    lost = (demand.trips > 0.0) & (skim_s >= CLOSED_TIME_S)
    if not lost.any():
        return demand
    origin, destination = (zones.names[int(place)] for place in np.argwhere(lost)[0])
    note = (
        f"{demand.trips[lost].sum():.0f} trips per hour between {np.count_nonzero(lost)} pairs of zones have no road and are left "
        f"out, as from '{origin}' to '{destination}'."
    )
    return replace(demand, trips=np.where(lost, 0.0, demand.trips), notes=(*demand.notes, note))


def distributed(cost_s: Floats, generation: Generation, zones: Zones, params: TravelParams, beta: float) -> Task[Floats]:
    """Return the trips ``(z, z)`` that the costs (s) lead to: gravity with a known deterrence, or radiation.

    A share of what crosses the edge of the city passes through it, from gate to gate; the rest begins or ends inside.
    """
    is_gate = np.arange(len(zones)) >= len(zones) - len(zones.gates)
    stopping = _stopping(generation, is_gate, params.through_share)
    production = np.where(is_gate, stopping, 1.0) * generation.production
    attraction = np.where(is_gate, stopping, 1.0) * generation.attraction
    if params.distribution == "radiation":
        trips = yield from radiation(cost_s, production, attraction, is_gate)
    else:
        trips = yield from gravity.gravity(cost_s, production, attraction, beta, is_gate[:, None] & is_gate[None, :])
    trips[np.ix_(is_gate, is_gate)] = (1.0 - stopping) * _through(generation, zones.xy, is_gate)
    return trips


def _stopping(generation: Generation, is_gate: NDArray[np.bool_], through_share: float) -> float:
    """Return the share of what crosses the city's edge that begins or ends inside.

    Never more than makes up half of all trips that begin or end inside: what a small place on a large road
    cannot send or take passes it by.
    """
    share = 1.0 - through_share
    for inside, crossing in ((generation.attraction, generation.production), (generation.production, generation.attraction)):
        at_gates = float(crossing[is_gate].sum())
        if at_gates > 0.0:
            share = min(share, 0.5 * float(inside[~is_gate].sum()) / at_gates)
    return share


def _through(generation: Generation, xy: Floats, is_gate: NDArray[np.bool_]) -> Floats:
    """Return trips from gate to gate if all passed: by what leaves at the other end, and the more the farther it is."""
    away = np.hypot(*(xy[is_gate, None] - xy[None, is_gate]).transpose(2, 0, 1))
    weight = away * generation.attraction[is_gate]
    total = weight.sum(axis=1, keepdims=True)
    share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0.0)
    return np.asarray(generation.production[is_gate, None] * share)


def _deterrence(cost_s: Floats, generation: Generation, zones: Zones, params: TravelParams) -> Task[float]:
    """Return beta (1/s): the one set, or that which gives trips inside the city their mean time (Hyman 1969)."""
    if params.distribution == "radiation":
        return 0.0
    if params.beta_per_s > 0.0:
        return params.beta_per_s
    inside = len(zones) - len(zones.gates)
    cost, ends = cost_s[:inside, :inside], (generation.production[:inside], generation.attraction[:inside])
    anywhere = yield from gravity.gravity(cost, *ends, 0.0)
    longest = LONGEST_SHARE * float((anywhere * cost).sum() / anywhere.sum())
    beta, _ = yield from gravity.fit_beta(cost, *ends, min(params.mean_trip_time_s, longest))
    return beta


def _notes(generation: Generation, zones: Zones, params: TravelParams) -> tuple[str, ...]:
    notes = []
    notes.append(
        f"Demand is synthetic: a {params.distribution} model on {generation.source} and {generation.job_source}; "
        "it does not know real trips."
    )
    if len(zones.gates):
        crossing = float(generation.production[-len(zones.gates) :].sum() + generation.attraction[-len(zones.gates) :].sum())
        notes.append(
            f"Main roads that leave the city: {len(zones.gates)}; {crossing:.0f} vehicles per hour are taken to cross its edge, "
            f"{100 * params.gate_share:.0f} % of what these roads carry at most in the busiest hour."
        )
    return tuple(notes)


def with_diagonal(skim_s: Floats) -> Floats:
    """Return the times with half of the way to the nearest other zone for trips within a zone."""
    cost = skim_s.copy()
    np.fill_diagonal(cost, np.inf)
    np.fill_diagonal(cost, 0.5 * cost.min(axis=1))
    return cost
