"""The widget's surface: frames drawn on demand, quick while the view moves, in full detail when it rests."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from ui.scene_view.smoothing import SHIFTS, Mean
from ui.scene_view.stage import Stage
from ui.scene_view.tool import Tool
from ui.scene_view.viewpoint import Viewpoint

REST_MS = 250
"""How long the view must stand still before it is drawn in full detail."""

_SMOOTHED_BELOW_MS = 110.0  # slower frames are not repeated for smooth edges: each repetition delays the next input
_TARGET_MS = {True: 50.0, False: 16.0}
_FLIGHT_MS = 700.0
_CLICK_PX = 4.0
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class Canvas(QWidget):
    """Shows a stage and moves its viewpoint as maps do.

    Left drag pans, right or middle drag or Ctrl and left drag orbits, the wheel zooms to the pointer, a double
    click flies there; arrows pan, with Shift they orbit; + and - zoom; Home shows everything. A ``tool`` may take
    the left button.
    """

    viewpoint_changed = Signal()
    pointer_moved = Signal(float, float)
    clicked = Signal(float, float, object)
    first_drawn = Signal()  # from now on it is known whether the processor draws

    def __init__(self, parent: QWidget | None = None, *, dark: bool = True, animated: bool = True) -> None:
        super().__init__(parent)
        self.stage = Stage(dark=dark)
        self.animated = animated
        self.ratio = 0.0  # drawn pixels to one of Qt's; 0 takes the screen's
        self.frame_ms = 0.0
        self.moving_scale = 1.0
        self._viewpoint = Viewpoint()
        self._home = Viewpoint()
        self._image = QImage()
        self._dirty = True
        self._moving = False
        self._drag: tuple[QPointF, Viewpoint, bool] | None = None
        self._has_dragged = False
        self._tool: Tool | None = None
        self._is_with_tool = False
        self._flight: tuple[Viewpoint, Viewpoint] | None = None
        self._flight_clock = QElapsedTimer()
        self._mean = Mean()
        self._pixels = np.empty((0, 0, 4), np.uint8)  # what the image shows: Qt does not copy it
        self._rest = self._timer(REST_MS, self._come_to_rest)
        self._refine = self._timer(30, self._smooth)
        self._upload = self._timer(0, self._upload_some)
        self._step = self._timer(15, self._fly_on)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)

    def _timer(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    # Where it is seen from

    @property
    def viewpoint(self) -> Viewpoint:
        """Where the scene is seen from."""
        return self._viewpoint

    @viewpoint.setter
    def viewpoint(self, viewpoint: Viewpoint) -> None:
        self._flight = None
        self._go(viewpoint)

    def _go(self, viewpoint: Viewpoint) -> None:
        if viewpoint != self._viewpoint:
            self._viewpoint = self.settled(viewpoint)
            self._moving = True
            self._rest.start()
            self.redraw()
            self.viewpoint_changed.emit()

    def settled(self, viewpoint: Viewpoint) -> Viewpoint:
        """Return a viewpoint with its middle on the ground; the scene knows how high that is."""
        return viewpoint

    def set_home(self, viewpoint: Viewpoint) -> None:
        """Set the viewpoint that the Home key returns to."""
        self._home = viewpoint

    def home(self) -> None:
        """Fly to where everything is seen."""
        self.fly(self._home)

    def fly(self, viewpoint: Viewpoint) -> None:
        """Move smoothly to a viewpoint; any input stops it. Without animation the view is there at once."""
        if not self.animated or not self.isVisible():
            self.viewpoint = viewpoint
            return
        self._flight = self._viewpoint, self.settled(viewpoint)
        self._flight_clock.start()
        self._step.start()

    def _fly_on(self) -> None:
        if self._flight is None:
            return
        start, end = self._flight
        share = min(1.0, self._flight_clock.elapsed() / _FLIGHT_MS)
        self._go(start.toward(end, share) if share < 1.0 else end)
        if share < 1.0:
            self._step.start()
        else:
            self._flight = None

    @property
    def _is_flying(self) -> bool:
        return self._flight is not None

    # Drawing

    @property
    def size_px(self) -> tuple[float, float]:
        """Width and height of the view in Qt's pixels."""
        return float(self.width()), float(self.height())

    @property
    def pixel_m(self) -> float:
        """Metres that a pixel covers in the middle of the view."""
        return self._viewpoint.pixel_m(self.height())

    @property
    def is_moving(self) -> bool:
        """Whether the view is drawn in its quick form."""
        return self._moving

    def redraw(self) -> None:
        """Ask for a new frame; many asks before the next frame are one."""
        self._dirty = True
        self.update()

    def start_upload(self) -> None:
        """Bring waiting marks onto the stage, a few at a time."""
        self.stage.pixel_ratio = self.pixel_ratio
        self._upload.start()

    def _upload_some(self) -> None:
        began, before = perf_counter(), self.stage.exchanges
        more = True
        while more and self.stage.exchanges == before and perf_counter() - began < 0.012:
            more = self.stage.upload(1)
        if self.stage.exchanges != before:
            self.redraw()  # a frame for each layer: all in one frame would hold the window
        if more:
            self._upload.start()

    def finish(self) -> None:
        """Bring everything onto the stage and draw in full detail with the next frame."""
        self.stage.pixel_ratio = self.pixel_ratio
        self.stage.upload()
        self._upload.stop()
        self._rest.stop()
        self._moving = False
        self.redraw()

    def _come_to_rest(self) -> None:
        if self._drag is not None and self._has_dragged:
            self._rest.start()
            return
        self._moving = False
        self.redraw()

    def _sampling(self) -> float:
        """Return how many drawn pixels a shown pixel has along each side."""
        return self.moving_scale if self._moving else 1.0

    def _draw(self) -> None:
        size = self._drawn_size(self._sampling())
        began = perf_counter()
        pixels = self.stage.draw(self._viewpoint, size, self.pixel_m, moving=self._moving)
        is_first = self._image.isNull()
        self._show(pixels)
        self.frame_ms = (perf_counter() - began) * 1000
        self._dirty = False
        if is_first:
            self.first_drawn.emit()
        self._mean.clear()
        if self._moving:
            self._adapt()
        elif self.animated:
            self._mean.add(pixels)
            self._refine.start()

    @property
    def pixel_ratio(self) -> float:
        """Drawn pixels to one of Qt's."""
        return self.ratio or self.devicePixelRatioF()

    def _drawn_size(self, sampling: float = 1.0) -> tuple[int, int]:
        factor = self.pixel_ratio * sampling
        return max(1, round(self.width() * factor)), max(1, round(self.height() * factor))

    def smooth_image(self, size: tuple[int, int]) -> QImage:
        """Return the view in full detail with smooth edges as a picture of ``size`` pixels; takes several frames."""
        self.finish()
        mean, drawn_size = Mean(), self._drawn_size()
        for shift in SHIFTS:
            frame = self.stage.draw(self._viewpoint, drawn_size, self.pixel_m, moving=False, shift_px=shift)
            self._show(mean.add(frame))
        self._dirty = False
        picture = QImage(*size, QImage.Format.Format_RGB32)
        picture.setDevicePixelRatio(self.pixel_ratio)
        self.render(picture)
        picture.setDevicePixelRatio(1.0)
        return picture

    def _show(self, pixels: NDArray[np.uint8]) -> None:
        self._pixels = pixels
        height, width, _ = pixels.shape
        self._image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGBX8888)

    def _smooth(self) -> None:
        """Add one more frame to the mean that is shown at rest."""
        if self._dirty or self._moving or not 0 < self._mean.count < len(SHIFTS):
            return
        size, shift = (self._image.width(), self._image.height()), SHIFTS[self._mean.count]
        began = perf_counter()
        self._show(self._mean.add(self.stage.draw(self._viewpoint, size, self.pixel_m, moving=False, shift_px=shift)))
        self.frame_ms = (perf_counter() - began) * 1000
        self.update()
        if self.frame_ms < _SMOOTHED_BELOW_MS:
            self._refine.start()

    def _adapt(self) -> None:
        """Draw fewer pixels in motion when frames take too long, more when there is time to spare."""
        target = _TARGET_MS[self.stage.is_software]
        if self.frame_ms > target * 1.25:
            self.moving_scale = max(0.5, self.moving_scale * 0.85)
        elif self.frame_ms < target * 0.7:
            self.moving_scale = min(1.0, self.moving_scale * 1.1)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        """Draw a frame if something changed, then what lies over it."""
        if self._dirty or self._image.isNull():
            self._draw()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._sampling() != 1.0)
        # VTK's lowest row comes first: painted upside down.
        painter.save()
        painter.scale(1, -1)
        painter.drawImage(QRectF(0, -self.height(), self.width(), self.height()), self._image)
        painter.restore()
        self.paint_over(painter)
        painter.end()

    def paint_over(self, painter: QPainter) -> None:
        """Paint over the scene."""

    def surface_at(self, x_px: float, y_px: float) -> tuple[float, float, float] | None:
        """Return the point (metres) of what is seen at a pixel: of a roof, a column or the ground; None for sky."""
        if self._image.isNull() or not (0 <= x_px < self.width() and 0 <= y_px < self.height()):
            return None
        columns, rows = self._image.width(), self._image.height()
        column = min(columns - 1, int(x_px / self.width() * columns))
        row = min(rows - 1, int((1 - y_px / self.height()) * rows))
        depth = self.stage.depth_at(column, row, self._viewpoint)
        if depth is None:
            return None
        x, y, z = self._viewpoint.eye + self._viewpoint.ray(x_px, y_px, self.size_px) * depth
        return float(x), float(y), float(z)

    # Input

    @property
    def tool(self) -> Tool | None:
        """What the left button is used for besides moving the map."""
        return self._tool

    @tool.setter
    def tool(self, tool: Tool | None) -> None:
        if self._tool is not None:
            self._tool.cancel()
        self._tool, self._is_with_tool = tool, False
        self.setCursor(tool.cursor if tool is not None else Qt.CursorShape.ArrowCursor)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Begin a drag, or give the press to the tool."""
        self._flight = None
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_left and self._tool is not None and self._tool.press(event.position(), event.modifiers()):
            self._is_with_tool = True
            return
        turn = event.button() != Qt.MouseButton.LeftButton or bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self._drag = event.position(), self._viewpoint, turn
        self._has_dragged = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Pan or orbit while a button is held; else tell where the pointer is."""
        if self._tool is not None and (self._is_with_tool or self._drag is None):
            (self._tool.drag if self._is_with_tool else self._tool.hover)(event.position())
            self.update()
        if self._is_with_tool:
            return
        if self._drag is None:
            self.pointer_moved.emit(event.position().x(), event.position().y())
            return
        start, viewpoint, turn = self._drag
        move = event.position() - start
        if not self._has_dragged and move.manhattanLength() < _CLICK_PX:
            return
        self._has_dragged = True
        if turn:
            self._go(viewpoint.orbited(move.x() * 0.3, -move.y() * 0.25))
            return
        grabbed = viewpoint.ground_at(start.x(), start.y(), self.size_px)
        under = viewpoint.ground_at(event.position().x(), event.position().y(), self.size_px)
        if grabbed is not None and under is not None:
            self._go(viewpoint.panned(grabbed, under))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """End a drag, or tell of a click."""
        if self._is_with_tool and self._tool is not None:
            self._is_with_tool = False
            self._tool.release(event.position(), event.modifiers())
            self.update()
            return
        dragged, self._drag = self._has_dragged, None
        self._has_dragged = False
        if not dragged and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position().x(), event.position().y(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Fly to where the pointer is; with a tool it is one more press."""
        if self._tool is not None:
            self.mousePressEvent(event)
            return
        at = self._viewpoint.ground_at(event.position().x(), event.position().y(), self.size_px)
        if at is not None:
            self.fly(replace(self._viewpoint, x_m=at[0], y_m=at[1], distance_m=self._viewpoint.distance_m * 0.45))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  Qt's name
        """Zoom to the pointer; two fingers on a touchpad do the same, finely."""
        self._flight = None
        turned = event.angleDelta().y() / 120.0 or event.pixelDelta().y() / 40.0
        about = self._viewpoint.ground_at(event.position().x(), event.position().y(), self.size_px)
        self._go(self._viewpoint.zoomed(0.8**turned, about))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Pan with the arrows, orbit with Shift and arrows, zoom with + and -, Home for everything."""
        self._flight = None
        key, here = Qt.Key(event.key()), self._viewpoint
        if key in _ARROWS:
            dx, dy = _ARROWS[key]
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._go(here.orbited(8.0 * dx, 5.0 * dy))
                return
            right, up, forward = here.axes()
            ahead = forward[:2] + up[:2]  # at least one of the two has length on the plan
            step = here.distance_m * 0.08
            move = right[:2] * dx * step + ahead / max(float((ahead**2).sum()) ** 0.5, 1e-9) * dy * step
            self._go(replace(here, x_m=here.x_m + float(move[0]), y_m=here.y_m + float(move[1])))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._go(here.zoomed(0.8))
        elif key == Qt.Key.Key_Minus:
            self._go(here.zoomed(1.25))
        elif key == Qt.Key.Key_Home:
            self.home()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Draw anew in the new size."""
        super().resizeEvent(event)
        self.redraw()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  Qt's name
        """Free the graphics driver's memory while its context lives."""
        self.shut()
        super().closeEvent(event)

    def shut(self) -> None:
        """Stop timers and free the graphics driver's memory."""
        for timer in (self._rest, self._upload, self._step, self._refine):
            timer.stop()
        self._flight = None
        self.stage.close()
