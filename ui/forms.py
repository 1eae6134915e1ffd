"""Forms made from dataclasses of ``attribute`` fields: edits, parameters, layer styles, settings, entities.

A field's declaration says everything: its label, unit, limits, choices and meaning. Speeds are typed in
km/h and angles in degrees; the values that come out are SI again.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QDateTime, QSignalBlocker, Qt, QTime, QTimeZone, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from twin.errors import KnownError, ScenarioError
from twin.model.entity import CLOCK_UNIT, Attribute, attributes
from ui.language import LANGUAGES, error_texts, tr, tr_choice
from ui.texts import say_again

# Units in which people type: the unit shown and the factor from the unit inside.
TYPED_UNITS: Mapping[str, tuple[str, float]] = {"m/s": ("km/h", 3.6), "deg": ("°", 1.0), "ratio": ("%", 100.0), "1": ("", 1.0)}
NO_LIMIT = 1e9
EDIT_MARGINS = (4, 0, 0, 0)  # spin boxes leave out the padding of the style sheet


class Form(QWidget):
    """A form for one dataclass type; ``changed`` is emitted after every change that the user makes.

    ``names`` restricts it to some fields, in their order; fields of type tuple are never shown.
    """

    changed = Signal()

    def __init__(self, record_type: type[Any], names: tuple[str, ...] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record_type = record_type
        self.fields: dict[str, Field] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        rows = QFormLayout()
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        rows.setVerticalSpacing(6)
        outer.addLayout(rows)
        self._complaint = QLabel()
        self._complaint.setProperty("look", "error")
        self._complaint.setWordWrap(True)
        self._complaint.hide()
        outer.addWidget(self._complaint)
        known = attributes(record_type)
        for name in names if names is not None else known:
            facts = known[name]
            if facts.type is tuple:
                continue
            field = field_for(facts)
            field.changed.connect(self._note_change)
            self.fields[name] = field
            rows.addRow(field.caption, field)

    def values(self) -> dict[str, Any]:
        """Return what the fields hold, in SI."""
        return {name: field.value() for name, field in self.fields.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show values; names that the form does not have are left out. Emits nothing."""
        for name, field in self.fields.items():
            if name in values:
                with QSignalBlocker(field):
                    field.set_value(values[name])
        self._complain("")

    def record(self, **fixed: Any) -> Any:
        """Return the dataclass that the form describes. Raises ``KnownError`` when it refuses its values."""
        try:
            return self.record_type(**self.values(), **fixed)
        except KnownError as error:
            self._complain(" ".join(error_texts(error)).strip())
            raise

    def is_complete(self, **fixed: Any) -> bool:
        """Return whether the values make a record; otherwise the reason is shown under the form."""
        try:
            self.record(**fixed)
        except KnownError:
            return False
        self._complain("")
        return True

    def _note_change(self) -> None:
        self._complain("")
        self.changed.emit()

    def _complain(self, text: str) -> None:
        self._complaint.setText(text)
        self._complaint.setVisible(bool(text))


class Field(QWidget):
    """One field: its caption and the widget in which its value is typed."""

    changed = Signal()

    def __init__(self, facts: Attribute, editor: QWidget) -> None:
        super().__init__()
        self.facts = facts
        self.editor = editor
        self.caption = QLabel()
        self.caption.setBuddy(editor)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(editor)
        editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        say_again(self, self._retranslate)

    def value(self) -> Any:
        """Return the value in SI."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value given in SI."""
        raise NotImplementedError

    def _retranslate(self) -> None:
        label, definition = tr(self.facts.label), tr(self.facts.definition) if self.facts.definition else ""
        self.caption.setText(label)
        self.editor.setAccessibleName(label)
        for widget in (self.caption, self.editor):
            widget.setToolTip(definition)
        self.editor.setAccessibleDescription(definition)


class _TextField(Field):
    def __init__(self, facts: Attribute) -> None:
        self._line = QLineEdit()
        super().__init__(facts, self._line)
        self._line.editingFinished.connect(self.changed)

    def value(self) -> str:
        return self._line.text().strip()

    def set_value(self, value: str | None) -> None:
        self._line.setText(value or "")


