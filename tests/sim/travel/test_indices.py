"""Each family of indices against the printed tables, and none of them without its name."""

from __future__ import annotations

import numpy as np
import pytest

from sim.congestion.params import INDEX_FAMILIES
from sim.travel import db11t785, delay_index
from sim.travel.indices import FAMILIES, family_named
from sim.travel.traffic import JAM_SPACING_M, Areas, Traffic, whole_city
from twin.codes import delay_index_bands, severe_share_index, speed_grades
from twin.model.grade import LABELS
from twin.model.network import ROAD_CLASS_NAMES


def traffic(
    speed_kmh, road_class, *, free_kmh=60.0, volume=100.0, length=1000.0, wait=0.0, closed=False, capacity=1000.0, lanes=1.0
):
    speed = np.atleast_1d(np.asarray(speed_kmh, float)) / 3.6
    n = len(speed)

    def column(value):
        return np.broadcast_to(np.asarray(value, float), n).copy()

    classes = np.empty(n, object)
    classes[:] = road_class
    wait_s = column(wait)
    return Traffic(
        column(volume),
        column(capacity),
        column(lanes),
        column(length),
        column(length) / speed + wait_s,
        column(length) / (column(free_kmh) / 3.6) + wait_s,
        wait_s,
        classes,
        np.broadcast_to(np.asarray(closed), n).copy(),
    )


def test_the_families_of_the_form_are_those_there_are():
    assert tuple(family.name for family in FAMILIES) == INDEX_FAMILIES


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_number_names_its_family_and_shares_no_name_with_another(family):
    word = {"GB/T_33171": "GB/T 33171", "DB11/T_785": "DB11/T 785", "delay_index": "elay index"}[family.name]
    said = (*family.link_measures, *family.area_measures, *family.of_network(traffic([30.0], "primary")))
    for item in said:
        assert word in item.label
        assert word in item.definition
    others = {item.name for other in FAMILIES if other is not family for item in (*other.link_measures, *other.area_measures)}
    assert not others & {item.name for item in said}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_columns_are_those_that_are_described(family):
    city = traffic([10.0, 30.0, 60.0], "primary")
    assert list(family.of_links(city)) == [item.name for item in family.link_measures]
    areas = Areas(2, np.array([0, 1, 1]), np.arange(3), np.ones(3))
    assert list(family.of_areas(city, areas)) == [item.name for item in family.area_measures]
    assert all(np.isfinite(column).all() for column in family.of_areas(city, areas).values())


# DB11/T 785-2011, the printed table: a grade begins above its bound (km/h).
@pytest.mark.parametrize(
    ("road_class", "bounds"),
    [("motorway", (65, 50, 35, 20)), ("trunk", (65, 50, 35, 20)), ("primary", (40, 30, 20, 15))]
    + [(name, (35, 25, 15, 10)) for name in ("secondary", "tertiary", "residential", "service")],
)
def test_the_speed_table_of_beijing(road_class, bounds):
    family = family_named("DB11/T_785")
    for grade, bound in enumerate(bounds):
        above, on = family.of_links(traffic([bound + 0.01, bound], road_class, free_kmh=100))["grade_db11t785"]
        assert (above, on) == (grade, grade + 1)


def test_every_road_class_has_its_speeds():
    named = [name for table in speed_grades().values() for name in table.road_classes]
    assert sorted(named) == sorted(ROAD_CLASS_NAMES)
    assert all(len(table.bounds_mps) == 4 for table in speed_grades().values())


@pytest.mark.parametrize(
    ("share", "tpi"), [(0.0, 0), (0.025, 1), (0.05, 2), (0.08, 4), (0.11, 6), (0.14, 8), (0.19, 9), (0.24, 10), (1, 10)]
)
def test_the_index_of_beijing_by_the_share_of_severe_congestion(share, tpi):
    assert db11t785.tpi_of_share(np.array([share]))[0] == pytest.approx(tpi)
    assert severe_share_index()[0] == (0.0, 0.0)


def test_classes_of_road_are_weighted_by_what_is_driven_on_them():
    # Half of the primary roads is severely congested, no street is; three quarters of the driving is on primary roads.
    city = traffic([10, 50, 30], ["primary", "primary", "residential"], volume=[150, 150, 100])
    columns = family_named("DB11/T_785").of_areas(city, whole_city(3))
    assert columns["severe_share_db11t785"][0] == pytest.approx(0.75 * 0.5)
    assert columns["tpi_db11t785"][0] == 10.0
    assert columns["grade_db11t785"][0] == 4.0


def test_where_nobody_drives_length_is_the_weight_and_closed_roads_count_for_nothing():
    city = traffic([10, 50, 10], "primary", volume=0.0, length=[1000, 3000, 9000], closed=[False, False, True])
    assert family_named("DB11/T_785").of_areas(city, whole_city(3))["severe_share_db11t785"][0] == pytest.approx(0.25)


def test_the_wait_at_a_signal_does_not_make_an_empty_street_severely_congested():
    assert family_named("DB11/T_785").of_links(traffic([36], "residential", length=50, wait=30))["grade_db11t785"][0] == 0.0


def test_the_delay_index_is_the_ratio_of_times_and_its_bands_are_data():
    assert delay_index_bands() == (1.5, 2.0, 4.0)
    assert delay_index.class_of(np.array([1.0, 1.49, 1.5, 1.99, 2.0, 3.99, 4.0, 9.0])).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    columns = family_named("delay_index").of_areas(traffic([30, 60], "primary", volume=[300, 100]), whole_city(2))
    assert columns["delay_index"][0] == pytest.approx((300 * 120 + 100 * 60) / (400 * 60))
    assert set(LABELS[family_named("delay_index").link_measures[1].unit]) == {0, 1, 2, 3}


def test_the_three_families_tell_one_speed_by_their_own_scales():
    # Half of the free speed of 60 km/h: TPI 4.0, DTP 0.5 and delay index 2.0 are one delay in three tongues.
    city = traffic([30], "primary")
    national = {item.name: item.value for item in family_named("GB/T_33171").of_network(city)}
    assert (national["network_tpi"], national["network_dtp"], national["network_tti"]) == pytest.approx((4.0, 0.5, 2.0))
    assert family_named("delay_index").of_network(city)[0].value == pytest.approx(2.0)
    assert family_named("DB11/T_785").of_links(city)["grade_db11t785"][0] == 2.0  # 20-30 km/h on an arterial


@pytest.mark.parametrize(("volume", "queue"), [(0, 0), (1000, 0), (1001, 1), (1600, 600)])
def test_the_queue_after_an_hour_is_what_came_beyond_capacity(volume, queue):
    city = traffic([30], "primary", volume=volume, lanes=2.0)
    assert city.queue_veh[0] == pytest.approx(queue)
    assert city.queue_m[0] == pytest.approx(queue * JAM_SPACING_M / 2)
