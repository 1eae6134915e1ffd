"""What the trips of a vehicle have to keep."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """What a vehicle holds, works a day, and needs to reload and for a U-turn; from how many places tours may begin.

    A trip may take ``trip_s`` besides what the shift leaves for it.
    """

    capacity_l: float
    shift_s: float
    reload_s: float
    u_turn_s: float
    starts: int
    trip_s: float = math.inf
