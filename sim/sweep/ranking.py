"""The cases of a sweep from the worst to the best, ties within the noise said to be ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.sweep.case import Case
from sim.sweep.study import Outcome
from twin.errors import ScenarioError
from twin.model.comparison import Difference, difference_of
from twin.model.results import Indicator


@dataclass(frozen=True)
class Row:
    """One case: its rank from 1, whether another has the same, and what it changes.

    ``effect`` is the difference that the ranking goes by and ``left_out`` that of the indicator which counts what the
    other cannot see. ``refusal`` says why a case could not be run; it has no rank (0).
    """

    case: Case
    rank: int = 0
    is_tied: bool = False
    differences: tuple[Difference, ...] = ()
    effect: Difference | None = None
    left_out: Difference | None = None
    refusal: str = ""


@dataclass(frozen=True)
class Ranking:
    """All cases, the worst first, those that could not be run last; ``by`` is the indicator that they are ranked by."""

    by: Indicator
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def ranked(before: Outcome, cases: Sequence[Case], outcomes: Sequence[Outcome], by: str = "") -> Ranking:
    """Rank cases by what they do to an indicator of the city as it is, ``before``; by the delay, else the first, if none is named.

    A case that leaves more out than the city as it is (trips without a way) comes before all that do not, by how much: its
    indicator has gained only what is no longer counted. Two cases tie when their effects differ by no more than the noise
    of both. Raises ``ScenarioError`` naming the indicators when there is none of that name.
    """
    chosen = _chosen(before.indicators, by)
    rows = [_row(case, outcome, before, chosen) for case, outcome in zip(cases, outcomes, strict=True)]
    ran = sorted((row for row in rows if not row.refusal), key=_order)
    return Ranking(chosen, (*_with_ranks(ran), *(row for row in rows if row.refusal)), _notes(rows))


def _chosen(indicators: Sequence[Indicator], by: str) -> Indicator:
    known = {item.name: item for item in indicators}
    name = by or ("delay" if "delay" in known else next(iter(known), ""))
    if name not in known:
        raise ScenarioError(f"There is no indicator '{name}' to rank by.", f"There are: {', '.join(known)}.")
    return known[name]


def _row(case: Case, outcome: Outcome, before: Outcome, by: Indicator) -> Row:
    if outcome.refusal:
        return Row(case, refusal=outcome.refusal)
    after = {item.name: item for item in outcome.indicators}
    found = {item.name: difference_of(item, after[item.name]) for item in before.indicators if item.name in after}
    return Row(case, differences=tuple(found.values()), effect=found[by.name], left_out=found.get(by.left_out))


def _order(row: Row) -> tuple[float, float, tuple[str, ...]]:
    """Return what rows are sorted by: what is left out, then the effect, the worst first; equals by their keys."""
    effect = row.effect.difference if row.effect is not None else 0.0
    sign = 1.0 if row.effect is not None and row.effect.worse == "lower" else -1.0
    return (-_lost(row), sign * effect, row.case.target_ids)


def _lost(row: Row) -> float:
    return row.left_out.difference if row.left_out is not None and row.left_out.is_found else 0.0


def _with_ranks(rows: Sequence[Row]) -> list[Row]:
    """Give ranks: a row that does not differ from the first of its group by more than noise shares that one's rank."""
    groups: list[list[Row]] = []
    for row in rows:
        if groups and _is_same(groups[-1][0], row):
            groups[-1].append(row)
        else:
            groups.append([row])
    out: list[Row] = []
    for group in groups:
        rank = len(out) + 1
        out += [Row(row.case, rank, len(group) > 1, row.differences, row.effect, row.left_out) for row in group]
    return out


def _is_same(first: Row, other: Row) -> bool:
    if first.effect is None or other.effect is None or _lost(first) != _lost(other):
        return False
    return abs(first.effect.difference - other.effect.difference) <= _noise(first.effect) + _noise(other.effect)


def _noise(effect: Difference) -> float:
    """Return the noise of a difference; of one with an interval, half of it."""
    if effect.low is None or effect.high is None:
        return effect.noise
    return max(effect.noise, (effect.high - effect.low) / 2.0)


def _notes(rows: Sequence[Row]) -> tuple[str, ...]:
    notes = []
    if any(_lost(row) > 0.0 for row in rows):
        notes.append("Cases that leave trips without a way come first: what those trips would have cost is not in the effect.")
    if any(row.refusal for row in rows):
        notes.append(f"{sum(bool(row.refusal) for row in rows)} of {len(rows)} cases could not be run; each says why.")
    if all(row.effect is None or not row.effect.is_found for row in rows):
        notes.append("No case has an effect beyond the noise.")
    return tuple(notes)
