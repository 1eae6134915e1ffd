from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from sim.congestion import Congestion, CongestionParams
from sim.travel.counts import geh, geh_bound, peak_counts
from sim.travel.network import make_network
from twin.model.network import Counter
from twin.model.scenario import baseline
from twin.task import finish

STREETS = ("n1-1>n2-1", "n2-2>n3-2", "n1-2>n1-3", "n3-1>n3-2", "n2-3>n3-3", "n0-1>n1-1")


def counted(make, volume=400.0, directions=("1", "2"), days=("2024-03-05",), matched=True):
    entities = make.grid(5, 5)
    links = {entity.id: entity for entity in entities if entity.kind == "link"}
    entities += [
        Counter(id=f"c{i}", link_id=key if matched else "", geometry=links[key].geometry.interpolate(0.5, normalized=True))
        for i, key in enumerate(STREETS)
    ]
    rows = [
        {
            "subject_id": f"c{i}",
            "at": np.datetime64(f"{day}T{hour:02}:00:00", "s"),
            "duration_s": 3600.0,
            "direction": direction,
            "total": volume if hour == 7 else volume / 4,
        }
        for i in range(len(STREETS))
        for day in days
        for hour in (3, 7, 12)
        for direction in directions
    ]
    return make.snapshot(entities, rows)


def counts_of(city):
    return peak_counts(city, finish(make_network(city, CongestionParams())), 7)


def modelled(counts, volume):
    """What the stations would count of volumes on the city's links."""
    return np.append(volume, 0.0)[counts.links].sum(axis=1)


def test_geh_of_known_pairs():
    # sqrt(2 * 100^2 / 1900) = 3.244
    assert geh(np.array([1000.0, 0.0]), np.array([900.0, 0.0])) == pytest.approx([3.2444, 0.0], abs=1e-4)


def test_between_the_bounds_geh_is_good():
    counted = np.array([0.0, 50.0, 1000.0])
    low, high = geh_bound(counted, 5.0)
    assert geh(high, counted) == pytest.approx([5.0, 5.0, 5.0])
    assert geh(low, counted)[1:] == pytest.approx([5.0, 5.0])


def test_both_directions_of_a_station_are_added_in_the_busiest_hour(make):
    counts = counts_of(counted(make))
    assert counts.volume_vph.tolist() == [800.0] * 6
    assert np.all(counts.links >= 0)


def test_a_station_of_one_direction_counts_its_link_alone(make):
    counts = counts_of(counted(make, directions=("N",)))
    assert counts.volume_vph.tolist() == [400.0] * 6
    assert np.all(counts.links[:, 1] == -1)


def test_a_station_without_a_link_finds_the_nearest_road(make):
    city = counted(make, matched=False)
    found = city["link"].ids[counts_of(city).links]
    assert [set(pair) for pair in found.tolist()] == [{key, ">".join(reversed(key.split(">")))} for key in STREETS]


def test_of_the_roads_in_reach_one_of_the_stations_name_is_taken(make):
    entities = make.grid(5, 5)
    links = {entity.id: entity for entity in entities if entity.kind == "link"}
    named = [replace(entity, name="Ring") if entity.id in ("n1-1>n1-2", "n1-2>n1-1") else entity for entity in entities]
    beside = shapely.Point(310.0, 301.0)  # 1 m from n1-1>n2-1, 10 m from the ring
    rows = [
        {"subject_id": f"c{i}", "at": np.datetime64("2024-03-05T07", "s"), "duration_s": 3600.0, "direction": "", "total": 100.0}
        for i in range(6)
    ]
    others = [Counter(id=f"c{i}", link_id=key, geometry=links[key].geometry.interpolate(1.0)) for i, key in enumerate(STREETS)][
        1:
    ]
    for name, wanted in (("RING", {"n1-1>n1-2", "n1-2>n1-1"}), ("", {"n1-1>n2-1", "n2-1>n1-1"})):
        city = make.snapshot([*named, Counter(id="c0", name=name, geometry=beside), *others], rows)
        assert set(city["link"].ids[counts_of(city).links[0]].tolist()) == wanted


def test_quarters_of_an_hour_make_an_hour(make):
    city = counted(make)
    rows = [
        {"subject_id": f"c{i}", "at": np.datetime64(f"2024-03-05T07:{15 * k:02}", "s"), "duration_s": 900.0, "direction": d, "total": 100.0 + k}
        for i in range(6) for k in range(4) for d in "12"
    ]  # fmt: skip
    quarters = make.snapshot(make.grid(5, 5), rows)
    quarters = quarters.with_frame(city["counter"])
    assert counts_of(quarters).volume_vph.tolist() == [2 * 406.0] * 6


def test_two_carriageways_are_counted_together(make):
    lonely = [replace(entity, reverse_id="") if entity.kind == "link" else entity for entity in make.grid(5, 5)]
    city = counted(make)
    apart = make.snapshot(lonely).with_frame(city["counter"])
    apart = replace(apart, histories=city.histories)
    found = apart["link"].ids[counts_of(apart).links]
    assert [set(pair) for pair in found.tolist()] == [{key, ">".join(reversed(key.split(">")))} for key in STREETS]


def test_working_days_are_taken_where_a_week_was_counted(make):
    week = [f"2024-03-{day:02}" for day in range(4, 11)]
    assert counts_of(counted(make, days=week)).volume_vph.tolist() == [800.0] * 6
    # A Sunday alone is better than nothing.
    assert counts_of(counted(make, days=("2024-03-10",))).volume_vph.tolist() == [800.0] * 6


def test_too_few_stations_are_no_base(make):
    assert counts_of(make.snapshot(make.grid(5, 5))) is None


def test_demand_is_fitted_to_the_counts_and_the_result_says_so(make):
    city = counted(make, volume=150.0)
    result = finish(Congestion().run(city, baseline(), CongestionParams(calibration="factor", hold_out_every=0), 1))
    table = result.tables["link"]
    volume = table.columns["volume_vph"]
    counts = counts_of(city)
    assert np.median(counts.volume_vph / modelled(counts, volume)) == pytest.approx(1.0, rel=0.05)
    assert any("6 stations" in note for note in result.notes)
    assert any("GEH" in note for note in result.notes)
    assert result.tables["counter"].columns["modelled_vph"] == pytest.approx(modelled(counts, volume), rel=0.01)
