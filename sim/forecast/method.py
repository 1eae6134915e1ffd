"""The forecast of the next hour: what is usual at that hour, moved by how the last hours differed from usual.

f = p (1 + a (l - 1) + b (c - 1)), with p the profile of the weekday and hour, l the level of the series itself, the counts of
the last hours over their profile with weights that fall by ``decay`` from hour to hour, and c the same of all series
together. a and b are fitted by least squares on the days that are known; ``decay``, and how much less an older day says of what is
usual (``recency``), are chosen among a few. Intervals are the
2.5 % and 97.5 % quantiles of the errors there, in units of sqrt(f + s f^2): Poisson and a spread s that grows with traffic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.forecast.series import HOURS, WEEK, Floats, Series
from twin.task import Progress, Task

MESSAGE = "Learning what is usual"
DECAYS = (0.0, 0.4, 0.7, 0.9)
RECENCIES = (1.0, 0.7, 0.3, 0.02)
"""Weight of a day over that of the next one of its kind: the last stands almost for the newest day alone."""
PRIOR = 2.0
"""The mean of all days counts like so many days of the weekday itself: one odd Monday is not yet a profile."""
PRIOR_VEHICLES = 30.0
"""Vehicles of the usual that are added to the counted and to the usual ones: a few vehicles at night are no level."""
LEVELS = (0.0, 3.0)
"""Least and largest level that is believed: an accident or a broken loop is not carried on."""
TAIL = 0.025
LEAST_SPREAD = 1e-6


@dataclass(frozen=True)
class Method:
    """What was learned of all series: weights of their own level and of the city's, and the errors that remain."""

    recency: float
    decay: float
    own: float
    city: float
    spread: float
    low: float
    high: float

    def interval(self, forecast: Floats) -> tuple[Floats, Floats]:
        """Return the 95 % interval of counts whose forecast is given."""
        unit = np.sqrt(np.maximum(forecast, 1.0) + self.spread * forecast**2)
        return np.maximum(forecast + self.low * unit, 0.0), np.asarray(forecast + self.high * unit)


def profiles(series: Series, recency: float) -> Task[Floats]:
    """Return what was usual at each hour as known on each day ``(s, d, 24)``: from the days before it alone.

    The mean of the days of the same weekday, drawn to the mean of the days of its kind (working days, weekend) and these to that
    of all days; NaN on the first day.
    """
    out = np.full(series.vph.shape, np.nan)
    for row in range(1, len(series.day)):
        out[:, row] = profile_of(series.until(row), int(series.weekday[row]), recency)
        yield Progress(MESSAGE, row, len(series.day))
    return out


def profile_of(known: Series, weekday: int, recency: float) -> Floats:
    """Return what is usual at each hour of a weekday ``(s, 24)`` by all days that are known; NaN where nothing is."""
    total, count = _sums(known.vph, recency)
    usual = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0.0)
    for chosen in ((known.weekday >= 5) == (weekday >= 5), known.weekday == weekday):
        total, count = _sums(known.vph[:, chosen], recency)
        drawn = (total + PRIOR * np.nan_to_num(usual)) / (count + PRIOR)
        usual = np.where(np.isfinite(usual), drawn, usual)
    return np.asarray(usual)


def _sums(vph: Floats, recency: float) -> tuple[Floats, Floats]:
    """Return the weighted sums over the days ``(s, 24)`` of the counts and of their weights."""
    is_known = np.isfinite(vph)
    weight = is_known * recency ** np.arange(vph.shape[1] - 1, -1, -1.0)[None, :, None]
    return np.where(is_known, vph * weight, 0.0).sum(axis=1), weight.sum(axis=1)


