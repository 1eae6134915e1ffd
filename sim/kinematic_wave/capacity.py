"""Capacity that changes over time: incidents, lane blocks, closures with a beginning and an end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kinematic_wave.network import Floats, Longs, Network
from sim.kinematic_wave.state import UNKNOWN, State
from twin.errors import DataError


class Windows(NamedTuple):
    """``k`` losses of capacity: of ``link`` only the shares ``out_factor`` and ``in_factor`` are left from ``start_s`` to ``end_s``.

    Of several on one link at one time the smallest share counts.
    """

    link: Longs
    start_s: Floats
    end_s: Floats
    out_factor: Floats
    in_factor: Floats


class Changes(NamedTuple):
    """The moments at which a factor changes, in the order of time, and what it is from then on; all ``(e,)``."""

    at_s: Floats
    link: Longs
    out_factor: Floats
    in_factor: Floats


def no_windows() -> Windows:
    """Return capacity that never changes."""
    return Windows(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))


def make_changes(windows: Windows, link_count: int) -> Changes:
    """Return the changes that windows bring about. Raises ``DataError`` on windows that make no sense."""
    _check(windows, link_count)
    rows = []
    for link in np.unique(windows.link).tolist():
        mine = np.flatnonzero(windows.link == link)
        for at_s in np.unique(np.concatenate([windows.start_s[mine], windows.end_s[mine]])).tolist():
            active = mine[(windows.start_s[mine] <= at_s) & (at_s < windows.end_s[mine])]
            least = (float(column[active].min(initial=1.0)) for column in (windows.out_factor, windows.in_factor))
            rows.append((at_s, link, *least))
    at_s, links, out_factor, in_factor = (
        (np.array(column) for column in zip(*sorted(rows), strict=True)) if rows else no_windows()[1:]
    )
    return Changes(at_s, links.astype(np.int64), out_factor, in_factor)


@njit(cache=True, nogil=True, error_model="numpy")
def change(link: int, at_s: float, out_factor: float, in_factor: float, net: Network, state: State) -> None:
    """Set the share of a link's capacity that is there from now on; who has waited for part of a headway keeps that part."""
    road, share, row = net.link[link], state.share[link], net.place[link]
    head, tail = state.heads[state.tails[row].head], state.tails[row]
    if head.next_s > at_s and share.out > 0.0 and out_factor > 0.0:
        head.next_s = at_s + (head.next_s - at_s) * share.out / out_factor
    if tail.next_s > at_s and share.into > 0.0 and in_factor > 0.0:
        tail.next_s = at_s + (tail.next_s - at_s) * share.into / in_factor
    # Capacity that was not there is not owed when it comes back.
    head.next_s = max(head.next_s, at_s)
    share.out, share.into = out_factor, in_factor
    head.gap_s, tail.gap_s = road.out_s / out_factor, road.in_s / in_factor
    tail.sure = 0  # whether there is room has to be asked again
    # When the first vehicle could go was found with the capacity of before.
    head.goal = UNKNOWN
    for node in (road.tail, road.head):
        state.wake_s[node] = min(state.wake_s[node], at_s)


def _check(windows: Windows, link_count: int) -> None:
    def refuse(wrong: NDArray[np.bool_], why: str) -> None:
        if wrong.any():
            row = int(np.argmax(wrong))
            raise DataError(f"The loss of capacity number {row} {why}.", "Correct its link, times and share.")

    refuse((windows.link < 0) | (windows.link >= link_count), f"is on no link of 0 to {link_count - 1}")
    refuse(~(np.isfinite(windows.start_s) & (windows.start_s < windows.end_s)), "does not begin before it ends")
    for factor in (windows.out_factor, windows.in_factor):
        refuse(~((factor >= 0.0) & (factor <= 1.0)), "leaves a share that is not within 0 and 1")
