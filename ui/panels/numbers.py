"""Numbers before and after, side by side: the table that the inspector and the results show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from twin.model.comparison import Comparison, Difference
from twin.model.results import Measure, Result, Worse
from ui import theme
from ui.language import number, tr, tr_sentence
from ui.quantity import MISSING, display_for, interval, relative
from ui.shown import NOT_ON_MAP
from ui.texts import say_again
from ui.view import View

ROW_PADDING_PX = 4
COLUMN_PX = 60


@dataclass(frozen=True)
class NumberRow:
    """One line: what it is, before, after, the interval of the difference, and which way is worse.

    ``key`` names the measure that a click shows on the map; ``is_certain`` is false where the difference
    may be chance.
    """

    label: str
    unit: str
    before: float | None
    after: float | None
    low: float | None = None
    high: float | None = None
    worse: Worse = "neither"
    definition: str = ""
    key: str = ""
    is_certain: bool = True
    rows: int = 0
    own_low: float | None = None
    own_high: float | None = None


class NumbersTable(QTreeWidget):
    """Lines of numbers; emits ``chosen`` with a line's key when it is clicked."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[NumberRow] = []
        self.setRootIsDecorated(False)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setColumnCount(4)
        self.setIndentation(0)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column in (2, 3):  # the longest texts
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(COLUMN_PX)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.itemClicked.connect(lambda item, _column: self._tell(item))
        self.itemActivated.connect(lambda item, _column: self._tell(item))
        say_again(self, self._draw)

    def show_rows(self, rows: Iterable[NumberRow]) -> None:
        """Show other numbers."""
        self._rows = list(rows)
        self._draw()

    def texts(self) -> list[list[str]]:
        """Return what stands in the table: for each number its label, before, after, difference and interval."""
        return [[heading.text(0), *(numbers.text(column) for column in range(4))] for heading, numbers in self._pairs()]

    def _pairs(self) -> list[tuple[QTreeWidgetItem, QTreeWidgetItem]]:
        """Return the two lines of each number: its label, and its values."""
        found = []
        for row in range(self.topLevelItemCount()):
            heading = self.topLevelItem(row)
            numbers = heading.child(0) if heading is not None else None
            if heading is not None and numbers is not None:
                found.append((heading, numbers))
        return found

    def _draw(self) -> None:
        self.setHeaderLabels([tr("Before"), tr("After"), tr("Difference"), tr("95 % interval")])
        self.setAccessibleName(tr("Numbers before and after"))
        self.clear()
        compares = any(row.before is not None and row.after is not None for row in self._rows)
        has_intervals = any(row.low is not None or row.own_low is not None for row in self._rows)
        has_before = any(row.before is not None for row in self._rows)
        for place, row in enumerate(self._rows):
            self.addTopLevelItem(_item(row, has_before=has_before))
            self.setFirstColumnSpanned(place, QModelIndex(), True)
        self.expandAll()
        self.header().setVisible(has_before or has_intervals)
        self.setColumnHidden(0, False)  # the labels stand in it, across all columns
        self.setColumnHidden(1, not any(row.after is not None for row in self._rows))
        self.setColumnHidden(2, not compares)
        self.setColumnHidden(3, not has_intervals)
        self._fit()

    def _fit(self) -> None:
        """Be exactly as high as the lines: the panel scrolls, not the table."""
        lines = sum(self.visualItemRect(item).height() for pair in self._pairs() for item in pair)
        header = self.header().sizeHint().height() if not self.header().isHidden() else 0
        self.setFixedHeight(header + lines + ROW_PADDING_PX)

    def _tell(self, item: QTreeWidgetItem) -> None:
        key = (item.parent() or item).data(0, Qt.ItemDataRole.UserRole)
        if key:
            self.chosen.emit(key)


