"""The policy of a scenario, made from its edits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.draws import key_of
from sim.cleanup.operation import Bins
from sim.cleanup.outlook import Outlook
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import FixedRounds, LookAhead, Mask, PartlyFollowed, PerfectInformation, PlannedDays, Policy, Threshold
from sim.cleanup.waste import Waste
from sim.routing.tour import hilbert_order
from twin.geo import FloatArray
from twin.model.edits import SetCollectionDays, SetPolicy
from twin.model.frame import Frame
from twin.model.scenario import Scenario

AREA_COUNT = 64
"""Areas in which a crew decides for itself, along the same curve as the parts of fixed rounds."""


def choose_policy(scenario: Scenario, params: CleanupParams, base: Frame, bins: Bins, waste: Waste) -> Policy:
    """Return the policy of a scenario for its bins: the last one set, else fixed rounds; with the planner's own days.

    The parts of the fixed rounds rest on the city without edits, so that moving a bin changes no
    other bin's day.
    """
    position = positions_of(base, waste)
    habit = FixedRounds(params.period_days, position)
    chosen: tuple[SetPolicy, ...] = scenario.edits_of(SetPolicy)
    policy = _policy(chosen[-1], params, position, bins, waste) if chosen else habit
    own: tuple[SetCollectionDays, ...] = scenario.edits_of(SetCollectionDays)
    return PlannedDays(policy, *_planned(own, bins.ids)) if own else policy


def _policy(edit: SetPolicy, params: CleanupParams, position: FloatArray, bins: Bins, waste: Waste) -> Policy:
    if edit.policy in ("fixed", "standing"):
        return FixedRounds(edit.period_days, position, in_order=edit.policy == "standing")
    area = np.array([key_of(number) for number in range(AREA_COUNT)], dtype=np.uint64)
    habit = FixedRounds(params.period_days, position)
    advice = _advice(edit, bins, waste)
    return PartlyFollowed(advice, habit, params.adherence, area[(position * AREA_COUNT).astype(np.intp)])


def _advice(edit: SetPolicy, bins: Bins, waste: Waste) -> Policy:
    if edit.policy == "threshold":
        return Threshold(edit.threshold, bins.capacity_l)
    if edit.policy == "perfect":
        return PerfectInformation(edit.horizon_days)
    outlook = Outlook(waste, bins.waste, bins.capacity_l, edit.risk)
    return LookAhead(outlook, edit.horizon_days if edit.policy == "look_ahead" else 0)


def detour_s(scenario: Scenario) -> float:
    """Return what a bin on the way may cost."""
    chosen: tuple[SetPolicy, ...] = scenario.edits_of(SetPolicy)
    return chosen[-1].detour_s if chosen else 0.0


def _planned(edits: tuple[SetCollectionDays, ...], ids: NDArray[np.object_]) -> tuple[Mask, Mask]:
    row_of = {key: row for row, key in enumerate(ids.tolist())}
    is_planned, weekdays = np.zeros(len(ids), bool), np.zeros((len(ids), 7), bool)
    for edit in edits:
        rows = [row_of[key] for key in edit.target_ids if key in row_of]
        is_planned[rows] = True
        weekdays[rows] = edit.weekdays
    return is_planned, weekdays


def positions_of(base: Frame, waste: Waste) -> FloatArray:
    """Return ``positions`` of a scenario's bins; an added one is driven to with the bin whose waste it shares."""
    return np.where(waste.base_row < 0, 0.0, positions(base)[waste.base_row])


def positions(base: Frame) -> FloatArray:
    """Return where each bin stands among those of its kind along a curve through the city, 0-1."""
    along = hilbert_order(base.xy)
    kind = np.unique(base["waste_kind"].astype(str), return_inverse=True)[1]
    order = np.lexsort((base.ids.astype(str), along, kind))
    count = np.bincount(kind)
    first = np.cumsum(count) - count
    position = np.empty(len(base))
    position[order] = (np.arange(len(base)) - first[kind[order]]) / count[kind[order]]
    return position
