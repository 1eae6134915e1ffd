"""How good the forecast would have been: tried out on the newest days, learned from the older ones, against naive ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.forecast.method import TAIL, Method, forecasts, in_a_row, learned, profiles
from sim.forecast.series import HOURS, WEEK, Floats, Series
from sim.travel.counts import GOOD_GEH, geh
from twin.task import Progress, Task

OWN = "forecast"


@dataclass(frozen=True)
class Score:
    """Errors of one way to forecast over the hours of the test: mean absolute and root mean square error (veh/h), GEH."""

    name: str
    mae_vph: float
    rmse_vph: float
    median_geh: float
    geh_under_5: float


@dataclass(frozen=True, eq=False)
class BackTest:
    """The scores of the forecast and of the naive ones on the same ``hours`` of ``days``, and how often intervals held.

    ``coverage`` is the share of the counts inside their 95 % interval. ``city (2,)`` are the 2.5 % and 97.5 % quantiles of what all
    stations together counted over what was forecast for them. ``repeated`` is the share of the counts that are those of the same
    hour before, to the vehicle: numbers carried over rather than counted anew. ``method`` is what was learned from the days before.
    """

    scores: tuple[Score, ...]
    coverage: float
    city: tuple[float, float]
    repeated: float
    hours: int
    days: int
    method: Method

    def score(self, name: str) -> Score:
        """Return one score."""
        return next(item for item in self.scores if item.name == name)

    def skill(self, against: str) -> float:
        """Return 1 - MAE / MAE of another way: above 0 the forecast is better."""
        other = self.score(against).mae_vph
        return 1.0 - self.score(OWN).mae_vph / other if other > 0.0 else 0.0


def tried_out(series: Series, test_share: float, *, skip_repeated: bool = False) -> Task[BackTest]:
    """Return the scores on the newest days; what is usual is known from the days before each, the method from those before all.

    The naive ways are the hour before ('last_value'), the same hour a week ago, or of the counted day before where days do not
    follow each other ('same_hour'), and what is usual at that hour ('usual'). Only hours that all can forecast count, and with
    ``skip_repeated`` only counts that differ from those of the same hour before.
    """
    days = len(series.day)
    first = min(max(2, round(days * (1.0 - test_share))), days - 1)
    yield Progress("Trying the forecast out")
    method = yield from learned(series.until(first))
    vph, expected = in_a_row(series.vph), in_a_row((yield from profiles(series, method.recency)))
    ways = {
        OWN: forecasts(method, vph, expected),
        "last_value": _before(vph, 1),
        "same_hour": in_a_row(_earlier_days(series)),
        "usual": expected,
    }
    yield Progress("Trying the forecast out")
    is_tested = np.isfinite(vph) & (np.arange(vph.shape[1]) >= first * HOURS)
    for way in ways.values():
        is_tested &= np.isfinite(way)
    is_repeated = is_tested & (vph == ways["same_hour"])
    repeated = float(is_repeated.sum()) / max(float(is_tested.sum()), 1.0)
    is_tested &= ~is_repeated | (not skip_repeated)
    counted = vph[is_tested]
    low, high = method.interval(ways[OWN][is_tested])
    inside = float(np.mean((counted >= np.floor(low)) & (counted <= np.ceil(high)))) if len(counted) else 0.0
    scores = tuple(_score(name, way[is_tested], counted) for name, way in ways.items())
    together = _together(vph, ways[OWN], is_tested)
    return BackTest(scores, inside, together, repeated, int(is_tested.sum()), days - first, method)


def _score(name: str, forecast: Floats, counted: Floats) -> Score:
    if not len(counted):
        return Score(name, 0.0, 0.0, 0.0, 0.0)
    error, statistic = forecast - counted, geh(forecast, counted)
    return Score(
        name,
        float(np.abs(error).mean()),
        float(np.sqrt((error**2).mean())),
        float(np.median(statistic)),
        float((statistic < GOOD_GEH).mean()),
    )


def _together(vph: Floats, forecast: Floats, is_tested: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the quantiles of counted over forecast, all stations together, over the hours of the test."""
    counted, meant = (np.where(is_tested, column, 0.0).sum(axis=0) for column in (vph, forecast))
    good = meant > 0.0
    if not good.any():
        return 1.0, 1.0
    low, high = np.quantile(counted[good] / meant[good], (TAIL, 1.0 - TAIL))
    return float(low), float(high)


def _before(vph: Floats, hours: int) -> Floats:
    """Return what was counted some hours before ``(s, t)``."""
    return np.concatenate([np.full((len(vph), hours), np.nan), vph[:, :-hours]], axis=1)


def _earlier_days(series: Series) -> Floats:
    """Return what was counted at the same hour a week ago, else on the counted day before where no days follow each other."""
    out = np.full(series.vph.shape, np.nan)
    row_of = {day: row for row, day in enumerate(series.day.tolist())}
    for row, day in enumerate(series.day.tolist()):
        earlier = row_of.get(day - WEEK, -1) if series.has_week else row - 1
        if earlier >= 0:
            out[:, row] = series.vph[:, earlier]
    return out
