"""SceneView: the city as layers in a widget, with names, legends, picking and selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF, Signal
from PySide6.QtGui import QHideEvent, QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from layers import LAYERS
from layers.base import LabelMarks, Layer, Legend, Picture, Scene
from layers.colours import theme
from layers.ground import FLAT, Ground, ground_of
from layers.outline import outline
from twin.geo import Bounds
from ui.language import language, time_text
from ui.scene_view import highlight, legend_column, lettering, overlay, tooltips
from ui.scene_view.canvas import Canvas
from ui.scene_view.picking import Pick, find
from ui.scene_view.traffic import Traffic
from ui.scene_view.viewpoint import Viewpoint, framed

_ORDER = {layer.name: place for place, layer in enumerate(LAYERS)}


class SceneView(Canvas):
    """The scene of a city.

    Either hand it layers to encode here (``set_scene``, ``update_layer``), or ``show_scene`` and then pictures
    that a worker has encoded (``set_picture``), so that the window never waits.
    """

    picked = Signal(str, str, object)  # kind, id ('' and '' for nothing), keyboard modifiers
    hovered = Signal(str, str)
    clicked_ground = Signal(float, float)  # x_m, y_m

    def __init__(self, parent: QWidget | None = None, *, dark: bool = True, animated: bool = True) -> None:
        super().__init__(parent, dark=dark, animated=animated)
        self.legends_shown = True
        self.quiet_legends: frozenset[str] = frozenset()  # layers whose legend is left out, though they are shown
        self.labels_shown = True
        self.title = ""
        self._dark = dark
        self._language = language()
        self._scene: Scene | None = None
        self._ground: Ground = FLAT
        self._facts = overlay.Facts()
        self._home_for: tuple[object, ...] = ()
        self._pictures: dict[str, Picture] = {}
        self._hidden: set[str] = set()
        self._hover: Pick | None = None
        self._selection: tuple[str, frozenset[str]] = ("", frozenset())
        self._selected_shapes: tuple[shapely.Geometry, ...] = ()
        self._edited: dict[str, frozenset[str]] = {}
        self._edited_shapes: tuple[shapely.Geometry, ...] = ()
        self._versions: tuple[highlight.Version, ...] = ()
        self._order = dict(_ORDER)
        self.traffic = Traffic(self)
        self.traffic.stepped.connect(self.update)
        self._label_key: tuple[object, ...] = ()
        self._labels: tuple[lettering.Label, ...] = ()
        self.tooltip: Callable[[str, str], str] = self._tooltip
        self.pointer_moved.connect(self._on_pointer)
        self.clicked.connect(self._on_click)
        self.setAccessibleName("City scene")

    # What is shown

    def show_scene(self, scene: Scene) -> None:
        """Take the city, its time and what is on show; pictures follow. The first city is shown whole."""
        first = self._scene is None
        self._scene, self._ground = scene, ground_of(scene.snapshot)
        snapshot = scene.snapshot
        self._facts = overlay.Facts(
            title=self.title,
            time=_time(snapshot.at),
            synthetic=snapshot.synthetic,
            attribution=attribution(scene),
            badge=self._facts.badge,
        )
        if scene.dark != self._dark:
            self.set_dark(dark=scene.dark)
        self._find_home(look=first)
        self.update()

    def set_scene(self, scene: Scene, layers: Sequence[tuple[Layer, Any]]) -> None:
        """Show these layers and no others, encoding them here."""
        self.show_scene(scene)
        for name in set(self._pictures) - {layer.name for layer, _ in layers}:
            self.remove_layer(name)
        for layer, style in layers:
            self.update_layer(layer.name, layer, style, scene)

    def update_layer(self, name: str, layer: Layer, style: Any, scene: Scene) -> None:
        """Encode one layer here and show it."""
        self.set_picture(name, layer.encode(scene, style))

    def set_picture(self, name: str, picture: Picture) -> None:
        """Show a layer's picture; the old one stays until the new one is uploaded."""
        self._pictures[name] = picture
        self.stage.put(name, picture, self._order.get(name, len(self._order)))
        self.stage.set_visible(name, visible=name not in self._hidden)
        self._find_selected()
        self._find_home()  # its legend may need room
        self.start_upload()

    def remove_layer(self, name: str) -> None:
        """Take a layer away."""
        self._pictures.pop(name, None)
        self.stage.remove(name)
        self.redraw()

    def clear(self) -> None:
        """Forget the city: the next one is shown whole again."""
        for name in list(self._pictures):
            self.remove_layer(name)
        self._scene, self._hover, self._selection, self._edited = None, None, ("", frozenset()), {}
        self._selected_shapes = self._edited_shapes = ()
        self.update()

    def set_layer_order(self, names: Sequence[str]) -> None:
        """Draw the layers in this order, the first one lowest."""
        self._order = {name: place for place, name in enumerate(names)}
        self.stage.set_order(self._order)
        self.redraw()

    def set_layer_visible(self, name: str, visible: bool) -> None:
        """Show or hide a layer without forgetting it."""
        self._hidden.discard(name) if visible else self._hidden.add(name)
        self.stage.set_visible(name, visible=visible)
        self.redraw()

    def is_layer_visible(self, name: str) -> bool:
        """Return whether a layer is there and shown."""
        return name in self._pictures and name not in self._hidden

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the layers that are there, in drawing order."""
        return tuple(sorted(self._pictures, key=lambda name: self._order.get(name, len(self._order))))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures of the shown layers, the topmost first."""
        return tuple(picture for _, picture in self._shown())

    def _shown(self) -> list[tuple[str, Picture]]:
        """Return the shown layers, the topmost first."""
        return [(name, self._pictures[name]) for name in reversed(self.layer_names) if name not in self._hidden]

    def legends(self) -> tuple[Legend, ...]:
        """Return the legends of the shown layers, those of results before those of the map."""
        told = [picture for name, picture in self._shown() if name not in self.quiet_legends]
        legends = [legend for picture in told for legend in (picture.legend, picture.widths)]
        return tuple(legend for legend in legends if legend is not None and legend.entries)

    def set_language(self, code: str) -> None:
        """Write names in Chinese ('zh_CN') or English ('en')."""
        self._language = code
        self.update()

    def set_dark(self, dark: bool) -> None:
        """Choose the dark or the light theme of the frame; layers take theirs from the scene when they are encoded."""
        self._dark = dark
        self.stage.set_dark(dark=dark)
        self.redraw()

    def set_badge(self, text: str) -> None:
        """Say in the corner what must be known of the numbers on show; '' says nothing."""
        self._facts = replace(self._facts, badge=text)
        self.update()

    @property
    def is_dark(self) -> bool:
        """Whether the dark theme is on."""
        return self._dark

    def set_time(self, at: datetime | None) -> None:
        """Show another time in the corner."""
        self._facts = replace(self._facts, time=_time(at))
        self.update()

    # Where it is seen from

    def settled(self, viewpoint: Viewpoint) -> Viewpoint:
        """Put the middle of the view on the ground."""
        z = float(self._ground.at(np.array([[viewpoint.x_m, viewpoint.y_m]]))[0])
        return replace(viewpoint, z_m=z)

    def fly_to_bounds(self, bounds: Bounds) -> None:
        """Fly to where a rectangle (metres) is seen whole, keeping the direction."""
        here, (x0, y0, x1, y1) = self.viewpoint, bounds
        corners = np.array([(x, y) for x in (x0, x1) for y in (y0, y1)])
        points = np.column_stack([corners, self._ground.at(corners)])
        self.fly(self._framed(points, heading_deg=here.heading_deg, tilt_deg=here.tilt_deg))

    def _find_home(self, *, look: bool = False) -> None:
        """Find from where the whole city is seen beside the legends; who looks from home goes along."""
        if self._scene is None:
            return
        is_home, points = look or self.viewpoint == self._home, outline(self._scene.snapshot)
        found_for = id(points), self._free_part()
        if found_for != self._home_for:
            self._home_for = found_for
            self.set_home(self._framed(points))
        if is_home and not self._is_flying:
            self.viewpoint = self._home

    def _framed(self, points: NDArray[np.float64], **direction: float) -> Viewpoint:
        return self._landed(framed(points, self.size_px, self._free_part(), **direction))

    def _free_part(self) -> tuple[float, float, float, float]:
        return overlay.free_part(self.size_px, self._legend_rects())

    def _landed(self, viewpoint: Viewpoint) -> Viewpoint:
        """Return the same view with its middle where the look meets the ground."""
        eye, forward = viewpoint.eye, viewpoint.axes()[2]
        lowest = 0.0 if self._ground.is_flat else float(self._ground.z_m.min())
        way = np.linspace(0.0, max((lowest - eye[2]) / forward[2], 1.0), 4000)[1:]
        places = eye + way[:, None] * forward
        met = int(np.argmax(places[:, 2] <= self._ground.at(places[:, :2]) + 1e-6))  # the last place at the latest
        met = met or len(way) - 1
        return self.settled(replace(viewpoint, x_m=float(places[met, 0]), y_m=float(places[met, 1]), distance_m=float(way[met])))

    def _legend_rects(self) -> list[QRectF]:
        legends = self.legends() if self.legends_shown else ()
        return [box.rect for box in legend_column.boxes(self.size_px, legends)]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Draw anew in the new size, the whole city where that was seen."""
        super().resizeEvent(event)
        self._find_home()

    def show_versions(self, versions: Iterable[highlight.Version]) -> None:
        """Show versions of where a disputed thing is, in place of those shown before."""
        self._versions = tuple(versions)
        self.update()

    # Picking and selecting

    def pick_at(self, x_px: float, y_px: float, kind: str = "") -> Pick | None:
        """Return what is seen at a pixel; with ``kind`` only layers of that kind are asked."""
        at = self.surface_at(x_px, y_px)
        if at is None:
            return None
        asked = ((name, picture) for name, picture in self._shown() if not kind or picture.pick_kind == kind)
        return find(at[0], at[1], self.pixel_at(at), asked)

    def pixel_of(self, xy: NDArray[np.float64], lift_m: float = 3.0) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the pixels ``(n, 2)`` of points of the ground ``(n, 2)``, and which of them lie before the eyes."""
        px, depth = self.viewpoint.project(self._ground.on(xy, lift_m), self.size_px)
        return px, depth > 0

    def pixel_at(self, at: tuple[float, float, float]) -> float:
        """Return how many metres a pixel covers at a place."""
        _, depth = self.viewpoint.project(np.array([at]), self.size_px)
        return self.pixel_m * float(depth[0]) / self.viewpoint.distance_m

    def _on_pointer(self, x_px: float, y_px: float) -> None:
        if self.is_moving:
            return
        found = self.pick_at(x_px, y_px)
        if (found and (found.kind, found.id)) == (self._hover and (self._hover.kind, self._hover.id)):
            return
        self._hover = found
        self.hovered.emit(found.kind if found else "", found.id if found else "")
        words = self.tooltip(found.kind, found.id) if found else ""
        if words:
            QToolTip.showText(self.mapToGlobal(QPoint(round(x_px) + 12, round(y_px) + 12)), words, self)
        else:
            QToolTip.hideText()
        self.update()

    def _tooltip(self, kind: str, key: str) -> str:
        return tooltips.text(self._scene.snapshot, kind, key) if self._scene is not None else ""

    def _on_click(self, x_px: float, y_px: float, modifiers: object) -> None:
        at = self.surface_at(x_px, y_px)
        if at is not None:
            self.clicked_ground.emit(at[0], at[1])
        found = self.pick_at(x_px, y_px)
        self.picked.emit(found.kind if found else "", found.id if found else "", modifiers)

    def set_selection(self, kind: str, ids: Iterable[str]) -> None:
        """Draw an outline around these things."""
        self._selection = kind, frozenset(ids)
        self._find_selected()
        self.update()

    def set_edited(self, edited: Mapping[str, Iterable[str]]) -> None:
        """Draw a thin outline around what a scenario edits: keys by kind."""
        self._edited = {kind: frozenset(ids) for kind, ids in edited.items()}
        self._find_selected()
        self.update()

    def _find_edited(self) -> None:
        frames = self._scene.snapshot.frames if self._scene is not None else {}
        known = [(frames[kind], ids) for kind, ids in self._edited.items() if kind in frames]
        self._edited_shapes = tuple(
            shape for frame, ids in known if frame.geometry is not None for shape in frame.geometry[frame.rows(ids)]
        )

    def _find_selected(self) -> None:
        self._find_edited()
        kind, ids = self._selection
        if not ids:
            self._selected_shapes = ()
            return
        frame = self._scene.snapshot.frames.get(kind) if self._scene is not None else None
        if frame is not None and frame.geometry is not None:
            self._selected_shapes = tuple(frame.geometry[frame.rows(ids)])
            return
        for _, picture in self._shown():
            if picture.pick_kind == kind and picture.pick_ids is not None and picture.pick_geometry is not None:
                self._selected_shapes = tuple(picture.pick_geometry[np.isin(picture.pick_ids.astype(str), list(ids))])

    # Painting

    def labels(self) -> tuple[lettering.Label, ...]:
        """Return the names that are shown now; found anew only where the view has changed."""
        key = self.viewpoint, self.size_px, self.is_moving, self._language, self.legends_shown, *map(id, self._pictures.values())
        key = *key, frozenset(self._hidden), self.quiet_legends
        if key != self._label_key:
            self._label_key, self._labels = key, self._found_labels()
        return self._labels

    def _found_labels(self) -> tuple[lettering.Label, ...]:
        marks = [
            mark
            for _, picture in self._shown()
            for level in picture.all_levels
            if level.is_shown(self.pixel_m, moving=self.is_moving)
            for mark in level.marks
            if isinstance(mark, LabelMarks)
        ]
        width, height = self.size_px
        taken = [(0.0, 0.0, 190.0, 90.0), (0.0, height - 50.0, 200.0, height), (width - 60.0, 0.0, width, 60.0)]
        taken += [(box.left(), box.top(), box.right(), box.bottom()) for box in self._legend_rects()]
        return lettering.placed(marks, self.viewpoint, self.size_px, self._language, taken)

    def paint_over(self, painter: QPainter) -> None:
        """Paint outlines, names, legends and the frame."""
        colours = theme(dark=self._dark)
        place = self._ground, self.viewpoint, self.size_px
        if self._edited_shapes:
            highlight.paint(painter, self._edited_shapes, *place, colour=colours["edited"], width_px=2.5)
        if self._hover is not None:
            highlight.paint(painter, [self._hover.geometry], *place, colour=colours["accent"], width_px=2.0)
        if self._selected_shapes:
            highlight.paint(painter, self._selected_shapes, *place, colour=colours["selection"])
        self._paint_traffic(painter)
        if self.tool is not None:
            self.tool.paint(painter)
        if self.labels_shown:
            lettering.paint(painter, self.labels(), colours["text"], colours["halo"], self.pixel_ratio)
        highlight.paint_versions(painter, self._versions, *place, colours["halo"])
        legends = self.legends() if self.legends_shown else ()
        overlay.paint(painter, self.size_px, self.viewpoint, self._facts, legends, dark=self._dark)

    def _paint_traffic(self, painter: QPainter) -> None:
        traffic = self.traffic
        shown = next((picture.motion for _, picture in self._shown() if picture.motion is not None), None)
        traffic.show_motion(shown)
        traffic.run(is_seen=self.isVisible() and not self.window().isMinimized())
        if self.is_moving or shown is None:
            traffic.forget_depth()
            return
        if traffic.needs_look:
            traffic.look(self.viewpoint, self.size_px, self.stage.depths(self.viewpoint))
        traffic.paint(painter, self.viewpoint, self.size_px, dark=self._dark)

    def set_traffic_moving(self, is_on: bool) -> None:
        """Let vehicles move over a result, or not."""
        self.traffic.is_on = is_on
        self.traffic.run(is_seen=self.isVisible())
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  Qt's name
        """Stop what moves: nobody sees it."""
        self.traffic.run(is_seen=False)
        super().hideEvent(event)

    def shut(self) -> None:
        """Stop timers and free the graphics driver's memory."""
        self.traffic.run(is_seen=False)
        super().shut()

    def image(self) -> QImage:
        """Return the view as it is shown, in full detail."""
        self.finish()
        return self.grab().toImage()


def _time(at: datetime | None) -> str:
    return time_text(at) if at is not None else ""


def attribution(scene: Scene) -> str:
    """Return whom the map must name: OpenStreetMap where a frame comes from it."""
    return "© OpenStreetMap contributors" if "osm" in scene.snapshot.sources else ""
