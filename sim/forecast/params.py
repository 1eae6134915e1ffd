"""What may be set of a forecast."""

from __future__ import annotations

from dataclasses import dataclass

from sim.travel.params import TravelParams
from twin.model.entity import attribute


@dataclass(frozen=True, kw_only=True)
class ForecastParams(TravelParams):
    """Trips, roads and accuracy as for congestion; the hour is the one after the newest count."""

    test_share: float = attribute(
        "Days kept for the test",
        0.4,
        low=0.1,
        high=0.9,
        definition="Share of the counted days, the newest ones, on which the forecast is tried out against naive ones.",
    )
