"""Blocked lanes on the average of an hour."""

from __future__ import annotations

import pytest

from sim.travel.blocks import with_blocks
from twin.model.edits import BlockLanes
from twin.model.scenario import Scenario, baseline

HOUR = 16
START_S = 3600.0 * HOUR


@pytest.fixture(scope="module")
def city(make):
    return make.snapshot(make.grid(3, 3, lanes=2.0, capacity_vph=1000.0))


def capacity(city, *blocks):
    after, notes = with_blocks(city, Scenario(id="s", name="s", edits=blocks), HOUR)
    return after["link"]["capacity_vph"][after["link"].row_of["n0-0>n1-0"]], notes


def block(start_h, end_h, lanes=1.0):
    return BlockLanes(target_ids=("n0-0>n1-0",), lanes=lanes, start_s=START_S + 3600 * start_h, end_s=START_S + 3600 * end_h)


def test_without_a_block_the_city_is_as_it_is(city):
    assert with_blocks(city, baseline(), HOUR) == (city, ())


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([block(0, 1)], 500.0),
        ([block(-2, 3)], 500.0),
        ([block(0.5, 2)], 750.0),
        ([block(0, 1, lanes=2.0)], 0.0),
        ([block(0, 1, lanes=9.0)], 0.0),
        ([block(0, 0.5), block(0.5, 1)], 562.5),
        ([block(1, 2)], 1000.0),
    ],
)
def test_a_block_takes_its_lanes_for_the_share_of_the_hour_that_it_lasts(city, blocks, expected):
    assert capacity(city, *blocks)[0] == pytest.approx(expected)


def test_the_note_says_whether_it_counts(city):
    assert "averaged over the hour from 16:00" in capacity(city, block(0.5, 2))[1][0]
    assert "from 14:00 to 15:30, outside the hour from 16:00" in capacity(city, block(-2, -0.5))[1][0]
