"""What a planner may set of an isochrone: from where, and within how many minutes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.travel.params import TravelParams
from twin.errors import ScenarioError
from twin.model.entity import attribute

MOST_BANDS = 6
LONGEST_MIN = 240.0


@dataclass(frozen=True, kw_only=True)
class IsochroneParams(TravelParams):
    """Place, minutes, and the roads and trips of the peak hour. Raises ``ScenarioError`` on a value outside its limits."""

    lon: float | None = attribute(
        "From longitude", None, low=-180, high=180, definition="Degrees; without a place: from the middle of the residents."
    )
    lat: float | None = attribute("From latitude", None, low=-90, high=90, definition="Degrees.")
    minutes: tuple[float, ...] = attribute("Within", (5.0, 10.0, 15.0), unit="min", definition="The bands, in rising order.")

    def __post_init__(self) -> None:
        """Refuse values outside their limits."""
        super().__post_init__()
        if (self.lon is None) != (self.lat is None):
            raise ScenarioError("An isochrone has a longitude without a latitude, or the other way round.", "Give both, or none.")
        rising = all(low < high for low, high in zip((0.0, *self.minutes), self.minutes, strict=False))
        if not self.minutes or not rising or not math.isfinite(sum(self.minutes)) or self.minutes[-1] > LONGEST_MIN:
            said = ", ".join(f"{value:g}" for value in self.minutes) or "none"
            raise ScenarioError(
                f"The minutes of an isochrone are {said}.",
                f"Give rising numbers above 0, up to {LONGEST_MIN:g}, such as 5,10,15.",
            )
        if len(self.minutes) > MOST_BANDS:
            raise ScenarioError(f"An isochrone has {len(self.minutes)} bands.", f"Give {MOST_BANDS} at most.")

    @property
    def within_s(self) -> tuple[float, ...]:
        """The ends of the bands in seconds."""
        return tuple(60.0 * value for value in self.minutes)
