"""The scene widget by what is seen and what answers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent

from layers import LAYERS
from layers.base import Scene
from layers.bins import BinsLayer, BinsStyle
from tests.town import frame, points, town
from ui.scene_view import SceneView, Viewpoint

PLAN = Viewpoint(0.0, 0.0, 0.0, 1200.0, 0.0, 0.0)


@pytest.fixture
def view(qtbot):
    made = SceneView(animated=False)
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show()
    yield made
    made.close()


def everything(scene):
    return [(layer, layer.style_type()) for layer in LAYERS if layer.visible_at_start]


def pixel_of(view, x_m, y_m, z_m=0.0):
    px, _ = view.viewpoint.project(np.array([[x_m, y_m, z_m]]), view.size_px)
    return float(px[0, 0]), float(px[0, 1])


def colour_at(image, x, y):
    colour = image.pixelColor(round(x), round(y))
    return colour.red(), colour.green(), colour.blue()


def test_an_overflowing_bin_is_red_where_it_stands_and_answers_there(view, qtbot):
    scene = Scene(town(bin=frame("bin", points((80, -40)), fill_level=[1.1])))
    view.set_scene(scene, [(BinsLayer(), BinsStyle(size_px=8.0))])
    view.viewpoint = PLAN
    image = view.image()
    x, y = pixel_of(view, 80, -40, 4.0)
    red, green, blue = colour_at(image, x, y)
    assert red > 180
    assert green < 90
    assert blue < 110
    pick = view.pick_at(x, y)
    assert pick is not None
    assert (pick.layer, pick.kind, pick.id) == ("bins", "bin", "bin-0")
    with qtbot.waitSignal(view.picked) as picked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert picked.args[:2] == ["bin", "bin-0"]


def test_a_click_on_nothing_says_so_and_names_the_ground(view, qtbot):
    view.set_scene(Scene(town()), everything(None))
    view.viewpoint = PLAN
    view.image()
    x, y = pixel_of(view, -150, 250)
    with qtbot.waitSignals([view.picked, view.clicked_ground]):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    at = view.surface_at(x, y)
    assert at is not None
    assert at[:2] == pytest.approx((-150, 250), abs=1.5)


def test_a_roof_is_picked_as_its_building_in_an_oblique_view(view):
    view.set_scene(Scene(town()), everything(None))
    view.viewpoint = Viewpoint(230, 80, 0, 700, 30, 55)
    view.image()
    pick = view.pick_at(*pixel_of(view, 230, 80, 60.5))
    assert pick is not None
    assert (pick.kind, pick.id) == ("building", "building-1")


def test_the_wheel_keeps_the_ground_under_the_pointer(view):
    view.set_scene(Scene(town()), [])
    view.viewpoint = Viewpoint(0, 0, 0, 1000, 20, 40)
    before = view.viewpoint.ground_at(500, 120, view.size_px)
    turn = QWheelEvent(
        QPointF(500, 120), QPointF(500, 120), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    view.wheelEvent(turn)
    assert view.viewpoint.distance_m == pytest.approx(640)
    assert view.viewpoint.ground_at(500, 120, view.size_px) == pytest.approx(before, abs=1e-6)


def test_a_drag_carries_the_ground_along(view, qtbot):
    view.set_scene(Scene(town()), [])
    view.viewpoint = Viewpoint(0, 0, 0, 1000, 0, 35)
    grabbed = view.viewpoint.ground_at(300, 200, view.size_px)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(view, QPoint(380, 260))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(380, 260))
    assert view.viewpoint.ground_at(380, 260, view.size_px) == pytest.approx(grabbed, abs=1e-6)


def test_layers_come_and_go_without_leaving_actors(view):
    scene = Scene(town())
    view.set_scene(scene, everything(scene))
    view.finish()
    count = view.stage.actor_count
    assert count > 10
    for _ in range(3):
        view.set_scene(scene, everything(scene))
        view.finish()
    assert view.stage.actor_count == count
    view.set_scene(scene, [])
    view.finish()
    assert view.stage.actor_count == 0


def test_a_selected_building_is_outlined(view):
    scene = Scene(town())
    view.set_scene(scene, everything(scene))
    view.viewpoint = PLAN
    plain = view.image()
    view.set_selection("building", ["building-3"])
    marked = view.image()
    x, y = pixel_of(view, -300, -180, 3.0)
    assert colour_at(plain, x, y) != colour_at(marked, x, y)
    red, green, blue = colour_at(marked, x, y)
    assert red > 200
    assert blue < 150
    assert green > 180


def test_hidden_layers_are_neither_seen_nor_picked(view):
    scene = Scene(town())
    view.set_scene(scene, everything(scene))
    view.viewpoint = PLAN
    view.image()
    x, y = pixel_of(view, -270, -180, 9.0)
    assert view.pick_at(x, y).kind == "building"
    view.set_layer_visible("buildings", False)
    view.image()
    assert view.pick_at(x, y) is None
    assert not any(legend.title == "Buildings" for legend in view.legends())


def test_the_view_slows_to_full_detail_after_a_rest(view, qtbot):
    view.set_scene(Scene(town()), [])
    view.viewpoint = PLAN
    assert view.is_moving
    qtbot.waitUntil(lambda: not view.is_moving, timeout=3000)


def test_fly_to_bounds_shows_the_whole_rectangle(view):
    view.set_scene(Scene(town()), [])
    view.fly_to_bounds((100, 100, 300, 200))
    px, depth = view.viewpoint.project(np.array([(100, 100, 0), (300, 200, 0), (100, 200, 0), (300, 100, 0)]), view.size_px)
    assert (depth > 0).all()
    assert (px > 0).all()
    assert (px < view.size_px).all()


def test_names_follow_the_language(view):
    scene = Scene(town(building=frame("building", [shapely.box(0, 0, 1, 1)])))
    view.set_scene(scene, everything(scene))
    view.viewpoint = PLAN
    view.finish()
    view.set_language("zh_CN")
    assert "长安街" in {label.text for label in view.labels()}
    view.set_language("en")
    assert "Chang'an Avenue" in {label.text for label in view.labels()}
