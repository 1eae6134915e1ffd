"""``citytwin fleet``: the answer in words and as JSON, and nonsense refused."""

from __future__ import annotations

import pytest

SHORT = ("--days", "3", "--replications", "2", "--vehicles", "1,3")


def test_json_has_every_fleet_with_every_policy(call_json, collected):
    found = call_json("fleet", collected, *SHORT)
    assert {one["vehicles"] for one in found["tried"]} == {1, 3}
    assert {one["policy"] for one in found["tried"]} == {"fixed", "threshold"}
    if found["best"] is not None:
        assert found["cost_difference_per_day"]["low"] <= found["cost_difference_per_day"]["high"]
    assert found["today"]["policy"] is None


def test_people_read_it_in_their_language(call, collected):
    _, out, _ = call("fleet", collected, *SHORT, "--language", "zh_CN")
    assert "车辆" in out
    assert "今天" in out or "现状" in out


@pytest.mark.parametrize(
    "words", [("--vehicles", "many"), ("--vehicles", "0"), ("--overflow", "-1"), ("--overflow", "nan"), ("--replications", "1")]
)
def test_nonsense_is_refused_in_two_lines(call, collected, words):
    status, _, err = call("fleet", collected, *words)
    assert status == 1
    assert len(err.strip().splitlines()) >= 2


def test_a_city_without_bins_is_told_what_to_import(call, grid):
    status, _, err = call("fleet", grid)
    assert status == 1
    assert "no bins" in err
