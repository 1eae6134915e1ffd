"""The layers of the map: which are shown, how they are styled, and their pictures, encoded beside the window."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from layers import LAYERS, WITHOUT_RESULTS
from layers.base import Layer, Legend, Picture, Scene
from twin.model.results import ResultTable
from ui import theme
from ui.desk import Desk
from ui.session import Session

# Thousands of points that say nothing of a result and hide it: left out while one is on the map, unless asked for.
BESIDE_RESULTS = frozenset({"bins", "cameras", "cases", "incidents"})
# What everybody reads without a legend while a result is on the map.
GROUND = frozenset({"buildings", "roads", "land_use", "depots"})
CELLS = "hexes"


@dataclass
class LayerState:
    """One layer as it is shown; ``is_empty`` when its picture has nothing, ``drawn_of`` is what that was made from."""

    layer: Layer
    style: Any
    is_visible: bool
    legend: Legend | None = None
    is_empty: bool = True
    drawn_of: tuple[Any, ...] | None = field(default=None, repr=False)


class LayerStack(QObject):
    """All layers there are. Hidden ones are not encoded until they are shown.

    ``scene_ready`` carries the scene before its pictures, ``picture_ready`` the picture of one layer.
    """

    changed = Signal()  # visibility or legends
    scene_ready = Signal(object)
    picture_ready = Signal(str, object)
    visibility_changed = Signal(str, bool)
    order_changed = Signal(tuple)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.desk = desk
        self.states = [LayerState(layer, layer.style_type(), layer.visible_at_start) for layer in LAYERS]
        self.is_focused = True
        self.is_editing = False
        self._is_encoding = False
        self._is_stale = False
        desk.view_changed.connect(self._focus)
        desk.view_changed.connect(self.redraw)

    def state(self, name: str) -> LayerState:
        """Return the state of one layer."""
        return next(state for state in self.states if state.layer.name == name)

    def set_visible(self, name: str, is_visible: bool) -> None:
        """Show a layer, or hide it."""
        state = self.state(name)
        if state.is_visible != is_visible:
            state.is_visible = is_visible
            self.visibility_changed.emit(name, self.is_drawn(state))
            self.changed.emit()
            self.redraw()

    def set_focused(self, is_focused: bool) -> None:
        """Leave out what hides a result on the map, or show everything that is ticked."""
        self.is_focused = is_focused
        self._focus()
        self.changed.emit()

    def is_drawn(self, state: LayerState) -> bool:
        """Return whether a layer is on the map: ticked and not hiding a result, or needed to show one."""
        if state.layer.name == CELLS and self.needs_cells:
            return True
        return state.is_visible and not (self.has_focus and state.layer.name in BESIDE_RESULTS)

    @property
    def needs_cells(self) -> bool:
        """Whether the measure on the map belongs to no road: then the hexagons carry it."""
        view = self.desk.view
        if view is None or view.shown.mode == "none":
            return False
        result = view.results.get(view.shown.simulation)
        carriers = {kind for kind, table in result.tables.items() if view.shown.measure in table.columns} if result else set()
        return bool(carriers) and "link" not in carriers

    def style_of(self, state: LayerState) -> Any:
        """Return the style a layer is drawn in: the hexagons show the result where they are needed for it."""
        if state.layer.name == CELLS and self.needs_cells:
            return dataclasses.replace(state.style, measure="result", shape="flat")
        return state.style

    def set_editing(self, is_editing: bool) -> None:
        """Leave out what hides streets while they are edited."""
        self.is_editing = is_editing
        self._focus()
        self.changed.emit()
        self.redraw()

    @property
    def has_focus(self) -> bool:
        """Whether the map shows a result, or streets to edit, and nothing that hides them."""
        view = self.desk.view
        return self.is_focused and view is not None and (self.is_editing or view.shown.mode != "none")

    def _focus(self) -> None:
        for state in self.states:
            if state.layer.name in (*BESIDE_RESULTS, CELLS):
                self.visibility_changed.emit(state.layer.name, self.is_drawn(state))

    def set_order(self, names: tuple[str, ...]) -> None:
        """Draw the layers in this order, the first one lowest."""
        self.states.sort(key=lambda state: names.index(state.layer.name))
        self.order_changed.emit(names)

    def set_style(self, name: str, style: Any) -> None:
        """Draw a layer in another style."""
        self.state(name).style = style
        self.redraw()

    def redraw(self) -> None:
        """Encode what is shown and out of date; requests that come meanwhile become one more encoding."""
        if self.desk.session is None or self.desk.view is None:
            for state in self.states:
                state.drawn_of = state.legend = None
            return
        if self._is_encoding:
            self._is_stale = True
            return
        self._is_encoding, self._is_stale = True, False
        is_dark = theme.current().dark
        wanted = [(state.layer, self.style_of(state), state.drawn_of) for state in self.states if self.is_drawn(state)]
        self.desk.do("Draw", lambda session: _encoded(session, wanted, is_dark=is_dark), on_finish=self._take, on_end=self._ended)

    def _take(self, encoded: tuple[Scene, list[tuple[str, tuple[Any, ...], Picture]]]) -> None:
        if self.desk.view is None:
            return
        scene, pictures = encoded
        self.scene_ready.emit(scene)
        for name, made_of, picture in pictures:
            state = self.state(name)
            state.drawn_of, state.legend = made_of, picture.legend
            state.is_empty = not any(level.marks for level in picture.all_levels)
            self.picture_ready.emit(name, picture)
        if pictures:
            self.changed.emit()

    def _ended(self) -> None:
        self._is_encoding = False
        if self._is_stale:
            self.redraw()


def _encoded(
    session: Session, wanted: list[tuple[Layer, Any, tuple[Any, ...] | None]], *, is_dark: bool
) -> tuple[Scene, list[tuple[str, tuple[Any, ...], Picture]]]:
    """Encode the layers whose city, numbers or style are not those of their last picture."""
    scene = session.scene(dark=is_dark)
    made = []
    for layer, style, drawn_of in wanted:
        # Frames and tables are immutable: the same object is the same content. They are kept, not only their ids,
        # so that no other object can take the place of one that is gone.
        frames = tuple(scene.snapshot.frames.get(kind) for kind in layer.kinds)
        tables, *shown = ((), "", False) if layer.name in WITHOUT_RESULTS else _on_show(scene)
        made_of = (frames, tables, *shown, scene.dark, scene.snapshot.terrain, style)
        if drawn_of is None or not _is_same(drawn_of, made_of):
            picture = layer.encode(scene, style)
            picture.pick_tree  # noqa: B018  built here, where waiting does no harm
            made.append((layer.name, made_of, picture))
    return scene, made


def _on_show(scene: Scene) -> tuple[tuple[ResultTable, ...], str, bool]:
    return tuple(scene.tables.values()), scene.measure, scene.diverging


def _is_same(one: tuple[Any, ...], two: tuple[Any, ...]) -> bool:
    frames, tables, *rest = one
    other_frames, other_tables, *other_rest = two
    same_frames = len(frames) == len(other_frames) and all(a is b for a, b in zip(frames, other_frames, strict=True))
    same_tables = len(tables) == len(other_tables) and all(a is b for a, b in zip(tables, other_tables, strict=True))
    *plain, terrain, style = rest
    *other_plain, other_terrain, other_style = other_rest
    return same_frames and same_tables and plain == other_plain and terrain is other_terrain and style == other_style
