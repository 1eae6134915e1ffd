"""The forecast of a small city: stations by their counts, roads by the equilibrium of that hour, and what is said beside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.forecast import Forecast, ForecastParams
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks
from twin.model.network import Counter
from twin.model.scenario import Scenario, baseline
from twin.task import finish

DAYS = 8


def city(make, evening=1.0):
    """Return a grid with six stations that were counted for eight days; on the last one ``evening`` times as much."""
    entities = make.grid(5, 4)
    roads = [entity for entity in entities if entity.kind == "link"][::9][:6]
    stations = [Counter(id=f"c{k}", geometry=road.geometry.centroid, link_id=road.id) for k, road in enumerate(roads)]
    rows = []
    for number, station in enumerate(stations):
        for hour in range(DAYS * 24 - 6):
            day, of_day = divmod(hour, 24)
            busy = 40.0 + 10.0 * number + 30.0 * np.exp(-0.5 * ((of_day - 18) / 3) ** 2)
            rows.append(
                {
                    "subject_id": station.id,
                    "at": np.datetime64("2026-03-02T00:00:00", "s") + hour * 3600,
                    "duration_s": 3600.0,
                    "direction": "N",
                    "total": round(busy * (evening if day == DAYS - 1 else 1.0)),
                }
            )
    return make.snapshot([*entities, *stations], rows)


@pytest.fixture(scope="module")
def calm(make):
    snapshot = city(make)
    return snapshot, finish(Forecast().run(snapshot, baseline(), ForecastParams(), 1))


def test_stations_and_roads_are_forecast_for_the_hour_after_the_newest_count(calm):
    snapshot, result = calm
    stations = result.tables["counter"]
    assert sorted(stations.ids.tolist()) == [f"c{k}" for k in range(6)]
    columns = stations.columns
    assert columns["forecast_vph"] == pytest.approx(columns["usual_vph"], rel=0.02)
    assert (columns["forecast_low_vph"] <= columns["forecast_vph"]).all()
    assert (columns["forecast_high_vph"] >= columns["forecast_vph"]).all()
    roads = result.tables["link"]
    assert roads.ids.tolist() == snapshot["link"].ids.tolist()
    assert all(np.isfinite(column).all() for column in roads.columns.values())
    assert any("begins at 2026-03-09 18:00 UTC" in note for note in result.notes)
    assert any("synthetic" in note for note in result.notes)


def test_a_busy_day_is_carried_on_to_the_roads(calm, make):
    _, before = calm
    result = finish(Forecast().run(city(make, evening=1.4), baseline(), ForecastParams(), 1))
    assert result.diagnostics["demand_factor"] > before.diagnostics["demand_factor"]
    assert result.indicator("stations_vph").value > before.indicator("stations_vph").value


def test_a_closure_holds_in_the_next_hour(calm):
    snapshot, before = calm
    key = snapshot["link"].ids[9]
    closed = Scenario(id="s", name="closed", edits=(CloseLinks(target_ids=(key,)),))
    result = finish(Forecast().run(snapshot, closed, ForecastParams(), 1))
    row = result.tables["link"].ids.tolist().index(key)
    assert result.tables["link"].columns["volume_vph"][row] == 0.0
    assert np.isnan(result.tables["link"].columns["speed_mps"][row])
    assert result.tables["counter"].columns["forecast_vph"].tolist() == before.tables["counter"].columns["forecast_vph"].tolist()


def test_where_it_is_no_better_than_naive_it_says_so(calm):
    _, result = calm  # the same day again and again: the same hour before cannot be beaten
    assert any("no better than the same hour before" in note for note in result.notes)
    assert any("carried over, not counted anew" in note for note in result.notes)


def test_a_city_without_counts_says_what_to_import(make):
    with pytest.raises(ScenarioError, match="needs hourly counts of at least 4 days"):
        finish(Forecast().run(make.snapshot(make.grid(4, 4)), baseline(), ForecastParams(), 1))


def test_two_runs_give_the_same_bytes(calm):
    snapshot, result = calm
    again = finish(Forecast().run(replace(snapshot), baseline(), ForecastParams(), 1))
    assert again.indicators == result.indicators
    assert again.input_hash == result.input_hash
    for kind, table in again.tables.items():
        for name, column in table.columns.items():
            assert column.tobytes() == result.tables[kind].columns[name].tobytes()
