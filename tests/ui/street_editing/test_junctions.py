"""Junctions: which turns there are, which are banned, and which one a drag means."""

from __future__ import annotations

import pytest

from tests.ui.street_editing.crossing import crossing
from twin.model.edits import BanTurn, CloseLinks
from ui.street_editing.junctions import approaches, is_banned, street_of, streets_of, turn_between, turns_from


def test_a_street_is_both_of_its_directions():
    links = crossing()["link"]
    assert street_of(links, "west-in") == ("west-in", "west-out")
    assert street_of(links, "lane") == ("lane",)
    assert streets_of(links, ["lane", "north-out", "gone"]) == {"lane", "north-out", "north-in"}


def test_all_turns_of_a_crossing_but_the_one_back_are_there():
    turns = turns_from(crossing(), "west-in")
    assert {turn.to_id for turn in turns} == {"north-out", "east-out", "south-out"}
    assert not any(turn.banned for turn in turns)
    ahead = next(turn for turn in turns if turn.to_id == "east-out")
    assert ahead.xy[0, 0] < 0 < ahead.xy[-1, 0]
    assert (ahead.xy[[0, -1], 1] < 0).all()  # eastwards, on the south side


def test_an_arrow_lies_on_the_side_on_which_traffic_drives():
    right, left = (turns_from(crossing(), "west-in", side)[0].xy[0, 1] for side in (1, -1))
    assert right == pytest.approx(-left)


def test_a_banned_turn_is_told_and_can_be_allowed_again():
    city = BanTurn(target_ids=("west-in",), into=("north-out",)).apply(crossing())
    assert {turn.to_id: turn.banned for turn in turns_from(city, "west-in")}["north-out"]
    assert is_banned(city, "west-in", "north-out")
    city = BanTurn(target_ids=("west-in",), into=("north-out",), allowed=True).apply(city)
    assert not is_banned(city, "west-in", "north-out")


@pytest.mark.parametrize("one", ["west-in", "west-out"])
@pytest.mark.parametrize("other", ["north-in", "north-out"])
def test_a_drag_finds_the_turn_whichever_direction_was_touched(one, other):
    assert turn_between(crossing(), one, other) == ("west-in", "north-out")


def test_there_is_no_turn_back_nor_between_streets_that_do_not_meet_nor_out_of_a_closed_one():
    city = crossing()
    assert turn_between(city, "west-in", "west-out") is None
    assert turn_between(city, "north-out", "lane") is None
    assert turn_between(city, "west-in", "gone") is None
    shut = CloseLinks(target_ids=("west-in", "west-out")).apply(city)
    assert turn_between(shut, "west-in", "north-out") is None
    assert turns_from(shut, "west-in") == []
    assert set(approaches(shut, "middle")) == {"north-in", "east-in", "south-in"}
