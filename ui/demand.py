"""A city's trips as people ask for them: how many, from where, how well they meet the counts."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.travel.kept import HISTORIES, KINDS, KeptCity
from sim.travel.params import TravelParams
from twin.model.snapshot import Snapshot
from twin.store import Store
from twin.task import Progress, Task

if TYPE_CHECKING:
    from sim.travel.baseline import Baseline


def made(store: Store, params: TravelParams) -> Task[tuple[Snapshot, Baseline]]:
    """Make the trips of the city as it is stored, with their equilibrium. Raises ``ScenarioError`` as any run does."""
    yield Progress("Reading the city")
    snapshot = store.snapshot(KINDS, histories=HISTORIES)
    baseline = yield from KeptCity().baseline(snapshot, params)
    return snapshot, baseline


def zone_labels(snapshot: Snapshot, baseline: Baseline) -> list[str]:
    """Return what zones are called in files: by their names where they have one each, else by key or H3 address."""
    keys = list(baseline.network.zones.names)
    zones = snapshot["zone"]
    if not len(zones):
        return keys
    names = [str(name) for name in zones["name"].tolist()]
    return names if len(set(names)) == len(names) and all(names) else keys


def demand_json(baseline: Baseline) -> dict[str, Any]:
    """Return all that is told of the trips as one object with the units in its names."""
    demand, fit, zones = baseline.demand, baseline.fit, baseline.network.zones
    trips = baseline.problem.demand
    return {
        "source": "imported" if demand.generation is None else "synthetic",
        "trips_vph": float(trips.sum()),
        "trips_within_zones_vph": demand.within_zones,
        "mean_trip_time_s": float(baseline.solution.total_time / trips.sum()) if trips.any() else 0.0,
        "zones": len(zones),
        "gates": len(zones.gates),
        "hour": demand.hour,
        "residents": demand.residents,
        "beta_per_s": demand.beta_per_s,
        "profile": demand.profile.shares.tolist(),
        "outward": demand.profile.outward.tolist(),
        "fit": dict(fit.agreement.figures()) if fit.agreement else None,
        "factor": fit.factor,
        "movement": asdict(fit.movement) if fit.movement else None,
        "stations": _stations(baseline),
        "notes": list(baseline.notes),
    }


def _stations(baseline: Baseline) -> list[dict[str, Any]]:
    of = baseline.fit.agreement
    if of is None:
        return []
    columns = (of.ids, of.counted_vph, of.modelled_vph, of.before_vph, of.geh, of.held_out)
    names = ("id", "counted_vph", "modelled_vph", "before_vph", "geh", "held_out")
    return [dict(zip(names, row, strict=True)) for row in zip(*(column.tolist() for column in columns), strict=True)]


def demand_csv(labels: list[str], baseline: Baseline) -> bytes:
    """Return the trips as rows of origin, destination and trips (veh/h), as they can be imported again."""
    trips = baseline.problem.demand
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("origin", "destination", "trips"))
    rows, columns = np.nonzero(trips)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        writer.writerow((labels[row], labels[column], repr(float(trips[row, column]))))
    return text.getvalue().encode()