def levels(vph: Floats, usual: Floats, decay: float) -> tuple[Floats, Floats]:
    """Return how the hours before each one differed from usual: each series by itself ``(s, t)``, and all together ``(t,)``.

    ``vph`` and ``usual`` are ``(s, t)``, hour after hour.
    """
    both = np.isfinite(vph) & np.isfinite(usual)
    counted, expected = np.where(both, vph, 0.0), np.where(both, usual, 0.0)
    own, city = np.ones(vph.shape), np.ones(vph.shape[1])
    seen, meant = np.zeros(len(vph)), np.zeros(len(vph))
    for hour in range(vph.shape[1]):
        own[:, hour] = (seen + PRIOR_VEHICLES) / (meant + PRIOR_VEHICLES)
        city[hour] = (seen.sum() + PRIOR_VEHICLES) / (meant.sum() + PRIOR_VEHICLES)
        seen, meant = decay * seen + counted[:, hour], decay * meant + expected[:, hour]
    return np.asarray(np.clip(own, *LEVELS)), np.asarray(np.clip(city, *LEVELS))


def forecasts(method: Method, vph: Floats, usual: Floats) -> Floats:
    """Return the forecast of each hour ``(s, t)`` from the hours before it and what is usual; never below 0."""
    own, city = levels(vph, usual, method.decay)
    return np.asarray(usual * np.maximum(1.0 + method.own * (own - 1.0) + method.city * (city - 1.0), 0.0))


def learned(known: Series) -> Task[Method]:
    """Fit the method to the days that are known: the recency and decay with the least absolute error."""
    vph = in_a_row(known.vph)
    tried = []
    for recency in RECENCIES:
        usual = in_a_row((yield from profiles(known, recency)))
        for decay in DECAYS:
            tried.append(_fitted(vph, usual, recency, decay))
            yield Progress(MESSAGE)
    return min(tried, key=lambda pair: pair[0])[1]


def _fitted(vph: Floats, usual: Floats, recency: float, decay: float) -> tuple[float, Method]:
    """Return mean absolute error and method for one recency and decay; ``vph`` and ``usual`` are ``(s, t)``."""
    own, city = levels(vph, usual, decay)
    good = np.isfinite(vph) & np.isfinite(usual) & (usual > 0.0)
    if not good.any():
        return 0.0, Method(recency, decay, 0.0, 0.0, 0.0, -2.0, 2.0)
    unit = np.sqrt(usual[good])  # busy hours weigh more, but not by the square of their traffic
    moved = np.column_stack([(own - 1.0)[good], np.broadcast_to(city - 1.0, vph.shape)[good]]) * unit[:, None]
    wanted = (vph[good] / usual[good] - 1.0) * unit
    ridge = 1e-9 * np.eye(2) * len(wanted)
    weight = np.clip(np.linalg.solve(moved.T @ moved + ridge, moved.T @ wanted), -1.0, 1.5)
    rough = Method(recency, decay, float(weight[0]), float(weight[1]), 0.0, 0.0, 0.0)
    forecast = forecasts(rough, vph, usual)[good]
    error = vph[good] - forecast
    spread = max(float(((error**2 - forecast).sum()) / max((forecast**2).sum(), 1.0)), LEAST_SPREAD)
    low, high = np.quantile(error / np.sqrt(np.maximum(forecast, 1.0) + spread * forecast**2), (TAIL, 1.0 - TAIL))
    return float(np.abs(error).mean()), Method(recency, decay, rough.own, rough.city, spread, float(low), float(high))


def in_a_row(by_day: Floats) -> Floats:
    """Return days and hours ``(s, d, 24)`` as hours one after the other ``(s, 24 d)``."""
    return by_day.reshape(len(by_day), by_day.shape[1] * HOURS)


def next_hour(series: Series, method: Method) -> tuple[Floats, Floats]:
    """Return forecast and usual count of the hour after the newest one, ``(s,)`` each; NaN for a series that cannot tell."""
    day, hour = series.newest
    weekday = int(series.weekday[day]) if hour + 1 < HOURS else int(series.weekday[day] + series.has_week) % WEEK
    now = series.until(day + 1)
    usual = profile_of(now, weekday, method.recency)[:, (hour + 1) % HOURS]
    today = (
        profile_of(series.until(day), int(series.weekday[day]), method.recency) if day else np.full(now.vph[:, 0].shape, np.nan)
    )
    vph = np.column_stack([now.vph[:, day, : hour + 1], np.full(len(usual), np.nan)])
    return forecasts(method, vph, np.column_stack([today[:, : hour + 1], usual]))[:, -1], usual
