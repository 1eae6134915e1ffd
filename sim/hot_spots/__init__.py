"""Hot spots: where cases of some classes come together more than chance would have it."""

from __future__ import annotations

from sim.hot_spots.params import HotSpotsParams
from sim.hot_spots.simulation import HotSpots

__all__ = ["HotSpots", "HotSpotsParams"]
