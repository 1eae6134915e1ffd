"""The catalogue of actions: whole, unique, in both languages, and each can be done or says that it cannot."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog

from layers import LAYERS
from sim import SIMULATIONS as REAL_SIMULATIONS
from twin.model.edits import EDITS
from ui.actions import ACTIONS, MENUS
from ui.dialogs.palette import command_palette
from ui.language import catalogue, set_language
from ui.panels.catalogue import PANELS
from ui.theme import ASSETS


def test_ids_and_keys_are_unique():
    assert [name for name, count in Counter(action.id for action in ACTIONS).items() if count > 1] == []
    keys = [QKeySequence(action.shortcut).toString() for action in ACTIONS if action.shortcut]
    assert all(keys)
    assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_every_entry_of_the_other_catalogues_has_its_action():
    ids = {action.id for action in ACTIONS}
    assert {f"map.layer_{layer.name}" for layer in LAYERS} <= ids
    assert {f"scenario.{edit.name}" for edit in EDITS} <= ids
    assert {f"window.panel_{panel.name}" for panel in PANELS} <= ids


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_an_action_is_whole(action):
    assert action.menu in MENUS
    assert action.label
    assert action.icon == "" or (ASSETS / "icons" / f"{action.icon}.svg").is_file()
    for text in (action.label, action.menu, action.hint):
        assert not text or catalogue("zh_CN").get(text), f"{text!r} has no Chinese"


def test_every_action_stands_in_its_menu(window):
    shown = {action.objectName() for menu in window.menuBar().actions() for action in menu.menu().actions()}
    assert {action.id for action in ACTIONS} <= shown


def test_every_action_can_be_done_or_is_disabled(on_city, rest, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: ("", ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *a, **k: ([], ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a, **k: "")
    monkeypatch.setattr(QInputDialog, "getText", lambda *a, **k: ("", False))
    on_city.desk.select("link", ["a"])
    last = ("workspace.demo", "workspace.close", "workspace.quit", "window.full_screen")
    real = tuple(f"run.{simulation.name}" for simulation in REAL_SIMULATIONS)  # the fixture has another one in their place
    for action in ACTIONS:
        if action.id in last + real:
            continue
        on_city.trigger(action.id)
        rest(on_city)
        for dialog in on_city.findChildren(QDialog):
            dialog.close()
    assert [str(error) for error in on_city.errors] == []


def test_what_cannot_be_done_is_disabled_without_a_city(window):
    window.enable_actions()
    enabled = {name for name, action in window.actions_by_id.items() if action.isEnabled()}
    assert {"workspace.new", "workspace.open", "workspace.demo", "window.palette", "help.start"} <= enabled
    assert not enabled & {"workspace.import", "edit.undo", "scenario.close", "run.compare", "map.home", "edit.find"}


def test_the_palette_finds_by_english_and_by_chinese(on_city, qtbot):
    for language in ("en", "zh_CN"):
        set_language(language)
        palette = command_palette(on_city)
        qtbot.addWidget(palette)
        palette.line.setText("close wor")
        english = palette.texts()[0]
        palette.line.setText(catalogue("zh_CN")["Close workspace"])
        assert palette.texts()[0] == english
        palette.close()


def test_the_palette_does_what_is_chosen(on_city, qtbot, rest):
    on_city.desk.select("link", ["a"])
    palette = on_city.open_palette()
    palette.line.setText("close road")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    rest(on_city)
    assert [edit.name for edit in on_city.desk.view.scenario.edits] == ["close"]


def test_finding_a_road_selects_all_its_pieces_and_flies_there(on_city, qtbot, rest):
    dialog = on_city.find_place()
    dialog.line.setText("大桥")
    assert dialog.texts() == ["长江大桥"]
    before = on_city.map_page.scene.viewpoint
    dialog.accept()
    rest(on_city)
    assert on_city.desk.selection == ("link", frozenset({"b"}))
    qtbot.waitUntil(lambda: on_city.map_page.scene.viewpoint != before)
