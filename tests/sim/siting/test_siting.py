"""New bins in a made-up town: the walk gets shorter, the numbers add up, and what cannot be told is said."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from sim.kernels import _village
from sim.siting import BinSiting, BinSitingParams
from sim.siting.params import GOALS
from twin.errors import ScenarioError
from twin.model.edits import MoveBins
from twin.model.scenario import Scenario, baseline
from twin.task import finish


@pytest.fixture(scope="module")
def village():
    return _village()


def run(city, scenario=None, seed=1, **params):
    return finish(BinSiting().run(city, scenario or baseline(), BinSitingParams(**params), seed))


def without(city, kind):
    return city.with_frame(city[kind].take(np.empty(0, np.intp)))


@pytest.mark.parametrize("goal", GOALS)
def test_people_walk_less_and_the_tables_say_the_same_as_the_indicators(village, goal):
    bare = village.with_frame(village["bin"].take(np.array([0])))
    result = run(bare, goal=goal, new_bins=5, walk_m=150.0)
    value = {item.name: item.value for item in result.indicators}
    assert value["walk_m"] < value["walk_before_m"]
    assert value["reach"] > value["reach_before"]
    assert 0.0 <= value["bound_gap"] < 0.2
    step, new = result.tables["step"].columns, result.tables["new_bin"]
    assert len(new.ids) == value["new_bins"] == 5
    assert step["step_walk_m"][-1] == pytest.approx(value["walk_m"])
    assert step["step_share"][-1] == pytest.approx(value["reach"])
    cell = result.tables["cell"].columns
    people = cell["cell_residents"]
    assert people @ cell["walk_after_m"] / people.sum() == pytest.approx(value["walk_m"])
    assert people.sum() == pytest.approx(village["population_cell"]["residents"].sum())
    assert cell["walk_saved_m"] == pytest.approx(cell["walk_before_m"] - cell["walk_after_m"])
    assert (cell["walk_saved_m"] >= 0.0).all()
    assert cell["walk_saved_m"].max() > 0.0
    assert new.geometry is not None
    assert len(new.geometry) == 5


def test_gains_get_less_from_bin_to_bin(village):
    saved = run(without(village, "bin"), new_bins=8).tables["step"].columns["saved_m"]
    assert (saved > 0).all()
    assert (np.diff(saved) <= 1e-9).all()


def test_load_fills_the_bin_and_asks_for_more(village):
    result = run(without(village, "bin"), new_bins=1, litres=1.0, capacity_l=100.0, every_days=1.0)
    new = result.tables["new_bin"].columns
    residents = village["population_cell"]["residents"].sum()
    assert new["load_l"][0] == pytest.approx(residents)
    assert new["full_days"][0] == pytest.approx(100.0 / residents)
    assert new["bins_needed"][0] == np.ceil(residents / 100.0)
    assert result.indicator("overflowing").value == 1
    assert any("No bin of this kind" in note for note in result.notes)


def test_the_seed_is_nothing_and_an_edit_of_bins_counts(village):
    bare = village.with_frame(village["bin"].take(np.array([0])))
    one, two = run(bare), run(bare, seed=2)
    for name, table in one.tables.items():
        assert all(two.tables[name].columns[key].tobytes() == column.tobytes() for key, column in table.columns.items())
    moved = Scenario(id="m", name="m", edits=(MoveBins(target_ids=("b0-0",), dx_m=5000.0),))
    assert run(bare, moved).indicator("walk_before_m").value > one.indicator("walk_before_m").value


def test_what_brings_nothing_is_left_out_and_said(village):
    result = run(village, goal=GOALS[1], walk_m=5000.0)
    assert result.indicator("new_bins").value == 0
    assert any(note.startswith("Only 0 of 10") for note in result.notes)
    assert len(result.tables["step"].ids) == 0


@pytest.mark.parametrize(
    ("kind", "params", "said"),
    [
        ("population_cell", {}, "no residents"),
        ("link", {}, "no streets"),
        ("", {"spacing_m": 1000.0, "new_bins": 500}, "500 new bins"),
    ],
)
def test_what_cannot_be_told_is_said(village, kind, params, said):
    with pytest.raises(ScenarioError, match=said):
        run(without(village, kind) if kind else village, **params)


def test_roads_where_nobody_walks_have_no_place(village):
    links = village["link"]
    fast = links.with_values(links.ids, {"road_class": "motorway"})
    with pytest.raises(ScenarioError, match="no streets"):
        run(replace(village, frames={**village.frames, "link": fast}))


@pytest.mark.parametrize(
    "params",
    [{"new_bins": 0}, {"new_bins": 1001}, {"walk_m": float("nan")}, {"detour": 0.5}, {"goal": "x"}, {"waste_kind": "x"},
     {"spacing_m": 0.0}, {"litres": -1.0}, {"capacity_l": 0.0}, {"every_days": 0.0}, {"farthest_m": float("inf")}],
)  # fmt: skip
def test_nonsense_is_refused_at_birth(params):
    with pytest.raises(ScenarioError):
        BinSitingParams(**params)


def test_steps_are_short(village):
    run(village)  # compiled
    task, longest, last = BinSiting().run(village, baseline(), BinSitingParams(new_bins=50), 1), 0.0, time.perf_counter()
    for _ in task:
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    assert longest < 0.2
