"""Random numbers for compiled code: one word of state, the same on every machine.

SplitMix64: Steele, G. L., Lea, D., Flood, C. H. (2014). Fast splittable pseudorandom number generators.
OOPSLA, 453-472. https://doi.org/10.1145/2660193.2660195
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Chance = NDArray[np.uint64]

_STEP, _MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


def chance(seed: int, stream: int) -> Chance:
    """Return the state of one of many independent streams of a seed."""
    return np.random.SeedSequence([seed, stream]).generate_state(1, np.uint64).astype(np.uint64)


@njit(cache=True, nogil=True, inline="always")
def draw(state: Chance) -> float:
    """Return a number of [0, 1)."""
    state[0] += _STEP
    z = state[0]
    z = (z ^ (z >> _30)) * _MIX_A
    z = (z ^ (z >> _27)) * _MIX_B
    return float((z ^ (z >> _31)) >> _11) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True, inline="always")
def draw_below(state: Chance, end: int) -> int:
    """Return a whole number of 0 … end - 1."""
    return int(draw(state) * end)
