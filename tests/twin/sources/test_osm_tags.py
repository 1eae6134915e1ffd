from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.sources import osm_tags as tags
from twin.sources.osm_tags import HIGHWAYS

KMH = 1 / 3.6


@pytest.mark.parametrize(
    ("text", "speed"),
    [
        ("50", 50 * KMH),
        ("50 km/h", 50 * KMH),
        ("30 mph", 30 * 0.44704),
        ("20mph", 20 * 0.44704),
        ("RU:urban", 60 * KMH),
        ("FI:urban", 50 * KMH),
        ("DE:rural", 100 * KMH),
        ("DE:zone:30", 30 * KMH),
        ("DE:zone30", 30 * KMH),
        ("FR:30", 30 * KMH),
        ("none", 130 * KMH),
        ("walk", 7 * KMH),
        ("50;30", 50 * KMH),
        ("signals", None),
        ("", None),
        ("0", None),
        ("999", None),
    ],
)
def test_maxspeed(text, speed):
    found = tags.speed_mps(text)
    assert found == (None if speed is None else pytest.approx(speed))


@given(st.text(max_size=20))
def test_any_maxspeed_is_a_drivable_speed_or_none(text):
    found = tags.speed_mps(text)
    assert found is None or 0.5 <= found <= 60


@pytest.mark.parametrize(
    ("given_tags", "expected"),
    [
        ({}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "no", "highway": "motorway"}, (True, True)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway_link"}, (True, True)),
        ({"junction": "roundabout"}, (True, False)),
    ],
)
def test_directions(given_tags, expected):
    assert tags.directions(given_tags) == expected


@pytest.mark.parametrize(
    ("given_tags", "expected"),
    [
        ({"lanes": "4"}, (2, 2)),
        ({"lanes": "3", "lanes:backward": "1"}, (2, 1)),
        ({"lanes": "3", "lanes:both_ways": "1"}, (1, 1)),
        ({"lanes:forward": "2", "lanes:backward": "1"}, (2, 1)),
        ({"lanes": "1"}, (0.5, 0.5)),
        ({"lanes": "many"}, (2, 2)),
        ({}, (2, 2)),
        ({"lanes": "99"}, (16, 16)),
    ],
)
def test_lanes_of_a_road_of_two_directions(given_tags, expected):
    assert tags.lanes(given_tags, HIGHWAYS["primary"], forward=True, backward=True) == expected


def test_lanes_of_a_one_way_road():
    assert tags.lanes({"lanes": "3"}, HIGHWAYS["primary"], forward=True, backward=False) == (3, 0)
    assert tags.lanes({"lanes": "3"}, HIGHWAYS["primary"], forward=False, backward=True) == (0, 3)


@pytest.mark.parametrize(
    ("given_tags", "expected"),
    [
        ({}, "open"),
        ({"access": "no"}, "closed"),
        ({"access": "no", "motor_vehicle": "yes"}, "open"),
        ({"access": "private"}, "private"),
        ({"motor_vehicle": "no"}, "closed"),
        ({"access": "destination"}, "open"),
    ],
)
def test_access(given_tags, expected):
    assert tags.access(given_tags) == expected


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("270", 270),
        ("NNW", 337.5),
        ("north", 0),
        ("360", 0),
        ("-90", 270),
        ("90-180", 135),
        ("350-10", 0),
        ("up", None),
        ("", None),
    ],
)
def test_direction(text, degrees):
    assert tags.direction_deg(text) == degrees


@pytest.mark.parametrize(("text", "metres"), [("12", 12), ("12.5 m", 12.5), ("40 ft", 12.192), ("high", None), (None, None)])
def test_length(text, metres):
    assert tags.length_m(text) == (None if metres is None else pytest.approx(metres))
