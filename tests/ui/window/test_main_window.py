"""The window: opens, edits, runs, compares, undoes, speaks both languages, closes clean."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QScrollArea

from twin.errors import CancelledError, StorageError
from twin.model.results import Result
from twin.task import Progress
from ui import files, theme
from ui.language import set_language, tr, tr_choice
from ui.panels.catalogue import PANELS
from ui.panels.time import Figures
from ui.session import Session
from ui.steps import title_in_words


def test_without_a_city_there_is_a_start_page_and_nothing_else(window):
    assert window.pages.currentWidget() is window.start_page
    assert all(dock.isHidden() for dock in window.docks.values())
    assert len(window.start_page.cards) == 3


def test_it_opens_on_a_city(on_city):
    assert on_city.pages.currentWidget() is on_city.map_page
    assert on_city.windowTitle().startswith("小城")
    assert not on_city.status.badge.isHidden()
    assert {name for name, dock in on_city.docks.items() if dock.isHidden()} == set()
    assert "roads" in on_city.map_page.scene.layer_names
    assert on_city.errors == []


def test_an_edit_of_the_selection_begins_a_scenario_and_undo_takes_it_back(on_city, rest):
    on_city.desk.select("link", ["b"])
    on_city.trigger("scenario.close")
    rest(on_city)
    view = on_city.desk.view
    assert [edit.name for edit in view.scenario.edits] == ["close"]
    assert view.edited["link"]["closed"].tolist() == [False, True, False]
    assert view.snapshot["link"]["closed"].tolist() == [False, False, False]
    on_city.trigger("edit.undo")
    rest(on_city)
    assert on_city.desk.view.is_baseline
    on_city.trigger("edit.redo")
    rest(on_city)
    assert [edit.name for edit in on_city.desk.view.scenario.edits] == ["close"]


def test_a_click_on_the_map_selects_and_ctrl_adds(on_city):
    scene, none, ctrl = on_city.map_page.scene, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
    scene.picked.emit("link", "a", none)
    assert on_city.desk.selection == ("link", frozenset({"a"}))
    scene.picked.emit("link", "c", ctrl)
    assert on_city.desk.selection == ("link", frozenset({"a", "c"}))
    scene.picked.emit("link", "a", ctrl)
    assert on_city.desk.selection == ("link", frozenset({"c"}))
    scene.picked.emit("", "", none)
    assert on_city.desk.selection[1] == frozenset()


def test_a_form_asks_for_the_value_and_starts_with_what_is_there(on_city, rest):
    on_city.desk.select("link", ["a", "b"])
    on_city.trigger("scenario.lanes")
    box = on_city.scenario_panel.edit_box
    assert box.form.values()["lanes"] == 1.0
    box.form.set_values({"lanes": 3.0})
    box.apply()
    rest(on_city)
    assert on_city.desk.view.edited["link"]["lanes"].tolist() == [3.0, 3.0, 1.0]
    assert box.form is None


def test_an_edit_without_a_fitting_selection_cannot_be_made_and_says_why(on_city):
    on_city.desk.select("bin", ["bin0"])
    button = on_city.scenario_panel.edit_box.buttons["close"]
    assert not button.isEnabled()
    assert button.toolTip() == "Select Roads on the map first."
    assert on_city.scenario_panel.edit_box.buttons["move_bins"].isEnabled()


def test_run_and_compare_show_the_difference(on_city, rest, quick):
    on_city.desk.select("link", ["b"])
    on_city.trigger("scenario.close")
    rest(on_city)
    on_city.trigger("run.compare")
    rest(on_city)
    view = on_city.desk.view
    assert view.shown.mode == "difference"
    assert sorted(quick.runs) == ["Scenario 1", "baseline"]
    lines = {line[0]: line[1:] for line in on_city.panels["results"].numbers.texts()}
    assert lines["Open roads"][:3] == ["3", "2", "−1 (−33.3%)"]
    assert on_city.panels["results"].notes.text() == "• Made for a test."
    assert "Differences up to 0.5" in on_city.map_page.bar.note.text()
    assert not on_city.panels["results"].visibleRegion().isEmpty(), "what was asked for lies behind another panel"
    on_city.trigger("map.show_before")
    rest(on_city)
    assert on_city.desk.view.shown.mode == "before"


def test_a_run_can_be_cancelled_and_leaves_nothing(on_city, rest, quick, monkeypatch, qtbot):
    def endless(self, snapshot, scenario, params, seed):
        step = 0
        while True:
            step += 1
            yield Progress("Working", step, 10**9)
            time.sleep(0.001)

    monkeypatch.setattr(quick, "run", endless)
    on_city.scenario_panel.run_box.run("quick")
    qtbot.waitUntil(lambda: any(work.progress.done for work in on_city.desk.worker.works))
    assert not on_city.status.bar.isHidden()
    on_city.trigger("run.cancel")
    rest(on_city)
    assert isinstance(on_city.errors[0], CancelledError)
    assert on_city.desk.view.results == {}
    assert on_city.status.bar.isHidden()


def test_closing_while_something_runs_asks_and_ends_it(on_city, quick, monkeypatch, qtbot):
    def endless(self, snapshot, scenario, params, seed):
        while True:
            yield Progress("Working")
            time.sleep(0.001)

    monkeypatch.setattr(quick, "run", endless)
    on_city.scenario_panel.run_box.run("quick")
    answers = iter([False, True])
    monkeypatch.setattr(on_city, "_may_lose_work", lambda: next(answers))
    assert not on_city.close()
    assert on_city.isVisible()
    assert on_city.close()


def test_the_inspector_shows_everything_and_a_correction_is_journaled(on_city, rest):
    on_city.desk.select("bin", ["bin0"])
    rest(on_city)
    panel = on_city.panels["inspector"]
    assert panel.heading.text() == "B-0"
    assert panel.form.values()["capacity_l"] == 240.0
    assert "Source:" in panel.origin.text()
    assert not panel.form.fields["fill_level"].editor.isEnabled()
    panel.form.fields["capacity_l"].editor.setValue(660.0)
    panel.commit()
    rest(on_city)
    assert on_city.desk.view.snapshot["bin"]["capacity_l"].tolist() == [660.0, 240.0]
    assert on_city.desk.view.journal[0].title == "Change Capacity of Bin"
    on_city.trigger("edit.undo")
    rest(on_city)
    assert panel.form.values()["capacity_l"] == 240.0


def test_keys_of_other_things_are_told_and_not_typed(on_city, rest):
    on_city.desk.select("link", ["a"])
    rest(on_city)
    panel = on_city.panels["inspector"]
    assert [name for name in panel.form.fields if name.endswith("_id")] == []
    assert "From node: n0\nTo node: n1" in panel.origin.text()
    on_city.change_settings(language="zh_CN")
    rest(on_city)
    chosen = panel.form.fields["road_class"].editor
    assert chosen.currentText() == tr_choice("primary") != "primary"


def test_several_things_are_listed_and_one_can_be_chosen(on_city, rest):
    on_city.desk.select("link", ["a", "b"])
    panel = on_city.panels["inspector"]
    assert [panel.several.item(row).text() for row in range(2)] == ["Zhongshan Road", "Yangtze Bridge"]
    panel.several.itemClicked.emit(panel.several.item(1))
    rest(on_city)
    assert panel.heading.text() == "Yangtze Bridge"


def test_the_language_switches_everything_that_is_shown(on_city, rest):
    on_city.start_page.refresh()
    english = _texts(on_city)
    on_city.change_settings(language="zh_CN")
    rest(on_city)
    chinese = _texts(on_city)
    assert {action.text() for action in on_city.actions_by_id.values()} == {tr(text) for text in english["actions"]}
    assert on_city.docks["scenario"].windowTitle() == tr("Scenario")
    on_city.change_settings(language="en")
    rest(on_city)
    again = _texts(on_city)
    assert Counter(again["widgets"]) - Counter(english["widgets"]) == Counter()
    assert Counter(english["widgets"]) - Counter(again["widgets"]) == Counter()
    assert again["actions"] == english["actions"]
    assert chinese["names"] == english["names"]


def _texts(window):
    # What ends in an ellipsis for want of room is whole in its tooltip.
    told = [
        widget.toolTip() if isinstance(widget, Figures) else widget.text()
        for kind in (QLabel, QAbstractButton)
        for widget in window.findChildren(kind)
    ]
    widgets = [text for text in told if text]
    actions = [window.findChild(QAction, name).text() for name in window.actions_by_id]
    return {"widgets": sorted(widgets), "actions": actions, "names": [window.desk.view.name]}


def test_the_theme_switches_at_run_time(on_city, rest):
    on_city.change_settings(theme="light")
    rest(on_city)
    assert theme.current() is theme.LIGHT
    assert on_city.palette().window().color().name() == theme.LIGHT.window
    on_city.change_settings(theme="dark")


def test_every_panel_says_something_with_and_without_a_city(window, session, rest):
    def said(panel):
        lines = sum(view.model().rowCount() for view in panel.findChildren(QAbstractItemView) if not view.isHidden())
        return lines + sum(bool(label.text()) for label in panel.findChildren(QLabel) if not label.isHidden())

    for panel in PANELS:
        assert said(window.panels[panel.name]), panel.name
    path = session.store.path
    session.close()
    files.open_path(window, path)
    rest(window)
    for panel in PANELS:
        assert said(window.panels[panel.name]), panel.name


def test_time_moves_the_city(on_city, rest):
    panel = on_city.time_panel
    assert panel.slider.isEnabled()
    panel.slider.setValue(0)
    rest(on_city)
    assert on_city.desk.view.time is not None
    assert len(on_city.desk.view.snapshot["incident"]) == 1
    panel.go_to(None)
    rest(on_city)
    assert len(on_city.desk.view.snapshot["incident"]) == 2


def test_play_runs_to_the_end_and_stops(on_city, qtbot, rest):
    panel = on_city.time_panel
    panel.step.setCurrentIndex(panel.step.findData(24))
    panel.speed.setCurrentIndex(3)
    panel.toggle()
    assert panel.is_playing
    qtbot.waitUntil(lambda: not panel.is_playing, timeout=20000)
    rest(on_city)
    assert on_city.desk.view.time == on_city.desk.view.time_bounds[1]


def test_a_journal_line_leads_back(on_city, rest):
    for key in ("a", "b"):
        on_city.desk.select("link", [key])
        on_city.trigger("scenario.close")
        rest(on_city)
    panel = on_city.panels["journal"]
    assert panel.list.topLevelItemCount() == 3
    panel.list.setCurrentItem(panel.list.topLevelItem(2))
    panel.back_button.click()
    rest(on_city)
    assert on_city.desk.view.is_baseline
    assert len(on_city.desk.view.scenarios) == 1


def test_an_import_shows_what_it_could_not_take(on_city, rest, monkeypatch):
    problems = tuple(SimpleNamespace(row=row, reason="There is no place.", where="bins.csv") for row in range(3, 6))
    report = SimpleNamespace(source="bins.csv", added={"bin": 7}, changed={}, unchanged={"bin": 2}, problems=problems)

    def task(session, path, options):
        yield Progress("Reading", detail=path.name)
        return report

    monkeypatch.setattr(Session, "import_task", task)
    dialogs = _accept_dialogs(monkeypatch)
    files.drop(on_city, [on_city.desk.view.path / "store.db"])
    assert dialogs
    rest(on_city)
    panel = on_city.panels["problems"]
    assert panel.summary.text() == "bins.csv: 7 added, 0 changed, 2 unchanged, 3 not taken over."
    assert panel.shown.rowCount() == 3
    panel.filter.setText("4")
    assert panel.shown.rowCount() == 1


def _accept_dialogs(monkeypatch):
    from ui.dialogs.imports import ImportDialog

    seen = []

    def accept(dialog):
        seen.append(dialog)
        dialog.accept()

    monkeypatch.setattr(ImportDialog, "open", accept)
    return seen


def test_a_workspace_dropped_on_the_window_opens(window, session, rest):
    path = session.store.path
    session.close()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(event)
    rest(window)
    assert window.desk.view.path == path


def test_a_file_without_a_city_is_refused_with_advice(window, tmp_path):
    file = tmp_path / "bins.csv"
    file.write_text("x")
    files.drop(window, [file])
    assert "Open or make a workspace first" in str(window.errors[0])


def test_a_folder_that_is_no_workspace_is_told(window, tmp_path, rest):
    files.open_path(window, tmp_path / "missing.twin")
    rest(window)
    assert isinstance(window.errors[0], StorageError)
    assert window.desk.view is None


def test_a_workspace_that_another_holds_can_be_read(window, session, rest, monkeypatch):
    asked = []
    monkeypatch.setattr("ui.files.held_workspace", lambda parent, error: asked.append(error) or _box())
    files.open_path(window, session.store.path)
    rest(window)
    assert "holds" in str(asked[0]) or "open" in str(asked[0])
    files.open_path(window, session.store.path, writable=False)
    rest(window)
    assert not window.desk.view.writable
    assert not window.actions_by_id["workspace.import"].isEnabled()
    assert not window.status.access.isHidden()


def _box():
    box = SimpleNamespace(buttonClicked=SimpleNamespace(connect=lambda slot: None), open=lambda: None)
    return box, None


def test_closing_the_city_leads_back_to_the_start(on_city, rest):
    path = on_city.desk.view.path
    on_city.trigger("workspace.close")
    rest(on_city)
    assert on_city.pages.currentWidget() is on_city.start_page
    with Session.open(path) as again:  # the lock was given back
        assert again.store.version == 1


def test_the_layout_is_remembered(on_city, rest):
    on_city.docks["journal"].hide()
    on_city._save_layout()
    stored = json.loads(on_city.desk.settings.path.read_text())
    assert stored["window_state"]
    on_city.reset_layout()
    assert not on_city.docks["journal"].isHidden()
    on_city._restore_layout()
    assert on_city.docks["journal"].isHidden()


def test_layers_can_be_hidden_styled_and_moved(on_city, rest):
    on_city.trigger("map.layer_roads")
    assert not on_city.map_page.scene.is_layer_visible("roads")
    on_city.trigger("map.layer_roads")
    rest(on_city)
    assert on_city.map_page.scene.is_layer_visible("roads")
    panel = on_city.panels["layers"]
    panel.list.setCurrentRow(panel.list.count() - 1)
    lowest = on_city.stack.states[0].layer.name
    panel.up.click()
    assert on_city.stack.states[1].layer.name == lowest
    assert on_city.map_page.scene.layer_names.index(lowest) in (0, 1)


def test_a_result_on_the_map_is_not_hidden_by_points(on_city, rest):
    on_city.scenario_panel.run_box.run("quick")
    rest(on_city)
    assert on_city.desk.view.shown.mode == "after"
    assert not on_city.map_page.scene.is_layer_visible("bins")
    on_city.map_page.bar.everything.click()
    assert on_city.map_page.scene.is_layer_visible("bins")
    on_city.trigger("map.show_none")
    rest(on_city)
    assert isinstance(on_city.desk.view.results["quick"], Result)


def test_a_result_alone_has_no_column_before_and_no_part_of_it_lies_outside_the_panel(on_city, rest):
    on_city.scenario_panel.run_box.run("quick")
    rest(on_city)
    results = on_city.panels["results"]
    assert {line[1] for line in results.numbers.texts()} == {""}
    results.chart_choice.addItem("A very long name of a chart " * 9)
    assert results.chart_choice.minimumSizeHint().width() < 300


def test_the_wheel_scrolls_the_results_and_changes_no_choice(on_city, rest):
    on_city.scenario_panel.run_box.run("quick")
    rest(on_city)
    results = on_city.panels["results"]
    for box in (results.measure, results.chart_choice, on_city.scenario_panel.choice, on_city.scenario_panel.run_box.before):
        box.addItem("another")
        before, middle = box.currentIndex(), QPointF(box.rect().center())
        turn = QWheelEvent(
            middle,
            box.mapToGlobal(middle),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,  # not inverted
        )
        QApplication.sendEvent(box, turn)
        assert box.currentIndex() == before


@pytest.mark.parametrize("error", [StorageError("The disk is full.", "Make room."), RuntimeError("a mistake")])
def test_errors_are_told_without_stopping_the_window(window, error, tmp_path, monkeypatch):
    monkeypatch.setattr("ui.crash.user_log_path", lambda *_a, **_k: tmp_path)
    window.show_error(error)
    texts = [label.text() for label in window.findChildren(QLabel)]
    assert any(("The disk is full." in text) or ("a mistake" in text) for text in texts)
    assert bool(list(tmp_path.glob("crash-*.txt"))) == isinstance(error, RuntimeError)


def test_the_open_city_can_be_opened_again(on_city, rest):
    path = on_city.desk.view.path
    files.open_path(on_city, path)
    rest(on_city)
    assert on_city.desk.view.path == path
    assert on_city.desk.is_writable
    assert on_city.errors == []


def test_a_road_is_selected_whole_and_in_both_directions(on_city):
    on_city.desk.select("link", ["a"])
    on_city.trigger("edit.select_road")
    assert on_city.desk.selection == ("link", frozenset({"a"}))  # the only piece with its name
    on_city.trigger("edit.select_opposite")
    assert on_city.desk.selection == ("link", frozenset({"a"}))  # a one-way road has none


def test_demand_around_the_selection_starts_at_its_middle(on_city):
    on_city.desk.select("link", ["b"])
    on_city.trigger("scenario.demand")
    values = on_city.scenario_panel.edit_box.form.values()
    assert (values["x_m"], values["y_m"]) == tuple(on_city.desk.view.snapshot["link"].xy[1].round())


def test_a_measure_of_cells_brings_the_hexagons_to_the_map(on_city, rest, quick, monkeypatch):
    whole = quick.run

    def only_cells(self, snapshot, scenario, params, seed):
        result = yield from whole(self, snapshot, scenario, params, seed)
        return replace(result, tables={"cell": result.tables["cell"]})

    monkeypatch.setattr(quick, "run", only_cells)
    on_city.scenario_panel.run_box.run("quick")
    rest(on_city)
    assert on_city.map_page.scene.is_layer_visible("hexes")
    assert "Volume" in [legend.title for legend in on_city.map_page.scene.legends()]
    on_city.trigger("map.show_none")
    rest(on_city)
    assert not on_city.map_page.scene.is_layer_visible("hexes")


def test_the_journal_speaks_the_language_in_use():
    set_language("zh_CN")
    assert title_in_words("Undo: Close road in scenario 'A'") == "撤销：封闭道路（情景“A”）"
    set_language("en")
    assert title_in_words("Undo: Close road in scenario 'A'") == "Undo: Close road in scenario 'A'"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_in_a_panel_is_wider_than_the_panel(on_city, rest, language):
    on_city.change_settings(language=language)
    on_city.desk.select("link", ["b"])
    on_city.trigger("scenario.close")
    rest(on_city)
    on_city.trigger("run.compare")
    rest(on_city)
    for name, panel in on_city.panels.items():
        on_city.show_panel(name)
        rest(on_city)
        for area in panel.findChildren(QScrollArea):
            needed = area.widget().minimumSizeHint().width()
            assert needed <= area.viewport().width(), (name, needed, area.viewport().width())


def test_an_empty_city_offers_to_import_and_the_first_data_is_shown_whole(window, rest, tmp_path, small_changes):
    window.desk.open(tmp_path / "new.twin", create=True)
    rest(window)
    assert not window.map_page.empty.isHidden()
    assert not window.actions_by_id["run.all"].isEnabled()
    window.map_page.scene.animated = False
    before = window.map_page.scene.viewpoint
    window.desk.do("Edit", lambda session: session.change(small_changes, "Import of a small city"))
    rest(window)
    assert window.map_page.empty.isHidden()
    assert window.map_page.scene.viewpoint != before


def test_a_new_scenario_is_compared_with_the_city_as_it_is(on_city, rest):
    for name in ("A plan", "Another"):
        on_city.desk.do("New", lambda session, name=name: session.new_scenario(name))
        rest(on_city)
    box = on_city.scenario_panel.run_box
    on_city.desk.do("Scenario", lambda session: session.choose_scenario("baseline"))
    rest(on_city)
    assert box.before.currentData() != "baseline"  # nothing is compared with itself
    on_city.desk.do("Scenario", lambda session: session.choose_scenario("A plan"))
    rest(on_city)
    assert box.before.currentData() == "baseline"


def test_a_picture_is_written_whole_or_refused_with_advice(on_city, rest, monkeypatch, tmp_path):
    rest(on_city)
    told = []
    monkeypatch.setattr(files, "_wrote", lambda _, path: told.append(path))
    monkeypatch.setattr(files, "_ask_save", lambda *_: tmp_path / "map.png")
    files.export_picture(on_city)
    assert told == [tmp_path / "map.png"]
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "folder.png").mkdir()
    monkeypatch.setattr(files, "_ask_save", lambda *_: tmp_path / "folder.png")
    files.export_picture(on_city)
    assert [type(error) for error in on_city.errors] == [StorageError]
    on_city.errors.clear()
    assert sorted(path.name for path in tmp_path.glob("*.p*")) == ["folder.png", "map.png"]


def test_a_report_without_a_comparison_says_what_to_do(on_city):
    on_city.trigger("workspace.report_html")
    assert "Compare" in on_city.status.currentMessage()


def test_messages_and_progress_do_not_share_a_place(on_city, rest):
    def task():
        for step in range(2000):
            yield Progress("Counting", step, 2000)
            time.sleep(0.001)

    work = on_city.desk.worker.start("Count", task())
    assert not on_city.status.doing.isHidden()
    on_city.desk.said.emit("Written: report.html")
    on_city.status.refresh()
    assert on_city.status.doing.isHidden()
    on_city.status.clearMessage()
    assert not on_city.status.doing.isHidden()
    work.cancel()
    rest(on_city)


def test_traffic_moves_over_a_result_when_it_is_wanted_and_the_wish_is_kept(on_city, rest):
    assert not on_city.actions_by_id["map.moving"].isEnabled()
    on_city.scenario_panel.run_box.run("quick")
    rest(on_city)
    on_city.map_page.scene.finish()
    on_city.map_page.scene.grab()
    on_city.enable_actions()
    scene = on_city.map_page.scene
    assert not scene.traffic.is_running, "the processor draws here: it moves only where it was asked to"
    on_city.trigger("map.moving")
    scene.grab()
    assert scene.traffic.is_running
    assert on_city.desk.settings.preferences.moving_traffic == "on"
    on_city.change_settings(moving_traffic="off")
    assert not scene.traffic.is_running
    assert not on_city.map_page.bar.moving.isChecked()
