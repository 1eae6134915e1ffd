"""One-way and two-way."""

from __future__ import annotations

import pytest

from twin.errors import ScenarioError
from twin.model.edits import CloseLinks, SetDirection


def direction(city, key, which):
    return SetDirection(target_ids=(key,), direction=which).apply(city)


def closed(city):
    return [key for key, shut in zip(city["link"].ids, city["link"]["closed"], strict=True) if shut]


@pytest.mark.parametrize(("which", "expected"), [("with", ["link-1"]), ("against", ["link-0"]), ("both", [])])
def test_a_two_way_street_gets_one_way(city, which, expected):
    assert closed(direction(city, "link-0", which)) == expected


def test_both_ways_again_is_as_it_was(city):
    for which in ("with", "against"):
        back = direction(direction(city, "link-0", which), "link-0", "both")
        assert closed(back) == []
        assert back["link"].ids.tolist() == city["link"].ids.tolist()


def test_a_one_way_street_gets_its_missing_direction(city, value):
    both = direction(city, "link-4", "both")
    new = value(both, "link", "link-4", "reverse_id")
    assert new == "link-4~back"
    assert (value(both, "link", new, "tail_id"), value(both, "link", new, "head_id")) == ("node-3", "node-1")
    assert value(both, "link", new, "reverse_id") == "link-4"
    assert value(both, "link", new, "capacity_vph") == 600.0
    assert list(both["link"].shapes[5].coords) == [(400, 400), (400, 0)]
    assert closed(both) == []
    assert closed(direction(city, "link-4", "against")) == ["link-4"]


def test_a_one_way_street_stays_as_it_is_when_told_to_be_one(city):
    one_way = direction(city, "link-4", "with")
    assert one_way["link"].ids.tolist() == city["link"].ids.tolist()
    assert closed(one_way) == []


def test_a_closed_street_that_gets_a_direction_opens(city):
    shut = CloseLinks(target_ids=("link-0", "link-1")).apply(city)
    assert closed(direction(shut, "link-0", "against")) == ["link-0"]


def test_both_directions_of_a_street_cannot_mean_one_way(city):
    with pytest.raises(ScenarioError, match="Both directions of a road are named"):
        SetDirection(target_ids=("link-0", "link-1"), direction="with").apply(city)
    both = SetDirection(target_ids=("link-0", "link-1"), direction="both").apply(city)
    assert closed(both) == []
