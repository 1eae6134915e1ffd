"""What every day's routing needs, made once per scenario: ways, fleet, disposal sites, rules of the work."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.distances import Distances
from sim.cleanup.draws import key_of, uniform
from sim.cleanup.operation import Operation
from sim.cleanup.params import CleanupParams
from sim.cleanup.yards import Depots, Kinds, Sites
from sim.network.kerb import IntArray
from sim.routing.packing import Shift
from twin.geo import FloatArray
from twin.model.places import WASTE_KINDS


@dataclass(frozen=True, eq=False)
class Work:
    """The work on one kind of waste.

    A trip carries ``capacity_l`` and, within ``limit_s``, fits a shift from some depot. ``out_s, back_s`` ``(places,)``: time
    from the nearest disposal site, and to the best one with unloading; ``site`` is that one's number.
    """

    capacity_l: float
    limit_s: float
    out_s: FloatArray
    back_s: FloatArray
    site: IntArray


@dataclass(frozen=True, eq=False)
class Router:
    """What every day's routing needs.

    ``work`` has the kinds of waste that somebody collects and some site takes, by the row of ``WASTE_KINDS``. ``rank`` is the
    position of each place on the giant tour. ``detour_s``: what a stop on the way may cost. Places are those of ``ways``;
    ``bin_place`` is -1 where no truck gets. ``depot_capacity_l`` and ``collects`` tell what a depot's trucks may drive.
    """

    ways: Distances
    bin_place: IntArray
    bin_window: IntArray
    windows: FloatArray
    depot_place: IntArray
    vehicles: IntArray
    depot_capacity_l: FloatArray
    collects: Kinds
    site_place: IntArray
    unload_s: FloatArray
    work: dict[int, Work]
    rank: IntArray
    shift: Shift
    service_s: float
    detour_s: float

    @property
    def capacity_l(self) -> FloatArray:
        """Litres of each kind of waste that a trip carries ``(kinds,)``; none where nobody collects it."""
        return np.array([self.work[kind].capacity_l if kind in self.work else 0.0 for kind in range(len(WASTE_KINDS))])


def prepare_router(operation: Operation, ways: Distances, rank: IntArray, params: CleanupParams, detour_s: float = 0.0) -> Router:
    """Find the disposal site of each place and kind; ``rank`` is a place's position on the giant tour."""
    depots, sites, bins = operation.depots, operation.sites, operation.bins
    depot_place, site_place = ways.place_of_node[depots.node], ways.place_of_node[sites.node]
    work = {}
    for kind in range(len(WASTE_KINDS)):
        crews, takes = (depots.vehicles > 0) & depots.collects[:, kind], sites.takes[:, kind]
        if crews.any() and takes.any():
            work[kind] = _work(ways, depots, sites, crews, takes, params.shift_s)
    return Router(
        ways,
        np.where(bins.reachable, ways.place_of_node[bins.node], -1).astype(np.int32),
        bins.window,
        bins.windows,
        depot_place,
        depots.vehicles,
        depots.capacity_l,
        depots.collects,
        site_place,
        sites.unload_s,
        work,
        rank,
        Shift(params.shift_start_s, params.shift_s, params.shift_s + params.overtime_s, params.break_s, params.break_after_s),
        params.service_s,
        detour_s,
    )


def _work(
    ways: Distances,
    depots: Depots,
    sites: Sites,
    crews: NDArray[np.bool_],
    takes: NDArray[np.bool_],
    shift_s: float,
) -> Work:
    """Return the work on a kind that some depots collect and some sites take."""
    homes, number = ways.place_of_node[depots.node[crews]], np.flatnonzero(takes)
    site_place = ways.place_of_node[sites.node[number]]
    to_site = ways.time_s[:, site_place].astype(np.float64) + sites.unload_s[number]
    out_s = ways.time_s[site_place].min(axis=0).astype(np.float64)
    # For each place and site the best depot's detour over a round from site to site; the worst of them is kept free.
    detour = ways.time_s[homes][:, :, None] + ways.time_s[np.ix_(site_place, homes)].T[:, None, :]
    margin_s = max(0.0, float((detour.min(axis=0) - out_s[:, None]).max()))
    return Work(
        float(depots.capacity_l[crews].min()),
        max(0.0, shift_s - margin_s),
        out_s,
        to_site.min(axis=1),
        number[to_site.argmin(axis=1)].astype(np.int32),
    )


def varied(router: Router, replication: int) -> Router:
    """Return the router with the tour begun elsewhere and, every second time, driven the other way.

    A heuristic's own errors then differ between replications instead of being the same in all: the
    intervals of a comparison tell them from an effect of the edit.
    """
    count = len(router.rank)
    shift = int(uniform(key_of(replication), np.uint64(0)) * count)
    rank = (router.rank + shift) % count
    return replace(router, rank=rank if replication % 2 == 0 else count - 1 - rank)
