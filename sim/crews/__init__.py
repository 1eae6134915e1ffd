"""Clean-up crews: how many of each department, so that spills, debris, broken covers and litter are done in time."""

from __future__ import annotations

from sim.crews.params import CrewsParams
from sim.crews.simulation import Crews

__all__ = ["Crews", "CrewsParams"]
