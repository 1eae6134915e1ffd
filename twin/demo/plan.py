"""The seeded choices from which everything else of the demo city follows.

The city is drawn first on a flat sheet with coordinates ``u, v`` in metres: the river runs along
``v = 0``, avenues along constant ``u`` or ``v``. ``twin.demo.warp`` then bends the sheet into the city.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from twin.geo import FloatArray, Projection

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""The demo city's present: a Monday, nine in the morning in China."""

LOCAL_OFFSET_S = 8 * 3600
"""China's clock ahead of UTC, in seconds."""

PROJECTION = Projection(116.0, 30.0)
"""The city's plane. The place is arbitrary: nothing of what is really there is in the demo city."""

HALF_WIDTH_M, HALF_HEIGHT_M, ROUNDNESS = 4050.0, 2750.0, 3.2
"""Half axes and exponent of the superellipse that bounds the city on the sheet: 40 km²."""


def generator(seed: int, part: str) -> np.random.Generator:
    """Return the randomness of one part of the city, so that a change in one part leaves the others alone."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


@dataclass(frozen=True)
class Plan:
    """What the seed decided. Lengths in metres on the sheet, angles in radians.

    ``primary_u`` … are positions of avenues; rows north and south of the river are apart because
    nothing but a bridge joins them. ``mirror`` holds two signs (hills lie mostly in the north), ``turn`` the rotation of the whole.
    ``old_town``, ``cbd``, ``park``, ``campus`` and ``industry`` are centres on the sheet.
    """

    seed: int
    mirror: tuple[float, float]
    turn: float
    meander_m: tuple[float, float]
    meander_length_m: tuple[float, float]
    meander_phase: tuple[float, float]
    river_half_width_m: float
    primary_u: tuple[float, ...]
    secondary_u: tuple[float, ...]
    primary_v: tuple[float, ...]
    secondary_v: tuple[float, ...]
    ring: tuple[float, float, float, float]
    old_town: tuple[float, float]
    cbd: tuple[float, float]
    park: tuple[float, float]
    campus: tuple[float, float]
    industry: tuple[float, float]

    def river_v(self, u: FloatArray) -> FloatArray:
        """Return half the width of the river at ``u``, in metres."""
        slow = np.sin(u / 1500.0 + self.meander_phase[0])
        return self.river_half_width_m * (1.0 + 0.16 * slow + 0.07 * np.sin(u / 430.0 + self.meander_phase[1]))


def draw_plan(seed: int) -> Plan:
    """Draw the plan of one city from its seed."""
    rng = generator(seed, "plan")

    def near(*positions: float, spread: float = 60.0) -> tuple[float, ...]:
        moved = np.asarray(positions) + rng.uniform(-spread, spread, len(positions))
        return tuple(float(position) for position in np.round(moved, 1))

    def place(u: float, v: float, spread: float) -> tuple[float, float]:
        u, v = near(u, v, spread=spread)
        return u, v

    primary_u = near(-1450, -480, 480, 1450)
    secondary_u = near(-3480, -2180, -960, 0, 960, 2180, 3480, spread=70)
    west, east, south, north = near(-2900, 2900, -1900, 1960, spread=50)
    side = -1.0 if rng.random() < 0.4 else 1.0
    return Plan(
        seed=seed,
        mirror=(-1.0 if rng.random() < 0.5 else 1.0, -1.0 if rng.random() > 0.75 else 1.0),
        turn=float(rng.uniform(-0.2, 0.2)),
        meander_m=(float(rng.uniform(280, 400)), float(rng.uniform(50, 90))),
        meander_length_m=(float(rng.uniform(6400, 7800)), float(rng.uniform(2800, 3500))),
        meander_phase=(float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0, 2 * np.pi))),
        river_half_width_m=float(rng.uniform(62, 82)),
        primary_u=primary_u,
        secondary_u=secondary_u,
        primary_v=near(-980, 1000, spread=50),
        secondary_v=near(-2340, -1430, -500, 510, 1460, 2400, spread=45),
        ring=(west, south, east, north),
        old_town=place(-700, 540, spread=20),
        cbd=place(side * 700 + 30, -530, spread=20),
        park=place(-1850 if side > 0 else 1850, 760, spread=10),
        campus=place(1850 if side > 0 else -1850, 1250, spread=10),
        industry=place(side * 3000, -1300, spread=100),
    )
