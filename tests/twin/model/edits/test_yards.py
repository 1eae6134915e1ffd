"""Disposal sites that a scenario opens and closes."""

from __future__ import annotations

import pytest

from twin.errors import ScenarioError
from twin.model import edits as e


def test_a_new_site_stands_where_it_was_asked_for_beside_those_there(city):
    edit = e.AddDisposalSite(x_m=400.0, y_m=300.0, unload_duration_s=300.0, waste_kinds="food")
    sites = edit.apply(city)["disposal_site"]
    assert sites.xy.tolist() == [[0, 0], [800, 0], [400, 300]]
    assert sites["unload_duration_s"].tolist() == [900, 600, 300]
    assert sites["waste_kinds"].tolist() == ["", "food", "food"]
    assert sites.ids.tolist() == edit.apply(city)["disposal_site"].ids.tolist()


def test_the_same_site_is_not_opened_twice(city):
    edit = e.AddDisposalSite(x_m=1.0, y_m=2.0)
    with pytest.raises(ScenarioError, match="twice"):
        edit.apply(edit.apply(city))


def test_a_closed_site_is_gone_and_the_last_one_stays(city):
    closed = e.CloseDisposalSites(target_ids=("disposal_site-0",)).apply(city)
    assert closed["disposal_site"].ids.tolist() == ["disposal_site-1"]
    with pytest.raises(ScenarioError, match="closes every"):
        e.CloseDisposalSites(target_ids=("disposal_site-1",)).apply(closed)
