"""Layers of results: traffic, differences without their noise, cells of any measure, collection rounds."""

from __future__ import annotations

import h3.api.basic_str as h3
import numpy as np
import pytest
import shapely

from layers import scales
from layers.base import MeshMarks, Scene
from layers.colours import rgba, theme
from layers.congestion import CongestionLayer, CongestionStyle
from layers.hexes import LEAST_EDGE_PX, HexesLayer, HexesStyle
from layers.measures import CELL_MEASURES, MEASURE_NAMES
from layers.routes import RoutesLayer, RoutesStyle
from tests.town import PROJECTION, frame, points, town
from twin.model.grade import DELAY_CLASS_UNIT, GRADE_UNIT, GRADES
from twin.model.results import Measure, ResultTable


def link_table(**columns):
    measures = tuple(Measure(name, name.replace("_", " "), GRADE_UNIT if name == "grade" else "veh/h") for name in columns)
    ids = np.array(["link-0", "link-1", "link-2", "link-gone"], dtype=object)
    return ResultTable("link", ids, {name: np.array(values, float) for name, values in columns.items()}, measures)


def colours(picture, pixel_m=0.5):
    meshes = [m for level in picture.all_levels if level.is_shown(pixel_m, moving=False) for m in level.marks]
    return {tuple(row) for mesh in meshes for row in mesh.rgba.tolist()}


def test_traffic_is_painted_by_grade():
    table = link_table(volume_vph=[900, 500, 50, 1], grade=[4, 0, 2, 1])
    picture = CongestionLayer().encode(Scene(town(), {"link": table}, "grade"), CongestionStyle())
    grades = {tuple(row) for row in scales.grades().colours.tolist()}
    assert colours(picture) == {tuple(scales.grades().colours[i].tolist()) for i in (4, 0, 2)} <= grades
    assert [entry.label for entry in picture.legend.entries] == [grade.label for grade in reversed(GRADES)]
    assert set(picture.pick_ids) == {"link-0", "link-1", "link-2"}


def test_the_classes_of_the_delay_index_have_their_own_names():
    table = link_table(volume_vph=[900, 500, 50, 1], grade_delay_index=[3, 0, 2, 1])
    measures = tuple(Measure(name, name, DELAY_CLASS_UNIT if "grade" in name else "veh/h") for name in table.columns)
    scene = Scene(town(), {"link": ResultTable("link", table.ids, table.columns, measures)}, "grade_delay_index")
    picture = CongestionLayer().encode(scene, CongestionStyle())
    assert [entry.label for entry in picture.legend.entries] == ["Severely congested", "Congested", "Slow", "Smooth"]
    worst, best = scales.grades().colours[[4, 0]].tolist()
    assert {tuple(worst), tuple(best)} <= colours(picture)


def test_busier_links_are_wider_and_empty_ones_absent():
    table = link_table(volume_vph=[1000, 0, 100, 1], grade=[1, 1, 1, 1])
    picture = CongestionLayer().encode(Scene(town(), {"link": table}, "grade"), CongestionStyle())
    (mesh,) = [m for level in picture.all_levels if level.is_shown(0.5, moving=False) for m in level.marks]
    avenue, lane = (np.abs(mesh.xyz[:, 0]) > 400), (np.abs(mesh.xyz[:, 1]) > 300)
    assert np.ptp(mesh.xyz[avenue, 1]) > np.ptp(mesh.xyz[lane, 0])
    assert "link-1" not in picture.pick_ids


def test_the_two_directions_lie_on_their_own_sides():
    table = link_table(volume_vph=[500, 500, 1, 1], grade=[0, 4, 1, 1])
    picture = CongestionLayer().encode(Scene(town(), {"link": table}, "grade"), CongestionStyle())
    (mesh,) = [m for level in picture.all_levels if level.is_shown(3.0, moving=False) for m in level.marks]
    red = (mesh.rgba == scales.grades().colours[4]).all(axis=1)
    green = (mesh.rgba == scales.grades().colours[0]).all(axis=1)
    assert mesh.xyz[green, 1].max() < 0 < mesh.xyz[red, 1].min()  # eastwards drives on the south side


