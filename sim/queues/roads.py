"""From the city's roads to those of the kinematic wave engine.

Every link of the city stays one link, on which queues have their true length; roads in a row are not joined,
for an incident blocks one piece and not its neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kinematic_wave.capacity import Windows
from sim.kinematic_wave.network import Network, Roads, make_network
from sim.travel.network import RoadNetwork
from sim.travel.params import TravelParams
from sim.travel.road_delay import road_delay, shut
from sim.travel.traffic import JAM_SPACING_M
from twin.model.edits import BlockLanes
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot

STEP_S = 1.0
"""Shorter links take this long: 14 m at 50 km/h."""
WAVE_MPS = 5.0
"""Speed of waves in queues: between 4 and 6 m/s wherever it was measured (Cassidy 1998, doi:10.1016/S0191-2615(97)00028-8)."""
TURN_MPS = 5.0
"""A turn with a delay is a link of this speed, so long that it takes the delay."""
TURN_VPS = 1.0
ORIGIN_VPS = 0.03
"""Priority of trips that begin at a junction, beside the capacities of the roads there: who pulls out yields, so that
through traffic clears; a tenth of what a small street gets."""


@dataclass(frozen=True, eq=False)
class CityRoads:
    """The engine's network and, for each of its links, the row of the city's link, -1 for a turn ``(m,)``."""

    network: Network
    row: NDArray[np.int64]

    def of_city(self, values: NDArray[np.floating], count: int, otherwise: float) -> NDArray[np.float64]:
        """Return numbers of the engine's links ``(…, m)`` for the city's ``count`` links ``(…, count)``."""
        out = np.full((*values.shape[:-1], count), otherwise)
        is_road = self.row >= 0
        out[..., self.row[is_road]] = values[..., is_road]
        return out


def make_roads(city: Snapshot, network: RoadNetwork, params: TravelParams) -> CityRoads:
    """Return the roads of a (changed) city on which somebody can pass.

    The diagram of a road follows from its speed, its lanes' standing vehicles and the speed of waves; its end
    lets through its capacity, for signals on the average of their cycle with the mean wait in each passage.
    """
    split, links = network.split, city["link"]
    kept = np.flatnonzero(network.split_place >= 0)
    row = np.where(kept < split.link_count, kept, -1)
    road, turn = row[row >= 0], kept[row < 0] - split.link_count
    delay = road_delay(city, network, params)
    capacity_vps = np.maximum(np.asarray(delay.capacity)[road], 1.0) / 3600.0
    speed_mps = np.maximum(links["free_flow_speed_mps"][road].astype(np.float64), 0.5)
    slowness = 1.0 / speed_mps + 1.0 / WAVE_MPS
    jam_vpm = np.maximum(np.maximum(links["lanes"][road], 1.0) / JAM_SPACING_M, capacity_vps * slowness)
    top_vps = jam_vpm / slowness
    turns = np.ones(len(turn))
    turn_s = np.maximum(split.turn_s[turn], STEP_S)
    roads = Roads(
        split.tail[kept],
        split.head[kept],
        np.concatenate([network.length_m[road], turn_s * TURN_MPS]),
        np.concatenate([speed_mps, TURN_MPS * turns]),
        np.concatenate([top_vps, TURN_VPS * turns]),
        np.concatenate([np.minimum(capacity_vps, top_vps), TURN_VPS * turns]),
        np.concatenate([jam_vpm, 2.0 * TURN_VPS / TURN_MPS * turns]),
        wait_s=np.concatenate([delay.wait[road], 0.0 * turns]),
    )
    is_open = np.concatenate([~shut(links)[road], turns > 0.0])
    nodes = len(split.node_of)
    yields = np.full(nodes, ORIGIN_VPS)
    return CityRoads(make_network(roads, nodes, step_s=STEP_S, origin_priority=yields, is_open=is_open), row)


def blocked_lanes(city: Snapshot, roads: CityRoads, scenario: Scenario, start_s: float) -> Windows:
    """Return what the incidents of a scenario leave of the roads' capacity; times count from ``start_s`` of the day.

    The lanes are blocked near the end of the link: its queue fills it first, then the roads behind.
    """
    link_of = np.full(len(city["link"]), -1)
    link_of[roads.row[roads.row >= 0]] = np.flatnonzero(roads.row >= 0)
    found: list[tuple[int, float, float, float]] = []
    for block in scenario.edits_of(BlockLanes):
        lasts = (max(block.start_s - start_s, 0.0), block.end_s - start_s)
        hit = link_of[block.rows(city)]
        found += [(int(link), *lasts, float(left)) for link, left in zip(hit, block.share_left(city), strict=True) if link >= 0]
    found = [item for item in found if item[1] < item[2]]
    link, begins, ends, left = np.array(found, float).reshape(-1, 4).T.copy()
    return Windows(link.astype(np.int64), begins, ends, left, np.ones(len(link)))
