"""Street cleaning: sweepers along the kerbs, each class of road as often as the planner wants."""

from __future__ import annotations

from sim.street_cleaning.params import StreetCleaningParams
from sim.street_cleaning.simulation import StreetCleaning

__all__ = ["StreetCleaning", "StreetCleaningParams"]
