"""Triangles by what they must be: areas kept, walls outward, ribbons as wide as asked, ground followed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers import shapes
from layers.base import MeshMarks
from layers.colours import palette
from layers.ground import FLAT, ground_of
from tests.town import hill, town

GREY = palette(["#808080"])


def objects(*geometry):
    out = np.empty(len(geometry), dtype=object)
    out[:] = geometry
    return out


def normals(mesh):
    a, b, c = (mesh.xyz[mesh.triangles[:, i]].astype(np.float64) for i in range(3))
    return np.cross(b - a, c - a) / 2


def plan_area(mesh):
    return float(normals(mesh)[:, 2].sum())


RING = shapely.Polygon([(0, 0), (100, 0), (100, 80), (0, 80)], holes=[[(20, 20), (20, 60), (60, 60), (60, 20)]])


def test_an_area_with_a_hole_keeps_its_size_and_faces_up():
    mesh = shapes.areas(objects(RING), GREY, FLAT, 0.5)
    assert plan_area(mesh) == pytest.approx(RING.area)
    assert (normals(mesh)[:, 2] > 0).all()
    assert mesh.xyz[:, 2] == pytest.approx(0.5)
    assert len(mesh.xyz) == 8  # no corner twice


@given(st.floats(-300, 300), st.floats(-300, 300), st.floats(1, 200))
def test_a_solid_is_closed_but_for_its_floor(x, y, size):
    """By the divergence theorem the normals of a closed body sum to zero; here the floor is missing."""
    box = shapely.box(x, y, x + size, y + size * 0.7)
    mesh = shapes.solids(objects(box), np.array([0.0]), np.array([12.0]), roof=GREY, wall=GREY)
    total = normals(mesh).sum(axis=0)
    assert total[:2] == pytest.approx((0, 0), abs=1e-2)
    assert total[2] == pytest.approx(box.area, rel=1e-3)
    centre = np.array([*box.centroid.coords[0], 6.0])
    corners = mesh.xyz[mesh.triangles].astype(np.float64).mean(axis=1)
    assert (np.einsum("ij,ij->i", normals(mesh), corners - centre) > 0).all()


def test_walls_are_brighter_toward_the_light_and_at_their_head():
    box = objects(shapely.box(0, 0, 10, 10))
    mesh = shapes.solids(box, np.array([0.0]), np.array([9.0]), roof=GREY, wall=GREY)
    walls = mesh.xyz[4:].reshape(-1, 4, 3), mesh.rgba[4:].reshape(-1, 4, 4)
    by_side = {tuple(np.sign(xyz[:, :2].mean(axis=0) - 5).astype(int)): rgba for xyz, rgba in zip(*walls, strict=True)}
    assert by_side[-1, 0][2, 0] > by_side[1, 0][2, 0]
    assert all(rgba[0, 0] < rgba[2, 0] for rgba in by_side.values())


def test_broken_polygons_are_mended_and_empty_ones_left_out():
    bowtie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    polygons, rows = shapes.polygons_of(objects(shapely.Polygon(), bowtie, shapely.box(0, 0, 1, 1)))
    assert shapely.is_valid(polygons).all()
    assert sorted(set(rows.tolist())) == [1, 2]
    assert shapely.area(polygons[rows == 1]).sum() == pytest.approx(50)


def test_a_straight_ribbon_has_its_width_and_length():
    line = objects(shapely.LineString([(0, 0), (30, 40)]))
    xy, offsets, row = shapes.lines_of(line, FLAT)
    mesh = shapes.ribbons(np.column_stack([xy, xy[:, 0] * 0]), offsets, row, width_m=np.array([6.0]), rgba=GREY)
    assert plan_area(mesh) == pytest.approx(50 * 6)


def test_a_corner_is_mitred_without_a_gap():
    line = objects(shapely.LineString([(0, 0), (50, 0), (50, 50)]))
    xy, offsets, row = shapes.lines_of(line, FLAT)
    mesh = shapes.ribbons(np.column_stack([xy, xy[:, 0] * 0]), offsets, row, width_m=np.array([8.0]), rgba=GREY)
    assert plan_area(mesh) == pytest.approx(line[0].buffer(4, cap_style="flat", join_style="mitre").area)


def test_a_shifted_ribbon_lies_right_of_its_line():
    line = objects(shapely.LineString([(0, 0), (0, 100)]))  # northwards: right is east
    xy, offsets, row = shapes.lines_of(line, FLAT)
    xyz = np.column_stack([xy, xy[:, 0] * 0])
    mesh = shapes.ribbons(xyz, offsets, row, width_m=np.array([4.0]), rgba=GREY, shift_m=np.array([5.0]))
    assert sorted(set(mesh.xyz[:, 0].round(3).tolist())) == [3.0, 7.0]


def test_ribbons_of_several_lines_are_not_joined():
    lines = objects(shapely.LineString([(0, 0), (10, 0)]), shapely.LineString([(0, 100), (10, 100)]))
    xy, offsets, row = shapes.lines_of(lines, FLAT)
    xyz = np.column_stack([xy, xy[:, 0] * 0])
    mesh = shapes.ribbons(xyz, offsets, row, width_m=np.array([2.0, 4.0]), rgba=np.repeat(GREY, 2, axis=0))
    assert plan_area(mesh) == pytest.approx(10 * 2 + 10 * 4)


def test_columns_are_as_high_as_asked_and_plates_flat():
    ring, counts = shapes.discs(np.array([(0.0, 0.0), (50.0, 0.0)]), 10.0)
    tall = shapes.columns(ring, counts, np.zeros(2), np.array([5.0, 9.0]), np.repeat(GREY, 2, axis=0))
    assert tall.xyz[:, 2].max() == 9
    assert normals(tall).sum(axis=0)[:2] == pytest.approx((0, 0), abs=1e-3)
    flat = shapes.columns(ring, counts, np.zeros(2), np.full(2, 3.0), np.repeat(GREY, 2, axis=0), has_sides=False)
    assert plan_area(flat) == pytest.approx(2 * 1.5 * np.sqrt(3) * 100, rel=1e-5)
    assert set(flat.xyz[:, 2].tolist()) == {3.0}


def test_a_sector_looks_where_its_camera_looks():
    ring, _ = shapes.sectors(np.zeros((1, 2)), np.array([90.0]), np.array([60.0]), np.array([100.0]))
    sector = shapely.Polygon(ring[0])
    assert sector.exterior.is_ccw
    assert sector.centroid.x > 50
    assert abs(sector.centroid.y) < 1e-6
    assert sector.area == pytest.approx(np.pi * 100**2 / 6, rel=0.02)


def test_areas_follow_uneven_ground():
    """Every point inside the mesh lies above the ground that is drawn, by little more than its lift."""
    terrain = hill()
    rng = np.random.default_rng(1)
    terrain.heights_m[:] += rng.normal(0, 6, terrain.heights_m.shape).astype(np.float32)
    ground = ground_of(town(terrain=terrain))
    mesh = shapes.areas(objects(shapely.box(-410, -330, 370, 290)), GREY, ground, 0.6)
    weight = rng.dirichlet((1, 1, 1), len(mesh.triangles))
    inside = np.einsum("nk,nkc->nc", weight, mesh.xyz[mesh.triangles].astype(np.float64))
    above = inside[:, 2] - ground.at(inside[:, :2])
    assert plan_area(mesh) == pytest.approx(780 * 620, rel=1e-4)
    assert above.min() > 0.3
    assert above.max() < 0.9


def test_chunks_hold_every_triangle_once():
    rng = np.random.default_rng(0)
    ring, counts = shapes.discs(rng.uniform(0, 5000, (3000, 2)), 8.0)
    mesh = shapes.columns(ring, counts, np.zeros(3000), np.full(3000, 4.0), np.repeat(GREY, 3000, axis=0))
    chunks = shapes.chunked(mesh, 9000)
    assert len(chunks) > 5
    assert sum(len(chunk.triangles) for chunk in chunks) == len(mesh.triangles)
    assert sum(plan_area(chunk) for chunk in chunks) == pytest.approx(plan_area(mesh), rel=1e-4)
    sizes = [np.ptp(chunk.xyz[:, 0]) for chunk in chunks]
    assert max(sizes) < 3000


def test_an_empty_mesh_has_no_chunks():
    nothing = MeshMarks(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32), np.empty((0, 4), np.uint8))
    assert shapes.chunked(nothing) == ()
