"""Travel time on a link as its volume grows, and the integral that equilibrium makes smallest.

Every form is ``t = free_time (1 + b g(v / capacity))`` with g(0) = 0:

- BPR (Bureau of Public Roads 1964): g(x) = x ** power.
- Conical (H. Spiess 1990, Conical volume-delay functions, Transportation Science 24 (2), 153-158,
  doi:10.1287/trsc.24.2.153): alpha = ``power`` says how steep; b = 1 is the published function. Unlike
  BPR it grows no faster than in proportion beyond capacity.
- Akçelik (R. Akçelik 1991, Travel time functions for transport planning purposes, Australian Road
  Research 21 (3), 49-59): the queue that builds up in a period T, ``power`` = 8 J / (capacity T) and
  b = T / (4 free_time), with J the delay parameter. Beyond capacity it becomes the deterministic queue.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from sim.assignment.graph import Delay, Floats, Loading

BPR: Final = 0
CONICAL: Final = 1
AKCELIK: Final = 2


def bpr(free_time: Floats, b: Floats, capacity: Floats, power: Floats) -> Delay:
    """Return the delay of links that all follow the BPR function; all ``(m,)``."""
    return Delay(free_time, b, capacity, power, np.full(len(free_time), BPR, np.int8))


@njit(cache=True, inline="always")
def time_and_slope(link: int, volume: float, delay: Delay) -> tuple[float, float]:
    """Return travel time and its derivative by volume at one link."""
    free, share, room, exponent = delay.free_time[link], delay.b[link], delay.capacity[link], delay.power[link]
    form = delay.form[link]
    ratio = volume / room
    if form == BPR and exponent == 4.0:  # the usual exponent, without the slow general power
        cube = ratio * ratio * ratio
        growth = cube * ratio
        rise = 4.0 * cube
    elif share == 0.0:
        growth = 0.0
        rise = 0.0
    elif form == CONICAL:
        growth, rise = _conical(ratio, exponent)
    elif form == AKCELIK:
        growth, rise = _akcelik(ratio, exponent)
    elif exponent == 1.0:
        growth = ratio
        rise = 1.0
    else:
        almost = ratio ** (exponent - 1.0) if ratio > 0.0 else 0.0
        growth = almost * ratio
        rise = exponent * almost
    return free * (1.0 + share * growth), free * share * rise / room


@njit(cache=True)
def _conical(ratio: float, alpha: float) -> tuple[float, float]:
    """Return g and its derivative (Spiess 1990)."""
    beta = (2.0 * alpha - 1.0) / (2.0 * alpha - 2.0)
    left = alpha * (1.0 - ratio)
    root = np.sqrt(left * left + beta * beta)
    return 1.0 + root - left - beta, alpha - alpha * left / root


@njit(cache=True)
def _akcelik(ratio: float, spread: float) -> tuple[float, float]:
    """Return g and its derivative: x - 1 + sqrt((x - 1)^2 + spread x) (Akçelik 1991)."""
    over = ratio - 1.0
    root = np.sqrt(over * over + spread * ratio)
    return over + root, 1.0 + ((over + 0.5 * spread) / root if root > 0.0 else 0.0)


@njit(cache=True, nogil=True)
def refresh(delay: Delay, loading: Loading) -> None:
    """Compute time and slope of every link anew from its volume."""
    volume, time, slope, extra = loading.volume, loading.time, loading.slope, loading.extra
    for link in range(volume.shape[0]):
        time[link], slope[link] = time_and_slope(link, volume[link], delay)
        time[link] += extra[link]


def times(delay: Delay, volume: Floats) -> Floats:
    """Return the travel time of every link ``(m,)`` at a volume."""
    now = np.ascontiguousarray(volume, np.float64)
    loading = Loading(now, np.empty_like(now), np.empty_like(now), np.zeros_like(now))
    refresh(delay, loading)
    return loading.time


def beckmann_objective(volume: Floats, delay: Delay) -> float:
    """Return the sum over links of the integral of travel time from 0 to the volume (Beckmann et al. 1956)."""
    ratio = volume / delay.capacity
    area = ratio ** (delay.power + 1.0) / (delay.power + 1.0)
    for form, integral in ((CONICAL, _conical_area), (AKCELIK, _akcelik_area)):
        mine = delay.form == form
        if mine.any():
            area[mine] = integral(ratio[mine], delay.power[mine])
    return float(np.sum(delay.free_time * (volume + delay.b * delay.capacity * area)))


def _conical_area(ratio: Floats, alpha: Floats) -> Floats:
    """Return the integral of the conical g from 0 to the ratio."""
    beta = (2.0 * alpha - 1.0) / (2.0 * alpha - 2.0)

    def under_root(left: Floats) -> Floats:  # integral of sqrt(u^2 + beta^2) from 0 to left
        return np.asarray(0.5 * (left * np.hypot(left, beta) + beta**2 * np.arcsinh(left / beta)))

    root = (under_root(alpha) - under_root(alpha * (1.0 - ratio))) / alpha
    return np.asarray((1.0 - beta) * ratio + root - alpha * ratio * (1.0 - 0.5 * ratio))


def _akcelik_area(ratio: Floats, spread: Floats) -> Floats:
    """Return the integral of Akçelik's g from 0 to the ratio; the root is that of (x + spread/2 - 1)^2 + rest."""
    shift = 0.5 * spread - 1.0
    rest = spread * (1.0 - 0.25 * spread)
    scale = np.sqrt(np.abs(rest))

    def under_root(left: Floats) -> Floats:  # integral of sqrt(u^2 + rest), up to a constant
        with np.errstate(divide="ignore", invalid="ignore"):
            bent = np.where(rest > 0.0, np.arcsinh(left / scale), np.arccosh(np.maximum(left / scale, 1.0)))
        root = np.sqrt(np.maximum(left**2 + rest, 0.0))
        return np.asarray(0.5 * (left * root + np.where(rest == 0.0, 0.0, rest * bent)))

    return np.asarray(0.5 * ratio**2 - ratio + under_root(ratio + shift) - under_root(shift))
