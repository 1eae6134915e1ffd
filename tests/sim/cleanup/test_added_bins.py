"""Added bins share the waste of bins that were there; nothing is made and nothing is lost, and others notice nothing."""

from __future__ import annotations

import numpy as np
import pytest
from cleanup_city import bins_at, city, depots_at, grid_city, sites_at, streets
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cleanup import Cleanup
from sim.cleanup.due import due_of_city
from sim.cleanup.fill import fit_fill
from sim.cleanup.operation import bins_of
from sim.cleanup.params import CleanupParams
from sim.cleanup.rounds import positions_of
from sim.cleanup.waste import prepare_waste
from twin.model.edits import AddBins, MoveBins, RemoveBins, ScaleFill, SetPolicy, bins_beside
from twin.model.scenario import baseline
from twin.task import finish

SHARING = "Added bins bring no waste of their own: each shares in equal parts that of the nearest bin of its kind which was there before."


def street(*x_m, waste="residual"):
    """Return a street with bins of 100 L at some places."""
    nodes, links = streets(11, 1)
    bins = bins_at([(x, 0.0) for x in x_m], capacity_l=100.0, waste=waste)
    return city(nodes, links, bins, depots_at([(0.0, 0.0)]), sites_at([(0.0, 0.0)]))


def waste_of(snapshot, *edits):
    """Return the waste of a scenario, its bins and the fill model."""
    scenario = baseline()
    for edit in edits:
        scenario = scenario.with_edit(edit)
    frame = scenario.apply(snapshot)["bin"]
    bins = bins_of(frame, np.zeros(len(frame), np.int32), np.ones(len(frame), bool))
    model = finish(fit_fill(snapshot))
    return prepare_waste(model, snapshot["bin"], bins, events=scenario.edits_of(ScaleFill)), bins, model


def add(*x_m, **values):
    return AddBins(at_m=tuple((x, 0.0) for x in x_m), **values)


def test_those_added_to_one_bin_share_with_it_in_equal_parts():
    snapshot = street(0, 500)
    before = waste_of(snapshot)[0].arriving_l(1, 0, 3)
    # 10, 40 and 240 m are nearer to the first bin, 260 m to the second.
    after = waste_of(snapshot, add(10, 40, 240, 260))[0].arriving_l(1, 0, 3)
    np.testing.assert_allclose(after, [before[0] / 4, before[1] / 2, *[before[0] / 4] * 3, before[1] / 2], rtol=1e-12)
    assert before.sum() > 0


def test_a_removed_bin_gives_its_part_to_the_nearest_that_is_left_which_may_be_an_added_one():
    snapshot = street(0, 500)
    gone = RemoveBins(target_ids=("bin-00000",))
    before = waste_of(snapshot)[0].arriving_l(1, 0, 0)
    np.testing.assert_allclose(waste_of(snapshot, add(40), gone)[0].arriving_l(1, 0, 0), [before[1], before[0]])
    np.testing.assert_allclose(waste_of(snapshot, gone)[0].arriving_l(1, 0, 0), [before.sum()])
    # Of two added ones the nearer one takes the part of the removed one besides its own third.
    both = waste_of(snapshot, add(10, 40), gone)[0]
    np.testing.assert_allclose(both.arriving_l(1, 0, 0), [before[1], before[0] * 2 / 3, before[0] / 3])


def test_a_moved_bin_keeps_its_waste_and_shares_from_where_it_stood():
    snapshot = street(0, 500)
    before = waste_of(snapshot)[0].arriving_l(1, 0, 0)
    moved = MoveBins(target_ids=("bin-00000",), dx_m=490.0)
    np.testing.assert_allclose(
        waste_of(snapshot, moved, add(40))[0].arriving_l(1, 0, 0), [before[0] / 2, before[1], before[0] / 2]
    )


def test_an_added_bin_is_empty_at_first_and_is_empty_as_often_as_its_neighbour():
    snapshot = street(0, 500)
    waste, bins, _ = waste_of(snapshot, add(10, 20))
    start = waste.starting_l(1, 0, bins, snapshot["bin"])
    assert start[2:].tolist() == [0, 0]
    assert (start[:2] > 0).all()
    assert waste.zero().tolist() == pytest.approx([0.2] * 4)
    position = positions_of(snapshot["bin"], waste)
    assert position[2] == position[3] == position[0] != position[1]  # driven to on the same days


