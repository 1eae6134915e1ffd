"""How each kind of quarter is built up: sizes, gaps and storeys of its buildings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.geo import FloatArray

Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """Rows of buildings in a plot, and a row along its edge.

    Ranges in metres are drawn once for each plot, except ``slack``, the share by which each building
    may be smaller than the plot's size. ``levels`` gives the storeys of ``n`` buildings from the
    plot's centrality 0-1. ``kept`` is the share of places that are built on;
    ``clustered`` means that they lie around a middle and end in fields. ``edge_depth`` 0 means
    that nothing lines the street; else ``edge_share`` of the street is lined with houses ``edge_width`` wide.
    """

    width: Range
    depth: Range
    gap: Range
    row_gap: Range
    levels: Callable[[int, float, np.random.Generator], FloatArray]
    kept: float = 1.0
    slack: float = 0.0
    jitter_m: float = 0.0
    clustered: bool = False
    edge_depth: float = 0.0
    edge_width: Range = (8.0, 11.0)
    edge_share: float = 0.0
    edge_levels: tuple[int, ...] = (1, 2, 2, 3)


def _one_of(*levels: int) -> Callable[[int, float, np.random.Generator], FloatArray]:
    """Every building has one of these heights."""
    return lambda n, _centre, rng: rng.choice(np.array(levels, dtype=float), n)


def _same(low: int, high: int) -> Callable[[int, float, np.random.Generator], FloatArray]:
    """All buildings of a plot have nearly the same height, as one developer built them."""

    def levels(n: int, centre: float, rng: np.random.Generator) -> FloatArray:
        return np.full(n, rng.integers(low, high + 1) + round(2 * centre), dtype=float) - (rng.random(n) < 0.15) * (low > 10)

    return levels


def _skyline(n: int, centre: float, rng: np.random.Generator) -> FloatArray:
    """Towers that grow towards the middle, with low blocks between."""
    tall = 8 + 60 * centre**1.5 * rng.uniform(0.4, 1.0, n)
    return np.asarray(np.where(rng.random(n) < 0.33, rng.uniform(4, 9, n), tall))


def _varied(n: int, centre: float, rng: np.random.Generator) -> FloatArray:
    """Offices, shops and flats of very different height."""
    return np.asarray(rng.gamma(4.0, 1.5, n) + 3 + 9 * centre * rng.random(n))


STYLES: dict[str, tuple[tuple[float, Style], ...]] = {
    "lanes": (
        (
            1.0,
            Style(
                (8.5, 11),
                (8.5, 11),
                (0.8, 2.2),
                (1.5, 3.5),
                _one_of(1, 2, 2, 3, 3, 4),
                0.9,
                0.15,
                edge_depth=8.5,
                edge_width=(7.5, 10.5),
                edge_share=0.94,
            ),
        ),
    ),
    "slabs": (
        (
            0.6,
            Style((42, 54), (11, 12.5), (6, 10), (14, 18), _same(6, 7), 0.99, edge_depth=8, edge_width=(22, 38), edge_share=0.4),
        ),
        (
            0.4,
            Style((26, 38), (11, 12.5), (5, 8), (13, 17), _same(5, 6), 0.98, edge_depth=8, edge_width=(16, 30), edge_share=0.45),
        ),
    ),
    "high_rise": (
        (
            0.4,
            Style((36, 50), (13, 15), (9, 14), (22, 28), _same(9, 12), 0.98, edge_depth=10, edge_width=(30, 50), edge_share=0.25),
        ),
        (
            0.6,
            Style(
                (26, 33), (16, 19), (13, 20), (28, 36), _same(18, 31), 0.97, edge_depth=10, edge_width=(30, 55), edge_share=0.3
            ),
        ),
    ),
    "towers": ((1.0, Style((27, 37), (25, 34), (8, 14), (9, 15), _skyline, 0.95, 0.25)),),
    "mixed": ((1.0, Style((23, 32), (15, 20), (5, 9), (8, 13), _varied, 0.96, 0.25, 0.4)),),
    "campus": ((1.0, Style((40, 60), (14, 18), (10, 22), (20, 30), _one_of(4, 5, 5, 6, 7), 0.85, 0.2, 1.5)),),
    "sheds": ((1.0, Style((55, 95), (26, 42), (8, 14), (11, 16), _one_of(1, 1, 2), 0.93, 0.3)),),
    "houses": ((1.0, Style((10, 12.5), (9.5, 12), (3, 6), (6, 10), _one_of(2, 2, 3, 3, 4), 0.94, 0.12, 0.7, clustered=True)),),
}
"""The styles of each pattern, with how often each is chosen."""


def draw_style(pattern: str, rng: np.random.Generator) -> Style:
    """Choose the style of one plot."""
    choices = STYLES[pattern]
    return choices[int(rng.choice(len(choices), p=[share for share, _ in choices]))][1]
