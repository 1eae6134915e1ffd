"""Incidents of the last ninety days: road accidents near junctions, and rarer things."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import shapely

from twin.demo.makings import Makings
from twin.demo.names import Name
from twin.demo.network import Network
from twin.demo.plan import LOCAL_OFFSET_S, NOW, generator
from twin.demo.zones import ZONES
from twin.model.entity import Entity
from twin.model.incidents import SEVERITIES, Incident

COUNT = 160
DAYS = 90

_KINDS = {
    "road_accident": (Name("交通事故", "Road accident"), 0.66),
    "spill": (Name("道路遗撒", "Spill on the road"), 0.09),
    "fallen_tree": (Name("树木倒伏", "Fallen tree"), 0.07),
    "flood": (Name("道路积水", "Flooded road"), 0.06),
    "fire": (Name("火情", "Fire"), 0.06),
    "other": (Name("其他突发事件", "Other incident"), 0.06),
}
_RISK = {"motorway": 2.0, "trunk": 2.5, "primary": 3.0, "secondary": 1.8, "tertiary": 0.8, "residential": 0.3}
_HOUR = np.array([2, 1, 1, 1, 1, 2, 4, 8, 9, 7, 6, 6, 5, 5, 6, 6, 7, 9, 10, 7, 5, 4, 3, 2], dtype=float)


def incident_entities(makings: Makings, network: Network) -> list[Entity]:
    """Return the incidents, oldest first; those of the last two hours are still going on."""
    rng = generator(makings.plan.seed, "incidents")
    times = _times(rng)
    kinds = rng.choice(list(_KINDS), COUNT, p=[share for _, share in _KINDS.values()]).tolist()
    streets, places = _places(network, rng)
    lasts = [timedelta(minutes=int(m)) for m in rng.gamma(2.2, 30.0, COUNT) + 15]
    names = [network.streets[street].way.name for street in streets]
    titles = [_KINDS[kind][0] for kind in kinds]
    columns = {
        "name": [f"{name.zh}{title.zh} ({title.en})" for name, title in zip(names, titles, strict=True)],
        "category": kinds,
        "severity": rng.choice(SEVERITIES, COUNT, p=[0.5, 0.34, 0.13, 0.03]).tolist(),
        "occurred_at": times,
        "ended_at": [at + last if at + last <= NOW else None for at, last in zip(times, lasts, strict=True)],
        "address": [f"{name.zh} ({name.en})" for name in names],
        "description": [f"{title.zh}，{name.zh} ({title.en}, {name.en})" for name, title in zip(names, titles, strict=True)],
    }
    return makings.entities(Incident, shapely.points(places), columns)


def _times(rng: np.random.Generator) -> list[datetime]:
    """Draw times over ninety days with the day's two peaks; the last three are of this morning."""
    hours = NOW.timestamp() - np.arange(DAYS * 24, 2, -1) * 3600.0
    weight = _HOUR[((hours + LOCAL_OFFSET_S) // 3600 % 24).astype(int)]
    drawn = rng.choice(hours, COUNT - 3, p=weight / weight.sum()) + rng.integers(0, 3600, COUNT - 3)
    seconds = np.sort([*drawn, *(NOW.timestamp() - rng.integers(240, 1500, 3))])
    return [datetime.fromtimestamp(int(second) // 60 * 60, UTC) for second in seconds.tolist()]


def _places(network: Network, rng: np.random.Generator) -> tuple[list[int], np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Draw streets by their risk, and a place near the junction at one of their ends."""
    risk = np.array([_RISK[s.way.road_class] * (0.5 + ZONES[s.zone].bustle) for s in network.streets])
    streets = rng.choice(len(risk), COUNT, p=risk / risk.sum())
    lines = np.array([network.streets[i].line for i in streets.tolist()], dtype=object)
    away = np.minimum(rng.exponential(18.0, COUNT), 0.45 * shapely.length(lines))
    away = np.where(rng.random(COUNT) < 0.5, away, shapely.length(lines) - away)
    on = shapely.get_coordinates(shapely.line_interpolate_point(lines, away))
    return streets.tolist(), on + rng.normal(0, 2.5, on.shape)
