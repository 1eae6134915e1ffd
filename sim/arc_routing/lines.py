"""A vehicle's trip as a line along the roads that it works on and drives over."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.arc_routing.ways import Ground
from sim.network.shortest import way_arcs
from sim.network.streets import IntArray
from twin.task import Progress, Task


def line_of(ground: Ground, lines: NDArray[Any], links: IntArray, origin: int, site: int, home: int) -> Task[Any]:
    """Return the line from a yard along some roads (rows of ``lines``) to a site, and on to the yard ``home`` unless that is -1."""
    starts = [*ground.start[links].tolist(), int(ground.yard_goal[site])]
    ends = [int(ground.yard_node[origin]), *ground.end[links].tolist()]
    driven: list[int] = []
    for number, (end, start) in enumerate(zip(ends, starts, strict=True)):
        driven += _way(ground, end, start)
        if number < len(links):
            driven.append(int(links[number]))
        if number % 16 == 15:
            yield Progress("Drawing a day's routes")
    if home >= 0:
        driven += _way(ground, int(ground.yard_node[site]), int(ground.yard_goal[home]))
    xy = np.concatenate([shapely.get_coordinates(lines[row]) for row in driven])
    keep = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
    return shapely.linestrings(xy[keep])


def _way(ground: Ground, start: int, goal: int) -> list[int]:
    """Return the roads of the fastest way from one vertex to another."""
    if start == goal:
        return []
    streets = ground.streets
    arcs = way_arcs(streets.first_arc, streets.head, streets.time_s, start, goal)
    return [row for row in streets.link_row[arcs].tolist() if row >= 0]
