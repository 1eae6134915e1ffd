"""One tour through all places, made once: every day's stops are taken from it in this order."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.geo import FloatArray

IntArray = NDArray[np.int32]

HILBERT_BITS = 10
NEAREST = 12
"""Other places that a place is tried beside."""
GAIN_S = 0.01
"""Moves that save less than this are rounding."""


def hilbert_order(xy: FloatArray) -> NDArray[np.int64]:
    """Return the place ``(n,)`` of each point ``(n, 2)`` on a Hilbert curve over their extent.

    Bartholdi, J. J., Platzman, L. K. (1982). An O(N log N) planar travelling salesman heuristic based on
    spacefilling curves. Operations Research Letters 1(4), 121-125. https://doi.org/10.1016/0167-6377(82)90012-8
    """
    low = xy.min(axis=0)
    side = (1 << HILBERT_BITS) - 1
    scale = side / max(float(np.ptp(xy, axis=0).max()), 1e-9)
    x, y = ((xy - low) * scale).astype(np.int64).T
    along = np.zeros(len(xy), np.int64)
    for bit in range(HILBERT_BITS - 1, -1, -1):
        step = 1 << bit
        right, upper = (x & step) > 0, (y & step) > 0
        along += step * step * ((3 * right) ^ upper)
        mirrored = right & ~upper
        x, y = np.where(mirrored, side - x, x), np.where(mirrored, side - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
    return along


@njit(cache=True, nogil=True)
def _either(time_s: NDArray[np.float32], a: int, b: int) -> float:
    """Return the mean of both directions: the tour is a draft whose parts may be driven either way."""
    seconds: float = 0.5 * (time_s[a, b] + time_s[b, a])
    return seconds


@njit(cache=True, nogil=True)
def two_opt_pass(time_s: NDArray[np.float32], near: IntArray, order: IntArray) -> int:
    """Turn parts of a closed tour round where that shortens it, in place; return how many.

    Croes, G. A. (1958). A method for solving traveling-salesman problems. Operations Research 6(6),
    791-812. https://doi.org/10.1287/opre.6.6.791
    """
    n = len(order)
    position = np.empty(n, np.int32)
    for place in range(n):
        position[order[place]] = place
    moves = 0
    for a in range(n):
        for step in (1, n - 1):  # the edge to the next place, then the edge from the one before
            b = order[(position[a] + step) % n]
            length = _either(time_s, a, b)
            for c in near[a, 1 : NEAREST + 1]:
                reach = _either(time_s, a, c)
                if reach >= length:
                    break
                d = order[(position[c] + step) % n]
                if reach + _either(time_s, b, d) >= length + _either(time_s, c, d) - GAIN_S:
                    continue
                # With step 1 the part b … c turns round, else the part a … d.
                start, end = (position[b], position[c]) if step == 1 else (position[a], position[d])
                _turn_part(order, position, start, end)
                moves += 1
                break
    return moves


@njit(cache=True, nogil=True)
def _turn_part(order: IntArray, position: IntArray, start: int, end: int) -> None:
    """Turn the part between two positions of a closed tour round, or the rest of it where that is shorter."""
    n = len(order)
    inside = (end - start) % n + 1
    if 2 * inside > n:
        start, end = (end + 1) % n, (start - 1) % n
        inside = n - inside
    for _ in range(inside // 2):
        order[start], order[end] = order[end], order[start]
        position[order[start]], position[order[end]] = start, end
        start, end = (start + 1) % n, (end - 1) % n


@njit(cache=True, nogil=True)
def or_opt_pass(time_s: NDArray[np.float32], near: IntArray, order: IntArray) -> int:
    """Move chains of one to three places of a closed tour to better positions, in place; return how many moved.

    Or, I. (1976). Traveling salesman-type combinatorial problems and their relation to the logistics of
    regional blood banking. PhD thesis, Northwestern University.
    """
    n = len(order)
    after, before = np.empty(n, np.int32), np.empty(n, np.int32)
    for place in range(n):
        after[order[place]] = order[(place + 1) % n]
        before[order[(place + 1) % n]] = order[place]
    moves = 0
    for start in range(n):
        best, best_end, best_at = -GAIN_S, -1, -1
        end = start
        for length in range(3):
            if length > 0:
                end = after[end]
            left, right = before[start], after[end]
            if right == start or left == end:
                break
            taken = time_s[left, right] - time_s[left, start] - time_s[end, right]
            for other in near[start, 1 : NEAREST + 1]:
                is_own = (other == start) | (other == end) | ((length == 2) & (other == after[start]))
                if is_own | (other == left):
                    continue
                beyond = after[other]
                gain = taken + time_s[other, start] + time_s[end, beyond] - time_s[other, beyond]
                if gain < best:
                    best, best_end, best_at = gain, end, other
        if best_at < 0:
            continue
        left, right, beyond = before[start], after[best_end], after[best_at]
        after[left], before[right] = right, left
        after[best_at], before[start] = start, best_at
        after[best_end], before[beyond] = beyond, best_end
        moves += 1
    current = order[0]
    for place in range(n):
        order[place] = current
        current = after[current]
    return moves
