"""Turns and signals."""

from __future__ import annotations

import time

import pytest
import shapely

from tests import town
from twin.errors import ScenarioError
from twin.model.edits import BanTurn, SetSignal
from twin.model.edits.junctions import banned_ends


def banned(city, start):
    links = city["link"]
    return sorted(links.ids[list(banned_ends(city, links.row_of[start]))].tolist())


def turn(city, start, end, **values):
    return BanTurn(target_ids=(start,), into=(end,), **values).apply(city)


def test_an_only_rule_bans_every_other_turn(city):
    assert banned(city, "link-0") == ["link-1", "link-4"]
    assert banned(city, "link-3") == []


def test_a_turn_is_banned_where_the_roads_meet(city):
    after = turn(city, "link-3", "link-4")
    assert banned(after, "link-3") == ["link-4"]
    assert banned(after, "link-0") == banned(city, "link-0")
    rows = after["movement"]
    assert (rows["via_node_id"][-1], rows["rule"][-1], rows.xy[-1].tolist()) == ("node-1", "no", [400, 0])


def test_a_ban_twice_is_one_ban(city):
    once = turn(city, "link-3", "link-4")
    assert len(turn(once, "link-3", "link-4")["movement"]) == len(once["movement"])


def test_a_banned_turn_that_is_allowed_again_is_as_it_was(city):
    undone = turn(turn(city, "link-3", "link-4"), "link-3", "link-4", allowed=True)
    assert undone["movement"].ids.tolist() == city["movement"].ids.tolist()


def test_a_turn_that_an_only_rule_forbids_is_allowed_and_the_others_stay_banned(city):
    assert banned(turn(city, "link-0", "link-4", allowed=True), "link-0") == ["link-1"]


def test_the_turn_that_an_only_rule_orders_can_be_banned_too(city):
    assert banned(turn(city, "link-0", "link-2"), "link-0") == ["link-1", "link-2", "link-4"]


def test_roads_that_do_not_meet_have_no_turn(city):
    with pytest.raises(ScenarioError, match="No turn leads"):
        turn(city, "link-4", "link-0")
    with pytest.raises(ScenarioError, match=r"names objects .*: gone"):
        turn(city, "link-3", "gone")


def test_turns_of_many_roads_are_banned_at_once_as_one_by_one(city):
    ids = tuple(city["link"].ids.tolist())
    at_once = BanTurn(target_ids=ids, into=ids).apply(city)
    one_by_one = city
    for start in ("link-0", "link-1", "link-2", "link-3"):
        one_by_one = BanTurn(target_ids=(start,), into=ids).apply(one_by_one)
    for start in ids:
        assert banned(at_once, start) == banned(one_by_one, start)
    assert sorted(at_once["movement"].ids.tolist()) == sorted(one_by_one["movement"].ids.tolist())
    assert len(at_once["movement"]) > len(city["movement"])


def test_a_ban_of_all_turns_of_a_long_street_takes_no_longer_than_the_street_is(city):
    count = 3000
    at = range(count + 1)
    links = town.frame(
        "link",
        [shapely.LineString([(place, 0), (place + 1, 0)]) for place in at[:-1]],
        tail_id=[f"node-{place}" for place in at[:-1]],
        head_id=[f"node-{place}" for place in at[1:]],
    )
    street = city.with_frame(links).with_frame(town.frame("node", town.points(*[(place, 0) for place in at])))
    begun = time.process_time()
    after = BanTurn(target_ids=tuple(links.ids), into=tuple(links.ids)).apply(street)
    assert time.process_time() - begun < 3.0
    assert len(after["movement"]) == count - 1


def test_a_signal_has_a_cycle_at_the_junction_and_green_on_the_road(city, value):
    after = SetSignal(target_ids=("link-2",), cycle_s=80.0, green_share=0.3).apply(city)
    assert after["node"]["signal"].tolist() == [False, True, True, False]
    assert after["node"]["cycle_s"].tolist() == [0, 0, 80, 0]
    assert after["link"]["green_share"].tolist() == [0.5, 0.5, 0.3, 0.5, 0.5]
    none = SetSignal(target_ids=("link-0",), signal=False).apply(city)
    assert not none["node"]["signal"].any()
    assert value(none, "link", "link-0", "green_share") == 0.0
