"""Cutting a road in two at a new junction, both directions together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from shapely.ops import substring

from twin.model.edits.base import PART, pieces
from twin.model.frame import Frame
from twin.model.network import Node
from twin.model.snapshot import Snapshot

LEAST_SHARE = 0.01
"""Of a road's length, that each piece has at least."""


def cut(snapshot: Snapshot, row: int, place: shapely.Point, key: str) -> Snapshot:
    """Return the city with a junction ``key`` on the link of a row, where it is nearest to a place.

    The longer piece keeps the link's key, so that what is known of the road stays with most of it; the
    other is called 'key|2'. Turn restrictions stay at the ends where they were; a toll is still paid once.
    """
    links = snapshot["link"]
    one = links.ids[row]
    other = links["reverse_id"][row]
    is_pair = other in links.row_of and links["reverse_id"][links.row_of[other]] == one
    on_road = shapely.line_interpolate_point(links.shapes[row], shapely.line_locate_point(links.shapes[row], place))
    links, first, second = _cut_one(links, row, on_road, key)
    movements = _moved(snapshot["movement"], one, first, second)
    if is_pair:
        links, back_first, back_second = _cut_one(links, links.row_of[other], on_road, key)
        movements = _moved(movements, other, back_first, back_second)
        pairs = {first: back_second, back_second: first, second: back_first, back_first: second}
        for mine, opposite in pairs.items():
            links = links.with_values([mine], {"reverse_id": opposite})
    nodes = snapshot["node"].with_rows([Node(id=key, geometry=on_road)])
    return snapshot.with_frame(links).with_frame(movements).with_frame(nodes)


def _cut_one(links: Frame, row: int, place: shapely.Point, node: str) -> tuple[Frame, str, str]:
    """Return the links with one of them cut, and the keys of its first and its second piece."""
    line, key = links.shapes[row], links.ids[row]
    share = float(np.clip(shapely.line_locate_point(line, place, normalized=True), LEAST_SHARE, 1.0 - LEAST_SHARE))
    length = float(links["length_m"][row])
    first = {"head_id": node, "length_m": share * length, "green_share": 0.0}
    second = {"tail_id": node, "length_m": (1.0 - share) * length, "toll": 0.0}
    lines = [substring(line, *ends, normalized=True) for ends in ((0.0, share), (share, 1.0))]
    number = len(pieces(links, key)) + 1
    new = f"{key}{PART}{number}"
    keys = (key, new) if share >= 0.5 else (new, key)
    made = links.take(np.array([row])).with_place(0, lines[keys.index(new)])
    made = replace(made, ids=np.array([new], dtype=object))
    links = links.with_place(row, lines[keys.index(key)])
    links = links.joined(made)
    for piece, values in zip(keys, (first, second), strict=True):
        links = links.with_values([piece], values)
    return links, *keys


def _moved(movements: Frame, key: str, first: str, second: str) -> Frame:
    """Return the turn restrictions: one turns from the second piece of a road, and into its first."""
    start, end = movements["from_link_id"].copy(), movements["to_link_id"].copy()
    start[start == key] = second
    end[end == key] = first
    return movements.with_values(movements.ids, {"from_link_id": start, "to_link_id": end})
