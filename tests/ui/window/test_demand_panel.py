"""The panel of the trips: what it says without a run, without counts, and with a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin.model.results import Indicator, Measure, ResultTable

NAMES = ("counted_vph", "modelled_vph", "before_vph", "geh", "held_out")
FIT = {
    "fit_stations": 2.0, "fit_median_geh": 0.7, "before_median_geh": 28.7, "fit_share_geh_under_5": 1.0, "fit_r2": 0.99,
    "fit_rmse_vph": 12.0, "held_out_stations": 1.0, "held_out_median_geh": 9.4, "held_out_r2": 0.9,
    "matrix_factor": 2.4, "matrix_mean_change": 0.16, "matrix_correlation": 0.96,
}  # fmt: skip


@pytest.fixture
def fitted(quick, monkeypatch):
    """Let the quick simulation stand for congestion, with three count stations."""
    whole = quick.run

    def run(self, snapshot, scenario, params, seed):
        result = yield from whole(self, snapshot, scenario, params, seed)
        columns = [
            np.array(column, float) for column in ((100, 300, 200), (110, 290, 400), (50, 80, 90), (1, 0.6, 11.5), (0, 0, 1))
        ]
        stations = ResultTable(
            "counter",
            np.array(["s1", "s2", "s3"], dtype=object),
            dict(zip(NAMES, columns, strict=True)),
            tuple(Measure(name, "GEH") for name in NAMES),
        )
        return replace(
            result,
            indicators=(Indicator("trips", "Trips", 1234.0, "veh/h"), *result.indicators),
            tables={**result.tables, "counter": stations},
            diagnostics={**result.diagnostics, **FIT},
            notes=("Demand is imported: 1234 trips per hour between 3 zones from a.csv.", *result.notes),
        )

    monkeypatch.setattr(quick, "name", "congestion")
    monkeypatch.setattr(quick, "run", run)
    return quick


def test_without_a_run_it_says_what_to_do(on_city):
    panel = on_city.panels["demand"]
    assert "Run the congestion what-if" in panel.empty.text()
    assert panel.chart.isHidden()
    assert panel.heading.isHidden()


def test_a_run_without_counts_says_what_to_import(quick, monkeypatch, on_city, rest):
    monkeypatch.setattr(quick, "name", "congestion")
    on_city.scenario_panel.run_box.run("congestion")
    rest(on_city)
    panel = on_city.panels["demand"]
    assert "Import count stations" in panel.empty.text()
    assert panel.source.text() == "Made for a test."
    assert panel.chart.isHidden()


def test_a_fit_is_told_in_numbers_and_drawn_station_by_station(fitted, on_city, rest):
    on_city.scenario_panel.run_box.run("congestion")
    rest(on_city)
    panel = on_city.panels["demand"]
    assert panel.heading.text() == "1,234 trips per hour"
    assert "a.csv" in panel.source.text()
    for part in ("2 stations in the fit", "0.7", "28.7", "1 stations left out", "16%"):
        assert part in panel.figures.text()
    points = [item for item in panel.chart.listDataItems() if item.opts["symbol"]]
    assert [len(item.xData) for item in points] == [2, 1]
    assert points[1].yData.tolist() == [400.0]
    assert panel.empty.isHidden()


def test_a_kept_result_that_lacks_a_figure_is_shown_without_it(fitted, on_city, rest, monkeypatch):
    monkeypatch.delitem(FIT, "matrix_factor")
    on_city.scenario_panel.run_box.run("congestion")
    rest(on_city)
    told = on_city.panels["demand"].figures.text()
    assert "2 stations in the fit" in told
    assert "Trips ×" not in told


def test_it_speaks_chinese(fitted, on_city, rest):
    from ui.language import set_language

    on_city.scenario_panel.run_box.run("congestion")
    rest(on_city)
    set_language("zh_CN")
    on_city.panels["demand"].refresh()
    assert "每小时" in on_city.panels["demand"].heading.text()
