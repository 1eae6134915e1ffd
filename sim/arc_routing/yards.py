"""Depots and sites at which vehicles unload or load, put on the roads; what closures cut off is left out and told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arc_routing.area import Yards
from sim.arc_routing.ways import Ground, measure_ways, prepare_ground
from sim.network.kerb import Kerb, largest
from sim.network.streets import IntArray, Streets, build_streets
from twin.errors import ScenarioError
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

READING = Progress("Reading the city")
NAMED = 5
"""Things that a note names; of more it tells the number."""


@dataclass(frozen=True, eq=False)
class _Placed:
    depot: IntArray
    site: IntArray


def prepare_yards(
    base: Snapshot, edited: Snapshot, speed_factor: float, notes: list[str], *, at_depots: bool = False
) -> Task[tuple[Ground, Yards]]:
    """Return the roads of a scenario to drive on, with its yards: sites are those of the city, or its depots.

    What the city does not have is assumed, and told in ``notes``. Raises ``ScenarioError`` when closures leave no depot or no site.
    """
    roads = build_streets(base, speed_factor)
    yield READING
    kerb = Kerb(base, largest(roads.component()))
    yield READING
    is_changed = any(edited[kind] is not base[kind] for kind in ("node", "link", "movement"))
    streets = build_streets(edited, speed_factor) if is_changed else roads
    yield READING
    placed = _in_main(streets, edited, _placed(kerb, edited, notes, at_depots=at_depots), notes, at_depots=at_depots)
    yield READING
    ground = yield from prepare_ground(streets, len(edited["link"]), np.concatenate([placed.depot, placed.site]))
    own = yield from measure_ways(ground, np.empty(0, np.int32))
    number = np.arange(len(placed.depot) + len(placed.site))
    return ground, Yards(number[: len(placed.depot)], number[len(placed.depot) :], own)


def _placed(kerb: Kerb, edited: Snapshot, notes: list[str], *, at_depots: bool) -> _Placed:
    depots, sites = edited["depot"], edited["disposal_site"]
    if len(depots):
        depot = kerb.nearest(depots.xy)[0]
    else:
        middle = kerb.node_xy[kerb.in_main].mean(axis=0)
        depot = np.array([kerb.node_near(middle)], np.int32)
        notes.append("This city has no depot; one is assumed in the middle of its roads.")
    if at_depots:
        return _Placed(depot, depot)
    if not len(sites):
        notes.append("This city has no disposal site; sweepers dump at their depots.")
    return _Placed(depot, kerb.nearest(sites.xy)[0] if len(sites) else depot)


def _in_main(streets: Streets, edited: Snapshot, placed: _Placed, notes: list[str], *, at_depots: bool) -> _Placed:
    """Leave out what closures cut off from most roads."""
    part = streets.component()
    main = np.bincount(part).argmax()
    depot = _kept(part[placed.depot] == main, "depots", edited["depot"].ids, notes)
    if at_depots or not len(edited["disposal_site"]):
        return _Placed(placed.depot[depot], placed.site[depot])
    return _Placed(
        placed.depot[depot],
        placed.site[_kept(part[placed.site] == main, "disposal sites", edited["disposal_site"].ids, notes)],
    )


def _kept(mine: np.ndarray, what: str, ids: np.ndarray, notes: list[str]) -> np.ndarray:
    if not mine.any():
        raise ScenarioError(
            f"The closed roads cut every one of the {len(mine)} {what} off from the other roads.",
            "Open one of the closed roads around them in the scenario.",
        )
    if not mine.all():
        lost = ids[~mine]
        named = ", ".join(lost[:NAMED].tolist()) + (" …" if len(lost) > NAMED else "")
        notes.append(f"{len(lost)} of {len(mine)} {what} are cut off by closed roads and not used: {named}.")
    return mine
