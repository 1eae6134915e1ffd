"""Isochrones: how far one gets by car from a place in so many minutes of the peak hour."""

from __future__ import annotations

from sim.isochrone.params import IsochroneParams
from sim.isochrone.simulation import Isochrone

__all__ = ["Isochrone", "IsochroneParams"]
