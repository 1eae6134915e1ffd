"""What comes into the scenario's bins on each day: drawn before any policy looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.cleanup.draws import Words, key_of, uniform, words_of
from sim.cleanup.fill import FillModel
from sim.cleanup.increment import Quantiles
from sim.cleanup.operation import Bins
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.edits import ScaleFill
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS

HIGHEST_START = 0.7
"""Bins without a reading start somewhere between empty and this share of their capacity."""


@dataclass(frozen=True, eq=False)
class Waste:
    """Draws litres per day for the bins of a scenario; a removed bin's waste goes to ``receiver`` ``(base bins,)``.

    Day 0 is ``first_weekday`` (Monday 0). ``events`` are (rows of base bins, the edit); their days count from ``first_day``.
    """

    model: FillModel
    quantiles: Quantiles
    words: Words
    receiver: NDArray[np.intp]
    bin_count: int
    first_weekday: int = 0
    first_day: int = 0
    events: tuple[tuple[NDArray[np.intp], ScaleFill], ...] = ()

    def arriving_l(self, seed: int, replication: int, day: int) -> FloatArray:
        """Return the litres ``(bins,)`` that come on one day."""
        model = self.model
        draw = uniform(self.words, key_of(seed, replication, day))
        amount = np.zeros(len(draw))
        some = draw >= model.zero
        filled = 1.0 - model.zero[some]
        amount[some] = self.quantiles.at((draw[some] - model.zero[some]) / filled, model.waste[some]) / filled
        return self._received(amount * self._mean_l(day))

    def expected_l(self, day: int) -> FloatArray:
        """Return the mean of the litres ``(bins,)`` that come on one day; events are known to the planner."""
        return self._received(self._mean_l(day))

    def zero(self) -> FloatArray:
        """Return the share of empty days ``(bins,)``; a bin that took over others' waste has fewer of them than its own."""
        return 1.0 - np.minimum(self._received(1.0 - self.model.zero), 1.0)

    def starting_l(self, seed: int, replication: int, bins: Bins, base: Frame) -> FloatArray:
        """Return the litres ``(bins,)`` at the beginning: as last read, else drawn."""
        rows = base.rows(bins.ids.tolist())
        drawn = uniform(self.words[rows], key_of(seed, replication, -1)) * HIGHEST_START * base["capacity_l"][rows]
        read = self.model.start_l[rows]
        return np.where(np.isnan(read), drawn, read)

    def _mean_l(self, day: int) -> FloatArray:
        mean_l = self.model.mean_l * self.model.weekday[self.model.waste, (self.first_weekday + day) % 7]
        for rows, event in self.events:
            if event.is_on(day - self.first_day):
                mean_l[rows] *= event.factor
        return np.asarray(mean_l)

    def _received(self, amount: FloatArray) -> FloatArray:
        return np.bincount(self.receiver, amount, self.bin_count).astype(np.float64)


def prepare_waste(
    model: FillModel,
    base: Frame,
    bins: Bins,
    *,
    events: Sequence[ScaleFill] = (),
    first_weekday: int = 0,
    first_day: int = 0,
) -> Waste:
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
    touched = tuple((base.rows(event.target_ids), event) for event in events)
    return Waste(model, Quantiles(model.shape), words_of(base.ids), receiver, len(bins.ids), first_weekday, first_day, touched)
