"""Plan against actual: what crews drove of the rounds they were given, and how far the plan was followed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from twin.geo import FloatArray
from twin.model.comparison import interval95

DAY_S = 86_400.0
EARLY_S = 3 * 3600.0
"""How long before the first planned stop a working day begins: crews that start early are of the same day."""


@dataclass(frozen=True, eq=False)
class Planned:
    """Stops ``(n,)`` in the order in which they are to be driven: bin, truck and time of day."""

    bin: NDArray[np.object_]
    truck: NDArray[np.intp]
    arrives_s: FloatArray


@dataclass(frozen=True, eq=False)
class Emptied:
    """What came back ``(m,)``: bin, truck as the record names it ('' where it does not), seconds since midnight of the day."""

    bin: NDArray[np.object_]
    truck: NDArray[np.object_]
    at_s: FloatArray


@dataclass(frozen=True)
class TruckDay:
    """A planned truck's day. ``order_kept`` and ``delay_s`` are None where too few stops were driven to tell.

    ``driver`` is the truck of the record that drove most of its stops; ``unplanned`` counts that one's other bins.
    """

    truck: int
    driver: str
    planned: int
    driven: int
    by_others: int
    missed: int
    unplanned: int
    order_kept: float | None
    delay_s: float | None


@dataclass(frozen=True, eq=False)
class Actual:
    """A day's plan against its record.

    ``at_s`` ``(n,)`` is when each planned stop was emptied, NaN where it was not, and ``by`` the truck that did it;
    ``unplanned`` are the rows of the record whose bins are on no round. ``adherence`` is the share of planned stops
    that were driven, by whom ever, ``low`` and ``high`` its 95 % interval (0 and 1 where a single truck tells nothing).
    """

    at_s: FloatArray
    by: NDArray[np.object_]
    unplanned: NDArray[np.intp]
    trucks: tuple[TruckDay, ...]
    adherence: float
    low: float
    high: float


def working_day(planned: Planned) -> tuple[float, float]:
    """Return from when until when, in seconds since midnight, an emptying belongs to the planned day."""
    begin_s = float(planned.arrives_s.min()) - EARLY_S
    return begin_s, begin_s + DAY_S


def plan_against_actual(planned: Planned, emptied: Emptied) -> Actual:
    """Compare a plan of at least one stop with a record; of a bin that was emptied twice the first time counts."""
    first: dict[object, int] = {}
    for row in np.argsort(emptied.at_s, kind="stable").tolist():
        first.setdefault(emptied.bin[row], row)
    found = np.array([first.get(key, -1) for key in planned.bin.tolist()], dtype=np.intp)
    is_driven = found >= 0
    at_s, by = np.full(len(found), np.nan), np.full(len(found), "", dtype=object)
    at_s[is_driven], by[is_driven] = emptied.at_s[found[is_driven]], emptied.truck[found[is_driven]]
    on_rounds = set(planned.bin.tolist())
    unplanned = np.array(sorted(row for key, row in first.items() if key not in on_rounds), dtype=np.intp)
    others = Counter(emptied.truck[unplanned].tolist())
    trucks = tuple(_truck_day(planned, at_s, by, truck, others) for truck in np.unique(planned.truck).tolist())
    return Actual(at_s, by, unplanned, trucks, *_share(trucks))


def _truck_day(planned: Planned, at_s: FloatArray, by: NDArray[np.object_], truck: int, others: Counter[str]) -> TruckDay:
    rows = np.flatnonzero(planned.truck == truck)
    driven = rows[~np.isnan(at_s[rows])]
    drivers = Counter(by[driven].tolist())
    driver = min(drivers, key=lambda name: (-drivers[name], name)) if drivers else ""
    own = driven[by[driven] == driver]
    return TruckDay(
        truck,
        driver,
        len(rows),
        len(driven),
        len(driven) - len(own),
        len(rows) - len(driven),
        others[driver] if driver else 0,
        _order_kept(at_s[own]),
        float(np.median(at_s[own] - planned.arrives_s[own])) if len(own) else None,
    )


def _order_kept(at_s: FloatArray) -> float | None:
    """Return the share of pairs of stops driven in the planned order (Kendall's tau, moved to 0-1).

    Kendall, M. G. (1938). A new measure of rank correlation. Biometrika 30, 81-93. https://doi.org/10.1093/biomet/30.1-2.81
    """
    if len(np.unique(at_s)) < 2:
        return None
    return 0.5 + 0.5 * float(scipy.stats.kendalltau(np.arange(len(at_s)), at_s).statistic)


def _share(trucks: tuple[TruckDay, ...]) -> tuple[float, float, float]:
    """Return the share of stops that were driven and its interval; trucks are the clusters, their stops no independent draws.

    The ratio estimator and its linearised variance: Cochran, W. G. (1977). Sampling Techniques, 3rd ed., chapter 6.
    """
    size = np.array([truck.planned for truck in trucks], dtype=float)
    driven = np.array([truck.driven for truck in trucks], dtype=float)
    share = float(driven.sum() / size.sum())
    low, high = interval95(tuple((share + (driven - share * size) / size.mean()).tolist()))
    return share, max(0.0, low), min(1.0, high)
