"""Published vehicle-routing problems as values, in the units of their files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CapacityInstance:
    """Stops with demands, vehicles that carry ``capacity``, one depot; the total distance is to be small.

    Row 0 of ``xy`` ``(n + 1, 2)`` and ``demand`` ``(n + 1,)`` is the depot. Distances are those of the
    plane, to the nearest whole number where ``is_rounded``, or come from ``matrix`` ``(n + 1, n + 1)``.
    """

    name: str
    xy: Numbers
    demand: Numbers
    capacity: float
    is_rounded: bool
    matrix: Numbers | None = None


DEPOT, STOP, LANDFILL = 0, 1, 2
"""What a place of a ``WasteInstance`` is."""


@dataclass(frozen=True, eq=False)
class WasteInstance:
    """A day of waste collection: windows, several landfills, a lunch, caps on a vehicle's day.

    ``xy_ft`` ``(n, 2)`` are feet, driven along the axes at ``speed_mph``; ``kind`` ``(n,)`` is DEPOT, STOP
    or LANDFILL; service may start from ``opens_s`` to ``closes_s``, seconds after midnight, and takes
    ``service_s``; ``load`` and the capacities are cubic yards. One place is the depot.
    Kim, B.-I., Kim, S., Sahoo, S. (2006). Waste collection vehicle routing problem with time windows.
    Computers & Operations Research 33(12), 3624-3642. https://doi.org/10.1016/j.cor.2005.02.045
    """

    name: str
    xy_ft: Numbers
    kind: NDArray[np.int8]
    opens_s: Numbers
    closes_s: Numbers
    service_s: Numbers
    load: Numbers
    capacity: float
    day_capacity: float
    day_stops: int
    lunch_s: float
    speed_mph: float


RoutingInstance = CapacityInstance | WasteInstance
