"""Marks become actors without light, with their own copies, culled where closed."""

from __future__ import annotations

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy

from layers.base import ImageMarks, LabelMarks, LineMarks, MeshMarks, PointMarks
from layers.marks import actors

XYZ = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0)], np.float32)
RGBA = np.array([(255, 0, 0, 255)] * 3, np.uint8)


def test_a_mesh_owns_its_arrays_and_is_culled_when_closed():
    xyz = XYZ.copy()
    (actor,) = actors(MeshMarks(xyz, np.array([[0, 1, 2]], np.int32), RGBA))
    xyz[:] = 99
    data = actor.GetMapper().GetInput()
    assert vtk_to_numpy(data.GetPoints().GetData()).max() == 1
    assert data.GetNumberOfPolys() == 1
    assert data.GetPoints().GetDataType() == 10  # float32
    assert not actor.GetProperty().GetLighting()
    assert actor.GetProperty().GetBackfaceCulling()
    assert actor.GetForceOpaque()
    (open_one,) = actors(MeshMarks(XYZ, np.array([[0, 1, 2]], np.int32), RGBA, is_closed=False))
    assert not open_one.GetProperty().GetBackfaceCulling()


def test_see_through_marks_are_said_to_be():
    faint = RGBA.copy()
    faint[0, 3] = 90
    (actor,) = actors(PointMarks(XYZ, faint, 7.0))
    assert actor.GetForceTranslucent()
    assert actor.GetProperty().GetPointSize() == 7.0


def test_lines_keep_their_beginnings():
    (actor,) = actors(LineMarks(XYZ, np.array([0, 3], np.int32), RGBA, 2.5))
    data = actor.GetMapper().GetInput()
    assert data.GetNumberOfLines() == 1
    assert data.GetCell(0).GetNumberOfPoints() == 3
    assert actor.GetProperty().GetLineWidth() == 2.5


def test_an_image_lies_in_its_bounds():
    (actor,) = actors(ImageMarks((0, 0, 10, 20), np.zeros((4, 2, 4), np.uint8), 3.0))
    assert actor.GetBounds() == pytest.approx((0, 10, 0, 20, 3, 3))
    assert actor.GetTexture() is not None


@pytest.mark.parametrize(
    "marks",
    [
        LabelMarks(XYZ, np.array(["甲"] * 3, object), np.array(["A"] * 3, object), np.ones(3, np.float32)),
        PointMarks(XYZ[:0], RGBA[:0]),
        MeshMarks(XYZ[:0], np.empty((0, 3), np.int32), RGBA[:0]),
    ],
)
def test_labels_and_nothing_have_no_actor(marks):
    assert actors(marks) == ()
