"""Rankings of made-up outcomes: order, ties within the noise, what is left out, and cases that could not be run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sweep.case import Case
from sim.sweep.ranking import ranked
from sim.sweep.study import Outcome
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks
from twin.model.results import Indicator


def outcome(delay, unserved=0.0, noise=0.0, speed=10.0):
    return Outcome(
        (
            Indicator("mean_speed_mps", "Mean speed", speed, "m/s", worse="lower"),
            Indicator("delay", "Delay", delay, "veh·h", left_out="unserved_trips", noise=noise),
            Indicator("unserved_trips", "Trips without a way", unserved, "veh/h"),
        )
    )


def case(key):
    return Case((CloseLinks(target_ids=(key,)),))


def ranks(ranking):
    return [(row.case.target_ids[0], row.rank, row.is_tied) for row in ranking.rows]


def test_the_worst_comes_first():
    found = ranked(outcome(100.0), [case(key) for key in "abc"], [outcome(110.0), outcome(150.0), outcome(90.0)])
    assert found.by.name == "delay"
    assert ranks(found) == [("b", 1, False), ("a", 2, False), ("c", 3, False)]
    assert [row.effect.difference for row in found.rows] == [50.0, 10.0, -10.0]


def test_an_indicator_that_is_worse_when_lower_is_ranked_the_other_way():
    outcomes = [outcome(100.0, speed=9.0), outcome(100.0, speed=5.0)]
    assert ranks(ranked(outcome(100.0), [case("a"), case("b")], outcomes, "mean_speed_mps"))[0][0] == "b"


def test_cases_within_the_noise_of_each_other_share_a_rank():
    outcomes = [outcome(value, noise=0.2) for value in (120.0, 119.9, 119.0, 118.8, 101.0)]
    found = ranked(outcome(100.0, noise=0.1), [case(key) for key in "abcde"], outcomes)
    assert ranks(found) == [("a", 1, True), ("b", 1, True), ("c", 3, True), ("d", 3, True), ("e", 5, False)]


def test_trips_without_a_way_outrank_every_delay():
    found = ranked(outcome(100.0), [case("road"), case("bridge")], [outcome(900.0), outcome(60.0, unserved=500.0)])
    assert ranks(found)[0][0] == "bridge"
    assert any("without a way come first" in note for note in found.notes)


def test_what_could_not_be_run_has_no_rank_and_says_why():
    found = ranked(outcome(100.0), [case("a"), case("b")], [Outcome(refusal="No such road."), outcome(110.0)])
    assert ranks(found) == [("b", 1, False), ("a", 0, False)]
    assert found.rows[1].refusal == "No such road."
    assert any("1 of 2 cases could not be run" in note for note in found.notes)


def test_a_sweep_without_an_effect_says_so():
    found = ranked(outcome(100.0, noise=1.0), [case("a")], [outcome(100.5, noise=1.0)])
    assert not found.rows[0].effect.is_found
    assert any("No case has an effect" in note for note in found.notes)


def test_an_unknown_indicator_is_refused_with_those_there_are():
    with pytest.raises(ScenarioError, match="unserved_trips"):
        ranked(outcome(1.0), (), (), "happiness")


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0, 10)), max_size=12), st.randoms())
def test_the_order_in_which_cases_come_does_not_matter(numbers, random):
    pairs = [(case(f"{place:02}"), outcome(100.0 + value, noise=noise)) for place, (value, noise) in enumerate(numbers)]
    shuffled = random.sample(pairs, len(pairs))
    one, other = (ranked(outcome(100.0), [c for c, _ in each], [o for _, o in each]) for each in (pairs, shuffled))
    assert ranks(one) == ranks(other)
    assert [rank for _, rank, _ in ranks(one)] == sorted(rank for _, rank, _ in ranks(one))
