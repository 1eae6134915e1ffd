"""What stands around the scene: scale bar, legends, badge, whose map it is, tooltips."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers import scales
from layers.base import Legend, LegendEntry, Scene
from layers.outline import outline
from tests.town import frame, hill, points, town
from ui import language, legends
from ui.picture import layers_at_start, render
from ui.scene_view import SceneView, legend_column, overlay, prepare, tooltips
from ui.scene_view.view import attribution
from ui.scene_view.viewpoint import Viewpoint


@pytest.fixture(autouse=True)
def application(qapp):
    return qapp


@given(st.floats(1e-3, 1e4))
def test_the_scale_bar_has_a_round_length_that_fits(pixel_m):
    length = overlay.scale_length_m(pixel_m)
    assert length / pixel_m <= 160.001
    assert length / pixel_m > 160 / 2.6
    assert f"{length:.0e}"[0] in "125"


def test_lengths_are_metres_or_kilometres():
    assert overlay.length_text(200.0) == "200 m"
    assert overlay.length_text(5000.0) == "5 km"


def some_legends(count, entries=6):
    rows = tuple(LegendEntry((9, 9, 9, 255), text="value") for _ in range(entries))
    return [Legend(f"Legend {i}", rows) for i in range(count)]


@pytest.mark.parametrize("size", [(1600, 900), (900, 600), (500, 1200), (300, 200)])
def test_legends_stand_apart_inside_the_view_and(size):
    found = legend_column.boxes(size, some_legends(12))
    rects = [box.rect for box in found]
    for i, one in enumerate(rects):
        assert one.left() > size[0] * 0.6
        assert one.top() >= 0
        assert one.bottom() <= size[1]
        assert not any(one.intersects(other) for other in rects[i + 1 :])
    if all(box.form != legend_column.SWATCHES for box in found):
        assert sum(one.height() for one in rects) <= size[1] / 2


def test_legends_fold_before_they_cover_the_city_those_of_the_map_first():
    assert {box.form for box in legend_column.boxes((1600, 900), some_legends(1))} == {legend_column.OPEN}
    assert {box.form for box in legend_column.boxes((1600, 900), some_legends(4))} == {legend_column.FOLDED}
    forms = [box.form for box in legend_column.boxes((1600, 900), some_legends(9))]
    assert forms[0] == legend_column.FOLDED
    assert forms[-1] == legend_column.SWATCHES
    speeds = Legend("Speed", tuple(LegendEntry((9, 9, 9, 255), values=(float(v),)) for v in range(5)), "m/s")
    (box,) = (box for box in legend_column.boxes((1600, 900), [*some_legends(9), speeds]) if box.legend is speeds)
    assert box.form == legend_column.FOLDED


@pytest.mark.parametrize("size", [(1600, 900), (700, 900), (1200, 400)])
@pytest.mark.parametrize("terrain", [None, hill()])
def test_home_shows_the_whole_city_beside_the_legends(qtbot, size, terrain):
    view = SceneView(animated=False)
    qtbot.addWidget(view)
    view.resize(*size)
    scene = Scene(town(terrain=terrain))
    view.set_scene(scene, layers_at_start(Scene(town())))
    view.home()
    left, top, right, bottom = view._free_part()
    assert right <= min(rect.left() for rect in view._legend_rects())
    px, depth = view.viewpoint.project(outline(scene.snapshot), view.size_px)
    assert (depth > 0).all()
    assert (px >= (left - 3, top - 3)).all()
    assert (px <= (right + 3, bottom + 3)).all()
    view.close()


def test_who_has_moved_stays_when_legends_come(qtbot):
    view = SceneView(animated=False)
    qtbot.addWidget(view)
    view.show_scene(Scene(town()))
    view.viewpoint = Viewpoint(10, 20, 0, 333, 0, 30)
    view.set_scene(Scene(town()), layers_at_start(Scene(town())))
    assert (view.viewpoint.x_m, view.viewpoint.distance_m) == (10, 333)
    view.close()


def test_openstreetmap_is_named_where_its_data_is():
    city = replace(town(), sources=frozenset({"osm", "csv"}))
    assert attribution(Scene(city)) == "© OpenStreetMap contributors"
    assert attribution(Scene(town())) == ""


def test_made_up_data_bears_its_badge_and_real_data_does_not():
    def corner(synthetic):
        image = render(Scene(town(synthetic=synthetic)), [], (640, 360), title="")
        return {image.pixelColor(x, y).name() for x in range(14, 120) for y in range(14, 36)}

    assert "#f2a541" in corner(True)
    assert "#f2a541" not in corner(False)


@pytest.mark.parametrize("dark", [True, False])
def test_a_picture_has_its_size_and_shows_a_city(dark):
    scene = Scene(town(), dark=dark)
    image = render(scene, None, (900, 600), language="zh_CN")
    assert (image.width(), image.height()) == (900, 600)
    seen = {image.pixelColor(x, y).name() for x in range(0, 900, 3) for y in range(0, 600, 3)}
    assert len(seen) > 60
    assert language.language() == "en"


def test_a_large_picture_shows_the_same_as_a_small_one():
    scene, plan = Scene(town(), dark=False), Viewpoint(0, 0, 0, 1500, 0, 0)
    layers = [
        (layer, style)
        for layer, style in layers_at_start(Scene(town()))
        if layer.name in ("terrain", "land_use", "buildings", "roads")
    ]
    small, large = (render(scene, layers, (size, size), plan) for size in (500, 1300))
    assert (large.width(), large.height()) == (1300, 1300)
    for x, y, z in ((-300, 180, 0), (396, -250, 0), (-170, 100, 12), (-100, 0.5, 1)):
        one, other = (
            picture.pixelColor(*plan.project(np.array([[x, y, z]]), (side, side))[0][0].astype(int).tolist())
            for picture, side in ((small, 500), (large, 1300))
        )
        assert abs(one.red() - other.red()) + abs(one.green() - other.green()) + abs(one.blue() - other.blue()) < 40


def test_a_legend_is_translated_with_the_window(monkeypatch):
    monkeypatch.setattr(legends, "tr", lambda text: {"Bins": "垃圾桶", "Litter": "果皮箱"}.get(text, text))
    legend = Legend("Bins", (LegendEntry((1, 2, 3, 255), "Litter"), LegendEntry((1, 2, 3, 255), text="5")), "L")
    assert legends.words(legend).heading == "垃圾桶  (L)"
    assert legends.words(legend).entries == ("果皮箱", "5")


def test_a_legend_has_the_units_of_the_tables():
    scale = scales.linear(np.array([20.0, 20.0]), start=0.0)
    said = legends.words(Legend("Mean speed", scale.entries(), "m/s"))
    assert said.unit == "km/h"
    assert said.entries[0] == "72.0"
    assert said.entries[-1] == "0.0"
    classes = scales.quantile(np.array([0.0, 600.0, 1800.0]), classes=2)
    assert legends.words(Legend("Delay", classes.entries(), "s")).unit == "min"
    assert legends.words(Legend("Delay", classes.entries(), "s")).entries == ("10.0 … 30.0", "0.0 … 10.0")


def test_classes_close_to_each_other_can_be_told_apart():
    entries = tuple(LegendEntry((0, 0, 0, 255), values=(value,)) for value in (1000.01, 1000.02))
    assert len(set(legends.words(Legend("x", entries, "veh/h")).entries)) == 2


def test_a_tooltip_names_kind_name_and_facts():
    city = town(bin=frame("bin", points((0, 0)), name=["七号桶"], name_en=["Bin 7"], fill_level=[0.5]))
    assert tooltips.text(city, "bin", "bin-0").splitlines() == [
        "Bin · Bin 7",
        "Waste kind: residual",
        "Fill level: 0.5",
        "Capacity: 240 L",
    ]
    assert "m/s" not in tooltips.text(town(), "link", "link-0")
    assert tooltips.text(city, "bin", "gone") == ""
    assert tooltips.text(city, "cell", "8931aa4") == "H3 8931aa4"


def test_the_time_on_show_is_written(qtbot):
    view = SceneView(animated=False)
    qtbot.addWidget(view)
    view.show_scene(Scene(replace(town(), at=datetime(2026, 5, 1, 8, tzinfo=UTC))))
    assert "2026" in view._facts.time
    view.set_time(None)
    assert view._facts.time == ""
    view.close()


def test_without_a_display_everything_is_off_screen():
    environment: dict[str, str] = {}
    assert prepare(environment) is False
    assert environment["QT_QPA_PLATFORM"] == "offscreen"
    assert environment["VTK_DEFAULT_OPENGL_WINDOW"] == "vtkEGLRenderWindow"
    screen = {"DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb"}
    assert prepare(screen) is True
    assert screen["QT_QPA_PLATFORM"] == "xcb"
    assert "VTK_DEFAULT_OPENGL_WINDOW" not in screen


def test_an_edit_that_moves_nothing_leaves_the_outline_as_it_is(session):
    city = session.snapshot
    links = city["link"]
    assert outline(city.with_frame(links.with_values(links.ids, {"lanes": 3.0}))) is outline(city)
    moved = links.with_place(0, shapely.LineString([(0.0, 0.0), (900.0, 9.0)]))
    assert outline(city.with_frame(moved)) is not outline(city)
