from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.congestion import Congestion, CongestionParams
from sim.travel.baseline import city_volume, input_key, make_baseline
from sim.travel.calibration import Agreement, left_out
from twin.errors import ScenarioError
from twin.model.network import Counter
from twin.model.scenario import baseline
from twin.task import finish


def solved(city, **values):
    params = CongestionParams(relative_gap=1e-9, **values)
    return finish(make_baseline(finish(input_key(city, params)), city, params))


def with_counts(make, entities, links, totals):
    """Return a city with a station of one direction on each of the links, counted in one hour."""
    places = {entity.id: entity.geometry for entity in entities if entity.kind == "link"}
    stations = [Counter(id=f"c{i:02}", link_id=key, geometry=places[key].interpolate(1.0)) for i, key in enumerate(links)]
    rows = [
        {
            "subject_id": f"c{i:02}",
            "at": np.datetime64("2024-03-05T07", "s"),
            "duration_s": 3600.0,
            "direction": "N",
            "total": total,
        }
        for i, total in enumerate(totals)
    ]
    return make.snapshot([*entities, *stations], rows)


@pytest.fixture(scope="module")
def truth(make):
    """A city that is fuller in its east than its residents say, and the volumes that its true trips make."""
    entities = make.grid(6, 5)
    wanted = [replace(e, residents=e.residents * (3.0 if e.geometry.centroid.x > 800.0 else 0.6))
              if e.kind == "population_cell" else e for e in entities]  # fmt: skip
    city = make.snapshot(wanted)
    base = solved(city, trip_rate=3.0, mean_trip_time_s=180.0)
    volume = city_volume(base.network, base.solution.volume)
    used = [key for key, flow in zip(city["link"].ids.tolist(), volume.tolist(), strict=True) if flow > 20.0]
    return entities, used, dict(zip(city["link"].ids.tolist(), volume.tolist(), strict=True))


@pytest.fixture(scope="module")
def fits(make, truth):
    entities, used, volume = truth
    city = with_counts(make, entities, used, [volume[key] for key in used])
    values = {"trip_rate": 3.0, "mean_trip_time_s": 180.0, "hold": 0.01}
    return city, {name: solved(city, calibration=name, **values) for name in ("none", "factor", "matrix")}


def test_the_matrix_meets_the_counts_of_a_known_city_where_one_factor_cannot(fits):
    _, by_name = fits
    factor, matrix = (by_name[name].fit.figures() for name in ("factor", "matrix"))
    assert factor["fit_median_geh"] > 2.0
    assert matrix["fit_median_geh"] < 0.5
    assert matrix["fit_r2"] > 0.99
    assert matrix["fit_share_geh_under_5"] == 1.0


def test_stations_left_out_of_the_fit_are_met_better_too(fits):
    _, by_name = fits
    factor, matrix = (by_name[name].fit.figures() for name in ("factor", "matrix"))
    assert matrix["held_out_stations"] >= 5
    assert matrix["held_out_rmse_vph"] < 0.5 * factor["held_out_rmse_vph"]


def test_without_a_fit_the_trips_stay_what_they_were(fits, truth):
    _, by_name = fits
    base = by_name["none"]
    assert np.array_equal(base.problem.demand, base.demand.trips)
    assert base.fit.agreement is None
    assert base.fit.figures() == {}
    assert not any("GEH" in note for note in base.notes)


def test_notes_tell_the_fit_its_test_and_how_far_the_matrix_moved(fits):
    _, by_name = fits
    notes = " ".join(by_name["matrix"].notes)
    for part in ("Demand is synthetic", "multiplied by", "Spiess", "left out of the fit", "Median GEH"):
        assert part in notes
    moved = by_name["matrix"].fit.figures()
    assert moved["matrix_mean_change"] > 0.0
    assert 0.0 < moved["matrix_correlation"] < 1.0


def test_the_fit_is_no_worse_for_being_asked_for_twice(fits):
    city, by_name = fits
    again = solved(city, calibration="matrix", trip_rate=3.0, mean_trip_time_s=180.0, hold=0.01)
    assert np.array_equal(again.problem.demand, by_name["matrix"].problem.demand)


def test_a_result_has_a_table_of_stations(fits):
    city, _ = fits
    result = finish(Congestion().run(city, baseline(), CongestionParams(trip_rate=3.0), 1))
    table = result.tables["counter"]
    assert list(table.columns) == [measure.name for measure in table.measures]
    assert len(table.ids) == result.diagnostics["fit_stations"] + result.diagnostics["held_out_stations"]
    assert set(table.columns["held_out"].tolist()) == {0.0, 1.0}


def test_figures_of_known_volumes():
    counted, found = np.array([100.0, 300.0, 200.0]), np.array([110.0, 290.0, 900.0])
    out = np.array([False, False, True])
    figures = Agreement(np.arange(3).astype(object), counted, counted, found, out).figures()
    assert figures["fit_rmse_vph"] == pytest.approx(10.0)
    assert figures["fit_r2"] == pytest.approx(1 - 200.0 / 20000.0)
    assert figures["before_median_geh"] == 0.0
    assert figures["held_out_median_geh"] == pytest.approx(np.sqrt(2 * 700**2 / 1100))
    assert figures["held_out_share_geh_under_5"] == 0.0


def test_one_in_so_many_stations_is_left_out_unless_too_few_are_left():
    assert np.flatnonzero(left_out(20, 5)).tolist() == [2, 7, 12, 17]
    assert not left_out(20, 0).any()
    assert not left_out(6, 5).any() or np.count_nonzero(~left_out(6, 5)) >= 5
    assert not left_out(5, 5).any()
    assert not left_out(30, 1).any()


@pytest.mark.parametrize("values", [{"calibration": "magic"}, {"hold": -1.0}, {"hold_out_every": -2}])
def test_nonsense_is_refused(values):
    with pytest.raises(ScenarioError):
        CongestionParams(**values)


def test_a_fit_can_be_cancelled_at_any_step(fits):
    city, _ = fits
    params = CongestionParams(trip_rate=3.0)
    task = make_baseline("key", city, params)
    steps = sum(1 for _ in make_baseline("key", city, params))
    for _ in range(steps // 2):
        next(task)
    task.close()
