"""What a planner may set of hot spots: which cases, of how many days, on which cells, and how many errors are borne."""

from __future__ import annotations

from dataclasses import dataclass

from sim.limits import case_codes, require_limits
from twin.model.entity import attribute

LITTER = "E0102, E0103, E0104, E0106, E0108, C0305"
"""Exposed litter, refuse, dirty roads and green, discarded furniture, bins (GB/T 30428.2)."""


@dataclass(frozen=True, kw_only=True)
class HotSpotsParams:
    """Cases, cells and the share of errors. Raises ``ScenarioError`` on a value outside its limits."""

    classes: str = attribute(
        "Classes of cases",
        LITTER,
        definition="Codes of GB/T 30428.2 separated by commas; empty: every case. At first those of litter.",
    )
    days: float = attribute("Days back", 90.0, unit="d", low=1, high=3660, definition="Counted from the newest case backwards.")
    resolution: int = attribute(
        "Resolution", 10, low=7, high=11, definition="Of the H3 cells: 10 has edges of about 76 m, 9 of 200 m."
    )
    ring: int = attribute("Rings", 2, low=1, high=3, definition="Cells so many steps away belong to the surroundings of a cell.")
    false_discovery: float = attribute(
        "False discoveries",
        0.05,
        low=0.001,
        high=0.25,
        definition="Expected share, among the cells that are called hot, of those that are not.",
    )

    def __post_init__(self) -> None:
        """Refuse classes that there are none of, and values outside their limits."""
        require_limits(self)
        case_codes(self.classes)

    @property
    def codes(self) -> tuple[str, ...]:
        """The classes one by one; none means all."""
        return case_codes(self.classes)
