"""What is swept when: the kerbs of the roads that have a turn, each class as often as it is to be swept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arc_routing.kerbs import Curve, Kerbs, Rows, backs, curve_through, kerbs_along
from sim.network.streets import IntArray, link_lengths
from sim.street_cleaning.params import StreetCleaningParams
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASS_NAMES
from twin.model.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Calendar:
    """Kerbs and their days, each ``(n,)``: one is due on the days with ``day % every == turn``."""

    kerbs: Kerbs
    every: IntArray
    turn: IntArray

    def due(self, day: int) -> Rows:
        """Return the kerbs that are due on a day."""
        return np.flatnonzero(day % self.every == self.turn)


def find_calendars(base: Snapshot, edited: Snapshot, params: StreetCleaningParams) -> tuple[Calendar, Calendar]:
    """Return the kerbs of the city before the edits and after, with their days.

    Which area has its turn when rests on the city before the edits, so that an edit changes the day of no other street.
    Raises ``ScenarioError`` where nothing can be swept.
    """
    links = base["link"]
    every = every_days(links, params)
    if not (every > 0).any():
        raise ScenarioError(
            "This city has no roads of a class that is swept.",
            "Import a road network, or give its classes days between two sweeps.",
        )
    before, after = curve_through(base, edited)
    length_m = link_lengths(links)
    borders = {
        days: _borders(before[every == days], length_m[every == days], days) for days in np.unique(every[every > 0]).tolist()
    }
    return _calendar(links, before, borders, params), _calendar(edited["link"], after, borders, params)


def every_days(links: Frame, params: StreetCleaningParams) -> IntArray:
    """Return the days between two sweeps of each road; 0: never."""
    days = {name: params.every_days(name) for name in ROAD_CLASS_NAMES}
    return np.array([days[name] for name in links["road_class"].tolist()], dtype=np.int32).reshape(-1)


def _borders(along: Curve, length_m: FloatArray, days: int) -> Curve:
    """Return the places on the curve ``(days - 1,)`` that part roads into areas of the same length, one for each day."""
    order = np.argsort(along, kind="stable")
    walked = np.cumsum(length_m[order])
    at = np.searchsorted(walked, walked[-1] * np.arange(1, days) / days)
    return np.asarray(along[order][np.minimum(at, len(order) - 1)])


def _calendar(links: Frame, along: Curve, borders: dict[int, Curve], params: StreetCleaningParams) -> Calendar:
    """Return the kerbs of the open roads that are swept, with their days."""
    every = every_days(links, params)
    passes = np.where(every > 0, np.where(backs(links) < 0, params.one_way_passes, 1), 0).astype(np.int32)
    load_l_per_m = params.litter_l_per_km / 1000.0 * every.astype(np.float64)
    kerbs = kerbs_along(links, along, passes, params.sweeping_kmh / 3.6, load_l_per_m)
    turn = np.zeros(len(kerbs.link), np.int32)
    for days, places in borders.items():
        mine = every[kerbs.link] == days
        turn[mine] = np.searchsorted(places, kerbs.along[mine], side="right")
    return Calendar(kerbs, every[kerbs.link], turn)
