"""The ranking in the window: started, read, sorted, followed on the map, kept as a scenario."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from ui.dialogs.sweep import SweepDialog


@pytest.fixture
def dialog(on_city):
    made = on_city.open_sweep()
    yield made
    made.close()


def test_it_says_what_it_will_do_before_it_has_done_anything(dialog):
    assert isinstance(dialog, SweepDialog)
    assert "closed by itself" in dialog.notes.text()
    assert dialog.begin.isEnabled()
    assert not dialog.keep.isEnabled()
    assert dialog.table.rowCount() == 0


def test_a_sweep_fills_the_table_and_a_row_selects_its_road(on_city, dialog, rest):
    dialog.start()
    rest(on_city)
    assert on_city.errors == []
    assert dialog.table.rowCount() == 3
    assert "Effect: Busiest road" in dialog.notes.text()
    dialog.table.selectRow(1)
    kind, ids = on_city.desk.selection
    assert kind == "link"
    assert ids == frozenset(dialog.chosen().case.target_ids)
    dialog.make_scenario()
    rest(on_city)
    assert on_city.desk.view.scenario.edits == dialog.chosen().case.edits


def test_it_is_sorted_by_numbers_and_rows_stay_true(on_city, dialog, rest):
    dialog.start()
    rest(on_city)
    dialog.table.sortItems(2, Qt.SortOrder.AscendingOrder)
    effects = []
    for place in range(3):
        dialog.table.selectRow(place)
        effects.append(dialog.chosen().effect.difference)
    assert effects == sorted(effects)


def test_selected_roads_and_the_edits_of_a_scenario_are_offered(on_city, rest):
    on_city.desk.select("link", ["a", "b"])
    rest(on_city)
    made = on_city.open_sweep()
    offered = [made.what.itemText(row) for row in range(made.what.count())]
    assert offered[0] == "Selected roads"
    assert "All roads" in offered
    made.what.setCurrentIndex(0)
    made.start()
    rest(on_city)
    assert made.table.rowCount() == 2
    made.close()
