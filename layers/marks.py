"""Marks to VTK actors: the only place in the layers that knows VTK.

Light is baked into the colours, so lighting is off; colours are direct RGBA; every actor owns copies of its
arrays, so marks may be dropped afterwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkImageData, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkTexture

from layers.base import ImageMarks, LabelMarks, LineMarks, Marks, MeshMarks, PointMarks


def actors(marks: Marks) -> tuple[vtkActor, ...]:
    """Return the actors that draw marks; none for labels, which the window paints, and for empty marks."""
    if isinstance(marks, LabelMarks):
        return ()
    if isinstance(marks, ImageMarks):
        return (_image(marks),)
    if not len(marks.xyz):
        return ()
    if isinstance(marks, MeshMarks):
        return (_mesh(marks),)
    if isinstance(marks, LineMarks):
        return (_lines(marks),)
    return (_points(marks),)


def _mesh(marks: MeshMarks) -> vtkActor:
    polys = vtkCellArray()
    polys.SetData(3, _deep(marks.triangles.astype(np.int32, copy=False).ravel()))
    actor = _actor(_data(marks.xyz, marks.rgba, polys=polys), marks.rgba)
    actor.GetProperty().SetBackfaceCulling(marks.is_closed)
    return actor


def _lines(marks: LineMarks) -> vtkActor:
    lines = vtkCellArray()
    lines.SetData(_deep(marks.offsets.astype(np.int64)), _deep(np.arange(len(marks.xyz), dtype=np.int64)))
    actor = _actor(_data(marks.xyz, marks.rgba, lines=lines), marks.rgba)
    actor.GetProperty().SetLineWidth(marks.width_px)
    return actor


def _points(marks: PointMarks) -> vtkActor:
    verts = vtkCellArray()
    verts.SetData(1, _deep(np.arange(len(marks.xyz), dtype=np.int32)))
    actor = _actor(_data(marks.xyz, marks.rgba, verts=verts), marks.rgba)
    actor.GetProperty().SetPointSize(marks.size_px)
    actor.GetProperty().SetRenderPointsAsSpheres(True)  # round
    return actor


def _image(marks: ImageMarks) -> vtkActor:
    rows, columns, _ = marks.rgba.shape
    image = vtkImageData()
    image.SetDimensions(columns, rows, 1)
    image.GetPointData().SetScalars(_deep(marks.rgba.reshape(-1, 4)))
    texture = vtkTexture()
    texture.SetInputData(image)
    texture.SetColorModeToDirectScalars()
    texture.InterpolateOff()
    x0, y0, x1, y1 = marks.bounds
    corners = np.array([(x0, y0, marks.z_m), (x1, y0, marks.z_m), (x1, y1, marks.z_m), (x0, y1, marks.z_m)], np.float32)
    polys = vtkCellArray()
    polys.SetData(3, _deep(np.array([0, 1, 2, 0, 2, 3], np.int32)))
    data = vtkPolyData()
    points = vtkPoints()
    points.SetData(_deep(corners))
    data.SetPoints(points)
    data.SetPolys(polys)
    data.GetPointData().SetTCoords(_deep(np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)))
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.SetTexture(texture)
    actor.GetProperty().LightingOff()
    return actor


def _data(
    xyz: NDArray[np.float32],
    rgba: NDArray[np.uint8],
    *,
    polys: vtkCellArray | None = None,
    lines: vtkCellArray | None = None,
    verts: vtkCellArray | None = None,
) -> vtkPolyData:
    points = vtkPoints()
    points.SetData(_deep(np.ascontiguousarray(xyz, dtype=np.float32)))
    data = vtkPolyData()
    data.SetPoints(points)
    if polys is not None:
        data.SetPolys(polys)
    if lines is not None:
        data.SetLines(lines)
    if verts is not None:
        data.SetVerts(verts)
    data.GetPointData().SetScalars(_deep(np.ascontiguousarray(rgba)))
    return data


def _actor(data: vtkPolyData, rgba: NDArray[np.uint8]) -> vtkActor:
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    mapper.SetColorModeToDirectScalars()
    mapper.SetStatic(True)  # nothing upstream can change: VTK need not look
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().LightingOff()
    # Said outright, or VTK scans the colours of every actor to find out.
    if bool((rgba[:, 3] == 255).all()):
        actor.ForceOpaqueOn()
    else:
        actor.ForceTranslucentOn()
    return actor


def _deep(array: NDArray[Any]) -> Any:
    """Copy an array into VTK, which then owns it."""
    return numpy_to_vtk(np.ascontiguousarray(array), deep=True)  # type: ignore[no-untyped-call]  # VTK has no types
