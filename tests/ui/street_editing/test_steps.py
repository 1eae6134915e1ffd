"""What a click does to streets: the edits that come of it, applied to a small crossing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.street_editing.crossing import crossing
from ui.street_editing import steps
from ui.street_editing.junctions import signals


def applied(city, edits):
    for edit in edits:
        city = edit.apply(city)
    return city


def value(city, key, column):
    return city["link"][column][city["link"].row_of[key]]


def test_a_lane_more_and_a_lane_less_are_none():
    city = crossing()
    more = applied(city, steps.more_lanes(city, ("west-in", "west-out"), 1))
    assert (value(more, "west-in", "lanes"), value(more, "west-out", "lanes")) == (3.0, 3.0)
    assert value(more, "west-in", "capacity_vph") == pytest.approx(1.5 * value(city, "west-in", "capacity_vph"))
    less = applied(more, steps.more_lanes(more, ("west-in", "west-out"), -1))
    assert value(less, "west-in", "lanes") == 2.0


@given(st.integers(1, 12))
def test_there_is_always_a_lane_left_and_an_end_to_speed(clicks):
    city = crossing()
    for _ in range(clicks):
        city = applied(city, steps.more_lanes(city, ("north-in",), -1))
        city = applied(city, steps.faster(city, ("north-in",), -1))
    assert value(city, "north-in", "lanes") == steps.LEAST_LANES
    assert value(city, "north-in", "free_flow_speed_mps") * 3.6 >= steps.LEAST_KMH - 1e-9
    if clicks > 6:
        assert steps.more_lanes(city, ("north-in",), -1) == []
        assert steps.faster(city, ("north-in",), -1) == []


@pytest.mark.parametrize(("before", "step", "after"), [(50, 1, 60), (50, -1, 40), (47, 1, 50), (47, -1, 40), (10, -1, 10)])
def test_speed_goes_to_the_next_ten(before, step, after):
    city = crossing(speed_kmh=before)
    city = applied(city, steps.faster(city, ("east-in",), step))
    assert value(city, "east-in", "free_flow_speed_mps") * 3.6 == pytest.approx(after)


def test_several_streets_become_alike_with_one_edit():
    city = applied(crossing(), steps.more_lanes(crossing(), ("north-in",), 3))
    edits = steps.more_lanes(city, ("north-in", "south-in", "west-in"), 1)
    assert len(edits) == 1
    city = applied(city, edits)
    assert len({value(city, key, "lanes") for key in ("north-in", "south-in", "west-in")}) == 1
    assert not steps.facts(city, ("north-in", "south-in")).is_mixed


def test_a_street_is_closed_and_opened_again():
    city = crossing()
    shut = applied(city, steps.closed_or_open(city, ("east-in", "east-out")))
    assert steps.facts(shut, ("east-in", "east-out")).closed
    again = applied(shut, steps.closed_or_open(shut, ("east-in", "east-out")))
    assert not steps.facts(again, ("east-in", "east-out")).closed


@pytest.mark.parametrize("direction", ["left", "right", "both"])
@pytest.mark.parametrize("keys", [("west-in", "west-out"), ("west-out",), ("west-in", "west-out", "east-out", "east-in")])
@pytest.mark.parametrize("right", [(1.0, 0.0), (-1.0, 0.0), (0.9, 0.3)])
def test_a_direction_is_the_one_that_is_seen(direction, keys, right):
    city = crossing()
    done = applied(city, steps.directed(city, keys, direction, right))
    assert steps.facts(done, keys, right).direction == direction
    assert steps.directed(done, keys, direction, right) == []


def test_a_one_way_street_can_be_turned_round():
    city = crossing()
    assert steps.facts(city, ("lane",)).direction == "right"
    turned = applied(city, steps.directed(city, ("lane",), "left"))
    assert steps.facts(turned, ("lane",)).direction == "left"
    both = applied(turned, steps.directed(turned, ("lane",), "both"))
    assert steps.facts(both, ("lane",)).direction == "both"


def test_nothing_chosen_is_nothing_done():
    city = crossing()
    for make in (
        lambda keys: steps.more_lanes(city, keys, 1),
        lambda keys: steps.faster(city, keys, 1),
        lambda keys: steps.closed_or_open(city, keys),
        lambda keys: steps.directed(city, keys, "both"),
    ):
        assert make(()) == []
        assert make(("gone",)) == []
    assert steps.other_cycle(city, "gone", 1) == []
    assert steps.signal_or_none(city, "gone") == []


def test_a_cycle_grows_by_ten_seconds_and_the_shares_of_green_stay():
    city = applied(crossing(), steps.other_green(crossing(), "north-in", -1))
    before = steps.timing(city, "middle")
    city = applied(city, steps.other_cycle(city, "middle", 1))
    now = steps.timing(city, "middle")
    assert now.cycle_s == 100.0
    assert now.green["north-in"] == before.green["north-in"] == pytest.approx(0.40)


def test_green_stays_within_what_a_signal_can_give():
    city = crossing()
    for _ in range(12):
        city = applied(city, steps.other_green(city, "west-in", 1))
    assert steps.timing(city, "middle").green["west-in"] == pytest.approx(steps.MOST_GREEN)
    assert steps.other_green(city, "west-in", 1) == []


def test_a_signal_is_taken_away_and_given_again():
    city = crossing()
    without = applied(city, steps.signal_or_none(city, "middle"))
    assert not steps.timing(without, "middle").signal
    assert signals(without)[0].tolist() == []
    again = applied(without, steps.signal_or_none(without, "middle"))
    assert steps.timing(again, "middle").signal
    assert signals(again)[0].tolist() == ["middle"]
