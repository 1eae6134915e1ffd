"""Where to put bins: places along the streets from which people walk less, and how far they may be from the best."""

from __future__ import annotations

from sim.siting.params import BinSitingParams
from sim.siting.simulation import BinSiting

__all__ = ["BinSiting", "BinSitingParams"]
