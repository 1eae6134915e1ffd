"""Editing on the map: which tool is on, what is chosen, and the edits that clicks and drags become."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QPointF, Signal

from twin.model.edits import AddBins, AddLink, BanTurn, Edit
from twin.model.network import ROAD_CLASSES
from twin.model.snapshot import Snapshot
from ui.desk import Desk
from ui.scene_view import SceneView
from ui.street_editing import steps
from ui.street_editing.answers import Answers
from ui.street_editing.bar import EditBar, Mode
from ui.street_editing.bin_tool import BinTool
from ui.street_editing.junctions import approaches, is_banned, streets_of
from ui.street_editing.road_tool import RoadTool
from ui.street_editing.street_tool import Meant, StreetTool
from ui.street_editing.strip import Strip
from ui.texts import say_again


class StreetEditing(QObject):
    """Joins the tools, the strip and the bar with the desk; every edit is one step that can be undone."""

    changed = Signal()  # another tool is on, or none
    further = Signal()  # somebody wants the other edits of the selection

    def __init__(self, desk: Desk, scene: SceneView, bar: EditBar) -> None:
        super().__init__(scene)
        self.desk, self.scene, self.bar = desk, scene, bar
        meant = Meant(self._choose_street, self._choose_signal, self.turn, self._choose_streets, self._choose_nothing)
        self.street_tool = StreetTool(scene, self.city, meant)
        self.road_tool = RoadTool(scene, self.city, self.build)
        self.bin_tool = BinTool(scene, self.put_bin)
        self.strip = Strip(scene)
        self.answers = Answers(desk, self)
        self.answers.changed.connect(self._show_answer)
        bar.live.toggled.connect(lambda _on: self._answer())
        self._place: tuple[float, float] | None = None
        self._first = ""
        bar.chosen.connect(self.set_mode)
        scene.viewpoint_changed.connect(self._follow)
        desk.view_changed.connect(self.refresh)
        desk.selection_changed.connect(self.refresh)
        self._connect_strip()
        say_again(self.strip, self.refresh)

    def _connect_strip(self) -> None:
        strip = self.strip
        strip.lanes.connect(self.add_lanes)
        strip.speed.connect(self.speed_up)
        strip.direction.connect(self.direct)
        strip.closed.connect(self.close_or_open)
        strip.both.connect(self._mean_both)
        strip.further.connect(self.further)
        strip.cycle.connect(lambda step: self._signal_edit(lambda city, node: steps.other_cycle(city, node, step)))
        strip.signal.connect(lambda: self._signal_edit(steps.signal_or_none))
        strip.green.connect(lambda key, step: self._edit(lambda city: steps.other_green(city, key, step)))
        strip.dismissed.connect(self._choose_nothing)

    # Which tool is on

    @property
    def mode(self) -> Mode:
        """The tool that is on; '' for none."""
        return self.bar.mode

    def set_mode(self, mode: str) -> None:
        """Take a tool up, or lay it down with ''."""
        chosen: Mode = mode if mode in ("streets", "road", "bins") and self.desk.is_writable else ""  # type: ignore[assignment] # one of the three
        self.scene.tool = {"streets": self.street_tool, "road": self.road_tool, "bins": self.bin_tool}.get(chosen)
        self.bar.show_mode(chosen)
        self._answer()
        self.refresh()
        self.changed.emit()

    def _answer(self) -> None:
        self.answers.set_on(self.mode in ("streets", "road") and self.bar.live.isChecked())

    def _show_answer(self) -> None:
        self.bar.show_state(self.answers.state, self.answers.reason)
        self.scene.set_badge(self.answers.state)

    def toggle(self, mode: Mode) -> None:
        """Take a tool up, or lay it down when it is on."""
        self.set_mode("" if self.mode == mode else mode)

    def step_back(self) -> bool:
        """Give up what was begun, else what is chosen, else the tool; return whether there was anything."""
        if not self.mode:
            return False
        if self.scene.tool is not None and self.scene.tool.cancel():
            self.scene.update()
        elif self.desk.selection[1]:
            self._choose_nothing()
        else:
            self.set_mode("")
        return True

    # What is chosen

    def city(self) -> Snapshot | None:
        """Return the city as it is edited; None without one that may be changed."""
        view = self.desk.view
        return view.edited if view is not None and view.writable else None

    def keys(self) -> tuple[str, ...]:
        """Return the links that an edit is about, the one that was clicked first."""
        kind, ids = self.desk.selection
        city = self.city()
        if kind != "link" or city is None:
            return ()
        return tuple(sorted((key for key in ids if key in city["link"].row_of), key=lambda key: (key != self._first, key)))

    def node(self) -> str:
        """Return the junction whose signal is chosen, ''."""
        kind, ids = self.desk.selection
        return next(iter(ids)) if kind == "node" and len(ids) == 1 else ""

    def _choose_street(self, key: str, adds: bool, at: QPointF) -> None:
        self._anchor_at(at)
        self._first = self._first if adds and self._first else key
        city = self.city()
        if city is not None:
            self._select(streets_of(city["link"], [key]) if self.strip.both_ways.isChecked() else frozenset({key}), adds)

    def _choose_streets(self, keys: frozenset[str], adds: bool) -> None:
        if keys:
            self._select(keys, adds)

    def _select(self, keys: frozenset[str], adds: bool) -> None:
        kind, old = self.desk.selection
        if not adds or kind != "link":
            self.desk.select("link", keys)
        else:  # what is all there already is taken out again
            self.desk.select("link", old - keys if keys <= old else old | keys)

    def _choose_signal(self, node: str, at: QPointF) -> None:
        self._anchor_at(at)
        self.desk.select("node", [node])

    def _choose_nothing(self) -> None:
        self._first = ""
        self.desk.select("", ())

    def _mean_both(self, both: bool) -> None:
        city, keys = self.city(), self.keys()
        if city is not None and keys:
            first = self._first if self._first in keys else keys[0]
            self.desk.select("link", streets_of(city["link"], keys) if both else {first})

    # What becomes of it

    def add_lanes(self, step: int) -> None:
        """Give the chosen streets a lane more or less."""
        self._edit(lambda city: steps.more_lanes(city, self.keys(), step))

    def speed_up(self, step: int) -> None:
        """Make the chosen streets faster or slower."""
        self._edit(lambda city: steps.faster(city, self.keys(), step))

    def direct(self, direction: str) -> None:
        """Let the chosen streets be driven one way or both ways, as they are seen on the screen."""
        self._edit(lambda city: steps.directed(city, self.keys(), direction, self._right()))

    def close_or_open(self) -> None:
        """Close the chosen streets, or open them again."""
        self._edit(lambda city: steps.closed_or_open(city, self.keys()))

    def turn(self, start: str, end: str) -> None:
        """Ban a turn, or allow it again."""
        self._edit(lambda city: [BanTurn(target_ids=(start,), into=(end,), allowed=is_banned(city, start, end))])

    def build(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Build a road from place to place, as the bar says."""
        name = str(self.bar.road_class.currentData())
        facts = next(item for item in ROAD_CLASSES if item.name == name)
        road = AddLink(
            path_m=(start, end),
            road_class=name,
            lanes=facts.lanes,
            speed_mps=facts.speed_mps,
            two_way=self.bar.two_way.isChecked(),
        )
        self._edit(lambda _city: [road])

    def put_bin(self, x_m: float, y_m: float) -> None:
        """Add a bin of the kind and capacity that the bar says."""
        added = AddBins(at_m=((x_m, y_m),), waste_kind=self.bar.waste_kind.value(), capacity_l=float(self.bar.capacity.value()))
        self._edit(lambda _city: [added])

    def _signal_edit(self, make: Callable[[Snapshot, str], list[Edit]]) -> None:
        node = self.node()
        if node:
            self._edit(lambda city: make(city, node))

    def _edit(self, make: Callable[[Snapshot], list[Edit]]) -> None:
        """Make edits of the city as it is when their turn comes: clicks in a row count one after another."""
        if self.city() is not None:
            self.desk.do("Edit", lambda session: session.edit(*make(session.edited_snapshot)))

    # What is shown

    def refresh(self) -> None:
        """Show what is chosen as it is now."""
        city, keys, node = self.city(), self.keys(), self.node()
        self.street_tool.chosen, self.street_tool.signal = frozenset(keys), node
        self.scene.update()
        if city is None and self.mode:
            self.set_mode("")
            return
        timing = steps.timing(city, node) if city is not None and node else None
        facts = steps.facts(city, keys, self._right()) if city is not None and keys else None
        if self.mode != "streets" or city is None or (facts is None and timing is None):
            self.strip.hide()
            return
        self._stay_near(city, keys or approaches(city, node))
        if timing is not None:
            self.strip.show_signal(city, node, timing)
        elif facts is not None:
            self.strip.show_streets(city, keys, facts, facts.direction)

    def _right(self) -> tuple[float, float]:
        x, y, _ = self.scene.viewpoint.axes()[0].tolist()
        return x, y

    def _anchor_at(self, at: QPointF) -> None:
        place = self.scene.surface_at(at.x(), at.y())
        self._place = place[:2] if place is not None else None
        self.strip.place(at)

    def _stay_near(self, city: Snapshot, keys: tuple[str, ...]) -> None:
        """Stand beside what is chosen also when it was chosen elsewhere: in a list, by the finder."""
        links = city["link"]
        rows = links.rows([key for key in keys if key in links.row_of])
        if not len(rows):
            return
        if self._place is None or np.hypot(*(links.xy[rows] - self._place).T).min() > links["length_m"][rows].max() + 100.0:
            self._place = (float(links.xy[rows[0], 0]), float(links.xy[rows[0], 1]))
        self._follow()

    def _follow(self) -> None:
        """Move the strip with the ground on which it stands."""
        if self._place is None or not self.mode:
            return
        px, good = self.scene.pixel_of(np.array([self._place]))
        if good[0]:
            self.strip.place(QPointF(*px[0]))

    def retheme(self) -> None:
        """Draw the icons in the theme that is on now."""
        self.strip.retheme()
        self.bar.retheme()
