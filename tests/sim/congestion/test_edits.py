"""What a planner may change, from the edit to the answer: the edit's effect and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from sim.congestion import Congestion, CongestionParams
from twin.errors import ScenarioError
from twin.model.comparison import compare
from twin.model.edits import (
    AddEvent,
    AddLink,
    BanTurn,
    BlockLanes,
    CloseLinks,
    OpenLinks,
    SetCapacity,
    SetDirection,
    SetLanes,
    SetSignal,
    SetSpeed,
    SetZoneDemand,
)
from twin.model.scenario import Scenario, baseline
from twin.task import finish

PARAMS = CongestionParams(relative_gap=1e-9, zone_count=12)
CORNER, OTHER, FAR = (0, 0), (1500, 1200), (-2000, 4000)


@pytest.fixture(scope="module")
def city(make):
    """A grid of narrow streets, so that there is congestion, and a way far around it that nobody takes."""
    entities = make.grid(6, 5, capacity_vph=60.0, lanes=1.0)
    ends = {entity.id: entity for entity in entities}
    far = make.junction("far", *FAR)
    around = [
        make.road("out", ends["n0-0"], far),
        make.road("in", far, ends["n5-4"]),
        make.road("shut", ends["n2-1"], ends["n3-3"], closed=True, free_flow_speed_mps=20.0),
    ]
    return make.snapshot([*entities, far, *around])


@pytest.fixture(scope="module")
def congestion():
    return Congestion()


@pytest.fixture(scope="module")
def run(congestion, city):
    def once(*edits):
        return finish(congestion.run(city, Scenario(id="s", name="what if", edits=edits) if edits else baseline(), PARAMS, 1))

    return once


@pytest.fixture(scope="module")
def before(run):
    return run()


def volumes(result, keys=None):
    table = result.tables["link"]
    rows = [table.ids.tolist().index(key) for key in (keys if keys is not None else table.ids)]
    return table.columns["volume_vph"][rows]


def same_on_old_roads(before, after):
    return volumes(before).tobytes() == volumes(after, before.tables["link"].ids.tolist()).tobytes()


def busiest(result):
    return str(result.tables["link"].ids[int(np.argmax(volumes(result)))])


UNUSED_ROAD = AddLink(path_m=(CORNER, (-3000, 6000), OTHER), speed_mps=1.0)


@pytest.mark.parametrize(
    "edits",
    [
        [UNUSED_ROAD],
        [AddLink(path_m=((150, 0), (-3000, 6000), OTHER), speed_mps=1.0)],  # cuts a street that is driven
        [AddLink(path_m=(CORNER, (-50, -400)))],  # a dead end
        [CloseLinks(target_ids=("out",))],
        [SetSpeed(target_ids=("in",), speed_mps=2.0)],
        [SetDirection(target_ids=("out", "in"), direction="both")],
        [CloseLinks(target_ids=("n1-1>n2-1",)), OpenLinks(target_ids=("n1-1>n2-1",))],
        [SetDirection(target_ids=("n1-1>n2-1",)), SetDirection(target_ids=("n1-1>n2-1",), direction="both")],
        [SetLanes(target_ids=("n1-1>n2-1",), lanes=2.0), SetLanes(target_ids=("n1-1>n2-1",), lanes=1.0)],
        [
            BanTurn(target_ids=("n0-1>n1-1",), into=("n1-1>n2-1",)),
            BanTurn(target_ids=("n0-1>n1-1",), into=("n1-1>n2-1",), allowed=True),
        ],
        [BlockLanes(target_ids=("n1-1>n2-1",), start_s=0.0, end_s=3600.0)],
        [AddEvent(trips=0.0)],
    ],
)
def test_what_nobody_feels_changes_nothing_bit_by_bit(run, before, edits):
    after = run(*edits)
    assert same_on_old_roads(before, after)
    assert compare(before, after).differences
    assert not any(
        difference.is_found for difference in compare(before, after).differences if difference.name != "over_capacity_m"
    )


def test_edits_that_do_not_touch_each_other_may_come_in_any_order(run, before):
    edits = [
        UNUSED_ROAD,
        CloseLinks(target_ids=("n1-1>n2-1",)),
        BanTurn(target_ids=("n2-3>n3-3",), into=("n3-3>n3-4",)),
        SetLanes(target_ids=("n4-1>n4-2",), lanes=3.0),
        AddEvent(trips=50.0, x_m=900.0, y_m=900.0),
    ]
    one, other = run(*edits), run(*reversed(edits))
    assert volumes(one).tobytes() != volumes(before).tobytes()
    np.testing.assert_allclose(
        volumes(one, sorted(one.tables["link"].ids)), volumes(other, sorted(one.tables["link"].ids)), atol=0.05
    )


def test_a_new_road_takes_traffic_and_saves_time(run, before):
    after = run(AddLink(path_m=((300, 300), (1200, 900)), road_class="trunk", lanes=2.0, speed_mps=20.0))
    new = [key for key in after.tables["link"].ids if str(key).startswith("new-")]
    assert volumes(after, new).min() > 0.0
    assert after.indicator("mean_trip_time_s").value < before.indicator("mean_trip_time_s").value
    assert after.indicator("trips").value == before.indicator("trips").value
    table = compare(before, after).tables["link"]
    assert np.isnan(table.columns["volume_vph_before"][[table.ids.tolist().index(key) for key in new]]).all()


def test_a_closed_road_that_opens_takes_traffic(run, before):
    after = run(OpenLinks(target_ids=("shut",)))
    assert volumes(before, ["shut"]) == 0.0
    assert volumes(after, ["shut"]) > 0.0


def test_a_street_turned_round_carries_traffic_the_other_way_alone(run, before):
    key = busiest(before)
    tail, head = key.split(">")
    after = run(SetDirection(target_ids=(key,), direction="against"))
    assert volumes(after, [key]) == 0.0
    assert volumes(after, [f"{head}>{tail}"]) > 0.0
    assert after.indicator("unserved_trips").value == 0.0


def test_nobody_makes_a_banned_turn(run, before):
    """All turns out of a road into a junction are banned but one: all of its traffic goes there."""
    after = run(BanTurn(target_ids=("n1-2>n2-2",), into=("n2-2>n2-3", "n2-2>n2-1", "n2-2>n1-2")))
    assert volumes(before, ["n1-2>n2-2"]) > 0.0
    assert volumes(after, ["n1-2>n2-2"]) <= volumes(after, ["n2-2>n3-2"])
    assert after.indicator("unserved_trips").value == 0.0
    assert after.indicator("total_travel_time").value > before.indicator("total_travel_time").value


@pytest.mark.parametrize(
    ("edit", "sign"),
    [
        (SetCapacity(target_ids=("n2-2>n3-2",), capacity_vph=15.0), 1),
        (SetCapacity(target_ids=("n2-2>n3-2",), capacity_vph=600.0), -1),
        (SetSignal(target_ids=("n2-2>n3-2",), green_share=0.2), 1),
    ],
)
def test_what_makes_a_road_worse_or_better_makes_all_travel_longer_or_shorter(run, before, edit, sign):
    change = run(edit).indicator("total_travel_time").value - before.indicator("total_travel_time").value
    assert np.sign(change) == sign


def test_trips_to_an_event_arrive(run, before):
    after = run(AddEvent(trips=120.0, x_m=600.0, y_m=600.0, at_s=19 * 3600.0))
    assert after.indicator("trips").value == pytest.approx(before.indicator("trips").value + 120.0)
    assert any(note.startswith("120 trips per hour come to the event at 19:00") for note in after.notes)


def test_trips_to_an_event_that_no_road_reaches_are_named(city, run, before):
    ends = city["link"]["head_id"]
    into = tuple(str(key) for key, head in zip(city["link"].ids, ends, strict=True) if head in ("n5-4", "n4-4", "n5-3", "n4-3"))
    after = run(AddEvent(trips=120.0, x_m=1500.0, y_m=1200.0), CloseLinks(target_ids=into))
    assert after.indicator("unserved_trips").value > 120.0
    # Guests park at the junctions within a walk of the event; half of those lie in the corner that is cut off.
    assert any(note == "60 of them were on their way to an event." for note in after.notes)


def test_an_area_gets_its_trips(run, before):
    after = run(SetZoneDemand(trips_vph=500.0, x_m=0.0, y_m=0.0, radius_m=10.0))
    assert after.indicator("trips").value > before.indicator("trips").value


@pytest.mark.parametrize(
    "edit",
    [
        CloseLinks(target_ids=("gone",)),
        SetDirection(target_ids=("n0-0>n1-0", "gone")),
        BanTurn(target_ids=("n0-0>n1-0",), into=("gone",)),
        BlockLanes(target_ids=("gone",)),
    ],
)
def test_edits_of_what_does_not_exist_are_refused_by_name(run, edit):
    with pytest.raises(ScenarioError, match=r"does not have: gone"):
        run(edit)


def test_a_kept_baseline_and_a_new_one_give_the_same_bytes_on_a_changed_graph(city, run):
    edits = (AddLink(path_m=((150, 0), (1200, 900))), BanTurn(target_ids=("n1-2>n2-2",), into=("n2-2>n2-3",)))
    new = finish(Congestion().run(city, Scenario(id="s", name="what if", edits=edits), PARAMS, 1))
    kept = run(*edits)
    assert kept.input_hash == new.input_hash
    for kind, table in kept.tables.items():
        for name, column in table.columns.items():
            assert column.tobytes() == new.tables[kind].columns[name].tobytes()
