"""Moving traffic over the scene: it moves while it is seen, hides behind houses, and rests when nobody looks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from layers.base import Scene
from layers.buildings import BuildingsLayer, BuildingsStyle
from layers.congestion import CongestionLayer, CongestionStyle
from tests.town import frame, town
from twin.model.results import Measure, ResultTable
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


def result(volume=1800.0):
    columns = {"volume_vph": np.full(3, volume), "speed_mps": np.full(3, 10.0)}
    ids = np.array(["link-0", "link-1", "link-2"], dtype=object)
    return ResultTable("link", ids, columns, tuple(Measure(name, name) for name in columns))


def shown(view, city=None, **scene):
    traffic = Scene(city or town(), {"link": result()}, "volume_vph", **scene)
    view.set_scene(traffic, [(CongestionLayer(), CongestionStyle()), (BuildingsLayer(), BuildingsStyle())])
    view.viewpoint = PLAN
    view.set_traffic_moving(True)
    view.image()
    return traffic


def vehicles(image):
    """Return the pixels of vehicles: the only ones that are as light as this."""
    bits = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, :3].astype(int)
    light = (bits.min(axis=2) > 215) & (bits.max(axis=2) > 245)
    return light[100:380, :420]  # without the frame around


def test_vehicles_move_and_the_scene_is_not_drawn_again_for_them(view):
    shown(view)
    first = vehicles(view.grab().toImage())
    frames = []
    draw = view.stage.draw
    view.stage.draw = lambda *arguments, **options: frames.append(1) or draw(*arguments, **options)
    view.traffic._step()
    second = vehicles(view.grab().toImage())
    assert first.sum() > 50
    assert (first != second).any()
    assert frames == []


def test_the_same_time_looks_the_same(view):
    shown(view)
    view.traffic.t_s = 7.0
    first = vehicles(view.grab().toImage())
    view.traffic.t_s = 9.0
    view.grab()
    view.traffic.t_s = 7.0
    assert (vehicles(view.grab().toImage()) == first).all()


def test_a_house_hides_what_drives_behind_it(view):
    tower = frame("building", [shapely.box(-400, -60, 400, 60)], height_m=[60.0], use=["residential"])
    shown(view)
    in_the_open = vehicles(view.grab().toImage()).sum()
    shown(view, town(building=tower))
    assert vehicles(view.grab().toImage()).sum() < 0.6 * in_the_open


def test_it_rests_when_it_is_off_when_nobody_sees_it_and_without_traffic(view):
    shown(view)
    view.grab()
    assert view.traffic.is_running
    view.hide()
    assert not view.traffic.is_running
    view.show()
    view.grab()
    assert view.traffic.is_running
    view.set_traffic_moving(False)
    assert not view.traffic.is_running
    view.set_traffic_moving(True)
    view.set_scene(Scene(town()), [])
    view.grab()
    assert not view.traffic.is_running


def test_it_is_not_painted_while_the_view_moves_and_comes_back_at_rest(view):
    shown(view)
    view.viewpoint = Viewpoint(10.0, 0.0, 0.0, 1100.0, 0.0, 0.0)
    assert vehicles(view.grab().toImage()).sum() == 0
    view.finish()
    assert vehicles(view.grab().toImage()).sum() > 50


def test_a_view_to_the_horizon_has_traffic_too(view):
    shown(view)
    view.viewpoint = Viewpoint(0.0, 0.0, 0.0, 300.0, 20.0, 80.0)
    view.image()
    assert len(view.traffic._fleet) > 0
