"""The simulated day of a result: the time panel moves through it, the map shows its moments, the inspector its course."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin.model.results import Measure, ResultSeries
from ui.panels.clocks import STEPS, DayClock, clock_text

SEVEN = 7 * 3600.0


@pytest.fixture
def with_day(quick, monkeypatch):
    """Give the quick simulation a morning of 13 steps in which queues grow and go."""
    whole = quick.run

    def run(self, snapshot, scenario, params, seed):
        result = yield from whole(self, snapshot, scenario, params, seed)
        table = result.tables["link"]
        t_s = SEVEN + 300.0 * np.arange(13)
        rise = np.concatenate([np.linspace(0, 1, 7), np.linspace(1, 0, 7)[1:]])
        queue = np.outer(rise, table.columns["volume_vph"]).astype(np.float32)
        measures = (Measure("queue_m", "Queue length", "m", noise=0.5),)
        day = ResultSeries("link", table.ids, t_s, 300.0, {"queue_m": queue}, measures)
        return replace(result, series={"link": day})

    monkeypatch.setattr(quick, "run", run)
    return quick


@pytest.fixture
def on_day(with_day, on_city, rest):
    """The window with a day on the map: the queues at seven."""
    on_city.scenario_panel.run_box.run("quick")
    rest(on_city)
    on_city.desk.do("Show", lambda session: session.show("after", "quick", "queue_m"))
    rest(on_city)
    return on_city


def shown_queues(window):
    return {entry for legend in window.map_page.scene.legends() for entry in [legend.title]}


def test_the_panel_moves_through_the_day_of_the_result_on_the_map(on_day, rest):
    panel = on_day.time_panel
    assert (panel.first.text(), panel.last.text()) == ("07:00", "08:00")
    assert panel.step.isHidden()
    panel.slider.setValue(STEPS // 2)
    rest(on_day)
    assert on_day.desk.view.shown.t_s == SEVEN + 1800.0
    assert panel.moment.text() == "07:30"
    panel.forward.click()
    rest(on_day)
    assert panel.moment.text() == "07:35"
    assert "Queues" in shown_queues(on_day)


def test_playing_the_day_ends_at_its_end(on_day, qtbot, rest):
    panel = on_day.time_panel
    panel.speed.setCurrentIndex(panel.speed.count() - 1)
    panel.toggle()
    assert panel.is_playing
    qtbot.waitUntil(lambda: not panel.is_playing, timeout=20000)
    rest(on_day)
    assert panel.moment.text() == "08:00"


def test_the_city_has_its_own_clock_back_when_the_day_is_off_the_map(on_day, rest):
    on_day.trigger("map.show_none")
    rest(on_day)
    panel = on_day.time_panel
    assert panel.moment.text() == "Newest readings"
    assert not panel.step.isHidden()
    panel.slider.setValue(0)
    rest(on_day)
    assert on_day.desk.view.time is not None
    assert on_day.desk.view.shown.t_s is None


def test_the_inspector_draws_the_course_of_the_selected_road(on_day, rest):
    on_day.desk.select("link", ["b"])
    on_day.time_panel.slider.setValue(STEPS // 2)
    rest(on_day)
    chart = on_day.panels["inspector"].over_time
    assert not chart.isHidden()
    assert chart._series.lines["after"].tolist() == pytest.approx((np.array([*range(7), *range(5, -1, -1)]) / 6 * 300).tolist())
    assert chart._series.now == SEVEN + 1800.0
    on_day.trigger("map.show_none")
    rest(on_day)
    assert chart.isHidden()


def test_before_and_after_are_compared_at_every_moment(on_day, rest):
    on_day.desk.select("link", ["b"])
    on_day.trigger("scenario.close")
    rest(on_day)
    on_day.trigger("run.compare")
    rest(on_day)
    on_day.desk.do("Show", lambda session: session.show("difference", "quick", "queue_m"))
    on_day.time_panel.slider.setValue(STEPS // 2)
    rest(on_day)
    scene = on_day.desk.session.scene()
    assert (scene.measure, scene.diverging, scene.noise) == ("queue_m_difference", True, 0.5)
    assert scene.tables["link"].columns["queue_m_difference"].tolist() == pytest.approx([150.0, -300.0, 150.0])
    on_day.desk.select("link", ["a"])
    rest(on_day)
    assert list(on_day.panels["inspector"].over_time._series.lines) == ["before", "after"]


def test_a_measure_of_the_day_can_be_chosen_on_the_map(on_day):
    bar = on_day.map_page.bar
    assert "Quick test simulation · Queue length" in [bar.measure.itemText(row) for row in range(bar.measure.count())]
    assert bar.measure.currentText().endswith("Queue length")


def test_the_result_of_the_whole_run_can_be_shown_again(on_day, rest):
    on_day.time_panel.slider.setValue(STEPS)
    rest(on_day)
    on_day.time_panel.newest.click()
    on_day.desk.do("Show", lambda session: session.show("after", "quick", "volume_vph"))
    rest(on_day)
    assert on_day.time_panel.moment.text() == "Whole period"
    assert on_day.desk.session.scene().measure == "volume_vph"


@pytest.mark.parametrize(("t_s", "text"), [(SEVEN, "07:00"), (SEVEN + 299.9, "07:05"), (0.0, "00:00"), (90000.0, "25:00")])
def test_times_of_day_are_written_as_clocks_do(t_s, text):
    assert clock_text(t_s) == text


def test_steps_of_a_day_stay_inside_it():
    clock = DayClock(SEVEN + 300.0 * np.arange(4), None)
    assert clock.step(None, 1, 1) == SEVEN
    assert clock.step(SEVEN, -1, 1) == SEVEN
    assert clock.step(SEVEN + 900.0, 1, 1) == SEVEN + 900.0
    assert [clock.moment(clock.place(at)) for at in clock.t_s.tolist()] == clock.t_s.tolist()
