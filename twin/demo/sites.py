"""Depots of the collection fleet, and where it unloads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from twin.demo.ground import Plot
from twin.demo.makings import Makings
from twin.demo.names import Name, compass
from twin.geo import FloatArray
from twin.model.entity import Entity
from twin.model.places import Depot, DisposalSite

_DEPOTS = (((-2300.0, 1100.0), 6), ((2300.0, 1400.0), 6), ((200.0, -1500.0), 8), ((-2300.0, -1500.0), 5), ((2500.0, -1300.0), 5))
"""Where depots are wanted on the sheet, and how many vehicles each has."""

_PLANT, _STATION = Name("焚烧发电厂", "Waste-to-Energy Plant"), Name("垃圾转运站", "Transfer Station")
_SITES = (
    (_PLANT, (0.0, 0.0), 1200.0),  # its place is the industrial quarter, wherever that is
    (_STATION, (-3500.0, 900.0), 780.0),
    (_STATION, (3500.0, 1300.0), 780.0),
    (_STATION, (-3450.0, -1500.0), 900.0),
)
"""What unloads where on the sheet, and how many seconds it takes."""

VEHICLE_CAPACITY_L = 18_000.0


def site_entities(makings: Makings, plots: Sequence[Plot]) -> list[Entity]:
    """Return depots inside the ring and disposal sites at the city's edge, on plots where such things stand."""
    places = _places(makings, plots, [uv for uv, _ in _DEPOTS])
    titles = _titled(places, [Name("环卫停保场", "Sanitation Depot")] * len(_DEPOTS))
    depots = makings.entities(
        Depot,
        shapely.points(places),
        {
            "name": [title.zh for title in titles],
            "name_en": [title.en for title in titles],
            "vehicle_count": [count for _, count in _DEPOTS],
            "vehicle_capacity_l": [VEHICLE_CAPACITY_L] * len(_DEPOTS),
        },
    )
    u, v = makings.plan.industry
    places = _places(makings, plots, [(1.1 * u, 1.1 * v), *(uv for _, uv, _ in _SITES[1:])])
    titles = _titled(places, [name for name, _, _ in _SITES])
    sites = makings.entities(
        DisposalSite,
        shapely.points(places),
        {
            "name": [title.zh for title in titles],
            "name_en": [title.en for title in titles],
            "unload_duration_s": [duration for _, _, duration in _SITES],
        },
    )
    return [*depots, *sites]


def _titled(places: FloatArray, kinds: Sequence[Name]) -> list[Name]:
    """Return names made of the side of the city and the kind of place, numbered when two are alike."""
    found: list[Name] = []
    for (x, y), kind in zip(places.tolist(), kinds, strict=True):
        side = compass(x, y)
        name = Name(f"城{side.zh}{kind.zh}", f"{side.en} {kind.en}")
        alike = sum(other.zh.startswith(name.zh) for other in found)
        found.append(Name(f"{name.zh}{alike + 1}", f"{name.en} {alike + 1}") if alike else name)
    return found


def _places(makings: Makings, plots: Sequence[Plot], wanted: Sequence[tuple[float, float]]) -> FloatArray:
    """Return, for each wanted place on the sheet, the edge of the nearest plot that is neither green nor old town."""
    fit = [plot for plot in plots if plot.pattern and plot.zone not in {"old_town", "cbd", "campus"}]
    tree = shapely.STRtree([plot.shape for plot in fit])
    near = tree.nearest(shapely.points(makings.warp(np.array(wanted))))
    return np.array([fit[number].shape.exterior.coords[0][:2] for number in near.tolist()])
