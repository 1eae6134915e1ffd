"""Flows: who drives on a road, from where to where, and on which other roads."""

from __future__ import annotations

from sim.flows.params import FlowsParams
from sim.flows.simulation import Flows

__all__ = ["Flows", "FlowsParams"]
