"""Depots and sites at which vehicles unload or load, put on the roads; what closures cut off is left out and told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arc_routing.area import Yards
from sim.arc_routing.ways import Ground, measure_ways, prepare_ground
from sim.network.kerb import Kerb, largest
from sim.network.streets import IntArray, Streets, build_streets
from sim.network.yards import depot_nodes, not_cut_off, yard_nodes
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

READING = Progress("Reading the city")


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
    depot, sites = depot_nodes(kerb, edited["depot"], notes), edited["disposal_site"]
    if at_depots:
        return _Placed(depot, depot)
    if not len(sites):
        notes.append("This city has no disposal site; vehicles unload at their depots.")
    return _Placed(depot, yard_nodes(kerb, sites, "disposal sites", notes) if len(sites) else depot)


def _in_main(streets: Streets, edited: Snapshot, placed: _Placed, notes: list[str], *, at_depots: bool) -> _Placed:
    """Leave out what closures cut off from most roads."""
    part = streets.component()
    main = np.bincount(part).argmax()
    depot = not_cut_off(part[placed.depot] == main, "depots", edited["depot"].ids, notes)
    if at_depots or not len(edited["disposal_site"]):
        return _Placed(placed.depot[depot], placed.site[depot])
    return _Placed(
        placed.depot[depot],
        placed.site[not_cut_off(part[placed.site] == main, "disposal sites", edited["disposal_site"].ids, notes)],
    )