def _item(row: NumberRow, *, has_before: bool) -> QTreeWidgetItem:
    values = [value for value in (row.before, row.after) if value is not None]
    shown = display_for(values, row.unit)
    unit = f" ({shown.unit_text})" if shown.unit_text else ""
    has_both = row.before is not None and row.after is not None
    difference = row.after - row.before if row.before is not None and row.after is not None else None
    share = difference / row.before if difference is not None and row.before else None
    if row.low is not None:
        range_text = interval(row.low, row.high, shown)
    elif row.own_low is not None and row.own_high is not None and not has_both:
        range_text = tr("{low} to {high}", low=shown.bare(row.own_low), high=shown.bare(row.own_high))
    else:
        range_text = ""
    heading = QTreeWidgetItem([tr_sentence(row.label) + unit])
    heading.setData(0, Qt.ItemDataRole.UserRole, row.key)
    before, after = row.before, row.after
    numbers = QTreeWidgetItem(
        [
            shown.bare(before) if before is not None else MISSING if has_before else "",
            MISSING if after is None else shown.bare(after),
            ""
            if difference is None
            else _difference_text(shown.signed(difference), relative(share, row.unit), is_none=difference == 0),
            range_text,
        ]
    )
    heading.addChild(numbers)
    for column in range(4):
        numbers.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    bold = heading.font(0)
    bold.setBold(True)
    numbers.setFont(1, bold)
    if difference is not None and _reads_as_more_than_zero(shown.signed(difference)):
        numbers.setForeground(2, QColor(_colour(row, difference)))
    heading.setForeground(0, QColor(theme.current().muted))
    for item in (heading, numbers):
        for column in range(4):
            item.setToolTip(column, _tip(row))
    return heading


def _difference_text(absolute: str, share: str, *, is_none: bool) -> str:
    return "0" if is_none else absolute if share == MISSING else f"{absolute} ({share})"


def _reads_as_more_than_zero(text: str) -> bool:
    """Tell whether any digit of a number says more than 0: an alarming colour on "0.0" alarms about nothing."""
    return any(digit in text for digit in "123456789")


def _colour(row: NumberRow, difference: float) -> str:
    chosen = theme.current()
    if row.worse == "neither" or not row.is_certain:
        return chosen.muted
    return chosen.bad if (difference > 0) == (row.worse == "higher") else chosen.good


def _tip(row: NumberRow) -> str:
    parts = [tr_sentence(row.definition)] if row.definition else []
    if row.rows:
        parts.append(tr("Rests on {count} records.", count=number(row.rows)))
    if row.key:
        parts.append(tr("Click to show it on the map."))
    if not row.is_certain:
        parts.append(tr("The interval includes 0: this may be chance."))
    return "\n".join(parts)


def rows_of_comparison(comparison: Comparison) -> list[NumberRow]:
    """Return the indicators of a comparison."""
    rests_on = {item.name: item.rows for item in comparison.after.indicators}
    return [_row_of(item, rests_on.get(item.name, 0)) for item in comparison.differences]


def _row_of(item: Difference, rests_on: int) -> NumberRow:
    return NumberRow(
        item.label,
        item.unit,
        item.before,
        item.after,
        item.low,
        item.high,
        item.worse,
        item.definition,
        is_certain=item.is_found,
        rows=rests_on,
    )


def rows_of_result(result: Result) -> list[NumberRow]:
    """Return the indicators of one result."""
    return [
        NumberRow(
            item.label,
            item.unit,
            None,
            item.value,
            worse=item.worse,
            definition=item.definition,
            rows=item.rows,
            own_low=item.low,
            own_high=item.high,
        )
        for item in result.indicators
    ]


def measures_of(result: Result) -> list[tuple[str, Measure]]:
    """Return the measures that a map can show, each once, with the kind of thing that carries it."""
    found: dict[str, tuple[str, Measure]] = {}
    for kind, table in result.tables.items():
        if kind in NOT_ON_MAP:
            continue
        for measure in table.measures:
            found.setdefault(measure.name, (kind, measure))
    for kind, series in result.series.items():
        for measure in series.measures:
            found.setdefault(measure.name, (kind, measure))
    return list(found.values())


def rows_about(view: View, kind: str, key: str) -> list[NumberRow]:
    """Return what the results of the current scenario say of one thing."""
    found = []
    for name, result in view.results.items():
        comparison = view.comparisons.get(name)
        before = comparison.before if comparison is not None else None
        after = comparison.after if comparison is not None else result
        table = after.tables.get(kind)
        if table is None:
            continue
        for measure in table.measures:
            new = _value(after, kind, key, measure.name)
            old = _value(before, kind, key, measure.name) if before is not None else None
            if new is None and old is None:
                continue
            is_certain = old is None or new is None or abs(new - old) > measure.noise
            found.append(
                NumberRow(
                    measure.label,
                    measure.unit,
                    old,
                    new,
                    worse=measure.worse,
                    definition=measure.definition,
                    key=f"{name}/{measure.name}",
                    is_certain=is_certain,
                )
            )
    return found


def _value(result: Result, kind: str, key: str, measure: str) -> float | None:
    table = result.tables.get(kind)
    if table is None or measure not in table.columns:
        return None
    rows = np.flatnonzero(table.ids == key)
    value = float(table.columns[measure][rows[0]]) if len(rows) else np.nan
    return value if np.isfinite(value) else None
