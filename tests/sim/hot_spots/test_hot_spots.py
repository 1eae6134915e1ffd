"""Hot spots of a made-up city: those that were planted are found, nothing is found where nothing is, and nonsense is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import h3
import numpy as np
import pytest
import shapely

from sim.hot_spots import HotSpots, HotSpotsParams
from twin.errors import ScenarioError
from twin.geo import Projection
from twin.model.frame import Frame
from twin.model.scenario import baseline
from twin.model.snapshot import Snapshot
from twin.task import finish

SIDE_M, BLOCK_M = 3000.0, 150.0
PLANTED = np.array([[600.0, 600.0], [2400.0, 900.0], [1500.0, 2300.0]])
PROJECTION = Projection(10.0, 50.0)


def city(case_xy, codes="E0102", at="2026-03-01", *, roads=True):
    at = np.broadcast_to(np.array(at, dtype="datetime64[s]"), len(case_xy)).copy()
    codes = np.broadcast_to(np.array(codes, dtype=object), len(case_xy)).copy()
    ids = np.array([f"c{row:05d}" for row in range(len(case_xy))], dtype=object)
    cases = Frame("case", ids, {"class_code": codes, "reported_at": at}, np.asarray(shapely.points(case_xy), dtype=object))
    steps = np.arange(0.0, SIDE_M + 1, BLOCK_M) if roads else []
    lines = [shapely.LineString(ends) for step in steps for ends in (((0, step), (SIDE_M, step)), ((step, 0), (step, SIDE_M)))]
    names = np.array([f"l{row}" for row in range(len(lines))], dtype=object)
    links = Frame("link", names, {"reverse_id": np.full(len(lines), "", object)}, np.array(lines, dtype=object))
    return Snapshot("planted", 1, PROJECTION, {"case": cases, "link": links}, at=datetime(2026, 3, 2, tzinfo=UTC), synthetic=True)


def everywhere(rng, count):
    return np.round(rng.uniform(0, SIDE_M, (count, 2)) / BLOCK_M) * BLOCK_M


def found_in(snapshot, seed=1, **params):
    return finish(HotSpots().run(snapshot, baseline(), HotSpotsParams(**params), seed))


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(8)
    spots = np.concatenate([place + rng.normal(0, 60, (60, 2)) for place in PLANTED])
    return np.concatenate([everywhere(rng, 400), spots])


def test_spots_that_were_planted_are_found_with_the_cases_that_lie_in_them(planted):
    result = found_in(city(planted))
    table = result.tables["cell"]
    spot_of = dict(zip(table.ids.tolist(), table.columns["hot_spot"].tolist(), strict=True))
    at = [h3.latlng_to_cell(lat, lon, 10) for lon, lat in PROJECTION.to_lon_lat(PLANTED).tolist()]
    assert sorted(spot_of[cell] for cell in at) == [1.0, 2.0, 3.0]
    assert result.indicator("hot_spots").value == 3
    assert result.indicator("cases").value == len(planted)
    assert result.indicator("hot_case_share").value > 150 / len(planted)
    assert result.indicator("hot_area_share").value < 0.1
    held = [table.columns["cases"][table.columns["hot_spot"] == number].sum() for number in (1, 2, 3)]
    assert [table.columns["spot_cases"][table.columns["hot_spot"] == number][0] for number in (1, 2, 3)] == held
    assert held == sorted(held, reverse=True)


def test_cases_spread_by_chance_make_no_hot_spot():
    counts = [found_in(city(everywhere(np.random.default_rng(seed), 500))).indicator("hot_spots").value for seed in range(5)]
    assert sum(count > 0 for count in counts) <= 2


def test_the_order_of_the_cases_is_nothing_and_the_seed_only_deals(planted):
    one, two = found_in(city(planted)), found_in(city(planted[::-1]))
    assert one.input_hash == two.input_hash
    assert all(
        one.tables["cell"].columns[name].tobytes() == column.tobytes() for name, column in two.tables["cell"].columns.items()
    )
    other = found_in(city(planted), seed=2)
    assert other.tables["cell"].columns["gi_star"].tobytes() == one.tables["cell"].columns["gi_star"].tobytes()
    assert other.indicator("hot_spots").value == 3


def test_only_the_classes_and_days_that_were_asked_for_count(planted):
    codes = np.where(np.arange(len(planted)) % 2 == 0, "E0102", "E0501")
    at = np.where(np.arange(len(planted)) % 4 == 0, np.datetime64("2026-03-01"), np.datetime64("2026-01-01"))
    snapshot = city(planted, codes, at)
    whole = len(planted)
    assert found_in(snapshot, classes="").indicator("cases").value == whole
    assert found_in(snapshot, classes="e0102").indicator("cases").value == whole / 2
    assert found_in(snapshot, classes="E0102", days=30.0).indicator("cases").value == whole / 4


@pytest.mark.parametrize(
    ("snapshot", "params", "said"),
    [
        (lambda xy: city(xy[:0]), {}, "no case of E0102"),
        (lambda xy: city(xy, "E0501"), {}, "no case of E0102"),
        (lambda xy: city(xy, at="NaT"), {"classes": ""}, "a place and a time"),
        (lambda xy: city(np.zeros((3, 2)), roads=False), {}, "in 1 cells"),
    ],
)
def test_what_cannot_be_told_is_said(planted, snapshot, params, said):
    with pytest.raises(ScenarioError, match=said):
        found_in(snapshot(planted), **params)


def test_cases_alone_do_without_roads(planted):
    assert found_in(city(planted, roads=False)).indicator("hot_cells").value >= 0


@pytest.mark.parametrize(
    "params",
    [{"classes": "E9999"}, {"days": 0.0}, {"days": float("nan")}, {"resolution": 12}, {"ring": 0}, {"false_discovery": 1.0}],
)
def test_nonsense_is_refused_at_birth(params):
    with pytest.raises(ScenarioError):
        HotSpotsParams(**params)
