"""What is known of the selected thing: every attribute with its meaning and source, and what results say of it."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from twin.model.catalogue import KIND_OF
from twin.model.changes import Change
from twin.model.entity import Entity, attributes
from twin.model.snapshot import Snapshot
from ui.desk import Desk
from ui.forms import Form
from ui.language import mark, time_text, tr
from ui.panels.base import Panel, clear, label, scrolled
from ui.panels.chart import Chart, over_day
from ui.panels.numbers import NumbersTable, rows_about
from ui.shown import Mode
from ui.wording import value_text
from ui.words import counted, kind_label, name_of, name_of_entity

# What a program keeps: readings, and keys of other things, which stand below the form. Everything else may be corrected by hand.
KEPT_BY_PROGRAMS = frozenset({"fill_level", "fill_observed_at", "length_m"})
KEY_ENDING = "_id"
LISTED = 500
EDIT_DELAY_MS = 700  # one entry in the journal for a number that is turned up step by step


class InspectorPanel(Panel):
    """Shows the selection: one thing with all its attributes, or a list of several to choose from."""

    name: ClassVar[str] = "inspector"
    title: ClassVar[str] = mark("Inspector")
    icon: ClassVar[str] = "inspector"

    def __init__(self, desk: Desk) -> None:
        self.entity: Entity | None = None
        self.form: Form | None = None
        self._asked: tuple[str, str] | None = None
        super().__init__(desk)
        desk.selection_changed.connect(self._select)

    def build(self) -> None:
        """Make the heading, the place for the form and the table of results."""
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(EDIT_DELAY_MS)
        self._delay.timeout.connect(self.commit)
        self.column.setContentsMargins(0, 0, 0, 0)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        self.kind = label("muted")
        self.heading = label("heading")
        self.origin = label("muted")
        self.planned = label("note")
        self.several = QListWidget()
        self.several.itemActivated.connect(self._choose)
        self.several.itemClicked.connect(self._choose)
        self.place = QVBoxLayout()
        self.over_time = Chart()
        self.over_time.hide()
        self.results_heading = label("section", text=lambda: tr("Results"))
        self.results = NumbersTable()
        self.results.chosen.connect(self._show_measure)
        above: tuple[QWidget, ...] = (self.kind, self.heading, self.planned, self.several)
        for widget in above:
            column.addWidget(widget)
        column.addLayout(self.place)
        below: tuple[QWidget, ...] = (self.over_time, self.results_heading, self.results, self.origin)
        for part in below:
            column.addWidget(part)
        column.addStretch()
        self.column.addWidget(scrolled(inside))

    def refresh(self) -> None:
        """Show the selection as it is now; a thing that is stored anew is read again."""
        self._asked = None
        self._select()

    def commit(self) -> None:
        """Write what was typed into the city; undoable."""
        self._delay.stop()
        old, form = self.entity, self.form
        if old is None or form is None or not self.desk.is_writable:
            return
        new = dataclasses.replace(old, **form.values())
        if new == old:
            return
        changed = [facts.label for name, facts in attributes(type(old)).items() if getattr(old, name) != getattr(new, name)]
        things = ", ".join(changed)
        self.entity = new
        self.desk.do("Edit", lambda session: session.change([Change(old, new)], f"Change {things} of {old.label}"))

    def _select(self) -> None:
        kind, ids = self.desk.selection
        if self._delay.isActive():
            self.commit()
        if len(ids) == 1 and kind in KIND_OF:
            self._ask(kind, next(iter(ids)))
        else:
            self.entity = self._asked = None
            self._show_several(kind, sorted(ids))

    def _ask(self, kind: str, key: str) -> None:
        if self._asked == (kind, key):
            return
        self._asked = (kind, key)
        self.desk.do("Read", lambda session: session.entity(kind, key), on_finish=lambda entity: self._take(kind, key, entity))

    def _take(self, kind: str, key: str, entity: Entity | None) -> None:
        if self._asked != (kind, key):
            return
        if entity is None:
            self.entity = None
            self._show_several("", [])
            return
        is_same = self.form is not None and self.entity is not None and self.entity.id == entity.id
        self.entity = entity
        if not is_same or self.form is None:
            self._make_form(entity)
        elif not self._delay.isActive():
            self.form.set_values(_values(entity))
        self._show_one(entity)

    def _make_form(self, entity: Entity) -> None:
        clear(self.place)
        form = Form(type(entity), tuple(name for name in attributes(type(entity)) if not name.endswith(KEY_ENDING)))
        form.set_values(_values(entity))
        for name, field in form.fields.items():
            field.editor.setEnabled(self.desk.is_writable and name not in KEPT_BY_PROGRAMS)
        form.changed.connect(self._delay.start)
        self.form = form
        self.place.addWidget(form)

    def _show_one(self, entity: Entity) -> None:
        self.several.hide()
        self.kind.setText(kind_label(entity.kind))
        self.heading.setText(name_of_entity(entity))
        self.heading.show()
        self.origin.setText(_origin(entity))
        self.origin.show()
        view = self.desk.view
        planned = _planned(view.snapshot, view.edited, entity) if view else ""
        self.planned.setText(planned)
        self.planned.setVisible(bool(planned))
        rows = rows_about(view, entity.kind, entity.id) if view else []
        self._show_results(rows)

    def _show_results(self, rows: list[Any]) -> None:
        self.results.show_rows(rows)
        for widget in (self.results, self.results_heading):
            widget.setVisible(bool(rows))
        self._show_over_time()

    def _show_over_time(self) -> None:
        """Show how the measure on the map goes over the simulated day of the selected thing."""
        view, (kind, ids) = self.desk.view, self.desk.selection
        day = view.series.get(kind) if view is not None else None
        if view is None or day is None or len(ids) != 1:
            self.over_time.show_series(None)
            return
        known = [item.name for item in day.measures]
        measure = next((name for name in known if name.startswith(view.shown.measure or " ")), known[0] if known else "")
        plain = measure.removesuffix("_before").removesuffix("_after").removesuffix("_difference")
        self.over_time.show_series(over_day(day, next(iter(ids)), plain, view.shown.t_s))

    def retheme(self) -> None:
        """Draw icons and the chart again in the theme that is on now."""
        super().retheme()
        self.over_time.redraw()

    def _show_measure(self, key: str) -> None:
        simulation, measure = key.split("/", 1)
        view = self.desk.view
        is_compared = view is not None and simulation in view.comparisons
        mode: Mode = "difference" if is_compared else "after"
        self.desk.do("Show", lambda session: session.show(mode, simulation, measure))

    def _show_several(self, kind: str, ids: list[str]) -> None:
        clear(self.place)
        self.form = None
        view = self.desk.view
        for widget in (self.heading, self.origin, self.planned):
            widget.hide()
        self.several.clear()
        self.several.setVisible(bool(ids))
        self._show_results(rows_about(view, kind, ids[0]) if view and len(ids) == 1 else [])
        if view is None:
            self.kind.setText(tr("No workspace is open."))
        elif not ids:
            self.kind.setText(tr("Click something on the map to see everything that is known of it."))
        else:
            self.kind.setText(tr("{things} selected. Choose one to see it.", things=counted(kind, len(ids))))
            self.several.setAccessibleName(self.kind.text())
            for key in ids[:LISTED]:
                item = QListWidgetItem(name_of(view.snapshot, kind, key))
                item.setData(Qt.ItemDataRole.UserRole, (kind, key))
                self.several.addItem(item)

    def _choose(self, item: QListWidgetItem) -> None:
        kind, key = item.data(Qt.ItemDataRole.UserRole)
        self.desk.select(kind, [key])


def _values(entity: Entity) -> dict[str, Any]:
    return {name: getattr(entity, name) for name in attributes(type(entity))}


def _origin(entity: Entity) -> str:
    """Return where the record came from, how fresh it is, and its keys."""
    parts = [tr("Source: {source}", source=entity.source or tr("entered by hand"))]
    if entity.source_id:
        parts.append(tr("Record {record}", record=entity.source_id))
    observed = getattr(entity, "fill_observed_at", None)
    if observed is not None:
        parts.append(tr("Reading of {time}", time=time_text(observed)))
    parts.append(tr("Key {key}", key=entity.id))
    for name, facts in attributes(type(entity)).items():
        if name.endswith(KEY_ENDING) and getattr(entity, name):
            parts.append(tr("{what}: {details}", what=tr(facts.label), details=getattr(entity, name)))
    return "\n".join(parts)


def _planned(before: Snapshot, after: Snapshot, entity: Entity) -> str:
    """Return what the scenario changes of a thing, in words."""
    old, new = before.frames.get(entity.kind), after.frames.get(entity.kind)
    if old is None or new is None or old is new:
        return ""
    row, new_row = old.row_of.get(entity.id), new.row_of.get(entity.id)
    if row is None:
        return ""
    if new_row is None:
        return tr("The scenario removes it.")
    lines = []
    for name, facts in attributes(type(entity)).items():
        one, two = old[name][row], new[name][new_row]
        if facts.type in (float, int, bool) and one != two and not (one != one and two != two):  # noqa: PLR0124  NaN equals NaN here
            was, becomes = value_text(facts, facts.type(one)), value_text(facts, facts.type(two))
            lines.append(tr("{what}: {before} → {after}", what=tr(facts.label), before=was, after=becomes))
    if old.geometry is not None and new.geometry is not None and old.geometry[row] != new.geometry[new_row]:
        lines.append(tr("The scenario moves it."))
    return "\n".join([tr("In this scenario:"), *lines]) if lines else ""
