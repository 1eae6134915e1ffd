"""The trips of a scenario: those of the city as it is, scaled, set anew for an area, and with those to events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.travel.profile import HOUR_S
from sim.travel.zones import Zones
from twin.errors import ScenarioError
from twin.model.edits import AddEvent, ScaleDemand, SetZoneDemand
from twin.model.scenario import Scenario

WALK_M = 800.0
"""Who comes to an event by car parks no farther than this: ten minutes on foot."""
FARTHEST_M = 10_000.0
"""A place that is farther from every zone is not in the city."""


@dataclass(frozen=True, eq=False)
class EditedDemand:
    """Trips (veh/h) between zones ``(z, z)``; ``to_events`` are those of them that go to an event."""

    trips: Floats
    to_events: Floats
    notes: tuple[str, ...]


def edited_demand(trips: Floats, zones: Zones, scenario: Scenario) -> EditedDemand:
    """Return the trips after the scenario's edits of demand, in order; events are added to what the others leave."""
    for edit in scenario.edits:
        if isinstance(edit, ScaleDemand):
            trips = _scaled(trips, zones, edit)
        elif isinstance(edit, SetZoneDemand):
            trips = _set(trips, zones, edit)
    to_events, notes = np.zeros_like(trips), []
    for event in scenario.edits_of(AddEvent):
        coming = _to_event(trips, zones, event)
        to_events += coming
        notes.append(_note(event, float(coming.sum())))
    return EditedDemand(trips + to_events if notes else trips, to_events, tuple(notes))


def _scaled(trips: Floats, zones: Zones, edit: ScaleDemand) -> Floats:
    """Multiply all trips, or those that begin or end in an area."""
    if edit.radius_m <= 0.0:
        return trips * edit.factor
    inside = _area(zones, edit.x_m, edit.y_m, edit.radius_m)
    return np.where(inside[:, None] | inside[None, :], trips * edit.factor, trips)


def _set(trips: Floats, zones: Zones, edit: SetZoneDemand) -> Floats:
    """Give an area as many trips as the edit says, which go where its trips, or else everybody's, have gone so far."""
    if edit.end == "arrive":
        return _set(trips.T, zones, SetZoneDemand(trips_vph=edit.trips_vph, x_m=edit.x_m, y_m=edit.y_m, radius_m=edit.radius_m)).T
    inside = _area(zones, edit.x_m, edit.y_m, edit.radius_m)
    now = trips[inside]
    if now.sum() <= 0.0:
        now = np.tile(trips.sum(axis=0) if trips.sum() > 0.0 else np.ones(len(trips)), (len(now), 1))
        now[np.arange(len(now)), np.flatnonzero(inside)] = 0.0
    trips = trips.copy()
    trips[inside] = now * (edit.trips_vph / now.sum())
    return trips


def _area(zones: Zones, x_m: float, y_m: float, radius_m: float) -> NDArray[np.bool_]:
    """Return the zones whose centre is within a radius, or the nearest one when there is none ``(z,)``."""
    away = _away(zones, x_m, y_m)
    return np.asarray(away <= max(radius_m, float(away.min())))


def _away(zones: Zones, x_m: float, y_m: float) -> Floats:
    """Return how far the zones are from a place ``(z,)``. Raises ``ScenarioError`` for one outside the city."""
    away = np.hypot(zones.xy[:, 0] - x_m, zones.xy[:, 1] - y_m)
    if not away.min() <= FARTHEST_M:
        raise ScenarioError(
            f"An edit of trips is {away.min() / 1000.0:.0f} km from the nearest zone of this city.", "Choose a place in the city."
        )
    return away


def _to_event(trips: Floats, zones: Zones, event: AddEvent) -> Floats:
    """Return the trips of an event's busiest hour: from every zone in proportion to what begins there, to those around it.

    Where so many come, they park within a walk: each zone there takes as many.
    """
    around = _area(zones, event.x_m, event.y_m, WALK_M)
    begins = trips.sum(axis=1) if trips.sum() > 0.0 else np.ones(len(trips))
    begins = np.where(around, 0.0, begins)
    if begins.sum() <= 0.0:
        return np.zeros_like(trips)
    coming = event.trips * min(1.0, HOUR_S / event.spread_s) / begins.sum()
    return np.asarray(coming * np.outer(begins, around / around.sum()))


def _note(event: AddEvent, coming: float) -> str:
    minutes = round(event.at_s / 60.0)
    return (
        f"{coming:.0f} trips per hour come to the event at {minutes // 60:02d}:{minutes % 60:02d}; "
        "this model adds those of its busiest hour to the traffic of the peak hour."
    )
