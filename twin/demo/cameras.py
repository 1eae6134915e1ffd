"""City cameras at junctions, looking along the streets."""

from __future__ import annotations

import numpy as np
import shapely

from twin.demo.makings import Makings
from twin.demo.names import Name
from twin.demo.network import HALF_WIDTH_M, Network
from twin.demo.plan import generator
from twin.demo.zones import ZONES
from twin.model.entity import Entity
from twin.model.places import Camera

CAMERA_COUNT = 600

_TYPES = ("fixed", "bullet", "dome", "ptz")
_OPERATORS = ("城市管理局 (Urban Management)", "交通警察 (Traffic Police)", "公安局 (Public Security)")


def camera_entities(makings: Makings, network: Network) -> list[Entity]:
    """Return exactly ``CAMERA_COUNT`` cameras: main junctions first, one for each arm that is looked along."""
    rng = generator(makings.plan.seed, "cameras")
    rows = []
    for node in _busiest(network, rng):
        arms = _arms(network, node)
        for number, (bearing, street) in enumerate(arms[: 4 if network.is_signal[node] else 2], start=1):
            rows.append((node, number, bearing, street))
        if len(rows) >= CAMERA_COUNT:
            break
    rows = rows[:CAMERA_COUNT]
    xy = np.array([_pole(network, node, bearing, street) for node, _, bearing, street in rows])
    titles = [_title(network, node, number) for node, number, _, _ in rows]
    fast = [network.streets[street].way.road_class in {"motorway", "trunk"} for _, _, _, street in rows]
    types = ["speed" if quick else _TYPES[int(rng.choice(4, p=[0.45, 0.3, 0.1, 0.15]))] for quick in fast]
    n = len(rows)
    columns = {
        "name": [title.zh for title in titles],
        "name_en": [title.en for title in titles],
        "camera_type": types,
        "direction_deg": [round(float(90 - np.degrees(bearing)) % 360, 1) % 360 for _, _, bearing, _ in rows],
        "view_angle_deg": [{"dome": 110.0, "ptz": 62.0, "speed": 28.0}.get(kind, 48.0) for kind in types],
        "range_m": [120.0 if quick else float(rng.choice([60, 80, 100])) for quick in fast],
        "height_m": np.round(rng.uniform(5.5, 8.5, n), 1),
        "online": rng.random(n) < 0.94,
        "operator": [_OPERATORS[1] if quick else _OPERATORS[int(rng.integers(3))] for quick in fast],
    }
    return makings.entities(Camera, shapely.points(xy), columns)


def _busiest(network: Network, rng: np.random.Generator) -> list[int]:
    """Return junctions from the most to the least important, a little shuffled."""
    rank = {"motorway": 5.0, "trunk": 5.0, "primary": 4.0, "secondary": 2.5, "tertiary": 1.2, "residential": 0.5}
    weight = np.zeros(len(network.xy))
    arms = np.zeros(len(network.xy), dtype=int)
    for street in network.streets:
        bustle = ZONES[street.zone].bustle
        for node in (street.tail, street.head):
            weight[node] += rank[street.way.road_class] * (0.6 + 0.4 * bustle)
            arms[node] += 1
    weight = (weight + 6.0 * network.is_signal) * rng.uniform(0.6, 1.4, len(weight)) * (arms > 2)
    return [int(node) for node in np.argsort(-weight, kind="stable") if weight[node] > 0]


def _arms(network: Network, node: int) -> list[tuple[float, int]]:
    """Return the direction (radians from east) and number of each street at a node, widest first."""
    found = []
    for number in network.streets_at[node]:
        street = network.streets[number]
        coords = shapely.get_coordinates(street.line)
        ahead = coords[1] - coords[0] if street.tail == node else coords[-2] - coords[-1]
        found.append((float(np.arctan2(ahead[1], ahead[0])), number))
    return sorted(found, key=lambda arm: (-HALF_WIDTH_M[network.streets[arm[1]].way.road_class], arm[1]))


def _pole(network: Network, node: int, bearing: float, street: int) -> tuple[float, float]:
    """Return where the camera stands: on the right-hand pavement, just before the junction's middle."""
    aside = HALF_WIDTH_M[network.streets[street].way.road_class] - 1.0
    x, y = network.xy[node].tolist()
    return x + aside * float(np.sin(bearing)) + 4 * float(np.cos(bearing)), y - aside * float(np.cos(bearing)) + 4 * float(
        np.sin(bearing)
    )


def _title(network: Network, node: int, number: int) -> Name:
    names = list(dict.fromkeys(network.streets[street].way.name for street in network.streets_at[node]))[:2]
    return Name(
        "与".join(name.zh for name in names) + f"路口{number}号", " / ".join(name.en for name in names) + f", camera {number}"
    )