class _NumbersField(Field):
    """Several numbers, typed with commas between."""

    def __init__(self, facts: Attribute) -> None:
        self._line = QLineEdit()
        super().__init__(facts, self._line)
        self._line.editingFinished.connect(self.changed)

    def value(self) -> tuple[float, ...]:
        words = self._line.text().replace(",", " ").replace("，", " ").split()
        return tuple(_number(word, self.facts) for word in words)

    def set_value(self, value: tuple[float, ...] | None) -> None:
        self._line.setText(", ".join(f"{item:g}" for item in value or ()))


def _number(word: str, facts: Attribute) -> float:
    try:
        return float(word)
    except ValueError as error:
        raise ScenarioError(f"'{facts.label}' has '{word}', which is no number.", "Type numbers with commas between.") from error


class _ChoiceField(Field):
    def __init__(self, facts: Attribute) -> None:
        self._box = CalmComboBox()
        for choice in facts.choices:
            self._box.addItem(choice, choice)
        super().__init__(facts, self._box)
        self._box.activated.connect(lambda _index: self.changed.emit())

    def value(self) -> str | None:
        chosen = self._box.currentData()
        return None if chosen is None else str(chosen)

    def set_value(self, value: str | None) -> None:
        self._box.setCurrentIndex(self._box.findData(value))

    def _retranslate(self) -> None:
        super()._retranslate()
        for row, choice in enumerate(self.facts.choices):
            self._box.setItemText(row, choice_text(choice))


def choice_text(choice: str) -> str:
    """Return a choice as it stands in a list: a language by its own name, everything else in the language in use."""
    text = LANGUAGES.get(choice) or tr_choice(choice)
    return text[:1].upper() + text[1:]


class _TruthField(Field):
    def __init__(self, facts: Attribute) -> None:
        self._box = QCheckBox()
        super().__init__(facts, self._box)
        self._box.setTristate(facts.optional)
        self._box.clicked.connect(lambda _on: self.changed.emit())

    def value(self) -> bool | None:
        state = self._box.checkState()
        return None if state is Qt.CheckState.PartiallyChecked else state is Qt.CheckState.Checked

    def set_value(self, value: bool | None) -> None:
        state = Qt.CheckState.PartiallyChecked if value is None else Qt.CheckState.Checked if value else Qt.CheckState.Unchecked
        self._box.setCheckState(state)


class _NumberField(Field):
    """A number within its limits; an optional one has an empty state below its lowest value."""

    def __init__(self, facts: Attribute) -> None:
        self._is_whole = facts.type is int
        self._unit, self._factor = TYPED_UNITS.get(facts.unit, (facts.unit, 1.0))
        low = -NO_LIMIT if facts.low is None else facts.low * self._factor
        high = NO_LIMIT if facts.high is None else facts.high * self._factor
        self._step = 1.0 if self._is_whole else _step(low, high)
        self._empty = low - self._step if facts.optional else -math.inf
        box: QSpinBox | QDoubleSpinBox
        if self._is_whole:
            box = _CalmSpinBox()
            box.setRange(int(low - facts.optional), int(min(high, 2**31 - 1)))
        else:
            box = _CalmDoubleSpinBox()
            box.setDecimals(_decimals(self._step))
            box.setRange(low - (self._step if facts.optional else 0), high)
            box.setSingleStep(self._step)
        box.setKeyboardTracking(False)
        if facts.optional:
            box.setSpecialValueText("–")
        box.lineEdit().setTextMargins(*EDIT_MARGINS)
        self._box = box
        self._given: float | None = None
        super().__init__(facts, box)
        box.valueChanged.connect(self._typed)

    def _typed(self, _value: float) -> None:
        self._given = None
        self.changed.emit()

    def value(self) -> float | int | None:
        if self.facts.optional and self._box.value() <= self._box.minimum():
            return None
        if self._given is not None:
            return self._given  # untouched: exactly what came in, not what rounding made of it
        return int(self._box.value()) if self._is_whole else self._box.value() / self._factor

    def set_value(self, value: float | None) -> None:
        with QSignalBlocker(self._box):
            if value is None:
                self._box.setValue(self._box.minimum())  # type: ignore[arg-type] # each box with its own type
            elif isinstance(self._box, QSpinBox):
                self._box.setValue(int(value))
            else:
                self._box.setDecimals(max(self._box.decimals(), _decimals_of(value * self._factor)))
                self._box.setValue(value * self._factor)
        self._given = value

    def _retranslate(self) -> None:
        super()._retranslate()
        self._box.setSuffix(f" {tr(self._unit)}" if self._unit else "")


