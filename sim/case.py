"""A case with a known answer: what tests and the README's table of accuracy are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """What was asked of an engine, the known answer and the answer found; they may differ by ``tolerance``."""

    what: str
    expected: float
    found: float
    tolerance: float
    unit: str

    @property
    def agrees(self) -> bool:
        """Whether the answer found is the known one."""
        return abs(self.found - self.expected) <= self.tolerance
