"""What is where: the kinds of quarter a city is made of, and which one a place on the sheet belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.demo.plan import Plan


@dataclass(frozen=True, slots=True)
class Zone:
    """A kind of quarter.

    ``block_m2`` is the size of its blocks (0: never divided), ``bend`` how far its streets leave the
    right angle (radians), ``use`` the land use, ``pattern`` how it is built up, ``waste`` how much
    waste there is compared with the mean, ``bustle`` how much happens in its streets.
    """

    name: str
    block_m2: float
    bend: float
    use: str
    pattern: str
    waste: float
    bustle: float


ZONES = {
    zone.name: zone
    for zone in (
        Zone("old_town", 7_000, 0.26, "residential", "lanes", 1.25, 2.6),
        Zone("cbd", 14_000, 0.02, "commercial", "towers", 1.45, 2.2),
        Zone("centre", 19_000, 0.03, "commercial", "mixed", 1.2, 1.8),
        Zone("estate_old", 24_000, 0.03, "residential", "slabs", 1.0, 1.2),
        Zone("estate_new", 42_000, 0.04, "residential", "high_rise", 0.95, 0.9),
        Zone("campus", 90_000, 0.02, "education", "campus", 0.9, 0.7),
        Zone("industry", 60_000, 0.0, "industrial", "sheds", 0.7, 0.35),
        Zone("village", 38_000, 0.14, "residential", "houses", 0.75, 0.5),
        Zone("park", 0, 0.0, "green", "", 0.9, 0.8),
        Zone("wood", 0, 0.0, "green", "", 0.3, 0.1),
        Zone("farmland", 0, 0.0, "farmland", "", 0.3, 0.1),
    )
}


def zone_at(plan: Plan, u: float, v: float, rng: np.random.Generator) -> str:
    """Return the zone of the quarter around ``u, v``; the fringe is drawn from ``rng``."""
    chance = float(rng.random())
    special = (
        ("park", plan.park, 430, 300),
        ("campus", plan.campus, 480, 330),
        ("old_town", plan.old_town, 800, 520),
        ("cbd", plan.cbd, 780, 520),
    )
    found = next((name for name, centre, half_u, half_v in special if _inside(u, v, centre, half_u, half_v)), None)
    if found:
        return found
    if _inside(u, v, plan.industry, 1050, 1150):
        shares = _INDUSTRY
    elif not (plan.ring[0] < u < plan.ring[2] and plan.ring[1] < v < plan.ring[3]):
        shares = _HILLS if v > plan.ring[3] else _FRINGE
    else:
        shares = _CENTRE if _inside(u, v, (0.0, 10.0), 1520, 1060) else _INSIDE_RING
    return next(name for name, upper in shares if chance <= upper)


Shares = tuple[tuple[str, float], ...]

# Each zone with the sum of the shares up to it.
_INDUSTRY: Shares = (("industry", 0.9), ("village", 1.0))
_HILLS: Shares = (("wood", 0.5), ("village", 0.85), ("estate_new", 1.0))
_FRINGE: Shares = (("village", 0.42), ("farmland", 0.66), ("estate_new", 0.88), ("wood", 1.0))
_CENTRE: Shares = (("centre", 0.6), ("estate_old", 1.0))
_INSIDE_RING: Shares = (("estate_old", 0.36), ("estate_new", 1.0))


def _inside(u: float, v: float, centre: tuple[float, float], half_u: float, half_v: float) -> bool:
    """Whether a place lies in the box around a centre."""
    return abs(u - centre[0]) < half_u and abs(v - centre[1]) < half_v