class _TimeField(Field):
    """A day and time of day in the time zone of this machine; times inside are UTC."""

    def __init__(self, facts: Attribute) -> None:
        self._box = QDateTimeEdit()
        self._box.setCalendarPopup(True)
        self._box.setDisplayFormat("yyyy-MM-dd HH:mm")
        self._box.lineEdit().setTextMargins(*EDIT_MARGINS)
        self._is_empty = facts.optional
        super().__init__(facts, self._box)
        self._box.dateTimeChanged.connect(self._typed)

    def _typed(self, _value: QDateTime) -> None:
        self._is_empty = False
        self.changed.emit()

    def value(self) -> datetime | None:
        if self._is_empty:
            return None
        return datetime.fromtimestamp(self._box.dateTime().toSecsSinceEpoch(), UTC)

    def set_value(self, value: datetime | None) -> None:
        self._is_empty = value is None
        if value is not None:
            with QSignalBlocker(self._box):
                self._box.setDateTime(QDateTime.fromSecsSinceEpoch(int(value.timestamp()), QTimeZone.systemTimeZone()))


class _ClockField(Field):
    """A time of day; midnight at the end of a day is its last minute. An optional one has midnight as its empty state."""

    def __init__(self, facts: Attribute) -> None:
        self._box = QTimeEdit()
        self._box.setDisplayFormat("HH:mm")
        if facts.optional:
            self._box.setSpecialValueText("–")
        self._box.lineEdit().setTextMargins(*EDIT_MARGINS)
        super().__init__(facts, self._box)
        self._box.timeChanged.connect(lambda _value: self.changed.emit())

    def value(self) -> float | None:
        since_midnight_s = self._box.time().msecsSinceStartOfDay() / 1000.0
        return None if self.facts.optional and not since_midnight_s else since_midnight_s

    def set_value(self, value: float | None) -> None:
        with QSignalBlocker(self._box):
            self._box.setTime(QTime.fromMSecsSinceStartOfDay(int(min(value or 0.0, 86340.0) * 1000.0)))


class CalmComboBox(QComboBox):
    """A combo box that the wheel does not change while a panel is scrolled."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  Qt's name
        """Leave the wheel to the panel around it."""
        event.ignore()


class _CalmSpinBox(QSpinBox):
    """A spin box that the wheel does not change while a panel is scrolled."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  Qt's name
        event.ignore()


class _CalmDoubleSpinBox(QDoubleSpinBox):
    """The same for numbers with a point."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  Qt's name
        event.ignore()


_FIELD_OF: Mapping[type, Callable[[Attribute], Field]] = {
    str: _TextField,
    bool: _TruthField,
    int: _NumberField,
    float: _NumberField,
    datetime: _TimeField,
    tuple: _NumbersField,
}


def field_for(facts: Attribute) -> Field:
    """Return the field for a declared attribute, showing its default."""
    if facts.unit == CLOCK_UNIT:
        return _ClockField(facts)
    return _ChoiceField(facts) if facts.choices else _FIELD_OF[facts.type](facts)


def form_with_defaults(record_type: type[Any], names: tuple[str, ...] | None = None) -> Form:
    """Return a form that shows the defaults of its type."""
    form = Form(record_type, names)
    defaults = {item.name: item.default for item in dataclasses.fields(record_type) if item.default is not dataclasses.MISSING}
    form.set_values(defaults)
    return form


def _step(low: float, high: float) -> float:
    """Return a step that suits the range: 0.05 for shares, 0.5 for lanes, 1 for the rest."""
    if high - low <= 2:
        return 0.05
    return 0.5 if high - low <= 20 else 1.0


def _decimals(step: float) -> int:
    return 2 if step < 0.1 else 1 if step < 1 else 0


def _decimals_of(value: float) -> int:
    """Return how many digits after the point say the value exactly, three at most."""
    return next((digits for digits in range(3) if math.isclose(round(value, digits), value, rel_tol=1e-4)), 3)
