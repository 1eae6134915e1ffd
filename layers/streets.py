"""What every layer along roads shares: where the links lie, how wide they are, how far above the ground."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.ground import Ground
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASSES

RANK = {item.name: item.rank for item in ROAD_CLASSES}
LANE_M = 3.3
"""Width of a lane."""

BRIDGE_M = 5.0
"""How far the middle of a bridge lies above its ends' ground."""


def ranks(links: Frame) -> NDArray[np.intp]:
    """Return the rank of each link's class: 0 motorway … 6 service road."""
    return np.fromiter((RANK.get(name, 5) for name in links["road_class"].tolist()), np.intp, len(links))


def one_per_street(links: Frame) -> NDArray[np.bool_]:
    """Return which links stand for their street: all one-way links, and one of each pair of directions."""
    reverse = links["reverse_id"]
    known = np.fromiter((key in links.row_of for key in reverse.tolist()), bool, len(links))
    earlier = np.fromiter((a < b for a, b in zip(links.ids.tolist(), reverse.tolist(), strict=True)), bool, len(links))
    return np.asarray(~known | earlier)


def width_m(links: Frame, *, both_ways: bool) -> NDArray[np.float64]:
    """Return the width of each link's carriageway, or of the street with its opposite direction."""
    lanes = np.clip(np.nan_to_num(links["lanes"], nan=1.0), 1, 8)
    ways = np.where(links["reverse_id"] != "", 2.0, 1.0) if both_ways else np.ones(len(links))
    return np.asarray(lanes * ways * LANE_M + 1.5, dtype=np.float64)


def points(
    links: Frame, rows: NDArray[np.intp], ground: Ground, lift_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Return the points of the links ``(n, 3)``, where each starts ``(k + 1,)`` and the place in ``rows`` of each point.

    Links lie ``lift_m`` above the ground; bridges rise from one bank to the other instead of following the valley.
    """
    assert links.geometry is not None  # noqa: S101  links have lines
    geometry = links.geometry[rows]
    if not ground.is_flat:
        geometry = shapely.segmentize(geometry, ground.step_m * 0.7)
    bridge = links["bridge"][rows]
    geometry[bridge] = shapely.segmentize(geometry[bridge], 12.0)
    xy, row = shapely.get_coordinates(geometry, return_index=True)
    offsets = np.searchsorted(row, np.arange(len(rows) + 1))
    z = ground.at(xy) + lift_m[row]
    for place in np.flatnonzero(bridge).tolist():
        part = slice(int(offsets[place]), int(offsets[place + 1]))
        z[part] = np.maximum(_span(z[part]), z[part])
    return np.column_stack([xy, z]), offsets.astype(np.intp), row.astype(np.intp)


def _span(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the heights of a bridge: straight from end to end, with a slight camber."""
    share = np.linspace(0, 1, len(z))
    camber = BRIDGE_M * np.minimum(1.0, 4 * share * (1 - share))
    return np.asarray(z[0] * (1 - share) + z[-1] * share + camber)


def shorten(geometry: NDArray[Any], tolerance_m: float) -> NDArray[Any]:
    """Return lines with the points left out that do not show at a far view."""
    return np.asarray(shapely.simplify(geometry, tolerance_m), dtype=object)


def tails(
    xyz: NDArray[np.float64], offsets: NDArray[np.intp], length_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Return the last ``length_m (k,)`` metres of lines, as ``points`` gives them; of a shorter line all of it."""
    step = np.hypot(*np.diff(xyz[:, :2], axis=0).T)
    run = np.concatenate([[0.0], np.cumsum(step)])  # along all lines together; what lies between two lines is never asked for
    row = np.repeat(np.arange(len(length_m)), np.diff(offsets))
    last = offsets[1:] - 1
    begin = np.maximum(run[last] - length_m, run[offsets[:-1]])
    place = np.minimum(np.searchsorted(run, begin, side="right") - 1, last - 1)  # the piece in which each tail begins
    share = (begin - run[place]) / np.maximum(run[place + 1] - run[place], 1e-12)
    first = xyz[place] + np.clip(share, 0.0, 1.0)[:, None] * (xyz[place + 1] - xyz[place])
    keep = run[: len(xyz)] > begin[row]
    whole = np.concatenate([first, xyz[keep]])
    which = np.concatenate([np.arange(len(length_m)), row[keep]])
    order = np.argsort(which, kind="stable")  # each new beginning before the points that are kept
    counts = np.bincount(which, minlength=len(length_m))
    return whole[order], np.concatenate([[0], np.cumsum(counts)]).astype(np.intp), which[order].astype(np.intp)
