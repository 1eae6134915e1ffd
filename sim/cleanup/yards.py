"""Depots and disposal sites on the road network: which waste they are for, what closures cut off, what is assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.params import CleanupParams
from sim.network.kerb import IntArray, Kerb
from sim.network.yards import some, yard_nodes
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS
from twin.model.snapshot import Snapshot

ASSUMED_CAPACITY_L = 18000.0
ASSUMED_UNLOAD_S = 900.0
Kinds = NDArray[np.bool_]
"""``(n, waste kinds)``: which kinds of waste each of n things is for."""


@dataclass(frozen=True, eq=False)
class Depots:
    """Where trucks start: node row, number of trucks, litres that one carries, each ``(n,)``, and which waste they collect."""

    node: IntArray
    vehicles: IntArray
    capacity_l: FloatArray
    collects: Kinds


@dataclass(frozen=True, eq=False)
class Sites:
    """Where trucks unload: node row and time to unload, each ``(n,)``, and which waste is taken there."""

    node: IntArray
    unload_s: FloatArray
    takes: Kinds


def place_sites(base: Snapshot, edited: Snapshot, kerb: Kerb, notes: list[str]) -> Sites:
    """Return the disposal sites; without any, one far out is assumed and noted."""
    frame = edited["disposal_site"]
    if len(frame):
        return Sites(
            yard_nodes(kerb, frame, "disposal sites", notes),
            frame["unload_duration_s"].astype(np.float64),
            _kinds(frame, "Takes"),
        )
    notes.append("This city has no disposal site; one is assumed at the edge of the road network farthest from the bins.")
    node = kerb.edge_node(base["bin"].xy.mean(axis=0))
    return Sites(np.array([node], np.int32), np.array([ASSUMED_UNLOAD_S]), _every(1))


def place_depots(base: Snapshot, edited: Snapshot, kerb: Kerb, sites: Sites, params: CleanupParams, notes: list[str]) -> Depots:
    """Return the depots; without any, one is assumed and noted."""
    frame: Frame = edited["depot"]
    if len(frame):
        return Depots(
            yard_nodes(kerb, frame, "depots", notes),
            frame["vehicle_count"].astype(np.int32),
            frame["vehicle_capacity_l"].astype(np.float64),
            _kinds(frame, "Collects"),
        )
    vehicles = _assumed_fleet(base["bin"], params)
    notes.append(
        f"This city has no depot; one with {vehicles} vehicles of {ASSUMED_CAPACITY_L:.0f} L is assumed "
        "halfway between the bins and the disposal site."
    )
    middle = (base["bin"].xy.mean(axis=0) + kerb.node_xy[sites.node].mean(axis=0)) / 2
    node = np.array([kerb.node_near(middle)], np.int32)
    return Depots(node, np.array([vehicles], np.int32), np.array([ASSUMED_CAPACITY_L]), _every(1))


def _assumed_fleet(bins: Frame, params: CleanupParams) -> int:
    """Return a number of trucks that is enough for fixed rounds, with a fifth to spare."""
    visits = len(bins) / params.period_days
    load_l = float(bins["capacity_l"].sum()) * 0.5 / params.period_days
    work_s = visits * (params.service_s + 90.0) + (load_l / ASSUMED_CAPACITY_L + 1.0) * (ASSUMED_UNLOAD_S + 2400.0)
    return int(np.ceil(1.2 * work_s / params.shift_s))


def _every(count: int) -> Kinds:
    return np.ones((count, len(WASTE_KINDS)), bool)


def _kinds(frame: Frame, label: str) -> Kinds:
    """Return which kinds each row names in its column of waste kinds; none is every one. Raises ``ScenarioError`` on others."""
    found = _every(len(frame))
    for row, text in enumerate(frame["waste_kinds"].tolist()):
        names = [name.strip() for name in text.split(",") if name.strip()]
        strange = [name for name in names if name not in WASTE_KINDS]
        if strange:
            raise ScenarioError(
                f"'{label}' of '{frame.ids[row]}' names '{strange[0]}'.", f"Name kinds out of {', '.join(WASTE_KINDS)}, or none."
            )
        if names:
            found[row] = [kind in names for kind in WASTE_KINDS]
    return found


Placed = TypeVar("Placed", Depots, Sites)


def reached(placed: Placed, reachable: NDArray[np.bool_], what: str, ids: NDArray[np.object_], notes: list[str]) -> Placed:
    """Leave out what the closures cut off. Raises ``ScenarioError`` when nothing is left."""
    if reachable.all():
        return placed
    lost = int((~reachable).sum())
    if lost == len(reachable):
        raise ScenarioError(
            f"The closed roads cut the bins off from every one of the {len(reachable)} {what}.",
            "Open one of the closed roads around them in the scenario.",
        )
    names = some(ids[~reachable])  # one that is assumed is never lost alone
    notes.append(f"{lost} of {len(reachable)} {what} are cut off by closed roads and not used: {names}.")
    return type(placed)(**{name: column[reachable] for name, column in vars(placed).items()})
