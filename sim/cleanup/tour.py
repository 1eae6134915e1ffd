"""One tour through all places, made once: every day's stops are taken from it in this order."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.geo import FloatArray

IntArray = NDArray[np.int32]

HILBERT_BITS = 10


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
def or_opt_pass(time_s: NDArray[np.float32], near: IntArray, after: IntArray, before: IntArray) -> int:
    """Move chains of one to three places of a closed tour to better positions; return how many moved.

    Or, I. (1976). Traveling salesman-type combinatorial problems and their relation to the logistics of
    regional blood banking. PhD thesis, Northwestern University.
    """
    moves = 0
    for start in range(len(after)):
        best, best_end, best_at = -0.01, -1, -1
        end = start
        for length in range(3):
            if length > 0:
                end = after[end]
            left, right = before[start], after[end]
            if right == start or left == end:
                break
            taken = time_s[left, right] - time_s[left, start] - time_s[end, right]
            for other in near[start, 1:17]:
                if other < 0 or other == left:
                    continue
                if other in (start, end) or (length == 2 and other == after[start]):
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
    return moves
