"""What is read of a forecast: stations and roads in the next hour, and how good it was on the days it was tried out on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.forecast.backtest import OWN, BackTest, tried_out
from sim.forecast.method import learned, next_hour
from sim.forecast.params import ForecastParams
from sim.forecast.series import DAY_S, HOUR_S, HOURS, Floats, Series, series_of
from sim.travel.gbt33171 import GbT33171
from sim.travel.noted import table
from sim.travel.profile import city_profile, typical
from sim.travel.solved import Solved
from sim.travel.traffic import VOLUME_MEASURE, Traffic
from twin.model.edits import ScaleDemand
from twin.model.results import Indicator, Measure, ResultTable
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

MOST_FACTOR = 10.0
"""Largest factor of trips that an edit takes."""
MUCH_REPEATED = 0.1
"""Share of repeated counts from which it is said."""
FAMILY = GbT33171()

STATION_MEASURES = (
    Measure("forecast_vph", "Forecast", "veh/h", worse="neither", definition="Vehicles in the hour after the newest count."),
    Measure("forecast_low_vph", "Forecast, low", "veh/h", worse="neither", definition="Lower end of the 95 % interval."),
    Measure("forecast_high_vph", "Forecast, high", "veh/h", worse="neither", definition="Upper end of the 95 % interval."),
    Measure("usual_vph", "Usual", "veh/h", worse="neither", definition="What is usual at that hour of that weekday."),
)
LINK_MEASURES = (
    VOLUME_MEASURE,
    STATION_MEASURES[1],
    STATION_MEASURES[2],
    Measure("travel_time_s", "Travel time", "s"),
    Measure(
        "speed_mps", "Speed", "m/s", worse="lower", definition="Length / travel time, with the wait at the signal at its end."
    ),
)


@dataclass(frozen=True, eq=False)
class NextHour:
    """The hour after the newest count at the stations.

    ``forecast_vph`` and ``usual_vph`` are those of the ``series (s,)``; ``factor`` is the forecast over what was counted at that
    hour of typical days, for which the demand is made. ``begins_s`` is in seconds since 1970 (UTC), ``local_hour`` in the city.
    """

    series: Series
    test: BackTest
    forecast_vph: Floats
    usual_vph: Floats
    factor: float
    begins_s: int
    local_hour: int


@dataclass(frozen=True, eq=False)
class Forecasts:
    """The outcome."""

    indicators: tuple[Indicator, ...]
    tables: Mapping[str, ResultTable]
    diagnostics: Mapping[str, float]
    notes: tuple[str, ...]


def next_hour_of(snapshot: Snapshot, params: ForecastParams) -> Task[NextHour]:
    """Return the forecast at the stations. Raises ``ScenarioError`` when fewer than four days were counted."""
    yield Progress("Reading the counts")
    until = None if snapshot.at is None else np.datetime64(snapshot.at.replace(tzinfo=None), "s")
    series = series_of(snapshot.histories.get("traffic_count"), until)
    test = yield from tried_out(series, params.test_share)
    yield Progress("Forecasting the next hour")
    method = yield from learned(series)
    forecast, usual = next_hour(series, method)
    day, hour = series.newest
    begins_s = int(series.day[day]) * DAY_S + (hour + 1) * HOUR_S
    local = (hour + 1 + city_profile(snapshot)[0].shift_h) % HOURS
    yield Progress("Forecasting the next hour")
    factor = _factor(series, forecast, (hour + 1) % HOURS)
    return NextHour(series, replace(test, method=method), forecast, usual, factor, begins_s, local)


def _factor(series: Series, forecast: Floats, hour: int) -> float:
    """Return forecast over what was counted at that hour of typical days, all series together; 1 where nothing was."""
    days = typical((series.day * DAY_S).astype("datetime64[s]"))
    counted = series.vph[:, days, hour]
    known = np.isfinite(counted)
    mean = np.where(known, counted, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    both = known.any(axis=1) & np.isfinite(forecast)
    return float(np.clip(forecast[both].sum() / mean[both].sum(), 0.0, MOST_FACTOR)) if mean[both].sum() > 0.0 else 1.0


def scaled_scenario(scenario: Scenario, expected: NextHour) -> Scenario:
    """Return the scenario with all trips scaled to the forecast."""
    return scenario.with_edit(ScaleDemand(factor=expected.factor))


def described(expected: NextHour, solved: Solved) -> Forecasts:
    """Return all that is told of the next hour."""
    tables = {"link": _links(expected, solved), "counter": _stations(expected)}
    diagnostics = {
        "begins_at_s": float(expected.begins_s),
        "demand_factor": expected.factor,
        "relative_gap": solved.solution.relative_gap,
        "test_days": float(expected.test.days),
        "test_hours": float(expected.test.hours),
        "repeated_share": expected.test.repeated,
    }
    return Forecasts(
        _indicators(expected, solved), tables, diagnostics, (*solved.baseline.notes, *solved.notes, *_notes(expected))
    )


def _stations(expected: NextHour) -> ResultTable:
    """Return the stations that a forecast was made for, their directions together; errors of directions are independent."""
    low, high = expected.test.method.interval(expected.forecast_vph)
    ids, of = np.unique(expected.series.station.astype(str), return_inverse=True)
    known = np.isfinite(expected.forecast_vph)

    def total(column: Floats) -> Floats:
        return np.bincount(of, np.where(known, column, 0.0), len(ids)).astype(np.float64)

    forecast = total(expected.forecast_vph)
    below, above = total((expected.forecast_vph - low) ** 2), total((high - expected.forecast_vph) ** 2)
    columns = (forecast, np.maximum(forecast - np.sqrt(below), 0.0), forecast + np.sqrt(above), total(expected.usual_vph))
    has = np.bincount(of, known, len(ids)) > 0
    named = {measure.name: column[has] for measure, column in zip(STATION_MEASURES, columns, strict=True)}
    return ResultTable("counter", ids[has].astype(object), named, STATION_MEASURES)


def _links(expected: NextHour, solved: Solved) -> ResultTable:
    now, before = (_columns(traffic, expected.test) for traffic in (solved.traffic, solved.traffic_before))
    return table("link", solved.changed["link"].ids, (*LINK_MEASURES, *FAMILY.link_measures), now, before)


def _columns(traffic: Traffic, test: BackTest) -> dict[str, Floats]:
    low, high = test.city
    driven = {
        "travel_time_s": traffic.time_s,
        "speed_mps": traffic.length_m / traffic.time_s,
        **FAMILY.of_links(traffic),
    }
    return {
        "volume_vph": traffic.volume_vph,
        "forecast_low_vph": traffic.volume_vph * low,
        "forecast_high_vph": traffic.volume_vph * high,
        **{name: np.where(traffic.is_closed, np.nan, column) for name, column in driven.items()},
    }


def _indicators(expected: NextHour, solved: Solved) -> tuple[Indicator, ...]:
    test, counted = expected.test, float(np.nansum(expected.forecast_vph))
    stations = int(np.isfinite(expected.forecast_vph).sum())
    low, high = (counted * quantile for quantile in test.city)
    tried = "On the newest days, learned from the older ones, hour by hour."
    return (
        Indicator(
            "stations_vph",
            "Vehicles at the stations in the next hour",
            counted,
            "veh/h",
            low,
            high,
            rows=stations,
            worse="neither",
        ),
        Indicator(
            "usual_stations_vph",
            "Usual at that hour",
            float(np.nansum(expected.usual_vph)),
            "veh/h",
            rows=stations,
            worse="neither",
        ),
        *FAMILY.of_network(solved.traffic),
        Indicator("mae_vph", "Mean error of the forecast", test.score(OWN).mae_vph, "veh/h", rows=test.hours, definition=tried),
        Indicator(
            "geh_under_5", "Forecasts with a GEH under 5", test.score(OWN).geh_under_5, "ratio", rows=test.hours, worse="lower"
        ),
        Indicator("coverage", "Counts inside their 95 % interval", test.coverage, "ratio", rows=test.hours, worse="lower"),
        Indicator(
            "skill_last_value",
            "Skill against the hour before",
            test.skill("last_value"),
            "ratio",
            rows=test.hours,
            worse="lower",
            definition="1 - mean error / mean error of the naive forecast; above 0 it is better.",
        ),
        Indicator(
            "skill_same_hour",
            "Skill against the same hour before",
            test.skill("same_hour"),
            "ratio",
            rows=test.hours,
            worse="lower",
            definition="A week before, or on the counted day before where days do not follow each other; above 0 it is better.",
        ),
    )


def _notes(expected: NextHour) -> tuple[str, ...]:
    test = expected.test
    begins = np.datetime64(expected.begins_s, "s").item().strftime("%Y-%m-%d %H:%M")
    notes = []
    notes.append(f"The forecast is for the hour that begins at {begins} UTC.")
    notes.append(f"Between the stations it is the equilibrium of that hour, with all trips multiplied by {expected.factor:.3g}.")
    notes.append(
        "The interval of a road is that of all stations together; how well the model meets single stations is said apart."
    )
    notes += _no_better(test, "last_value", "the hour before")
    notes += _no_better(test, "same_hour", "the same hour before")
    notes += _no_better(test, "usual", "what is usual at that hour")
    if test.repeated > MUCH_REPEATED:
        notes.append(
            f"{100 * test.repeated:.0f} % of the counts of the test repeat those of the same hour before to the vehicle: they were "
            "carried over, not counted anew, which flatters that naive forecast."
        )
    return tuple(notes)


def _no_better(test: BackTest, name: str, text: str) -> list[str]:
    """Return the sentence that says so where a naive forecast was as good; ``text`` is what it goes by."""
    if test.skill(name) > 0.0:
        return []
    notes: list[str] = []
    notes.append(
        f"On the {test.days} days of the test the forecast was no better than {text}: its mean error was "
        f"{test.score(OWN).mae_vph:.1f} veh/h against {test.score(name).mae_vph:.1f}."
    )
    return notes
