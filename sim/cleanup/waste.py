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
from sim.cleanup.rates import HIGHEST_ZERO
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.edits import ScaleFill
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS

HIGHEST_START = 0.7
"""Bins without a reading start somewhere between empty and this share of their capacity."""
IntArray = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Waste:
    """Draws litres per day for the bins of a scenario.

    All waste belongs to bins of the base city. Of that of base bin ``giver[k]``, the part ``share[k]`` comes into the scenario's
    bin ``receiver[k]``, each ``(m,)``; the parts of each giver add up to 1. ``base_row`` ``(bins,)`` is the row of a scenario's bin
    in the base city, of an added one that of the bin with which it shares, -1 where there is none; ``is_added`` ``(bins,)``.
    Day 0 is ``first_weekday`` (Monday 0). ``events`` are (rows of base bins, the edit); their days count from ``first_day``.
    """

    model: FillModel
    quantiles: Quantiles
    words: Words
    giver: NDArray[np.intp]
    receiver: NDArray[np.intp]
    share: FloatArray
    base_row: NDArray[np.intp]
    is_added: NDArray[np.bool_]
    notes: tuple[str, ...] = ()
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
        """Return the share of empty days ``(bins,)``; a bin that takes others' waste has fewer of them than its own.

        A part of a bin's waste comes on as many days as the whole of it. Where none ever comes, it is the highest share there is.
        """
        some = np.bincount(self.receiver, (1.0 - self.model.zero)[self.giver], len(self.base_row))
        return np.where(some > 0.0, 1.0 - np.minimum(some, 1.0), HIGHEST_ZERO)

    def starting_l(self, seed: int, replication: int, bins: Bins, base: Frame) -> FloatArray:
        """Return the litres ``(bins,)`` at the beginning: as last read, else drawn; added bins are empty."""
        litres, stood = np.zeros(len(bins.ids)), ~self.is_added
        rows = self.base_row[stood]
        drawn = uniform(self.words[rows], key_of(seed, replication, -1)) * HIGHEST_START * base["capacity_l"][rows]
        read = self.model.start_l[rows]
        litres[stood] = np.where(np.isnan(read), drawn, read)
        return litres

    def _mean_l(self, day: int) -> FloatArray:
        mean_l = self.model.mean_l * self.model.weekday[self.model.waste, (self.first_weekday + day) % 7]
        for rows, event in self.events:
            if event.is_on(day - self.first_day):
                mean_l[rows] *= event.factor
        return np.asarray(mean_l)

    def _received(self, amount: FloatArray) -> FloatArray:
        return np.bincount(self.receiver, amount[self.giver] * self.share, len(self.base_row)).astype(np.float64)


def prepare_waste(
    model: FillModel,
    base: Frame,
    bins: Bins,
    *,
    events: Sequence[ScaleFill] = (),
    first_weekday: int = 0,
    first_day: int = 0,
) -> Waste:
    """Find who receives the waste of each bin of the base city.

    A bin that was added brings no waste of its own: with the bin of its kind that stands nearest to it in the base city it shares
    that one's waste, in equal parts with all that were added to the same one. The part of a bin that was removed goes to the
    nearest of its kind that is left, added ones among them. All other waste stays where it is.
    Raises ``ScenarioError`` when a kind has no bin left.
    """
    base_row = np.array([base.row_of.get(key, -1) for key in bins.ids.tolist()], dtype=np.intp)
    is_added = base_row < 0
    base_row[is_added] = _nearest_of_kind(base.xy, model.waste, bins.xy[is_added], bins.waste[is_added])
    receiver = _own_receiver(model, base, bins, base_row, is_added)
    joined = np.flatnonzero(is_added & (base_row >= 0))
    giver = np.concatenate([np.arange(len(base)), base_row[joined]])
    parts = np.bincount(giver, minlength=len(base))[giver].astype(np.float64)
    pairs, row = np.unique(np.column_stack([giver, np.concatenate([receiver, joined])]), axis=0, return_inverse=True)
    share = np.bincount(row.ravel(), 1.0 / parts, len(pairs)).astype(np.float64)
    touched = tuple((base.rows(event.target_ids), event) for event in events)
    return Waste(
        model,
        Quantiles(model.shape),
        words_of(base.ids),
        pairs[:, 0],
        pairs[:, 1],
        share,
        base_row,
        is_added,
        _notes(base_row, is_added, bins, events),
        first_weekday,
        first_day,
        touched,
    )


def _nearest_of_kind(xy: FloatArray, kinds: IntArray, of_xy: FloatArray, of_kinds: IntArray) -> NDArray[np.intp]:
    """Return for places ``of_xy (n, 2)`` the nearest row of ``xy (m, 2)`` of the same kind, -1 where there is none."""
    nearest = np.full(len(of_xy), -1, dtype=np.intp)
    for kind in np.unique(of_kinds).tolist():
        there, ours = np.flatnonzero(kinds == kind), np.flatnonzero(of_kinds == kind)
        if len(there):
            nearest[ours] = there[cKDTree(xy[there]).query(of_xy[ours])[1]]
    return nearest


def _own_receiver(
    model: FillModel, base: Frame, bins: Bins, base_row: NDArray[np.intp], is_added: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return where each base bin's own part goes ``(base bins,)``: into itself, or what is nearest to where it stood."""
    receiver = np.full(len(base), -1, dtype=np.intp)
    receiver[base_row[~is_added]] = np.flatnonzero(~is_added)
    gone = np.flatnonzero(receiver < 0)
    receiver[gone] = _nearest_of_kind(bins.xy, bins.waste, base.xy[gone], model.waste[gone])
    homeless = np.flatnonzero(receiver < 0)
    if len(homeless):
        raise ScenarioError(
            f"The scenario removes every bin for {WASTE_KINDS[model.waste[homeless].min()]} waste, so that waste has nowhere to go.",
            "Keep at least one bin of each kind.",
        )
    return receiver


def _notes(base_row: NDArray[np.intp], is_added: NDArray[np.bool_], bins: Bins, events: Sequence[ScaleFill]) -> tuple[str, ...]:
    """Return what must be known of added bins."""
    if not is_added.any():
        return ()
    notes = [
        "Added bins bring no waste of their own: each shares in equal parts that of the nearest bin of its kind which was there before."
    ]
    alone = np.unique(bins.waste[base_row < 0]).tolist()
    if alone:
        kinds = ", ".join(WASTE_KINDS[kind] for kind in alone)
        notes.append(f"Added bins for {kinds} waste stay empty: the city has no bin of the kind whose waste they could share.")
    added = set(bins.ids[is_added].tolist())
    if any(added.intersection(event.target_ids) for event in events):
        notes.append("Scaling the waste of added bins changes nothing: scale that of the bins with which they share.")
    return tuple(notes)
