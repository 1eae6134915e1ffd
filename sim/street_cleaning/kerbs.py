"""What is swept: every kerb of the roads that have a turn, and on which days it is due."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.network.streets import IntArray, link_lengths
from sim.routing.tour import hilbert_order
from sim.street_cleaning.params import StreetCleaningParams
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASS_NAMES
from twin.model.snapshot import Snapshot

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Kerbs:
    """Kerbs in the order of a curve through the city, each ``(n,)``: both sides of a street are two of them.

    ``link`` is the row of the road, ``across`` the kerb on the other side (-1: none) and ``along`` the place on the curve. A kerb
    is due on the days with ``day % every == turn``; ``sweep_s`` and ``load_l`` are of one sweep.
    """

    link: IntArray
    across: IntArray
    along: NDArray[np.int64]
    every: IntArray
    turn: IntArray
    length_m: FloatArray
    sweep_s: FloatArray
    load_l: FloatArray

    def due(self, day: int) -> Rows:
        """Return the kerbs that are due on a day."""
        return np.flatnonzero(day % self.every == self.turn)


def find_kerbs(base: Snapshot, edited: Snapshot, params: StreetCleaningParams) -> tuple[Kerbs, Kerbs]:
    """Return the kerbs of the city before the edits and after.

    Which area has its turn when rests on the city before the edits, so that an edit changes the day of no other street.
    Raises ``ScenarioError`` where nothing can be swept.
    """
    links = base["link"]
    every = _every(links, params)
    if not (every > 0).any():
        raise ScenarioError(
            "This city has no roads of a class that is swept.",
            "Import a road network, or give its classes days between two sweeps.",
        )
    places = _places(links)
    low, high = places.min(axis=0), places.max(axis=0)
    length_m = link_lengths(links)
    before = hilbert_order(places)
    after = before
    if edited["link"] is not links:
        moved = np.clip(_places(edited["link"]), low, high)
        after = hilbert_order(np.concatenate([places, moved]))[len(places) :]
    borders = {
        days: _borders(before[every == days], length_m[every == days], days) for days in np.unique(every[every > 0]).tolist()
    }
    return _kerbs(links, before, borders, params), _kerbs(edited["link"], after, borders, params)


def _every(links: Frame, params: StreetCleaningParams) -> IntArray:
    days = {name: params.every_days(name) for name in ROAD_CLASS_NAMES}
    return np.array([days[name] for name in links["road_class"].tolist()], dtype=np.int32).reshape(-1)


def _places(links: Frame) -> FloatArray:
    """Return a place ``(n, 2)`` of each road; both directions of one have the same."""
    if links.geometry is None:
        raise ScenarioError("The roads of this city have no lines.", "Import the road network again.")
    places = np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(links.geometry, 0.5, normalized=True)))
    back = _backs(links)
    return np.where(((back >= 0) & (back < np.arange(len(back))))[:, None], places[back], places)


def _backs(links: Frame) -> Rows:
    """Return the row of each road's opposite direction, -1 without."""
    row_of = links.row_of
    return np.array([row_of.get(key, -1) for key in links["reverse_id"].tolist()], dtype=np.intp).reshape(-1)


def _borders(along: NDArray[np.int64], length_m: FloatArray, days: int) -> NDArray[np.int64]:
    """Return the places on the curve ``(days - 1,)`` that part roads into areas of the same length, one for each day."""
    order = np.argsort(along, kind="stable")
    walked = np.cumsum(length_m[order])
    at = np.searchsorted(walked, walked[-1] * np.arange(1, days) / days)
    return np.asarray(along[order][np.minimum(at, len(order) - 1)])


def _kerbs(links: Frame, along: NDArray[np.int64], borders: dict[int, NDArray[np.int64]], params: StreetCleaningParams) -> Kerbs:
    """Return the kerbs of the open roads that are swept."""
    every = _every(links, params)
    swept = np.flatnonzero((every > 0) & ~links["closed"].astype(bool))
    back = _backs(links)
    passes = np.where(back[swept] < 0, params.one_way_passes, 1)
    link = np.repeat(swept, passes)
    link = link[np.argsort(along[link], kind="stable")]
    turn = np.zeros(len(link), np.int32)
    for days, places in borders.items():
        mine = every[link] == days
        turn[mine] = np.searchsorted(places, along[link[mine]], side="right")
    kerb_of = np.full(len(links), -1, np.int32)
    kerb_of[link] = np.arange(len(link), dtype=np.int32)
    across = np.where(back[link] >= 0, kerb_of[back[link]], -1)
    length_m = link_lengths(links)[link]
    return Kerbs(
        link.astype(np.int32),
        across.astype(np.int32),
        along[link],
        every[link],
        turn,
        length_m,
        length_m / (params.sweeping_kmh / 3.6),
        length_m / 1000.0 * params.litter_l_per_km * every[link],
    )
