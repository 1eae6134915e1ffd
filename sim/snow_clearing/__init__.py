"""Snow clearing: ploughs along the kerbs, important roads first, and when each road is clear."""

from __future__ import annotations

from sim.snow_clearing.params import SnowClearingParams
from sim.snow_clearing.simulation import SnowClearing

__all__ = ["SnowClearing", "SnowClearingParams"]
