"""Each layer by what it shows of a small town."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import shapely

from layers import LAYERS, WITHOUT_RESULTS, shapes
from layers.base import LabelMarks, LineMarks, MeshMarks, Picture, PointMarks, Scene
from layers.bins import BinsLayer, BinsStyle, fill_rgba
from layers.buildings import BuildingsLayer, BuildingsStyle
from layers.cameras import CamerasLayer, CamerasStyle
from layers.cases import CasesLayer, CasesStyle
from layers.colours import meaning, palette, rgba, theme
from layers.districts import DistrictsLayer, DistrictsStyle
from layers.ground import extent, ground_of
from layers.labels import LabelsLayer, LabelsStyle
from layers.roads import RoadsLayer, RoadsStyle
from layers.terrain import TerrainLayer, TerrainStyle, hillshade
from tests.town import frame, hill, town
from twin.model.catalogue import KIND_OF
from twin.model.entity import attributes

SCALES = np.geomspace(0.05, 60, 60)


def marks_at(picture, pixel_m, *, moving=False):
    return [mark for level in picture.all_levels if level.is_shown(pixel_m, moving=moving) for mark in level.marks]


class Unread(dict):
    """Tables that nobody may look at."""

    def __getitem__(self, key):
        pytest.fail(f"the table {key} was read")

    get = values = items = __iter__ = __getitem__


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer.name in WITHOUT_RESULTS], ids=lambda layer: layer.name)
def test_a_layer_without_results_never_looks_at_one(layer):
    scene = Scene(town(), Unread(link=None), "volume_vph", diverging=True)
    assert layer.encode(scene, layer.style_type()) is not None


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_the_catalogue_holds_what_the_panel_needs(layer):
    assert layer.name.isidentifier()
    assert layer.label
    assert isinstance(layer.visible_at_start, bool)
    assert set(layer.kinds) <= set(KIND_OF)
    assert dataclasses.is_dataclass(layer.style_type)
    assert attributes(layer.style_type), "a style without attributes has no form"
    assert layer.style_type.__dataclass_params__.frozen


def test_names_are_unique():
    assert len({layer.name for layer in LAYERS}) == len(LAYERS)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_marks_are_sound(layer, dark):
    for city in (town(), town(terrain=hill())):
        picture = layer.encode(Scene(city, dark=dark), layer.style_type())
        for level in picture.all_levels:
            assert level.from_m < level.to_m
            for mark in level.marks:
                assert_sound(mark)
        if picture.pick_ids is not None:
            assert len(picture.pick_ids) == len(picture.pick_geometry)


def assert_sound(mark):
    assert np.isfinite(mark.xyz).all()
    assert mark.xyz.dtype == np.float32
    if isinstance(mark, LabelMarks):
        assert len(mark.xyz) == len(mark.text_zh) == len(mark.text_en) == len(mark.priority)
        return
    assert mark.rgba.dtype == np.uint8
    assert mark.rgba.shape == (len(mark.xyz), 4)
    if isinstance(mark, MeshMarks):
        assert mark.triangles.dtype == np.int32
        assert not len(mark.triangles) or mark.triangles.max() < len(mark.xyz)
    if isinstance(mark, LineMarks):
        assert mark.offsets[0] == 0
        assert mark.offsets[-1] == len(mark.xyz)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_an_empty_city_draws_nothing_and_fails_nowhere(layer):
    nothing = town(**{kind: frame(kind) for kind in KIND_OF})
    picture = layer.encode(Scene(nothing), layer.style_type())
    assert isinstance(picture, Picture)
    if layer.name != "terrain":
        assert not [mark for level in picture.all_levels for mark in level.marks if len(mark.xyz)]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_choice_of_every_style_can_be_drawn(layer):
    scene = Scene(town())
    for facts in attributes(layer.style_type).values():
        for choice in facts.choices or ((True, False) if facts.type is bool else ()):
            layer.encode(scene, layer.style_type(**{facts.name: choice}))


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
@pytest.mark.parametrize("moving", [True, False])
def test_no_scale_is_left_without_a_level(layer, moving):
    """Between the nearest and the farthest scale at which a layer draws meshes or points there is no gap."""
    picture = layer.encode(Scene(town()), layer.style_type())
    drawn = [bool([m for m in marks_at(picture, s, moving=moving) if not isinstance(m, LabelMarks | LineMarks)]) for s in SCALES]
    changes = int(np.abs(np.diff(drawn)).sum())
    assert changes <= 1


def test_bins_say_by_colour_how_full_they_are():
    colours = [tuple(row) for row in fill_rgba(np.array([0.1, 0.4, 0.7, 0.9, 1.2, np.nan])).tolist()]
    assert len(set(colours)) == 6
    legend = BinsLayer().encode(Scene(town()), BinsStyle()).legend
    assert {entry.rgba for entry in legend.entries} >= set(colours[:5])
    by_kind = BinsLayer().encode(Scene(town()), BinsStyle(colour_by="waste kind")).legend
    assert rgba(meaning("waste")["food"]) in {entry.rgba for entry in by_kind.entries}


def test_a_fuller_bin_is_a_higher_column():
    picture = BinsLayer().encode(Scene(town()), BinsStyle())
    (mesh,) = marks_at(picture, 0.2)
    top = [mesh.xyz[np.hypot(mesh.xyz[:, 0] - x, mesh.xyz[:, 1] + 50) < 5, 2].max() for x in (-100, -60)]
    assert top[0] > top[1] + 4


def test_buildings_stand_on_their_ground():
    city = town(terrain=hill())
    ground, floors = ground_of(city), city["building"].xy
    (mesh,) = marks_at(BuildingsLayer().encode(Scene(city), BuildingsStyle()), 3.0)
    for (x, y), floor, height in zip(floors, ground.at(floors), city["building"]["height_m"], strict=True):
        near = mesh.xyz[(np.abs(mesh.xyz[:, 0] - x) < 31) & (np.abs(mesh.xyz[:, 1] - y) < 21), 2]
        assert near.max() == pytest.approx(floor + height, abs=1.2)
        assert near.min() < floor


def test_a_large_city_in_motion_shows_its_tall_buildings(monkeypatch):
    monkeypatch.setattr("layers.buildings.MOST_MOVING", 2)
    picture = BuildingsLayer().encode(Scene(town()), BuildingsStyle())
    resting, moving = marks_at(picture, 3.0), marks_at(picture, 3.0, moving=True)
    assert sum(len(m.xyz) for m in moving) < sum(len(m.xyz) for m in resting)
    assert max(m.xyz[:, 2].max() for m in moving) == pytest.approx(60.5, abs=0.6)
    assert marks_at(picture, 0.5, moving=True)[0].xyz.shape == resting[0].xyz.shape


def test_one_band_stands_for_both_directions_of_a_street():
    scene = Scene(town())
    near = marks_at(RoadsLayer().encode(scene, RoadsStyle()), 0.5)
    avenue = [mark for mark in near if np.abs(mark.xyz[:, 0]).max() > 400]
    tones = {tuple(row) for mark in avenue for row in mark.rgba.tolist()}
    assert rgba(theme(dark=True)["road"]["primary"]) in tones
    primary = [m.xyz[(m.rgba == rgba(theme(dark=True)["road"]["primary"])).all(axis=1)] for m in near]
    width = max(np.ptp(xyz[:, 1]) for xyz in primary if len(xyz))
    assert width == pytest.approx(2 * 2 * 3.3 + 1.5, abs=0.01)
    assert sum(len(xyz) for xyz in primary) == 4


def test_a_closed_road_shows_whichever_direction_is_closed():
    links = town()["link"].with_values(["link-1"], {"closed": True})
    picture = RoadsLayer().encode(Scene(town(link=links)), RoadsStyle())
    red = rgba(theme(dark=True)["road_closed"])
    for pixel_m in (0.5, 3.0, 10.0):
        assert any((mark.rgba == red).all(axis=1).any() for mark in marks_at(picture, pixel_m))
    assert "Closed road" in {entry.label for entry in picture.legend.entries}


def test_a_bridge_rises_and_ends_where_the_road_goes_on():
    links = town()["link"].with_values(["link-2"], {"bridge": True})
    picture = RoadsLayer().encode(Scene(town(link=links)), RoadsStyle())
    line = next(m for m in marks_at(picture, 3.0) if np.abs(m.xyz[:, 0]).max() < 1)
    height = line.xyz[np.argsort(line.xyz[:, 1]), 2]
    assert height.max() > height[0] + 4
    assert height[0] == pytest.approx(height[-1])


def test_a_camera_shows_what_it_sees_only_when_its_direction_is_known():
    picture = CamerasLayer().encode(Scene(town()), CamerasStyle())
    cones = [m for m in marks_at(picture, 1.0) if isinstance(m, MeshMarks)]
    assert len(cones) == 1
    assert cones[0].xyz[:, 0].min() >= 20 - 1e-3  # it looks east from x = 20
    assert (cones[0].rgba[:, 3] < 255).all()
    assert not [
        m for m in marks_at(CamerasLayer().encode(Scene(town()), CamerasStyle(view_cones=False)), 1.0) if isinstance(m, MeshMarks)
    ]


def test_closed_cases_are_shown_only_when_asked_for():
    def shown(style):
        return sum(len(m.xyz) for m in marks_at(CasesLayer().encode(Scene(town()), style), 1.0) if isinstance(m, PointMarks))

    assert shown(CasesStyle()) == 1
    assert shown(CasesStyle(show_closed=True)) == 2


def test_a_district_answers_on_its_boundary_alone():
    picture = DistrictsLayer().encode(Scene(town()), DistrictsStyle())
    assert shapely.get_dimensions(picture.pick_geometry).tolist() == [1]
    assert shapely.distance(picture.pick_geometry[0], shapely.Point(0, 0)) > 400


def test_street_names_come_in_both_languages_and_once():
    picture = LabelsLayer().encode(Scene(town()), LabelsStyle())
    near = [m for m in marks_at(picture, 0.5) if m.role == "street"]
    assert sorted(near[0].text_zh.tolist()) == ["南巷", "长安街"]
    assert "Chang'an Avenue" in near[0].text_en.tolist()
    far = [text for m in marks_at(picture, 5.0) for text in m.text_zh.tolist()]
    assert "长安街" in far
    assert "南巷" not in far


def test_hills_are_bright_in_the_north_west_and_dark_in_the_south_east():
    terrain = hill()
    x = np.linspace(-1, 1, 41)
    terrain.heights_m[:] = 300 * np.exp(-3 * (x[None, :] ** 2 + x[:, None] ** 2))
    ground = ground_of(town(terrain=terrain))
    light = hillshade(ground, dark=False)[:, :3].astype(int).sum(axis=1).reshape(ground.z_m.shape)
    rows, columns = light.shape
    assert light[int(rows * 0.65), int(columns * 0.35)] > light[int(rows * 0.35), int(columns * 0.65)] + 60
    flat = hillshade(ground, dark=False, strength=0.0)
    assert len({tuple(row) for row in flat.tolist()}) == 1


def test_the_plain_ends_in_the_colour_of_its_rim():
    (plain,) = marks_at(TerrainLayer().encode(Scene(town()), TerrainStyle()), 1.0)
    radius = np.hypot(*plain.xyz[:, :2].T)
    rim = plain.rgba[radius > radius.max() * 0.99]
    assert {tuple(row) for row in rim.tolist()} == {rgba(theme(dark=True)["ground_edge"])}


def test_the_extent_holds_the_city():
    assert extent(town()) == pytest.approx((-520, -420, 520, 420))
    assert all(math.isfinite(value) for value in extent(town(**{kind: frame(kind) for kind in KIND_OF})))


def test_hills_are_seen_in_the_dark_and_through_what_covers_them():
    terrain = hill()
    x = np.linspace(-1, 1, 41)
    terrain.heights_m[:] = 300 * np.exp(-3 * (x[None, :] ** 2 + x[:, None] ** 2))
    ground = ground_of(town(terrain=terrain))
    tone = ground.tone_at(np.array([(-150.0, 150.0), (150.0, -150.0)]))
    assert tone[0] > 0.1 > -0.1 > tone[1]
    shown = hillshade(ground, dark=True)[:, :3].astype(int).sum(axis=1)
    assert np.percentile(shown, 98) > 2 * np.percentile(shown, 2)
    park, colour = shapely.box(-300, -300, 300, 300), palette([theme(dark=True)["land_use"]["green"]])
    lit = shapes.areas(np.array([park]), colour, ground, 1.0, shading=1.9)
    plain = shapes.areas(np.array([park]), colour, ground, 1.0)
    assert len({tuple(row) for row in plain.rgba.tolist()}) == 1
    assert np.ptp(lit.rgba[:, 1].astype(int)) > 20


def test_the_uses_of_buildings_can_be_told_apart():
    for dark in (True, False):
        uses = theme(dark=dark)["building"]
        shown = palette([uses[use] for use in ("residential", "commercial", "industrial", "education", "health", "other")])
        far = np.abs(shown[:, None, :3].astype(int) - shown[None, :, :3]).sum(axis=-1)
        assert far[~np.eye(len(far), dtype=bool)].min() >= 30
