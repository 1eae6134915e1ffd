"""In which direction links reach their junctions."""

from __future__ import annotations

import numpy as np
import shapely

from sim.assignment.graph import Floats
from twin.model.frame import Frame


def entering_deg(links: Frame) -> Floats:
    """Return the direction in which each link reaches its end ``(n,)``, from east anticlockwise; 0 without a line."""
    return _direction_deg(links, -2, -1)


def leaving_deg(links: Frame) -> Floats:
    """Return the direction in which each link leaves its start ``(n,)``, from east anticlockwise; 0 without a line."""
    return _direction_deg(links, 0, 1)


def turn_deg(before: Floats, after: Floats) -> Floats:
    """Return the change between two directions, positive to the left, from -180 up to 180."""
    return np.asarray((after - before + 180.0) % 360.0 - 180.0)


def _direction_deg(links: Frame, first: int, second: int) -> Floats:
    if links.geometry is None:
        return np.zeros(len(links))
    start, end = (shapely.get_point(links.geometry, number) for number in (first, second))
    return np.asarray(
        np.degrees(np.arctan2(shapely.get_y(end) - shapely.get_y(start), shapely.get_x(end) - shapely.get_x(start)))
    )
