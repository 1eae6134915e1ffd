"""From where to where, in the results panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin.model.results import Measure, ResultTable


@pytest.fixture
def followed(quick, monkeypatch):
    """Let the quick simulation tell two pairs of zones."""
    plain = quick.run

    def run(*arguments):
        result = yield from plain(*arguments)
        ids = np.array(["gate 1 > TAZ-2", "TAZ-2 > gate 1"], dtype=object)
        pairs = ResultTable("pair", ids, {"trips_vph": np.array([1234.5, 6.0])}, (Measure("trips_vph", "Trips", "veh/h"),))
        return replace(result, tables={**result.tables, "pair": pairs})

    monkeypatch.setattr(quick, "run", run)


def test_pairs_are_listed_with_the_most_trips_first(followed, on_city, rest):
    on_city.scenario_panel.run_box.run("quick")
    rest(on_city)
    table = on_city.panels["results"].pairs
    assert not table.isHidden()
    rows = [[table.topLevelItem(row).text(column) for column in range(3)] for row in range(table.topLevelItemCount())]
    assert rows == [["Gate 1", "TAZ-2", "1,234.5"], ["TAZ-2", "Gate 1", "6.0"]]


def test_a_result_without_pairs_shows_no_table(on_city, rest):
    on_city.scenario_panel.run_box.run("quick")
    rest(on_city)
    assert on_city.panels["results"].pairs.isHidden()
