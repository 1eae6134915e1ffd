"""Travel time on a link as its volume grows, and the integral that equilibrium makes smallest."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.assignment.graph import Delay, Floats, Loading


@njit(cache=True, inline="always")
def time_and_slope(
    link: int, volume: float, free_time: Floats, b: Floats, capacity: Floats, power: Floats
) -> tuple[float, float]:
    """Return travel time and its derivative by volume at one link (Bureau of Public Roads, 1964)."""
    ratio = volume / capacity[link]
    exponent = power[link]
    if exponent == 4.0:  # the usual exponent, without the slow general power
        cube = ratio * ratio * ratio
        time = free_time[link] * (1.0 + b[link] * cube * ratio)
        slope = free_time[link] * b[link] * 4.0 * cube / capacity[link]
    elif b[link] == 0.0:
        time = free_time[link]
        slope = 0.0
    elif exponent == 1.0:
        time = free_time[link] * (1.0 + b[link] * ratio)
        slope = free_time[link] * b[link] / capacity[link]
    else:
        almost = ratio ** (exponent - 1.0) if ratio > 0.0 else 0.0
        time = free_time[link] * (1.0 + b[link] * almost * ratio)
        slope = free_time[link] * b[link] * exponent * almost / capacity[link]
    return time, slope


@njit(cache=True, nogil=True)
def refresh(delay: Delay, loading: Loading) -> None:
    """Compute time and slope of every link anew from its volume."""
    free_time, b, capacity, power = delay.free_time, delay.b, delay.capacity, delay.power
    volume, time, slope = loading.volume, loading.time, loading.slope
    for link in range(volume.shape[0]):
        time[link], slope[link] = time_and_slope(link, volume[link], free_time, b, capacity, power)


def beckmann_objective(volume: Floats, delay: Delay) -> float:
    """Return the sum over links of the integral of travel time from 0 to the volume (Beckmann et al. 1956)."""
    ratio = volume / delay.capacity
    terms = delay.free_time * volume * (1.0 + delay.b * ratio**delay.power / (delay.power + 1.0))
    return float(np.sum(terms))
