"""Queues over time: how they grow and go while individual vehicles pass through the city."""

from __future__ import annotations

from sim.queues.params import QueuesParams
from sim.queues.simulation import Queues

__all__ = ["Queues", "QueuesParams"]
