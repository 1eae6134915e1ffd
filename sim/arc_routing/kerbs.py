"""Kerbs: the sides of streets along which vehicles work, in the order of a curve through the city."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.network.streets import IntArray, link_lengths
from sim.routing.tour import hilbert_order
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

Rows = NDArray[np.intp]
Curve = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Kerbs:
    """Kerbs in the order of the curve, each ``(n,)``: both sides of a street are two of them, each pass of several one more.

    ``link`` is the row of the road, ``across`` the kerb on the other side (-1: none) and ``along`` the place on the curve; to work
    along a kerb takes ``work_s`` and ``load_l`` of what the vehicle holds, or of the room that it has.
    """

    link: IntArray
    across: IntArray
    along: Curve
    length_m: FloatArray
    work_s: FloatArray
    load_l: FloatArray


def curve_through(base: Snapshot, edited: Snapshot) -> tuple[Curve, Curve]:
    """Return the places of all roads ``(links,)`` on a curve through the city before the edits, for those before and after.

    So an edit moves no other road. Both directions of a street have the same place. Raises ``ScenarioError`` without roads.
    """
    links = base["link"]
    if not len(links) or links.geometry is None:
        raise ScenarioError("The roads of this city have no lines.", "Import a road network, or import it again.")
    places = _places(links)
    before = hilbert_order(places)
    if edited["link"] is links:
        return before, before
    inside = np.clip(_places(edited["link"]), places.min(axis=0), places.max(axis=0))
    return before, hilbert_order(np.concatenate([places, inside]))[len(places) :]


def kerbs_along(links: Frame, along: Curve, passes: IntArray, speed_mps: float, load_l_per_m: FloatArray) -> Kerbs:
    """Return the kerbs of the open roads, so many ``passes`` ``(links,)`` along each, with what a metre of each takes."""
    back = backs(links)
    link = np.repeat(np.arange(len(links)), np.where(links["closed"].astype(bool), 0, passes))
    link = link[np.argsort(along[link], kind="stable")]
    kerb_of = np.full(len(links), -1, np.int32)
    kerb_of[link] = np.arange(len(link), dtype=np.int32)
    across = np.where(back[link] >= 0, kerb_of[back[link]], -1)
    length_m = link_lengths(links)[link]
    load_l = length_m * load_l_per_m[link]
    return Kerbs(link.astype(np.int32), across.astype(np.int32), along[link], length_m, length_m / speed_mps, load_l)


def backs(links: Frame) -> Rows:
    """Return the row of each road's opposite direction, -1 without."""
    row_of = links.row_of
    return np.array([row_of.get(key, -1) for key in links["reverse_id"].tolist()], dtype=np.intp).reshape(-1)


def _places(links: Frame) -> FloatArray:
    """Return a place ``(n, 2)`` of each road; both directions of one have the same."""
    places = np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(links.geometry, 0.5, normalized=True)))
    back = backs(links)
    return np.where(((back >= 0) & (back < np.arange(len(back))))[:, None], places[back], places)
