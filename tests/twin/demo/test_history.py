"""Bins fill and are emptied, traffic has peaks, cases go through their stages in order."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from twin.codes import case_classes, case_standards
from twin.demo.fill import HABITS
from twin.demo.plan import LOCAL_OFFSET_S, NOW


@pytest.fixture(scope="module")
def readings(city):
    return city.histories["fill_reading"]


def daily_increments(city, readings, kind):
    """Return rises from one morning's reading to the next, of bins of a kind that were not emptied between."""
    of_kind = {item.id for item in city.of_kind("bin") if item.waste_kind == kind}
    mine = np.array([key in of_kind for key in readings["subject_id"]])
    at = readings["at"].astype(np.int64)
    level, emptied, subject = readings["fill_level"], readings["emptied"], readings["subject_id"]
    same = (subject[1:] == subject[:-1]) & ~emptied[:-1] & ~emptied[1:] & (at[1:] - at[:-1] == 86_400) & mine[1:]
    uncensored = same & (level[:-1] < 0.9)
    return (level[1:] - level[:-1])[uncensored]


def test_thirty_days_in_order(readings):
    at = readings["at"].astype(np.int64)
    assert 29 <= (at.max() - at.min()) / 86_400 <= 30
    later = np.diff(at) > 0
    assert (later | (readings["subject_id"][1:] != readings["subject_id"][:-1])).all()
    assert len(at) > 300_000
    assert readings["fill_level"].min() >= 0
    assert readings["fill_level"].max() <= 1.5


@pytest.mark.parametrize("kind", list(HABITS))
def test_mean_increment_is_that_of_the_kind(city, readings, kind):
    rises = daily_increments(city, readings, kind)
    assert rises.mean() == pytest.approx(HABITS[kind].mean, rel=0.35)


@pytest.mark.parametrize("kind", list(HABITS))
def test_share_of_days_with_nothing_is_that_of_the_kind(city, readings, kind):
    rises = daily_increments(city, readings, kind)
    assert np.mean(rises < 0.035) == pytest.approx(HABITS[kind].zero_share, abs=0.2)


@pytest.mark.parametrize("kind", list(HABITS))
def test_bins_are_emptied_about_as_often_as_their_rounds_come(city, readings, kind):
    ids = [item.id for item in city.of_kind("bin") if item.waste_kind == kind]
    times = Counter(readings["subject_id"][readings["emptied"]].tolist())
    mean = np.mean([times[key] for key in ids])
    assert 0.4 * 30 / HABITS[kind].period_days < mean < 1.25 * 30 / HABITS[kind].period_days


def test_an_emptied_bin_is_nearly_empty_the_next_morning(readings):
    emptied = np.flatnonzero(readings["emptied"][:-1])
    following = emptied[readings["subject_id"][emptied] == readings["subject_id"][emptied + 1]] + 1
    assert np.median(readings["fill_level"][following]) < 0.25


def test_some_overflow_and_some_sensors_are_dead(city, readings):
    assert 0.01 < np.mean(readings["fill_level"] >= 1.0) < 0.12
    silent = [b for b in city.of_kind("bin") if b.fill_observed_at is None or b.fill_observed_at < NOW - timedelta(days=2)]
    assert 50 < len(silent) < 500


def test_bins_carry_their_newest_reading(city, readings):
    last = {key: row for row, key in enumerate(readings["subject_id"].tolist())}
    for item in city.of_kind("bin")[::97]:
        if item.id in last:
            row = last[item.id]
            expected = 0.0 if readings["emptied"][row] else readings["fill_level"][row]
            assert item.fill_level == pytest.approx(expected)


def test_counts_have_two_peaks_on_work_days(city):
    counts = city.histories["traffic_count"]
    local = counts["at"].astype(np.int64) + LOCAL_OFFSET_S
    hour, weekday = local // 3600 % 24, (local // 86_400 + 3) % 7
    work = weekday < 5
    by_hour = np.array([counts["total"][work & (hour == h)].mean() for h in range(24)])
    assert by_hour[8] > 1.25 * by_hour[11]
    assert by_hour[17] > 1.25 * by_hour[14]
    assert by_hour[3] < 0.2 * by_hour[8]
    assert len(set(counts["subject_id"].tolist())) == len(city.of_kind("counter"))
    assert len(set(zip(counts["subject_id"].tolist(), counts["direction"].tolist(), strict=True))) == 2 * len(
        city.of_kind("counter")
    )
    np.testing.assert_array_equal(counts["cars"] + counts["vans"] + counts["trucks"] + counts["buses"], counts["total"])


def test_evenings_go_the_other_way(city):
    counts = city.histories["traffic_count"]
    local = counts["at"].astype(np.int64) + LOCAL_OFFSET_S
    hour, work = local // 3600 % 24, (local // 86_400 + 3) % 7 < 5
    balance = []
    for counter in city.of_kind("counter"):
        mine = (counts["subject_id"] == counter.id) & work
        one, two = sorted(set(counts["direction"][mine].tolist()))
        total = {
            (way, h): counts["total"][mine & (counts["direction"] == way) & (hour == h)].mean()
            for way in (one, two)
            for h in (8, 18)
        }
        balance.append((total[one, 8] - total[two, 8], total[one, 18] - total[two, 18]))
    assert np.corrcoef(np.array(balance).T)[0, 1] < -0.8


def test_counts_stay_within_capacity(city):
    links = {link.id: link for link in city.of_kind("link")}
    capacity = {counter.id: links[counter.link_id].capacity_vph for counter in city.of_kind("counter")}
    counts = city.histories["traffic_count"]
    share = counts["total"] / np.array([capacity[key] for key in counts["subject_id"]])
    assert 0.7 < share.max() <= 1.35


def test_cases_go_through_their_stages_in_order(city):
    for case in city.of_kind("case"):
        assert case.reported_at < case.due_at
        assert (case.closed_at is not None) == (case.stage in {"closed", "rejected"})
        assert case.closed_at is None or case.reported_at <= case.closed_at <= NOW


def test_cases_are_of_known_classes_with_their_department(city):
    classes, standards = case_classes(), case_standards()
    for case in city.of_kind("case"):
        assert classes[case.class_code].en in case.description
        assert standards[case.class_code].department_en in case.department


def test_cases_follow_the_week_and_some_are_late(city):
    cases = city.of_kind("case")
    local = [case.reported_at + timedelta(seconds=LOCAL_OFFSET_S) for case in cases]
    per_weekday = np.bincount([at.weekday() for at in local], minlength=7)
    assert per_weekday[5:].mean() < 0.85 * per_weekday[:5].mean()
    night = np.mean([at.hour < 6 for at in local])
    assert night < 0.03
    late = np.mean([(case.closed_at or NOW) > case.due_at for case in cases if case.stage != "rejected"])
    assert 0.05 < late < 0.25
    stages = Counter(case.stage for case in cases)
    assert stages["closed"] > 0.8 * len(cases)
    assert len(stages) >= 5


def test_some_incidents_are_going_on(city):
    incidents = city.of_kind("incident")
    assert sum(item.ended_at is None for item in incidents) >= 1
    assert Counter(item.category for item in incidents)["road_accident"] > 60
    assert all(item.ended_at is None or item.ended_at > item.occurred_at for item in incidents)
