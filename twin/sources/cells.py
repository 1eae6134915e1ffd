"""The cells of a table as values of attributes: which column, which conversion, what is missing."""

from __future__ import annotations

import difflib
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

import numpy as np

from twin.errors import DataError
from twin.geo import FloatArray
from twin.model.catalogue import HISTORY_OF, KIND_OF
from twin.model.entity import COMMON_FIELDS, Attribute, attributes
from twin.sources.base import Note, ReadOptions
from twin.sources.columns import Found, choice, recognise
from twin.sources.mapping import UNITS, Rule
from twin.sources.table import Table
from twin.sources.values import is_empty, is_month_first, moment, number, text_of, truth_value, zone

MAIN_TIME: Mapping[str, str] = {
    "bin": "fill_observed_at",
    "incident": "occurred_at",
    "case": "reported_at",
    "counter": "at",
    "fill_reading": "at",
    "emptying": "at",
}
_ROLES = ("source_id", "lon", "lat", "x", "y", "wkt", "year", "month", "day", "date", "clock", "hour", "subject_id")
_ALIASES = {"id": "source_id", "longitude": "lon", "latitude": "lat", "geometry": "wkt", "time": "clock"}
_HISTORY = {"bin": "fill_reading", "counter": "traffic_count", "fill_reading": "fill_reading",
            "emptying": "emptying"}  # fmt: skip


