"""Ribbons: as wide as their traffic, on the side on which it drives, and a legend that says how wide is how much."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.base import Scene
from layers.congestion import CongestionLayer, CongestionStyle
from layers.ground import ground_of
from layers.ribbons import LEAST_PX, MOST_PX, RANGES, Ribbons, width_px, widths
from tests.town import frame, town
from twin.model.results import Measure, ResultSeries, ResultTable

RED = np.array([[255, 0, 0, 255]], np.uint8)


def ribbon(links, size, side=1):
    rows = np.arange(len(links))
    sizes = np.full(len(links), size)
    return Ribbons(links, rows, sizes, np.repeat(RED, len(links), axis=0), ground_of(town()), side)


def street(*, reverse="", lanes=1.0):
    return frame("link", [shapely.LineString([(0, 0), (100, 0)])], reverse_id=[reverse], lanes=[lanes])


@pytest.mark.parametrize("pixel_m", [0.5, 2.5, 6.0, 13.0])
@pytest.mark.parametrize("size", [0.0, 0.25, 1.0])
def test_a_band_is_as_wide_as_its_size_says(pixel_m, size):
    (mesh,) = ribbon(street(), size).marks(pixel_m)
    assert np.ptp(mesh.xyz[:, 1]) == pytest.approx(pixel_m * (LEAST_PX + (MOST_PX - LEAST_PX) * size), rel=1e-5)


def test_each_direction_lies_on_the_side_on_which_it_drives():
    for side in (1, -1):
        (mesh,) = ribbon(street(reverse="other"), 0.5, side).marks(2.5)
        assert (np.sign(mesh.xyz[:, 1]) == -side).all()  # eastwards: the right is the south


def test_a_narrow_band_of_a_one_way_road_lies_in_its_middle_and_a_wide_one_grows_outwards():
    links = street(lanes=3.0)
    (narrow,) = ribbon(links, 0.0).marks(1.2)
    (wide,) = ribbon(links, 1.0).marks(6.0)
    assert narrow.xyz[:, 1].mean() == pytest.approx(0.0, abs=1e-5)
    carriageway_m = 3 * 3.3 + 1.5
    assert wide.xyz[:, 1].max() == pytest.approx(carriageway_m / 2, rel=1e-4)  # no wider to the left than its road


@given(st.lists(st.floats(0.0, 1e5), min_size=1, max_size=60))
def test_the_widest_band_is_a_round_number_and_widths_are_in_proportion(volumes):
    volume = np.array(volumes)
    scale = widths(volume)
    assert scale.most > 0
    assert f"{scale.most:.1e}"[2] in "05"  # 1, 1.5, 2, 3 … times a power of ten
    assert scale.most >= np.percentile(volume, 98) * (1 - 1e-6)
    assert scale.size(np.array([0.0, scale.most / 2, scale.most, 9e9])) == pytest.approx([0, 0.5, 1, 1])


def test_volumes_that_are_nothing_make_no_scale_of_nothing():
    for volume in (np.zeros(3), np.array([]), np.array([np.nan])):
        assert widths(volume).most == 1.0


def test_every_scale_has_exactly_one_set_of_bands():
    levels = ribbon(street(), 1.0).levels()
    for pixel_m in np.geomspace(0.05, 60, 40):
        assert sum(level.is_shown(pixel_m, moving=False) for level in levels) == 1
    assert [low for low, _, _ in RANGES][1:] == [high for _, high, _ in RANGES][:-1]


def table(**columns):
    measures = tuple(Measure(name, name, "veh/h") for name in columns)
    ids = np.array(["link-0", "link-1", "link-2"], dtype=object)
    return ResultTable("link", ids, {name: np.array(values, float) for name, values in columns.items()}, measures)


def test_the_legend_says_how_wide_is_how_much():
    scene = Scene(town(), {"link": table(volume_vph=[2000, 1000, 100], grade=[1, 1, 1])}, "grade")
    legend = CongestionLayer().encode(scene, CongestionStyle()).widths
    assert (legend.title, legend.unit) == ("Width: volume", "veh/h")
    assert [entry.values for entry in legend.entries] == [(2000.0,), (1000.0,), (500.0,)]
    assert [entry.width_px for entry in legend.entries] == [width_px(1.0), width_px(0.5), width_px(0.25)]
    assert CongestionLayer().encode(scene, CongestionStyle(width_by_volume=False)).widths is None


def test_a_difference_of_volumes_is_as_wide_as_it_is_large():
    numbers = table(volume_vph_before=[900, 900, 50], volume_vph_after=[0, 890, 50], volume_vph_difference=[-900, -10, 0])
    scene = Scene(town(), {"link": numbers}, "volume_vph_difference", diverging=True, noise=5.0)
    picture = CongestionLayer().encode(scene, CongestionStyle())
    assert picture.widths.title == "Width: difference of volume"
    (mesh,) = [m for level in picture.all_levels if level.is_shown(2.0, moving=False) for m in level.marks]
    south, north = mesh.xyz[:, 1] < 0, mesh.xyz[:, 1] > 0
    assert np.ptp(mesh.xyz[south, 1]) > 3 * np.ptp(mesh.xyz[north, 1])


def test_at_a_moment_colours_and_widths_are_those_of_the_whole_day():
    ids = np.array(["link-0", "link-1", "link-2"], dtype=object)
    speeds = np.array([[14, 14, 14], [2, 14, 14]], np.float32)
    measures = (Measure("speed_mps", "Speed", "m/s", worse="lower"), Measure("flow_vph", "Flow", "veh/h"))
    day = ResultSeries(
        "link",
        ids,
        np.array([0.0, 300.0]),
        300.0,
        {"speed_mps": speeds, "flow_vph": np.full((2, 3), 800, np.float32)},
        measures,
    )
    legends = []
    for moment in (0, 1):
        columns = {name: column[moment].astype(float) for name, column in day.columns.items()}
        scene = Scene(town(), {"link": ResultTable("link", ids, columns, measures)}, "speed_mps", series={"link": day})
        picture = CongestionLayer().encode(scene, CongestionStyle())
        legends.append((picture.legend, picture.widths))
    assert legends[0] == legends[1]
