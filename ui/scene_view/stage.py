"""The three-dimensional part of the scene: VTK drawing off the screen, on demand, into an array of pixels.

Nothing here needs a native window, so the same code serves the desktop, tests and pictures in files. It must
only be touched from the GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  registers the OpenGL factories
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer, vtkRenderWindow

from layers.base import Level, Marks, Picture
from layers.colours import rgba, theme
from layers.marks import actors
from ui.scene_view.viewpoint import FIELD_OF_VIEW_DEG, Viewpoint

_SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "swrast")


@dataclass
class Part:
    """One piece of a layer: its actors, and the levels in which it is drawn (marks may serve several)."""

    marks: Marks
    levels: list[Level]
    actors: list[vtkActor] = field(default_factory=list)

    def is_shown(self, pixel_m: float, *, moving: bool) -> bool:
        """Return whether any of its levels is drawn."""
        return any(level.is_shown(pixel_m, moving=moving) for level in self.levels)


@dataclass
class Drawn:
    """A layer on the stage: what is shown of it, and what waits to be uploaded."""

    order: int
    visible: bool = True
    shown: list[Part] = field(default_factory=list)
    coming: list[Part] = field(default_factory=list)
    waiting: Iterator[Part] | None = None


def parts(picture: Picture) -> list[Part]:
    """Return the pieces of a picture; marks that stand in several levels are one piece."""
    found: dict[int, Part] = {}
    for level in picture.all_levels:
        for marks in level.marks:
            found.setdefault(id(marks), Part(marks, [])).levels.append(level)
    return list(found.values())


class Stage:
    """Layers as actors in one off-screen window."""

    def __init__(self, *, dark: bool = True) -> None:
        self.window = vtkRenderWindow()
        self.window.SetOffScreenRendering(True)
        self.window.SetShowWindow(False)
        self.window.SetMultiSamples(0)  # before the first frame; eightfold sampling multiplies software's fill cost
        self.renderer = vtkRenderer()
        self.renderer.SetUseOIT(False)  # order-independent blending takes buffers and time that flat layers do not need
        self.window.AddRenderer(self.renderer)
        self.exchanges = 0  # layers exchanged so far: a change of it asks for a frame
        self.pixel_ratio = 1.0  # widths of lines and points that come are multiplied by it
        self._pixels = vtkUnsignedCharArray()
        self._z = vtkFloatArray()
        self._layers: dict[str, Drawn] = {}
        self._is_software: bool | None = None
        self.set_dark(dark=dark)

    def set_dark(self, *, dark: bool) -> None:
        """Choose the sky of the dark or the light theme."""
        top, foot = (rgba(colour) for colour in theme(dark=dark)["sky"])
        self.renderer.GradientBackgroundOn()
        self.renderer.SetBackground(*(value / 255 for value in foot[:3]))
        self.renderer.SetBackground2(*(value / 255 for value in top[:3]))

    @property
    def is_software(self) -> bool:
        """Whether the processor draws; known after the first frame, and believed true until then."""
        if self._is_software is None and self.window.GetNeverRendered() == 0:
            report = str(self.window.ReportCapabilities()).lower()
            self._is_software = any(name in report for name in _SOFTWARE)
        return self._is_software is not False

    # Layers

    def put(self, name: str, picture: Picture, order: int) -> None:
        """Take a layer's picture; what is shown of it stays until ``upload`` has brought all of the new one."""
        drawn = self._layers.setdefault(name, Drawn(order))
        drawn.order = order
        drawn.coming = parts(picture)
        drawn.waiting = iter(drawn.coming)

    def upload(self, most: int = 1_000_000) -> bool:
        """Make actors for at most ``most`` marks; return whether more are waiting."""
        for drawn in self._layers.values():
            while drawn.waiting is not None:
                if most <= 0:
                    return True
                item = next(drawn.waiting, None)
                if item is None:
                    self._exchange(drawn)
                    most -= 1
                else:
                    item.actors.extend(self._scaled(actors(item.marks)))
                    most -= 1
        return False

    def _scaled(self, made: tuple[vtkActor, ...]) -> tuple[vtkActor, ...]:
        if self.pixel_ratio != 1.0:
            for actor in made:
                look = actor.GetProperty()
                look.SetLineWidth(look.GetLineWidth() * self.pixel_ratio)
                look.SetPointSize(look.GetPointSize() * self.pixel_ratio)
        return made

    def _exchange(self, drawn: Drawn) -> None:
        """Put the new actors where the old ones were."""
        self._clear(drawn)
        self.exchanges += 1
        drawn.shown, drawn.coming, drawn.waiting = drawn.coming, [], None
        self._arrange()

    def set_order(self, order: Mapping[str, int]) -> None:
        """Draw the layers in another order, the lowest number first."""
        for name, drawn in self._layers.items():
            drawn.order = order.get(name, len(order))
        self._arrange()

    def _arrange(self) -> None:
        # Blended layers are drawn in the order in which they were added.
        self.renderer.RemoveAllViewProps()
        for layer in sorted(self._layers.values(), key=lambda item: item.order):
            for part in layer.shown:
                for actor in part.actors:
                    self.renderer.AddActor(actor)

    def remove(self, name: str) -> None:
        """Take a layer off the stage and free what it held."""
        drawn = self._layers.pop(name, None)
        if drawn is not None:
            self._clear(drawn)

    def _clear(self, drawn: Drawn) -> None:
        for part in drawn.shown:
            for actor in part.actors:
                self.renderer.RemoveActor(actor)
                actor.ReleaseGraphicsResources(self.window)
        drawn.shown = []

    def set_visible(self, name: str, *, visible: bool) -> None:
        """Show or hide a layer."""
        if name in self._layers:
            self._layers[name].visible = visible

    @property
    def actor_count(self) -> int:
        """Number of actors on the stage."""
        return int(self.renderer.GetActors().GetNumberOfItems())

    # Drawing

    def draw(
        self,
        viewpoint: Viewpoint,
        size: tuple[int, int],
        pixel_m: float,
        *,
        moving: bool,
        shift_px: tuple[float, float] = (0.0, 0.0),
    ) -> NDArray[np.uint8]:
        """Draw a frame and return its pixels ``(height, width, 4)``, the lowest row first.

        ``pixel_m`` is the scale that chooses levels of detail: that of the view as it is shown, whatever its sampling.
        ``shift_px`` moves the picture by parts of a pixel: the mean of several such frames has smooth edges.
        The array is overwritten by the next frame.
        """
        for drawn in self._layers.values():
            for part in drawn.shown:
                shown = drawn.visible and part.is_shown(pixel_m, moving=moving)
                for actor in part.actors:
                    actor.SetVisibility(shown)
        if self.window.GetSize() != size:
            self.window.SetSize(*size)
        self._look(viewpoint)
        self.renderer.GetActiveCamera().SetWindowCenter(2 * shift_px[0] / size[0], 2 * shift_px[1] / size[1])
        self.window.Render()
        width, height = size
        self.window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._pixels, 0)
        pixels: NDArray[np.uint8] = vtk_to_numpy(self._pixels).reshape(height, width, 4)  # type: ignore[no-untyped-call]  # VTK has no types
        return pixels

    def _look(self, viewpoint: Viewpoint) -> None:
        camera = self.renderer.GetActiveCamera()
        camera.SetViewAngle(FIELD_OF_VIEW_DEG)
        camera.SetFocalPoint(viewpoint.x_m, viewpoint.y_m, viewpoint.z_m)
        camera.SetPosition(*viewpoint.eye)
        camera.SetViewUp(*viewpoint.axes()[1])
        camera.SetClippingRange(*viewpoint.clipping())

    def depth_at(self, x_px: int, y_px: int, viewpoint: Viewpoint) -> float | None:
        """Return the depth in metres of what the last frame shows at a pixel of it (y upwards); None where it shows sky."""
        z = self.renderer.GetZ(x_px, y_px)
        if z >= 1.0:
            return None
        near, far = viewpoint.clipping()
        return 2 * near * far / (far + near - (2 * z - 1) * (far - near))

    def depths(self, viewpoint: Viewpoint) -> NDArray[np.float32]:
        """Return the depth in metres of what the last frame shows ``(height, width)``, the lowest row first; far for sky."""
        width, height = self.window.GetSize()
        self.window.GetZbufferData(0, 0, width - 1, height - 1, self._z)
        z: NDArray[np.float32] = vtk_to_numpy(self._z).reshape(height, width)  # type: ignore[no-untyped-call]  # VTK has no types
        near, far = viewpoint.clipping()
        return np.asarray(2 * near * far / (far + near - (2 * z - 1) * (far - near)), dtype=np.float32)

    def close(self) -> None:
        """Free everything that the graphics driver holds, while its context is still there."""
        for name in list(self._layers):
            self.remove(name)
        self.window.Finalize()
