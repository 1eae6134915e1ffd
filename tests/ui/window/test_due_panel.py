"""The panel of bins that are due: found, filtered, chosen on the map, and said to be old once the city has changed."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from twin.model.changes import Change


@pytest.fixture
def due(on_city, rest):
    """Return the panel on a city whose first bin is full."""
    full = replace(on_city.desk.session.entity("bin", "bin0"), fill_level=1.2)
    on_city.desk.do("Fill", lambda session: session.change([Change(session.entity("bin", "bin0"), full)], "Fill"))
    rest(on_city)
    on_city.show_panel("due")
    return on_city.panels["due"]


def names(panel):
    return [panel.shown.index(row, 0).data() for row in range(panel.shown.rowCount())]


def test_before_anything_is_asked_it_says_what_it_will_tell(due):
    assert "today" in due.summary.text()
    assert due.ask.isEnabled()
    assert due.table.isHidden()


def test_the_full_bin_is_due_today_and_why_is_told(on_city, due, rest):
    due.ask.click()
    rest(on_city)
    assert not on_city.errors
    assert names(due)[0] == "B-0"
    assert [due.shown.index(0, column).data() for column in (1, 2)] == ["today", "alert"]
    assert "%" in due.shown.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert due.warning.text() == ""


def test_only_the_days_that_are_chosen_are_listed(on_city, due, rest):
    due.ask.click()
    rest(on_city)
    everything = names(due)
    listed = []
    for days in ("0", "1", "2"):
        due.days.setCurrentIndex(due.days.findData(days))
        due.days.activated.emit(due.days.currentIndex())
        listed += names(due)
    assert listed == everything


def test_a_row_is_selected_on_the_map(on_city, due, rest):
    due.ask.click()
    rest(on_city)
    due.table.selectRow(0)
    rest(on_city)
    assert on_city.desk.session.selection == ("bin", frozenset({"bin0"}))


def test_a_change_of_the_city_makes_the_list_old_and_it_says_so(on_city, due, rest):
    due.ask.click()
    rest(on_city)
    emptied = replace(on_city.desk.session.entity("bin", "bin0"), fill_level=0.0)
    on_city.desk.do("Empty", lambda session: session.change([Change(session.entity("bin", "bin0"), emptied)], "Empty"))
    rest(on_city)
    assert "changed" in due.warning.text()
    due.ask.click()
    rest(on_city)
    assert due.warning.text() == ""


def test_the_list_is_saved_whole(on_city, due, rest, tmp_path, monkeypatch):
    due.ask.click()
    rest(on_city)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "due.csv"), ""))
    due.save.click()
    rest(on_city)
    with (tmp_path / "due.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == names(due)


def test_a_city_without_bins_says_what_to_import(window):
    panel = window.panels["due"]
    assert "Import bins" in panel.summary.text()
    assert not panel.ask.isEnabled()
