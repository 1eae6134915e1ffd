"""A published traffic assignment problem: network and trips, as the TNTP format has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TntpNetwork:
    """Links with their delay functions and the trips between zones, in the units of the files.

    Nodes are numbered from 0; the first ``zone_count`` of them are zones. Nodes below ``first_through``
    may begin or end a path but not be passed. ``tail, head, capacity, length, free_time, b, power, toll``
    are ``(links,)``, ``demand`` is ``(zone_count, zone_count)``.
    """

    name: str
    zone_count: int
    node_count: int
    first_through: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    capacity: NDArray[np.float64]
    length: NDArray[np.float64]
    free_time: NDArray[np.float64]
    b: NDArray[np.float64]
    power: NDArray[np.float64]
    toll: NDArray[np.float64]
    demand: NDArray[np.float64]