def test_a_difference_shows_what_differs_and_nothing_else():
    table = link_table(
        volume_vph_before=[900, 500, 50, 1], volume_vph_after=[0, 500, 49, 1], volume_vph_difference=[-900, 0, -1, 0]
    )
    scene = Scene(town(), {"link": table}, "volume_vph_difference", diverging=True, noise=5.0)
    picture = CongestionLayer().encode(scene, CongestionStyle())
    assert picture.pick_ids.tolist() == ["link-0"]
    assert len(picture.legend.entries) == 7


@pytest.mark.parametrize("diverging", [True, False])
def test_a_closed_road_is_shown_as_closed_and_not_as_better(diverging):
    nan = np.nan
    table = link_table(tpi=[nan, 3, 2, 1], tpi_before=[9, 3, 1, 1], tpi_after=[nan, 3, 2, 1], tpi_difference=[nan, 0, 1, 0])
    links = town()["link"]
    city = town(link=links.with_values(["link-0"], {"closed": True}))
    scene = Scene(city, {"link": table}, "tpi_difference" if diverging else "tpi", diverging=diverging)
    picture = CongestionLayer().encode(scene, CongestionStyle())
    closed = rgba(theme(dark=True)["road_closed"])
    assert closed in colours(picture)
    assert scales.MISSING not in colours(picture)
    assert "link-0" in picture.pick_ids.tolist()
    assert [entry.label for entry in picture.legend.entries if entry.rgba == closed] == ["Closed road"]


@pytest.mark.parametrize(
    ("layer", "style"), [(CongestionLayer(), CongestionStyle()), (HexesLayer(), HexesStyle(measure="result"))]
)
def test_less_speed_is_as_warm_as_more_delay(layer, style):
    def painted(worse, change):
        columns = {"speed_mps_difference": np.array([change, 0.0, 0.0])}
        measures = (Measure("speed_mps_difference", "Speed", "m/s", worse=worse),)
        table = ResultTable("link", np.array(["link-0", "link-1", "link-2"], dtype=object), columns, measures)
        return layer.encode(Scene(town(), {"link": table}, "speed_mps_difference", diverging=True), style).legend.entries

    fast, slow = painted("lower", 3.0), painted("higher", 3.0)
    assert [entry.text for entry in fast] == [entry.text for entry in slow]
    assert [entry.rgba for entry in fast] == [entry.rgba for entry in reversed(slow)]


def test_without_a_result_for_links_there_is_no_traffic():
    assert CongestionLayer().encode(Scene(town()), CongestionStyle()).all_levels == ()
    table = link_table(volume_vph=[1, 1, 1, 1])
    assert CongestionLayer().encode(Scene(town(), {"link": table}, "other"), CongestionStyle()).all_levels == ()


def city_of_bins(n=3000):
    rng = np.random.default_rng(2)
    places = points(*rng.normal(0, 900, (n, 2)).tolist())
    return town(bin=frame("bin", places, fill_level=rng.uniform(0, 1.2, n)))


def triangles(picture, pixel_m, *, moving=False):
    return sum(len(m.triangles) for level in picture.all_levels if level.is_shown(pixel_m, moving=moving) for m in level.marks)


def test_cells_give_way_to_their_parents_where_they_would_be_too_small():
    picture = HexesLayer().encode(Scene(city_of_bins()), HexesStyle(measure="bins", resolution=10, shape="flat"))
    near, middle, far = (triangles(picture, pixel_m) for pixel_m in (5.0, 75.89 / LEAST_EDGE_PX + 1, 60.0))
    assert near > 3 * middle > 3 * far > 0
    assert near == 4 * len(picture.pick_ids)  # four triangles a hexagon


def test_cells_in_motion_stay_within_what_software_draws(monkeypatch):
    monkeypatch.setattr("layers.hexes.MOST_COLUMNS", 100)
    picture = HexesLayer().encode(Scene(city_of_bins()), HexesStyle(measure="bins", resolution=10))
    assert len(picture.pick_ids) > 100
    assert 0 < triangles(picture, 1.0, moving=True) <= 100 * 16 < triangles(picture, 1.0)


