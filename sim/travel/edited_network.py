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
from twin.model.edits import pieces
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

Rows = NDArray[np.int64]
GONE = -1


@dataclass(frozen=True, eq=False)
class EditedNetwork:
    """A network and, where its graph is another one, what became of each link of the old graph.

    ``successors (old links, k)`` are the links that follow each other in its place, -1 beyond them; None: nothing changed.
    """

    network: RoadNetwork
    successors: Rows | None


def edit_network(network: RoadNetwork, before: Snapshot, after: Snapshot, params: TravelParams) -> Task[EditedNetwork]:
    """Return the network of the city ``after`` a scenario from that of the city ``before``."""
    signals = _signals(network.signals, before, after)
    if not _graph_changes(network, before, after):
        yield Progress(MESSAGE)
        return EditedNetwork(network if signals is network.signals else replace(network, signals=signals), None)
    links, nodes = after["link"], after["node"]
    tail, head, known = ends(links, nodes)
    parts = [_parts(before["link"], links, row) for row in range(len(before["link"]))]
    passable = known & can_be_driven(links)
    for row in np.flatnonzero(network.place >= 0):
        passable[parts[row]] = True
    yield Progress(MESSAGE)
    open_city = after.with_frame(links.with_values(links.ids, {"closed": ~passable}))
    split = split_turns(open_city, tail, head, params)
    yield Progress(MESSAGE)
    used = largest_part(split, np.concatenate([passable, np.ones(len(split.tail) - len(links), dtype=bool)]), network.outside)
    apart = apart_nodes(split, used, links, params) | _standing(network, split)
    made = yield from assemble(
        split, used, network.zones, nodes.xy[split.node_of], lengths(links), signals, network.outside, network.notes, apart
    )
    made = replace(made, notes=(*made.notes, *_dead_end_notes(before["link"], links, made)))
    return EditedNetwork(made, _successors(network, made, parts))


def _graph_changes(network: RoadNetwork, before: Snapshot, after: Snapshot) -> bool:
    """Tell whether roads or turns came or went, or a road opened that no trip could pass."""
    if len(after["link"]) != len(before["link"]) or _turns(before) != _turns(after):
        return True
    opened = can_be_driven(after["link"]) & ~can_be_driven(before["link"])
    return bool(np.any(opened & (network.place < 0)))


def _turns(city: Snapshot) -> set[tuple[str, str, str]]:
    movements = city["movement"]
    return set(zip(movements["from_link_id"], movements["to_link_id"], movements["rule"], strict=True))


def _parts(before: Frame, after: Frame, row: int) -> list[int]:
    """Return the rows of the pieces of a road in the order in which they are driven; rows of roads stay the same."""
    keys = pieces(after, str(before.ids[row]))
    if len(keys) == 1:
        return [row]
    at = {after["tail_id"][piece]: piece for piece in after.rows(keys).tolist()}
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


def _successors(old: RoadNetwork, new: RoadNetwork, parts: list[list[int]]) -> Rows:
    """Return which links of the new graph follow each other in the place of each of the old one ``(old links, k)``."""
    then = [*parts, *_turns_now(old.split, new.split, parts)]
    members: list[list[int]] = [[] for _ in old.graph.tail]
    for row in np.flatnonzero(old.split_place >= 0).tolist():
        members[old.split_place[row]].append(row)
    turn_at = _turn_links(new.split)
    found = [_one_after_another(_driven(rows, old.split), then, new, turn_at) for rows in members]
    out = np.full((len(found), max(map(len, found), default=1) or 1), GONE)
    for link, ways in enumerate(found):
        out[link, : len(ways)] = ways
    out[old.connector_place, 0] = new.connector_place
    return out


def _driven(rows: list[int], split: SplitNetwork) -> list[int]:
    """Return the links and turns of a chain in the order in which they are driven."""
    if len(rows) < 2:
        return rows
    at = {int(split.tail[row]): row for row in rows}
    node = next(iter(at.keys() - {int(split.head[row]) for row in rows}))
    order = []
    while node in at:
        order.append(at[node])
        node = int(split.head[order[-1]])
    return order


def _one_after_another(
    rows: list[int], then: list[list[int]], new: RoadNetwork, turn_at: dict[tuple[int, int], int]
) -> list[int]:
    """Return the links of the new graph by which a chain of the old one is driven now; none where that is not possible."""
    split, ways = new.split, list[int]()
    way = [row for old_row in rows for row in then[old_row]]
    if any(row == GONE for row in way):
        return []
    for before, row in zip([-1, *way], way, strict=False):
        turn = turn_at.get((int(split.head[before]), int(split.tail[row]))) if before >= 0 else None
        for step in ([] if turn is None else [turn]) + [row]:
            place = int(new.split_place[step])
            if place < 0:
                return []
            if place not in ways[-1:]:
                ways.append(place)
    met = all(new.graph.head[one] == new.graph.tail[other] for one, other in pairwise(ways))
    return ways if met else []


def _turns_now(old: SplitNetwork, new: SplitNetwork, parts: list[list[int]]) -> list[list[int]]:
    """Return what became of each turn of the old network: the same one, nothing where the junction is whole again, or GONE."""
    now = _nodes_now(old, new, parts)
    turn_at = _turn_links(new)
    found = []
    for tail, head in zip(old.tail[old.link_count :].tolist(), old.head[old.link_count :].tolist(), strict=True):
        start, end = now[tail], now[head]
        found.append([] if start == end != GONE else [turn_at.get((start, end), GONE)])
    return found


def _turn_links(split: SplitNetwork) -> dict[tuple[int, int], int]:
    """Return the turns by the nodes that they join."""
    rows = range(split.link_count, len(split.tail))
    return {(int(split.tail[row]), int(split.head[row])): row for row in rows}


def _nodes_now(old: SplitNetwork, new: SplitNetwork, parts: list[list[int]]) -> list[int]:
    """Return the node of the new network that each of the old one is ``(old nodes,)``, GONE where its links part."""
    now = [int(node) if node == row else GONE - 1 for row, node in enumerate(old.node_of)]
    for row, ways in enumerate(parts):
        for node, there in ((old.tail[row], new.tail[ways[0]]), (old.head[row], new.head[ways[-1]])):
            if old.node_of[node] != node:
                now[node] = int(there) if now[node] in (GONE - 1, there) else GONE
    return now


def _signals(signals: Signals, before: Snapshot, after: Snapshot) -> Signals:
    """Return the signals of the changed city; a signal that stands keeps the shares of its old approaches.

    So a new road, or a cut one, changes nobody's green: only an edit of the signal does.
    """
    links, nodes = after["link"], after["node"]
    was, now = before["node"]["signal"].astype(bool), nodes["signal"].astype(bool)
    if len(links) == len(before["link"]) and np.array_equal(was, now):
        return signals
    tail, head, known = ends(links, nodes)
    made = make_signals(links, nodes, np.where(known, tail, GONE), np.where(known, head, GONE), lengths(links))
    share = made.share.copy()
    stands = was & now[: len(was)]
    for row in np.flatnonzero(signals.waits & stands[signals.node]).tolist():
        last = _parts(before["link"], links, row)[-1]
        share[last] = signals.share[row]
    return replace(made, share=share)


def _dead_end_notes(before: Frame, links: Frame, network: RoadNetwork) -> tuple[str, ...]:
    """Return a note on new roads on which no trip can pass."""
    lost = int(np.count_nonzero((network.place < 0)[len(before) :] & can_be_driven(links)[len(before) :]))
    if not lost:
        return ()
    return (f"{lost} links of new roads carry no traffic: they lead nowhere.",)