@dataclass(eq=False)
class Cells:
    """Gives the value of an attribute in a row, by recognised columns or by the mapping."""

    table: Table
    kind: str
    options: ReadOptions
    columns: dict[str, list[Found]] = field(init=False)
    rules: dict[str, Rule] = field(default_factory=dict, init=False)
    notes: list[Note] = field(default_factory=list, init=False)
    unknown: Tally[tuple[str, str]] = field(default_factory=Tally, init=False)

    def __post_init__(self) -> None:
        """Recognise columns, then let the mapping have the last word."""
        self.facts = known_attributes(self.kind)
        self.columns = recognise(self.table.columns, self.kind)
        mapping = self.options.mapping
        if mapping is not None:
            for name, rule in mapping.rules.items():
                self._apply(_ALIASES.get(name, name), rule)
        self.local: tzinfo = zone((mapping.time_zone if mapping else None) or self.options.time_zone)
        self._scale: dict[str, tuple[float, float]] = {}
        self._month_first = {name: self._order_of(name) for name in self._time_columns()}
        self.decimal_comma = self.table.decimal_comma

    def _apply(self, name: str, rule: Rule) -> None:
        known = {*self.facts, *_ROLES}
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            advice = f"Did you mean {near[0]!r}?" if near else f"Attributes are {', '.join(sorted(known))}."
            raise DataError(f"The mapping names {name!r}, which a {self.kind} does not have.", advice)
        if rule.column and rule.column not in self.table.columns:
            near = difflib.get_close_matches(rule.column, self.table.columns, 1)
            shown = ", ".join(list(self.table.columns)[:12])
            raise DataError(
                f"The mapping takes {name} from the column {rule.column!r}, which {self.table.where} does not have.",
                f"Did you mean {near[0]!r}?" if near else f"Its columns are {shown}.",
            )
        self.rules[name] = rule
        self.columns[name] = [Found(rule.column, rule.unit)] if rule.column else []

    def has(self, name: str) -> bool:
        """Return whether there is a column or a constant for an attribute."""
        return bool(self.columns.get(name)) or (name in self.rules and self.rules[name].constant is not None)

    def raw(self, name: str, row: int) -> tuple[Any, str]:
        """Return the first cell with content among an attribute's columns, and the column; (None, '') without one."""
        for found in self.columns.get(name, ()):
            value = self.table.columns[found.column][row]
            if not is_empty(value):
                return value, found.column
        rule = self.rules.get(name)
        return (rule.constant, "the mapping") if rule is not None and rule.constant is not None else (None, "")

    def text(self, name: str, row: int) -> str:
        """Return a cell as text, '' when it is empty."""
        value, _ = self.raw(name, row)
        return "" if value is None else text_of(value)

    def value(self, name: str, row: int) -> Any:
        """Return an attribute's value in a row, None when the row does not say it.

        Raises ``ValueError`` naming the column and what was found.
        """
        facts = self.facts[name]
        if facts.type is datetime:
            return self.moment(row) if name == MAIN_TIME.get(self.kind) else self._moment_in(name, row)
        if facts.choices:
            return self._choice(facts, row)
        raw, column = self.raw(name, row)
        if raw is None:
            return None
        if facts.type is str:
            return choice(name, text_of(raw)) or text_of(raw)  # the words of a free text that are known become ours
        try:
            if facts.type is bool:
                return truth_value(raw)
            return self._number(facts, raw)
        except ValueError as error:
            raise ValueError(f"{column} {error}") from error

    def _number(self, facts: Attribute, raw: Any) -> float:
        scale, offset = self.scale(facts.name)
        value = round(number(raw, decimal_comma=self.decimal_comma) * scale + offset, 10)
        return round(value) if facts.type is int and value == round(value) else value

    def scale(self, name: str) -> tuple[float, float]:
        """Return factor and offset from a column's numbers to the attribute's unit."""
        if name not in self._scale:
            rule, columns = self.rules.get(name), self.columns.get(name)
            unit = columns[0].unit if columns else ""
            if rule is not None:
                factor, offset = UNITS[rule.unit]
                self._scale[name] = factor * rule.scale, offset * rule.scale + rule.offset
            elif unit:
                self._scale[name] = UNITS[unit]
            else:
                self._scale[name] = (self._guessed_scale(name), 0.0)
        return self._scale[name]

    def _guessed_scale(self, name: str) -> float:
        """Return the factor for columns whose unit only their size tells, and note what was assumed."""
        if name not in {"fill_level", "full_threshold", "capacity_l"} or not self.columns.get(name):
            return 1.0
        column = self.columns[name][0].column
        values = self.numbers(column)
        if not np.isfinite(values).any():
            return 1.0
        if name == "capacity_l":
            is_cubic = np.nanmedian(values) <= 20
            if is_cubic:
                self.notes.append(Note(f"{column} was read in cubic metres: its median is {np.nanmedian(values):g}."))
            return 1000.0 if is_cubic else 1.0
        highest, some = float(np.nanmax(values)), values[values > 0]
        if len(some) and (some <= 1.5).mean() > 0.6:  # a few that are too high are errors, not another unit
            highest = min(highest, 1.0)
        percent = any(word in column.casefold() for word in ("percent", "pct", "%", "率"))
        factor = 0.01 if percent or highest > 10 else 0.1 if highest > 1.5 else 1.0
        if factor != 1.0:
            self.notes.append(Note(f"{column} was read as 0–{1 / factor:g}: its highest value is {highest:g}."))
        return factor

    def numbers(self, column: str) -> FloatArray:
        """Return a column as numbers ``(n,)``, NaN where a cell is none."""
        values = np.full(len(self.table), np.nan)
        for row, raw in enumerate(self.table.columns[column]):
            if not is_empty(raw):
                try:
                    values[row] = number(raw, decimal_comma=self.table.decimal_comma)
                except ValueError:
                    continue
        values[~np.isfinite(values)] = np.nan
        return values

    def _choice(self, facts: Attribute, row: int) -> str | None:
        rule = self.rules.get(facts.name)
        first = ""
        for found in self.columns.get(facts.name, ()):
            raw = self.table.columns[found.column][row]
            if is_empty(raw):
                continue
            text = text_of(raw)
            if rule is not None and rule.choices:
                if text in rule.choices:
                    return rule.choices[text]
                raise ValueError(f"{found.column} is '{text[:40]}', which the mapping's choices do not name")
            known = text if text in facts.choices else choice(facts.name, text)
            if known is not None:
                return known
            first = first or text
        if first:
            self.unknown[facts.name, first[:40]] += 1
        constant = rule.constant if rule is not None else None
        return str(constant) if constant is not None else "other" if first and "other" in facts.choices else None

    def closing_notes(self) -> list[Note]:
        """Return what was assumed, after all rows were read."""
        by_name: dict[str, list[tuple[str, int]]] = {}
        for (name, text), count in self.unknown.most_common():
            by_name.setdefault(name, []).append((text, count))
        told = [
            Note(
                f"{sum(count for _, count in found)} rows have a {name} that is not known "
                f"({', '.join(text for text, _ in found[:5])}): "
                f"{'other' if 'other' in self.facts[name].choices else 'the usual one'} was taken."
            )
            for name, found in by_name.items()
        ]
        return [*self.notes, *told]

    # Times ------------------------------------------------------------------------------------------------

    def _time_columns(self) -> set[str]:
        names = {name for name, facts in self.facts.items() if facts.type is datetime} | {"date", "day"}
        return {found.column for name in names for found in self.columns.get(name, ())}

    def _order_of(self, column: str) -> bool:
        order = is_month_first(self.table.columns[column])
        if order is None:
            self.notes.append(Note(f"{column} was read as day/month/year: no date in it tells."))
        return bool(order)

    def _moment_in(self, name: str, row: int) -> datetime | None:
        raw, column = self.raw(name, row)
        if raw is None:
            return None
        rule = self.rules.get(name)
        try:
            return moment(raw, self.local, month_first=self._month_first.get(column, False), pattern=rule.format if rule else "")
        except ValueError as error:
            raise ValueError(f"{column} {error}") from error

    def moment(self, row: int) -> datetime | None:
        """Return the time of a row: from one column, or put together from date, clock, year, month, day and hour.

        Raises ``ValueError`` naming the column and what was found.
        """
        name = MAIN_TIME[self.kind]
        found = self._moment_in(name, row) if self.has(name) else None
        if found is not None and not (self.has("hour") and found == self._date(row)):
            return found
        day = self._date(row)
        if day is None:  # 'time' is what many call a whole date and time
            return found or self._moment_in("clock", row)
        return day + self._time_of_day(row)

    def _date(self, row: int) -> datetime | None:
        for name in ("date", "day"):
            raw, column = self.raw(name, row)
            if raw is None:
                continue
            try:
                return moment(raw, self.local, month_first=self._month_first.get(column, False))
            except ValueError as error:
                if name == "day" and self.has("year"):
                    break
                raise ValueError(f"{column} {error}") from error
        year = self._whole("year", row)
        if year is None:
            return None
        parts = (year, self._whole("month", row) or 1, self._whole("day", row) or 1)
        try:
            return moment(datetime(*parts), self.local)  # noqa: DTZ001  the zone is added by moment()
        except ValueError as error:
            raise ValueError(f"{parts[0]}-{parts[1]}-{parts[2]} is not a date") from error

    def _whole(self, name: str, row: int) -> int | None:
        raw, column = self.raw(name, row)
        if raw is None:
            return None
        try:
            return int(number(raw))
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{column} {error}") from error

    def _time_of_day(self, row: int) -> timedelta:
        raw, column = self.raw("clock", row)
        if raw is not None and ":" in str(raw):
            try:
                return moment(f"2000-01-01 {raw}", zone("UTC")) - moment("2000-01-01", zone("UTC"))
            except ValueError as error:
                raise ValueError(f"{column} '{raw}' is not a time of day") from error
        hour = self._whole("hour", row)
        if hour is None or hour < 0:  # a negative hour is how registers say that it is not known
            return timedelta(0)
        minutes = (hour // 100) * 60 + hour % 100 if self._is_hhmm else hour * 60
        if minutes > 1440:
            raise ValueError(f"hour {hour} is not an hour of a day")
        return timedelta(minutes=minutes)

    @property
    def _is_hhmm(self) -> bool:
        """Whether hours are written as 1730."""
        if not hasattr(self, "_hhmm"):
            columns = self.columns.get("hour", ())
            values = self.numbers(columns[0].column) if columns else np.zeros(0)
            self._hhmm = bool(np.isfinite(values).any() and np.nanmax(values) > 24)
        return self._hhmm


def known_attributes(kind: str) -> dict[str, Attribute]:
    """Return what may be said about a record of a kind: the entity's attributes and those of its history."""
    known: dict[str, Attribute] = {}
    if kind in _HISTORY:
        known.update(attributes(HISTORY_OF[_HISTORY[kind]]))
        known.pop("subject_id")
    if kind in KIND_OF:
        known.update({name: facts for name, facts in attributes(KIND_OF[kind]).items() if name not in COMMON_FIELDS})
    return known
