"""Trips of a scenario, on four zones in a row."""

from __future__ import annotations

import numpy as np
import pytest

from sim.travel.edited_demand import edited_demand
from sim.travel.zones import Zones
from twin.errors import ScenarioError
from twin.model.edits import AddEvent, CloseLinks, ScaleDemand, SetZoneDemand
from twin.model.scenario import Scenario

NONE = np.empty(0, np.int64)
XY = np.array([[0.0, 0.0], [1000.0, 0.0], [2000.0, 0.0], [3000.0, 0.0]])
ZONES = Zones(("a", "b", "c", "d"), XY, NONE, NONE, np.empty(0), np.empty(0, np.int8), XY, np.arange(4))
TRIPS = np.array([[0.0, 10, 20, 30], [5, 0, 5, 0], [0, 0, 0, 40], [1, 2, 3, 0]])


def edited(*edits, trips=TRIPS):
    return edited_demand(trips, ZONES, Scenario(id="s", name="s", edits=edits))


def test_without_an_edit_of_demand_the_trips_are_the_same_object():
    assert edited(CloseLinks(target_ids=("x",))).trips is TRIPS


def test_trips_are_scaled_everywhere_or_where_they_touch_an_area():
    np.testing.assert_array_equal(edited(ScaleDemand(factor=2.0)).trips, 2 * TRIPS)
    around = edited(ScaleDemand(factor=2.0, x_m=1000.0, radius_m=100.0)).trips
    touched = np.zeros((4, 4), bool)
    touched[1], touched[:, 1] = True, True
    np.testing.assert_array_equal(around, np.where(touched, 2 * TRIPS, TRIPS))


def test_an_area_gets_its_number_of_trips_in_the_same_proportions():
    leave = edited(SetZoneDemand(trips_vph=120.0, radius_m=100.0)).trips
    np.testing.assert_allclose(leave[0], [0, 20, 40, 60])
    np.testing.assert_array_equal(leave[1:], TRIPS[1:])
    arrive = edited(SetZoneDemand(trips_vph=140.0, end="arrive", x_m=3000.0, radius_m=100.0)).trips
    np.testing.assert_allclose(arrive[:, 3], [60, 0, 80, 0])
    np.testing.assert_array_equal(arrive[:, :3], TRIPS[:, :3])
    np.testing.assert_allclose(edited(SetZoneDemand(trips_vph=0.0, radius_m=100.0)).trips[0], 0.0)


def test_an_area_without_trips_sends_them_where_everybody_goes():
    trips = TRIPS.copy()
    trips[1] = 0.0
    made = edited(SetZoneDemand(trips_vph=60.0, x_m=1000.0, radius_m=100.0), trips=trips).trips
    toward = trips.sum(axis=0) * [1, 0, 1, 1]
    np.testing.assert_allclose(made[1], 60.0 * toward / toward.sum())


def test_the_nearest_zone_is_the_area_where_no_centre_is_within_the_radius():
    np.testing.assert_allclose(edited(SetZoneDemand(trips_vph=6.0, x_m=9e3, radius_m=1.0)).trips[3], TRIPS[3])


@pytest.mark.parametrize(("spread_s", "in_the_hour"), [(1800.0, 900.0), (3600.0, 900.0), (7200.0, 450.0)])
def test_trips_to_an_event_come_from_every_zone_as_trips_begin_there(spread_s, in_the_hour):
    made = edited(AddEvent(trips=900.0, x_m=2100.0, spread_s=spread_s))
    begins = TRIPS.sum(axis=1) * [1, 1, 0, 1]
    np.testing.assert_allclose(made.to_events[:, 2], in_the_hour * begins / begins.sum())
    assert made.to_events.sum() == pytest.approx(in_the_hour)
    np.testing.assert_allclose(made.trips - made.to_events, TRIPS)
    assert made.notes[0].startswith(f"{in_the_hour:.0f} trips per hour come to the event at 19:00")


@pytest.mark.parametrize("edit", [AddEvent(x_m=1e6), SetZoneDemand(y_m=-2e5), ScaleDemand(x_m=1e6, radius_m=10.0)])
def test_a_place_outside_the_city_is_refused_with_its_distance(edit):
    with pytest.raises(ScenarioError, match=r"is \d+ km from the nearest zone"):
        edited(edit)


def test_edits_follow_each_other_and_events_come_last():
    made = edited(AddEvent(trips=100.0), ScaleDemand(factor=3.0))
    assert made.to_events.sum() == pytest.approx(100.0)
    np.testing.assert_allclose(made.trips - made.to_events, 3 * TRIPS)


def test_who_comes_to_an_event_parks_within_a_walk():
    made = edited(AddEvent(trips=600.0, x_m=1500.0, spread_s=3600.0))
    np.testing.assert_allclose(made.to_events.sum(axis=0), [0.0, 300.0, 300.0, 0.0])


def test_a_city_where_nobody_drives_still_comes_to_an_event():
    made = edited(AddEvent(trips=90.0), trips=np.zeros((4, 4)))
    np.testing.assert_allclose(made.trips[:, 0], [0, 30, 30, 30])
