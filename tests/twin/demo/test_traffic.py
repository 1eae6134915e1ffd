"""The demo city's traffic: full, but not stuck; and its accident, which shows on its own street and then is gone."""

from __future__ import annotations

import numpy as np
import pytest

from sim.congestion import Congestion, CongestionParams
from sim.queues import Queues
from sim.travel.kept import KeptCity
from twin.model.moments import difference
from twin.model.scenario import baseline
from twin.store import Store
from twin.task import finish


@pytest.fixture(scope="module")
def kept():
    return KeptCity()


@pytest.fixture(scope="module")
def city(workspace):
    with Store.open(workspace, writable=False) as store:
        return store.snapshot(Queues.kinds, histories=Queues.histories), store.scenario("accident")


@pytest.fixture(scope="module")
def days(kept, city):
    """The ordinary morning and that with the accident."""
    snapshot, accident = city
    queues = Queues(kept)
    params = queues.params_for(baseline(), accident)
    return [finish(queues.run(snapshot, scenario, params, 1)) for scenario in (baseline(), accident)]


def test_the_morning_peak_fills_main_roads_and_jams_few(kept, city):
    snapshot, _ = city
    result = finish(Congestion(kept).run(snapshot, baseline(), CongestionParams(), 1))
    links = snapshot["link"]
    is_main = np.isin(links["road_class"].astype(str), ("motorway", "trunk", "primary"))
    used = (result.tables["link"].columns["volume_vph"] / links["capacity_vph"])[is_main]
    assert 0.25 < np.median(used) < 0.6
    assert 0.0 < (used > 1.0).mean() < 0.05


def test_everybody_arrives_and_no_ring_of_streets_is_stuck(days):
    for day in days:
        arrived = 1.0 - day.indicator("not_arrived").value / day.indicator("vehicles").value
        assert arrived > 0.999
        assert day.indicator("gridlocks").value == 0.0
    assert 600.0 < days[0].indicator("total_delay").value < 2500.0


def test_the_queue_of_the_accident_grows_and_goes_and_shows_where_it_is(days, city):
    snapshot, accident = city
    links, (hit,) = snapshot["link"], accident.edits[0].target_ids
    course = difference(*(day.series["link"] for day in days))
    change = course.columns["queue_m_difference"]
    is_near = np.hypot(*(links.xy - links.xy[links.row_of[hit]]).T) < 1500.0
    near_m, far_m = change[:, is_near].sum(axis=1), np.abs(change[:, ~is_near]).sum(axis=1)
    hour = course.t_s / 3600.0
    assert not change[hour < 7.99].any()
    assert near_m[hour < 8.5].max() > 300.0
    assert near_m[hour >= 9.25].max() < 50.0
    meanwhile = (hour >= 8.0) & (hour < 8.5)
    assert far_m[meanwhile].sum() < 0.25 * near_m[meanwhile].sum()
