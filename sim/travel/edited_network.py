"""The graph of a city that a scenario changed: new roads, opened directions, turns banned or allowed.

Zones, and whatever the scenario leaves alone, are those of the city as it is. A road that is closed stays in
the graph, and so does every node of it: each link of the old graph is one of the new one, or some that follow
each other, so that an equilibrium can be carried over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.travel.network import (
    MESSAGE,
    RoadNetwork,
    apart_nodes,
    assemble,
    can_be_driven,
    ends,
    largest_part,
    lengths,
    split_turns,
)
from sim.travel.params import TravelParams
from sim.travel.signals import Signals, make_signals
from sim.travel.turns import SplitNetwork
from twin.model.edits import PART, pieces
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

Rows = NDArray[np.int64]
Cuts = dict[int, list[int]]
GONE, SEVERAL, WHOLE = -1, -2, -3
"""What may have become of a road or turn: it is not there, it is cut, its junction is no longer split."""
TRACED_AT_ONCE = 1000


@dataclass(frozen=True, eq=False)
class EditedNetwork:
    """A network and, where its graph is another one, what became of each link of the old graph.

    ``successors (old links, k)`` are the links that follow each other in its place, -1 beyond them; None: nothing changed.
    """

    network: RoadNetwork
    successors: Rows | None


def edit_network(network: RoadNetwork, before: Snapshot, after: Snapshot, params: TravelParams) -> Task[EditedNetwork]:
    """Return the network of the city ``after`` a scenario from that of the city ``before``."""
    links, nodes, cuts = after["link"], after["node"], _cuts(before["link"], after["link"])
    yield Progress(MESSAGE)
    signals = yield from _signals(network.signals, before, after, cuts)
    yield Progress(MESSAGE)
    if not _graph_changes(network, before, after):
        return EditedNetwork(network if signals is network.signals else replace(network, signals=signals), None)
    tail, head, known = ends(links, nodes)
    passable = known & can_be_driven(links)
    passable[: len(network.place)] |= network.place >= 0
    for row, parts in cuts.items():
        passable[parts] |= network.place[row] >= 0
    yield Progress(MESSAGE)
    open_city = after.with_frame(links.with_values(links.ids, {"closed": ~passable}))
    split = split_turns(open_city, tail, head, params)
    yield Progress(MESSAGE)
    used = largest_part(split, np.concatenate([passable, np.ones(len(split.tail) - len(links), dtype=bool)]), network.outside)
    yield Progress(MESSAGE)
    apart = apart_nodes(split, used, links, params) | _standing(network, split)
    made = yield from assemble(
        split, used, network.zones, nodes.xy[split.node_of], lengths(links), signals, network.outside, network.notes, apart
    )
    made = replace(made, notes=(*made.notes, *_dead_end_notes(before["link"], links, made)))
    yield Progress(MESSAGE)
    return EditedNetwork(made, (yield from _successors(network, made, cuts)))


def _graph_changes(network: RoadNetwork, before: Snapshot, after: Snapshot) -> bool:
    """Tell whether roads or turns came or went, or a road opened that no trip could pass."""
    if len(after["link"]) != len(before["link"]) or _turns(before) != _turns(after):
        return True
    opened = can_be_driven(after["link"]) & ~can_be_driven(before["link"])
    return bool(np.any(opened & (network.place < 0)))


def _turns(city: Snapshot) -> set[tuple[str, str, str]]:
    movements = city["movement"]
    return set(zip(movements["from_link_id"], movements["to_link_id"], movements["rule"], strict=True))


def _cuts(before: Frame, after: Frame) -> Cuts:
    """Return the rows of the pieces of each road that was cut, in the order in which they are driven.

    Rows of roads stay the same; those of new pieces come after all.
    """
    cut = {before.row_of.get(key.rpartition(PART)[0]) for key in after.ids[len(before) :].tolist()} - {None}
    return {row: _driven_pieces(before, after, row) for row in sorted(row for row in cut if row is not None)}


def _driven_pieces(before: Frame, after: Frame, row: int) -> list[int]:
    at = {after["tail_id"][piece]: piece for piece in after.rows(pieces(after, str(before.ids[row]))).tolist()}
    found, node = [], before["tail_id"][row]
    while node in at:
        found.append(at[node])
        node = after["head_id"][found[-1]]
    return found


def _standing(network: RoadNetwork, split: SplitNetwork) -> NDArray[np.bool_]:
    """Return the nodes ``(nodes,)`` that must not vanish inside a link: those of the old graph, and parts of split junctions."""
    stands: NDArray[np.bool_] = split.node_of != np.arange(len(split.node_of))
    old = network.split
    stands[old.node_of[network.node_number >= 0]] = True
    stands[old.node_of[old.node_of != np.arange(len(old.node_of))]] = True
    return stands


def _successors(old: RoadNetwork, new: RoadNetwork, cuts: Cuts) -> Task[Rows]:
    """Return which links of the new graph follow each other in the place of each of the old one ``(old links, k)``.

    Most of the old links are one new link each, because all of their roads and turns are in it; the others are traced.
    """
    then = np.concatenate([np.arange(old.split.link_count), _turns_now(old.split, new.split, cuts)])
    then[list(cuts)] = SEVERAL
    place = np.where(then >= 0, new.split_place[then], GONE)
    links = len(old.graph.tail)
    lowest, highest = np.full(links, np.iinfo(np.int64).max), np.full(links, GONE)
    inside = np.flatnonzero(old.split_place >= 0)
    np.minimum.at(lowest, old.split_place[inside], place[inside])
    np.maximum.at(highest, old.split_place[inside], place[inside])
    yield Progress(MESSAGE)
    is_one = (lowest == highest) & (lowest >= 0)
    chains = _members(old, np.flatnonzero(~is_one & (lowest <= highest)))
    turn_at = _turn_links(new.split)
    traced = {}
    for number, (link, rows) in enumerate(chains.items()):
        traced[link] = _one_after_another(_driven(rows, old.split), then, cuts, new, turn_at)
        if number % TRACED_AT_ONCE == 0:
            yield Progress(MESSAGE)
    out = np.full((links, max(map(len, traced.values()), default=1) or 1), GONE)
    out[is_one, 0] = lowest[is_one]
    for link, ways in traced.items():
        out[link, : len(ways)] = ways
    out[old.connector_place, 0] = new.connector_place
    return out


def _members(network: RoadNetwork, wanted: Rows) -> dict[int, list[int]]:
    """Return the roads and turns of some links of the graph."""
    members: dict[int, list[int]] = {link: [] for link in wanted.tolist()}
    for row in np.flatnonzero(np.isin(network.split_place, wanted)).tolist():
        members[int(network.split_place[row])].append(row)
    return members


def _driven(rows: list[int], split: SplitNetwork) -> list[int]:
    """Return the roads and turns of a chain in the order in which they are driven."""
    at = {int(split.tail[row]): row for row in rows}
    node = next(iter(at.keys() - {int(split.head[row]) for row in rows}))
    order = []
    while node in at:
        order.append(at[node])
        node = int(split.head[order[-1]])
    return order


def _one_after_another(
    rows: list[int], then: Rows, cuts: Cuts, new: RoadNetwork, turn_at: dict[tuple[int, int], int]
) -> list[int]:
    """Return the links of the new graph by which a chain of the old one is driven now; none where that is not possible."""
    way: list[int] = []
    for row in rows:
        if then[row] == GONE:
            return []
        if then[row] != WHOLE:
            way += cuts.get(row, [int(then[row])])
    ways: list[int] = []
    for before, row in zip([GONE, *way], way, strict=False):
        turn = turn_at.get((int(new.split.head[before]), int(new.split.tail[row]))) if before >= 0 else None
        for step in ([] if turn is None else [turn]) + [row]:
            place = int(new.split_place[step])
            if place < 0:
                return []
            if place not in ways[-1:]:
                ways.append(place)
    met = all(new.graph.head[one] == new.graph.tail[other] for one, other in pairwise(ways))
    return ways if met else []


def _turns_now(old: SplitNetwork, new: SplitNetwork, cuts: Cuts) -> Rows:
    """Return what became of each turn of the old network: the same one, ``WHOLE`` where its junction is no longer split, or GONE."""
    now, turn_at = _nodes_now(old, new, cuts), _turn_links(new)
    start, end = now[old.tail[old.link_count :]], now[old.head[old.link_count :]]
    found = [turn_at.get(pair, GONE) for pair in zip(start.tolist(), end.tolist(), strict=True)]
    return np.where((start == end) & (start >= 0), WHOLE, np.array(found, np.int64).reshape(-1))


def _turn_links(split: SplitNetwork) -> dict[tuple[int, int], int]:
    """Return the turns by the nodes that they join."""
    nodes = zip(split.tail[split.link_count :].tolist(), split.head[split.link_count :].tolist(), strict=True)
    return {pair: row for row, pair in enumerate(nodes, split.link_count)}


def _nodes_now(old: SplitNetwork, new: SplitNetwork, cuts: Cuts) -> Rows:
    """Return the node of the new network that each of the old one is ``(old nodes,)``, GONE where its links part."""
    first, last = np.arange(old.link_count), np.arange(old.link_count)
    for row, parts in cuts.items():
        first[row], last[row] = parts[0], parts[-1]
    lowest, highest = np.full(len(old.node_of), np.iinfo(np.int64).max), np.full(len(old.node_of), GONE)
    for node, there in ((old.tail[: old.link_count], new.tail[first]), (old.head[: old.link_count], new.head[last])):
        np.minimum.at(lowest, node, there)
        np.maximum.at(highest, node, there)
    whole = old.node_of == np.arange(len(old.node_of))
    return np.where(whole, old.node_of, np.where(lowest == highest, lowest, GONE))


def _signals(signals: Signals, before: Snapshot, after: Snapshot, cuts: Cuts) -> Task[Signals]:
    """Return the signals of the changed city; a signal that stands keeps the shares of its old approaches.

    So a new road, or a cut one, changes nobody's green: only an edit of the signal does.
    """
    links, nodes = after["link"], after["node"]
    was, now = before["node"]["signal"].astype(bool), nodes["signal"].astype(bool)
    if len(links) == len(before["link"]) and np.array_equal(was, now):
        return signals
    tail, head, known = ends(links, nodes)
    yield Progress(MESSAGE)
    made = make_signals(links, nodes, np.where(known, tail, GONE), np.where(known, head, GONE), lengths(links))
    share = made.share.copy()
    rows = np.flatnonzero(signals.waits & (was & now[: len(was)])[signals.node])
    last = rows.copy()
    for row, parts in cuts.items():
        last[rows == row] = parts[-1]
    share[last] = signals.share[rows]
    return replace(made, share=share)


def _dead_end_notes(before: Frame, links: Frame, network: RoadNetwork) -> tuple[str, ...]:
    """Return a note on new roads on which no trip can pass."""
    lost = int(np.count_nonzero((network.place < 0)[len(before) :] & can_be_driven(links)[len(before) :]))
    if not lost:
        return ()
    return (f"{lost} links of new roads carry no traffic: they lead nowhere.",)