def test_counts_are_per_square_kilometre_at_every_resolution():
    """The number of bins is kept: density times area summed over cells."""
    picture = HexesLayer().encode(Scene(city_of_bins()), HexesStyle(measure="bins"))
    assert picture.legend.unit == "1/km²"
    assert set(picture.pick_ids) == {
        h3.latlng_to_cell(lat, lon, 9) for lon, lat in PROJECTION.to_lon_lat(city_of_bins()["bin"].xy).tolist()
    }


@pytest.mark.parametrize("item", CELL_MEASURES, ids=lambda item: item.name)
def test_every_measure_of_the_catalogue_can_be_drawn(item):
    city = town(population_cell=frame("population_cell", [shapely.box(0, 0, 250, 250)], residents=[80.0]))
    picture = HexesLayer().encode(Scene(city), HexesStyle(measure=item.name))
    assert picture.legend.title == item.label
    assert triangles(picture, 1.0) > 0
    assert item.name in MEASURE_NAMES


def test_a_result_per_cell_is_drawn_as_it_is():
    ids = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(39.9, 116.4, 9), 2)), dtype=object)
    table = ResultTable("cell", ids, {"tpi": np.linspace(0, 10, len(ids))}, (Measure("tpi", "Traffic index"),))
    picture = HexesLayer().encode(Scene(town(), {"cell": table}, "tpi"), HexesStyle(measure="result"))
    assert sorted(picture.pick_ids.tolist()) == ids.tolist()
    assert picture.legend.title == "Traffic index"


def test_a_result_per_thing_is_the_mean_of_its_cell():
    ids = np.array(["bin-0", "bin-1", "bin-2", "bin-3", "gone"], dtype=object)
    table = ResultTable("bin", ids, {"overflow_h": np.array([2.0, 4, 0, 0, 99])}, (Measure("overflow_h", "Overflow", "h"),))
    picture = HexesLayer().encode(Scene(town(), {"bin": table}, "overflow_h"), HexesStyle(measure="result", shape="flat"))
    assert picture.legend.unit == "h"
    assert 0 < len(picture.pick_ids) <= 4


def test_cells_that_do_not_differ_are_not_drawn():
    ids = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(39.9, 116.4, 9), 2)), dtype=object)
    difference = np.zeros(len(ids))
    difference[3] = 8.0
    table = ResultTable("cell", ids, {"d": difference}, (Measure("d", "Difference"),))
    scene = Scene(town(), {"cell": table}, "d", diverging=True, noise=0.5)
    picture = HexesLayer().encode(scene, HexesStyle(measure="result", shape="flat"))
    assert triangles(picture, 1.0) == 4


def test_rounds_have_their_own_colours():
    table = ResultTable(
        "route",
        np.array(["R1", "R2"], dtype=object),
        {"distance_m": np.array([1.0, 2.0])},
        (Measure("distance_m", "Distance", "m"),),
        np.array([shapely.LineString([(0, 0), (400, 0)]), shapely.LineString([(0, 0), (0, 300)])], dtype=object),
    )
    picture = RoutesLayer().encode(Scene(town(), {"route": table}), RoutesStyle())
    assert len(colours(picture)) == 2
    assert [entry.text for entry in picture.legend.entries] == ["R1", "R2"]
    near = [m for level in picture.all_levels if level.is_shown(0.5, moving=False) for m in level.marks]
    assert all(isinstance(mark, MeshMarks) for mark in near)


def test_in_motion_a_large_network_shows_its_busiest_links(monkeypatch):
    monkeypatch.setattr("layers.ribbons.MOST_MOVING", 1)
    table = link_table(volume_vph=[900, 500, 50, 1], grade=[4, 0, 2, 1])
    picture = CongestionLayer().encode(Scene(town(), {"link": table}, "grade"), CongestionStyle())
    assert triangles(picture, 3.0) == 2 + 2 + 4
    assert triangles(picture, 3.0, moving=True) == 2
    assert triangles(picture, 0.5, moving=True) == 8
