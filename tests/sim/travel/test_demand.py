from __future__ import annotations

import numpy as np
import pytest

from sim.congestion import CongestionParams
from sim.travel.baseline import make_baseline
from sim.travel.profile import CARS
from twin.errors import ScenarioError
from twin.task import finish


def solved(city, **values):
    return finish(make_baseline("key", city, CongestionParams(calibration="none", **values)))


def test_trips_are_residents_times_rate_and_share_in_the_busiest_hour(make):
    city = make.snapshot(make.grid(5, 4))
    residents = city["population_cell"]["residents"].sum()
    base = solved(city, trip_rate=0.8, car_share=0.5)
    total = base.demand.trips.sum() + base.demand.within_zones
    assert total == pytest.approx(0.4 * residents)
    assert base.demand.hour == CARS.peak_hour


def test_another_hour_has_its_share_of_trips_and_leads_the_other_way(make):
    city = make.snapshot(make.grid(5, 4))
    evening, morning, night = (solved(city, peak_hour=hour) for hour in (16, 8, 3))

    def total(base):
        return base.demand.trips.sum() + base.demand.within_zones

    assert total(night) / total(evening) == pytest.approx(CARS.shares[3] / CARS.shares[16])
    assert morning.demand.generation.production == pytest.approx(
        evening.demand.generation.attraction * total(morning) / total(evening), rel=0.2
    )


def test_radiation_needs_no_mean_trip_time(make):
    city = make.snapshot(make.grid(5, 4))
    one, two = (solved(city, distribution="radiation", mean_trip_time_s=t) for t in (100.0, 3000.0))
    assert np.array_equal(one.demand.trips, two.demand.trips)
    assert one.demand.beta_per_s == 0.0
    assert "radiation model" in one.notes[0]


def test_feedback_takes_trips_from_congested_pairs(make):
    city = make.snapshot(make.grid(6, 5, capacity_vph=150.0))
    values = {"trip_rate": 3.0, "mean_trip_time_s": 120.0}
    without, after = solved(city, **values), solved(city, feedback_rounds=4, **values)
    assert after.solution.total_time < without.solution.total_time
    assert after.problem.demand.sum() + 1e-6 >= 0.9 * without.problem.demand.sum()
    assert any("in 4 rounds" in note for note in after.notes)


def test_feedback_settles(make):
    city = make.snapshot(make.grid(5, 4, capacity_vph=150.0))
    notes = [solved(city, trip_rate=2.0, mean_trip_time_s=120.0, feedback_rounds=n).notes[1] for n in (1, 3, 8)]
    moved = [float(note.rsplit("moved ", 1)[1].split(" %")[0]) for note in notes]
    assert moved[2] <= moved[1] <= moved[0]
    assert moved[2] < 1.0


def test_nobody_at_home_is_named(make):
    with pytest.raises(ScenarioError, match="Nobody makes a trip"):
        solved(make.snapshot(make.grid(3, 3)), car_share=0.0)
