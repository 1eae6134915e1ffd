"""Turn bans and delays: a junction with any is split so that a banned turn has no way through and a slow one its time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class SplitNetwork:
    """Links with new end nodes, followed by the allowed turns as links of no length.

    ``tail`` and ``head`` hold the links ``(links,)`` first, then the turns, ``turn_s`` the time of these.
    ``node_of (nodes,)`` is the junction that each node is (a part of); the first junctions keep their numbers.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    node_of: NDArray[np.int64]
    link_count: int
    turn_s: NDArray[np.float64]


def banned_turns(
    movements: Iterable[tuple[int, int, str]], head: NDArray[np.int64], out_links: dict[int, list[int]]
) -> set[tuple[int, int]]:
    """Return the pairs (from link, to link) that may not be driven.

    ``movements`` are (from link, to link, rule); an 'only' rule bans every other link out of the junction.
    """
    banned: set[tuple[int, int]] = set()
    for start, end, rule in movements:
        if rule == "only":
            banned.update((start, other) for other in out_links.get(int(head[start]), []) if other != end)
        else:
            banned.add((start, end))
    return banned


def split_nodes(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    node_count: int,
    banned: set[tuple[int, int]],
    delays: Mapping[tuple[int, int], float] = MappingProxyType({}),
) -> SplitNetwork:
    """Split every junction that has a banned turn or one with a delay (s).

    Each link into it that has such a turn gets an entrance of its own, the other links share one; each link
    out of it that such a turn leads to gets an exit of its own, the others leave from the junction itself.
    Allowed turns join entrances and exits, so that no path can use a ban's back door.
    """
    new_tail, new_head = tail.copy(), head.copy()
    node_of = list(range(node_count))
    turns: list[tuple[int, int, float]] = []

    def new_node(junction: int) -> int:
        node_of.append(junction)
        return len(node_of) - 1

    at: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for start, end in sorted(banned | delays.keys()):
        if head[start] == tail[end]:
            at[int(head[start])].append((start, end))
    links_in = _grouped(head, at)
    for junction, pairs in at.items():
        limited = {start for start, _ in pairs}
        exit_of = {end: new_node(junction) for end in sorted({end for _, end in pairs})}
        for end, node in exit_of.items():
            new_tail[end] = node
        shared = -1
        for link in links_in[junction]:
            if link in limited:
                entrance = new_node(junction)
            elif shared < 0:
                entrance = shared = new_node(junction)
            else:
                new_head[link] = shared
                continue
            new_head[link] = entrance
            turns.append((entrance, junction, 0.0))
            turns += [
                (entrance, node, delays.get((link, end), 0.0)) for end, node in exit_of.items() if (link, end) not in banned
            ]
    return SplitNetwork(
        np.concatenate([new_tail, np.array([turn[0] for turn in turns], np.int64)]),
        np.concatenate([new_head, np.array([turn[1] for turn in turns], np.int64)]),
        np.array(node_of, np.int64),
        len(tail),
        np.array([turn[2] for turn in turns], np.float64),
    )


def _grouped(nodes: NDArray[np.int64], wanted: Iterable[int]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {node: [] for node in wanted}
    for row in np.flatnonzero(np.isin(nodes, list(groups))):
        groups[int(nodes[row])].append(int(row))
    return groups
