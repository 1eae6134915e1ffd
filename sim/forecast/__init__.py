"""Forecast: the traffic of the next hour, from what was counted until now and the equilibrium of that hour."""

from __future__ import annotations

from sim.forecast.params import ForecastParams
from sim.forecast.simulation import Forecast

__all__ = ["Forecast", "ForecastParams"]
