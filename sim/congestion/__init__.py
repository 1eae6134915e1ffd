"""Congestion: who drives where in the peak hour, and how long it takes."""

from __future__ import annotations

from sim.congestion.params import CongestionParams
from sim.congestion.simulation import Congestion

__all__ = ["Congestion", "CongestionParams"]
