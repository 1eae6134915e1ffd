"""Cleanup what-if: what a collection policy, a fleet or the bins' places mean for overflow, kilometres and cost."""

from sim.cleanup.simulation import Cleanup

__all__ = ["Cleanup"]
