"""Answers while a planner still edits: soon, marked, and without a trace in the final answer."""

from __future__ import annotations

import numpy as np
import pytest

from sim.congestion import Congestion, CongestionParams
from sim.travel.kept import DRAFT_GAP
from twin.model.comparison import compare
from twin.model.edits import AddEvent, AddLink, CloseLinks, SetLanes
from twin.model.scenario import Scenario, baseline
from twin.task import finish

PARAMS = CongestionParams(relative_gap=1e-9, zone_count=20)


@pytest.fixture(scope="module")
def city(make):
    return make.snapshot(make.grid(7, 6, capacity_vph=50.0, lanes=1.0))


def scenario(*edits):
    return Scenario(id="s", name="what if", edits=edits)


def volumes(result):
    return result.tables["link"].columns["volume_vph"]


DRAGGED = [
    (SetLanes(target_ids=("n3-2>n4-2",), lanes=lanes), CloseLinks(target_ids=closed))
    for lanes, closed in ((1.5, ("n2-2>n3-2",)), (2.0, ("n2-2>n3-2",)), (2.5, ("n2-2>n3-2", "n3-2>n2-2")))
]


def test_a_draft_says_so_and_is_near_the_final_answer(city):
    congestion = Congestion()
    for edits in DRAGGED:
        draft = finish(congestion.draft(city, scenario(*edits), PARAMS, 1))
        final = finish(congestion.run(city, scenario(*edits), PARAMS, 1))
        assert draft.is_draft
        assert not final.is_draft
        assert draft.notes[0].startswith("Draft, solved to a relative gap of ")
        assert not any(note.startswith("Draft") for note in final.notes)
        assert final.diagnostics["relative_gap"] <= 1e-9 < draft.diagnostics["relative_gap"] <= DRAFT_GAP
        near = [result.indicator("mean_trip_time_s").value for result in (draft, final)]
        assert near[0] == pytest.approx(near[1], rel=1e-3)
        assert draft.params == final.params
        noise = draft.tables["link"].measure("volume_vph").noise
        assert np.abs(volumes(draft) - volumes(final)).max() < noise


def test_the_final_answer_does_not_depend_on_what_was_drafted_before(city):
    one, other = Congestion(), Congestion()
    for edits in DRAGGED:
        finish(one.draft(city, scenario(*edits), PARAMS, 1))
    drafted, fresh = (finish(each.run(city, scenario(*DRAGGED[1]), PARAMS, 1)) for each in (one, other))
    assert drafted.input_hash == fresh.input_hash
    assert volumes(drafted).tobytes() == volumes(fresh).tobytes()
    assert drafted.indicators == fresh.indicators


def test_a_draft_again_is_the_same_draft_at_once(city):
    congestion = Congestion()
    first, again = (finish(congestion.draft(city, scenario(*DRAGGED[0]), PARAMS, 1)) for _ in range(2))
    assert volumes(first).tobytes() == volumes(again).tobytes()


def test_a_draft_of_nothing_is_the_baseline(city):
    congestion = Congestion()
    before = finish(congestion.run(city, baseline(), PARAMS, 1))
    finish(congestion.draft(city, scenario(*DRAGGED[0]), PARAMS, 1))
    draft = finish(congestion.draft(city, scenario(), PARAMS, 1))
    assert volumes(draft).tobytes() == volumes(before).tobytes()
    assert not any(difference.is_found for difference in compare(before, draft).differences)


def test_drafts_of_demand_and_of_new_roads_follow_each_other(city):
    congestion = Congestion()
    road = AddLink(path_m=((300, 300), (1200, 900)), road_class="trunk")
    event = AddEvent(trips=80.0, x_m=900.0, y_m=900.0)
    for edits in ((event,), (event, road), (road,), (road, event, *DRAGGED[0])):
        draft = finish(congestion.draft(city, scenario(*edits), PARAMS, 1))
        assert draft.diagnostics["relative_gap"] <= DRAFT_GAP
        assert np.isfinite(volumes(draft)).all()


def test_a_cancelled_draft_leaves_nothing_and_the_next_is_whole(city):
    congestion = Congestion()
    finish(congestion.draft(city, scenario(*DRAGGED[0]), PARAMS, 1))
    for steps in (1, 3):
        task = congestion.draft(city, scenario(*DRAGGED[2]), PARAMS, 1)
        for _ in range(steps):
            next(task)
        task.close()
    draft = finish(congestion.draft(city, scenario(*DRAGGED[2]), PARAMS, 1))
    assert draft.diagnostics["relative_gap"] <= DRAFT_GAP


def test_where_a_loose_answer_is_asked_for_the_draft_is_no_looser_than_needed(city):
    loose = CongestionParams(relative_gap=1e-2, zone_count=20)
    draft = finish(Congestion().draft(city, scenario(*DRAGGED[0]), loose, 1))
    assert draft.diagnostics["relative_gap"] <= 1e-2
