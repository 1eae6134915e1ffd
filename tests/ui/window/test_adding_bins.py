"""A planner adds bins in the window: by a click, and beside those that are selected."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt

from twin.model.edits import AddBins
from ui import files
from ui.scene_view import Viewpoint


def added(window):
    return [edit for edit in window.desk.view.scenario.edits if isinstance(edit, AddBins)]


def test_a_click_puts_a_bin_of_the_chosen_kind_and_one_step_takes_it_back(window, session, rest, qtbot):
    path = session.store.path
    session.close()
    files.open_path(window, path)
    rest(window)
    bins = window.desk.view.edited["bin"]
    scene, (x, y) = window.map_page.scene, bins.xy[0].tolist()
    scene.animated = False
    scene.viewpoint = Viewpoint(x, y, 0.0, 900.0, 0.0, 0.0)
    window.trigger("streets.add_bin")
    scene.finish()
    window.map_page.edit_bar.waste_kind.set_value("food")
    window.map_page.edit_bar.capacity.set_value(120.0)
    px, _ = scene.pixel_of(np.array([[x + 60.0, y]]))
    qtbot.mouseClick(scene, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(*(round(v) for v in px[0])))
    rest(window)
    (edit,) = added(window)
    assert (edit.waste_kind, edit.capacity_l) == ("food", 120.0)
    # A pixel is some metres here, and the ground is not flat.
    assert np.hypot(edit.at_m[0][0] - x - 60.0, edit.at_m[0][1] - y) < 10.0
    assert len(window.desk.view.edited["bin"]) == len(bins) + 1
    window.trigger("edit.undo")
    rest(window)
    assert len(window.desk.view.edited["bin"]) == len(bins)
    window.trigger("edit.select_none")
    assert window.map_page.editing.mode == ""


def test_one_like_it_is_put_beside_each_selected_bin(window, session, rest):
    path = session.store.path
    session.close()
    files.open_path(window, path)
    rest(window)
    button = window.scenario_panel.edit_box.buttons["add_bins"]
    assert not button.isEnabled()
    bins = window.desk.view.edited["bin"]
    window.desk.select("bin", bins.ids.tolist())
    button.click()
    rest(window)
    edited = window.desk.view.edited["bin"]
    assert len(edited) == 2 * len(bins)
    assert sorted(edited["waste_kind"][len(bins) :]) == sorted(bins["waste_kind"])
    assert window.errors == []
