"""What comes into the scenario's bins on each day: drawn before any policy looks at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import gammaincinv

from sim.cleanup.draws import Words, key_of, uniform, words_of
from sim.cleanup.fill import FillModel
from sim.cleanup.operation import Bins
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS

HIGHEST_START = 0.7
"""Bins without a reading start somewhere between empty and this share of their capacity."""


@dataclass(frozen=True, eq=False)
class Waste:
    """Draws litres per day for the bins of a scenario; a removed bin's waste goes to ``receiver`` ``(base bins,)``."""

    model: FillModel
    words: Words
    receiver: NDArray[np.intp]
    bin_count: int

    def arriving_l(self, seed: int, replication: int, day: int, weekday: int) -> FloatArray:
        """Return the litres ``(bins,)`` that come on one day."""
        model, waste = self.model, self.model.waste
        draw = uniform(self.words, key_of(seed, replication, day))
        zero = model.zero
        amount = np.zeros(len(draw))
        some = draw >= zero
        shape = model.shape[waste[some]]
        quantile = (draw[some] - zero[some]) / (1.0 - zero[some])
        amount[some] = gammaincinv(shape, quantile) / shape / (1.0 - zero[some])
        amount *= model.mean_l * model.weekday[waste, weekday]
        return np.bincount(self.receiver, amount, self.bin_count).astype(np.float64)

    def starting_l(self, seed: int, replication: int, bins: Bins, base: Frame) -> FloatArray:
        """Return the litres ``(bins,)`` at the beginning: as last read, else drawn."""
        rows = base.rows(bins.ids.tolist())
        drawn = uniform(self.words[rows], key_of(seed, replication, -1)) * HIGHEST_START * base["capacity_l"][rows]
        read = self.model.start_l[rows]
        return np.where(np.isnan(read), drawn, read)


def prepare_waste(model: FillModel, base: Frame, bins: Bins) -> Waste:
    """Find who receives the waste of removed bins: the nearest bin of the same kind that is left.

    Raises ``ScenarioError`` when a kind has no bin left.
    """
    row_of = {key: row for row, key in enumerate(bins.ids.tolist())}
    receiver = np.array([row_of.get(key, -1) for key in base.ids.tolist()], dtype=np.intp)
    removed = receiver < 0
    for kind in np.unique(model.waste[removed]).tolist():
        left = np.flatnonzero(bins.waste == kind)
        if not len(left):
            raise ScenarioError(
                f"The scenario removes every bin for {WASTE_KINDS[kind]} waste, so that waste has nowhere to go.",
                "Keep at least one bin of each kind.",
            )
        gone = np.flatnonzero(removed & (model.waste == kind))
        receiver[gone] = left[cKDTree(bins.xy[left]).query(base.xy[gone])[1]]
    return Waste(model, words_of(base.ids), receiver, len(bins.ids))