def test_bins_of_a_kind_that_the_city_has_not_stay_empty_and_it_is_said():
    snapshot = street(0, 500)
    scenario = baseline().with_edit(add(10, waste_kind="food"))
    waste, _, _ = waste_of(snapshot, *scenario.edits)
    assert waste.arriving_l(1, 0, 0)[2] == waste.expected_l(0)[2] == 0.0
    result = finish(Cleanup().run(snapshot, scenario, CleanupParams(days=3, warm_up_days=0, replications=1), 1))
    assert any("food waste stay empty" in note for note in result.notes)
    due = finish(due_of_city(snapshot, scenario))
    assert due.columns["due_days"][2] == 3.0
    assert due.columns["overflow_in_two_days"][2] == pytest.approx(0.0, abs=1e-9)


def test_scaling_an_added_bin_says_that_it_changes_nothing():
    snapshot, edit = street(0, 500), add(10)
    key = edit.apply(snapshot)["bin"].ids[2]
    plain, scaled = waste_of(snapshot, edit)[0], waste_of(snapshot, edit, ScaleFill(target_ids=(key,), factor=3.0))[0]
    assert plain.arriving_l(1, 0, 0).tolist() == scaled.arriving_l(1, 0, 0).tolist()
    assert plain.notes == (SHARING,)
    assert "changes nothing" in scaled.notes[1]
    assert waste_of(snapshot)[0].notes == ()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_litre_is_made_or_lost_and_bins_without_a_new_neighbour_draw_the_same_to_the_byte(data):
    snapshot = grid_city(bin_count=12)
    base = snapshot["bin"]
    places = st.tuples(st.integers(-200, 900).map(float), st.integers(-200, 900).map(float))
    added = data.draw(st.lists(places, min_size=1, max_size=6, unique=True))
    kind = data.draw(st.sampled_from(["residual", "food"]))
    gone = data.draw(st.sets(st.sampled_from(base.ids[:6].tolist()), max_size=5))
    edits = [AddBins(at_m=tuple(added), waste_kind=kind), *([RemoveBins(target_ids=tuple(sorted(gone)))] if gone else [])]
    before, after = waste_of(snapshot)[0], waste_of(snapshot, *edits)[0]
    old, new = before.arriving_l(7, 1, 4), after.arriving_l(7, 1, 4)
    for code in np.unique(before.model.waste).tolist():  # of each kind
        kinds = waste_of(snapshot, *edits)[1].waste
        assert new[kinds == code].sum() == pytest.approx(old[before.model.waste == code].sum(), rel=1e-12)
    share = np.bincount(after.giver, after.share, len(base))
    np.testing.assert_allclose(share, 1.0, rtol=1e-12)
    if not gone:
        near = set(after.base_row[after.is_added].tolist())
        untouched = [row for row in range(len(base)) if row not in near]
        assert new[untouched].tobytes() == old[untouched].tobytes()


def test_a_bin_beside_each_halves_what_comes_and_overflow_falls():
    snapshot = grid_city(bin_count=40)
    policy = SetPolicy(policy="fixed", period_days=6)
    doubled = baseline().with_edit(policy)
    for edit in bins_beside(snapshot["bin"], snapshot["bin"].ids.tolist()):
        doubled = doubled.with_edit(edit)
    params = CleanupParams(days=12, warm_up_days=6, replications=2)
    before, after = (finish(Cleanup().run(snapshot, scenario, params, 1)) for scenario in (baseline().with_edit(policy), doubled))
    assert len(after.tables["bin"].ids) == 80
    assert SHARING in after.notes
    assert SHARING not in before.notes
    assert after.indicator("overflow_h").value < 0.5 * before.indicator("overflow_h").value
    assert after.diagnostics["waste_balance_l"] < 1e-6
    assert after.tables["stop"].ids.size > 0
