"""Which cases a sweep looks at: a closure of each road of a choice, or every combination of a scenario's edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations as subsets
from typing import Protocol

import numpy as np
import shapely

from sim.sweep.case import Case
from sim.sweep.study import Study
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks, Edit
from twin.model.frame import Frame
from twin.model.results import Result
from twin.model.scenario import baseline
from twin.model.snapshot import Snapshot
from twin.task import Task

MOST_EDITS = 10
"""Edits whose combinations are still looked at: they are 1,023."""


class Plan(Protocol):
    """What a sweep looks through."""

    def cases(self, study: Study) -> Task[tuple[Case, ...]]:
        """Return the cases in a fixed order. Raises ``ScenarioError`` when there is none."""
        ...


@dataclass(frozen=True)
class Closures:
    """The closure of each link by itself, one direction of a road at a time.

    Of the links named, else of those whose middle lies in the ``district``, else of all; open ones only. With a
    ``limit`` only so many of them, those with the most traffic in the city as it is.
    """

    ids: tuple[str, ...] = ()
    district: str = ""
    limit: int = 0

    def cases(self, study: Study) -> Task[tuple[Case, ...]]:
        """Return the closures in the order of the links. Raises ``ScenarioError`` for an unknown district or no open road."""
        chosen = _chosen(study.snapshot, self)
        if not chosen:
            raise ScenarioError("There is no open road among those chosen.", "Choose others; a closed road cannot be closed.")
        if self.limit < 0:
            raise ScenarioError(f"The limit of the sweep is {self.limit}.", "Give the number of roads; 0 stands for all of them.")
        if 0 < self.limit < len(chosen):
            result = yield from study.simulation.run(study.snapshot, baseline(), study.params, study.seed)
            chosen = busiest(chosen, result, self.limit)
        return tuple(Case((CloseLinks(target_ids=(key,)),)) for key in chosen)


@dataclass(frozen=True)
class Combinations:
    """Every combination of edits, the small ones first; each keeps the order of the edits."""

    edits: tuple[Edit, ...]

    def cases(self, study: Study) -> Task[tuple[Case, ...]]:
        """Return the combinations. Raises ``ScenarioError`` for no edit, and for so many that nobody could look through them."""
        yield from ()
        of_simulation = study.simulation.edits
        edits = tuple(edit for edit in self.edits if isinstance(edit, of_simulation))
        if not 1 <= len(edits) <= MOST_EDITS:
            raise ScenarioError(
                f"The scenario has {len(edits)} edits that this simulation heeds; combinations can be made of 1 to {MOST_EDITS}.",
                "Choose a scenario with such edits, or split a long one in two.",
            )
        counts = range(1, len(edits) + 1)
        return tuple(Case(chosen) for count in counts for chosen in subsets(edits, count))


def busiest(ids: Sequence[str], result: Result, most: int) -> tuple[str, ...]:
    """Return the ``most`` of the links that carry the most traffic in a result, in the order given."""
    table = result.tables["link"]
    volume = dict(zip(table.ids.tolist(), table.columns[table.measures[0].name].tolist(), strict=True))
    by_volume = sorted(ids, key=lambda key: (-volume.get(key, 0.0), key))
    chosen = set(by_volume[:most])
    return tuple(key for key in ids if key in chosen)


def _chosen(city: Snapshot, plan: Closures) -> tuple[str, ...]:
    links = city["link"]
    if plan.ids:
        is_chosen = np.zeros(len(links), dtype=bool)
        is_chosen[links.rows(plan.ids)] = True
    elif plan.district:
        is_chosen = _inside(links, city["district"], plan.district)
    else:
        is_chosen = np.ones(len(links), dtype=bool)
    return tuple(links.ids[is_chosen & ~links["closed"].astype(bool)].tolist())


def _inside(links: Frame, districts: Frame, name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which links have their middle in a district. Raises ``ScenarioError`` naming the districts there are."""
    known = {str(text): row for column in ("name_en", "name") for row, text in enumerate(districts[column].tolist()) if text}
    if name not in known or districts.geometry is None:
        raise ScenarioError(f"There is no district '{name}'.", f"Districts of this city: {', '.join(sorted(known)) or 'none'}.")
    return np.asarray(shapely.contains_xy(districts.geometry[known[name]], *links.xy.T))
