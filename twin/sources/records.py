"""Records of a table become entities, or named problems."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import DataError
from twin.model.catalogue import KIND_OF
from twin.model.entity import Entity, attributes
from twin.model.validation import all_problems
from twin.sources.base import Item, Problem, ReadOptions, far_from
from twin.sources.cells import MAIN_TIME, Cells
from twin.sources.columns import kind_named, kind_of
from twin.sources.histories import HISTORY_KINDS, RECORD_KINDS, history
from twin.sources.location import locate
from twin.sources.table import Table
from twin.sources.values import is_empty, text_of
from twin.task import Progress

_STEP = 5000
_NAMED_KINDS = ("district", "depot", "disposal_site")
_REPEATING = ("bin", "counter")


def read_records(table: Table, options: ReadOptions) -> Iterator[Item]:
    """Give the entities, readings and problems of a table.

    Raises ``DataError`` when the table as a whole cannot be used.
    """
    if not len(table) and not table.problems:
        raise DataError(f"{table.where} has column names but no rows.", "Export it again with its content.")
    asked = options.kind or (options.mapping.kind if options.mapping else None)
    kind = kind_named(asked) if asked else _kind_of(table)
    records = _Records(table, kind, options)
    yield from records.items()


def _kind_of(table: Table) -> str:
    has_geometry = table.geometry is not None
    return kind_of(list(table.columns), where=table.where, has_areas=_has_areas(table), has_geometry=has_geometry)


def _has_areas(table: Table) -> bool:
    if table.geometry is None:
        return False
    return bool((shapely.get_dimensions(table.geometry) == 2).sum() > len(table) / 2)


@dataclass(eq=False)
class _Records:
    table: Table
    kind: str
    options: ReadOptions
    reasons: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cells = Cells(self.table, self.kind, self.options)
        self.source = self.options.source or self.table.where

    def items(self) -> Iterator[Item]:
        keys = self._keys()
        count = len(self.table)
        if self.kind in KIND_OF:
            places = self._places()
            rows = [row for row in range(count) if row not in self.reasons]
            rows = self._newest(rows, keys) if self._may_repeat() else self._unrepeated(rows, keys)
            yield from self._entities(rows, keys, places)
        if self.kind in HISTORY_KINDS:
            batch = history(self.cells, keys, self.reasons)
            if batch is not None:
                yield batch
        self._check_any_left(count)
        yield from self.cells.closing_notes()
        yield from self.table.problems
        for row in sorted(self.reasons):
            yield Problem(self.table.rows[row], self.reasons[row], self.table.where)

    def _check_any_left(self, count: int) -> None:
        if len(self.reasons) < count:
            return
        first = min(self.reasons, default=None)
        reason = f"row {self.table.rows[first]} {self.reasons[first]}" if first is not None else "no row is whole"
        raise DataError(
            f"None of the {count + len(self.table.problems)} rows of {self.table.where} can be used as {self.kind}: {reason}.",
            "Check --as and --crs, or name the columns in a file given with --mapping.",
        )

    # Where ------------------------------------------------------------------------------------------------

    def _places(self) -> NDArray[Any]:
        located = locate(self.table, self.cells.columns, self.options)
        if located is None:
            shown = ", ".join(list(self.table.columns)[:8])
            raise DataError(
                f"{self.table.where} has no column for the place of a {self.kind} (its columns: {shown}).",
                "Name the columns of longitude and latitude in a file given with --mapping.",
            )
        self.reasons.update(located.reasons)
        places = self._fitted(located.geometry)
        self._check_distance(places)
        return places

    def _fitted(self, geometry: NDArray[Any]) -> NDArray[Any]:
        """Return geometries of the type that the kind has; what cannot be turned into it is a problem."""
        wanted = KIND_OF[self.kind].geometry_type
        dimensions = shapely.get_dimensions(geometry)
        empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
        for row in np.flatnonzero(empty).tolist():
            self.reasons.setdefault(row, "has no place")
        wrong = ~empty & (dimensions == 1 if wanted == "Point" else dimensions != 2)
        for row in np.flatnonzero(wrong).tolist():
            self.reasons.setdefault(row, f"is a {geometry[row].geom_type}; a {self.kind} is a {wanted}")
        if wrong.sum() + empty.sum() == len(geometry) and wrong.any():
            found = geometry[np.flatnonzero(wrong)[0]].geom_type
            raise DataError(
                f"{self.table.where} holds {int(wrong.sum())} {found} records; a {self.kind} is a {wanted}.",
                "Check --as: is it another kind, or another file?",
            )
        fitted = geometry.copy()
        fitted[empty | wrong] = None
        whole = ~(empty | wrong)
        if wanted == "Point":
            turn = whole & (shapely.get_type_id(geometry) != int(shapely.GeometryType.POINT))
            fitted[turn] = shapely.point_on_surface(geometry[turn])
            return np.asarray(fitted, dtype=object)
        return self._repaired(fitted, whole)

    def _repaired(self, fitted: NDArray[Any], whole: NDArray[np.bool_]) -> NDArray[Any]:
        for row in np.flatnonzero(whole & ~shapely.is_valid(fitted)).tolist():
            repaired = shapely.make_valid(fitted[row], method="structure")
            if repaired.geom_type in {"Polygon", "MultiPolygon"} and not repaired.is_empty:
                fitted[row] = repaired
            else:
                self.reasons.setdefault(row, "its outline crosses itself")
                fitted[row] = None
        return fitted

    def _check_distance(self, places: NDArray[Any]) -> None:
        rows = np.flatnonzero(~shapely.is_missing(places))
        points = shapely.get_coordinates(shapely.centroid(places[rows])).reshape(-1, 2)
        far_m = far_from(points, self.options)
        is_far = far_m > self.options.far_m
        what = "the city" if self.options.bounds is not None else "the other records"
        if len(rows) and is_far.sum() > len(rows) / 2:
            raise DataError(
                f"{int(is_far.sum())} of the {len(rows)} places in {self.table.where} lie outside {what}, "
                f"half of them more than {np.median(far_m[is_far]) / 1000:,.0f} km away.",
                "Check --crs, or import the file into the workspace of its own city.",
            )
        for row, distance_m, point in zip(rows[is_far].tolist(), far_m[is_far], points[is_far], strict=True):
            self.reasons.setdefault(
                row, f"lies {distance_m / 1000:,.0f} km from {what} (longitude {point[0]:.4f}, latitude {point[1]:.4f})"
            )

    # Which ------------------------------------------------------------------------------------------------

    def _keys(self) -> list[str]:
        """Return a key for each row: its own id, or a digest of its content."""
        own = self._key_column()
        return [own[row] if own is not None and own[row] else self._digest(row) for row in range(len(self.table))]

    def _key_column(self) -> list[str] | None:
        names = [found.column for found in self.cells.columns.get("subject_id" if self.kind in RECORD_KINDS else "source_id", ())]
        if self.kind in _NAMED_KINDS:
            names += [found.column for found in self.cells.columns.get("name", ())]
        columns = [["" if is_empty(cell) else text_of(cell) for cell in self.table.columns[name]] for name in names]
        columns = [column for column in columns if any(column)]
        if not columns or self.kind in HISTORY_KINDS:
            return columns[0] if columns else None
        return max(columns, key=lambda column: len(set(column) - {""}))

    def _digest(self, row: int) -> str:
        content = [text_of(column[row]) for column in self.table.columns.values()]
        place = "" if self.table.geometry is None else str(self.table.geometry[row])
        return "row:" + hashlib.blake2b("\x1f".join([*content, place]).encode(errors="replace"), digest_size=10).hexdigest()

    def _may_repeat(self) -> bool:
        """Return whether several rows may be about one thing: readings of a bin, counts at a station."""
        is_timed = any(self.cells.has(name) for name in (MAIN_TIME.get(self.kind, ""), "date", "day", "year"))
        return self.kind in _REPEATING and self.cells.has("source_id") and (is_timed or self.kind == "counter")

    def _newest(self, rows: Sequence[int], keys: Sequence[str]) -> list[int]:
        """Return for each key the row with the latest time; the last one where times are missing or equal."""
        best: dict[str, tuple[float, int]] = {}
        for row in rows:
            try:
                at = self.cells.moment(row)
            except ValueError as error:
                self.reasons[row] = str(error)
                continue
            rank = (at.timestamp() if at is not None else -np.inf, row)
            best[keys[row]] = max(best.get(keys[row], rank), rank)
        return sorted(row for _, row in best.values())

    def _unrepeated(self, rows: Sequence[int], keys: Sequence[str]) -> list[int]:
        first: dict[str, int] = {}
        for row in rows:
            if keys[row] in first:
                earlier = self.table.rows[first[keys[row]]]
                self.reasons[row] = (
                    f"is the same as row {earlier}" if keys[row].startswith("row:") else f"repeats '{keys[row]}' of row {earlier}"
                )
            else:
                first[keys[row]] = row
        return list(first.values())

    # What -------------------------------------------------------------------------------------------------

    def _entities(self, rows: Sequence[int], keys: Sequence[str], places: NDArray[Any]) -> Iterator[Item]:
        names = [name for name in attributes(KIND_OF[self.kind]) if self.cells.has(name) or name in _COMPOSED.get(self.kind, ())]
        for start in range(0, len(rows), _STEP):
            made: dict[str, tuple[int, Entity]] = {}
            for row in rows[start : start + _STEP]:
                try:
                    entity = self._entity(row, keys[row], places[row], names)
                except ValueError as error:
                    self.reasons[row] = str(error)
                    continue
                made[keys[row]] = (row, entity)
            for entity, found in list(all_problems([entity for _, entity in made.values()])):
                row, _ = made.pop(entity.source_id)
                self.reasons[row] = f"{entity.label} '{entity.source_id}': {'; '.join(found)}"
            yield from (entity for _, entity in made.values())
            yield Progress("Reading records", start, len(rows))

    def _entity(self, row: int, key: str, place: Any, names: Sequence[str]) -> Entity:
        values = {name: value for name in dict.fromkeys(names) if (value := self.cells.value(name, row)) is not None}
        if complete := _COMPLETE.get(self.kind):
            complete(values, self.cells, row)
        return KIND_OF[self.kind](id=key, source=self.source, source_id=key, geometry=place, **values)


def _complete_incident(values: dict[str, Any], cells: Cells, row: int) -> None:
    """Derive category and severity from the dead and injured where a register of accidents has only these."""
    if "deaths" not in cells.columns and "injured" not in cells.columns:
        return
    values.setdefault("category", "road_accident")
    if "severity" not in values:
        dead, hurt = (cells.text(name, row) not in ("", "0") for name in ("deaths", "injured"))
        values["severity"] = "critical" if dead else "medium" if hurt else "low"


def _complete_bin(values: dict[str, Any], cells: Cells, row: int) -> None:
    """Name the streams that are only ticked in columns of their own."""
    flags = cells.columns.get("stream_flag", ())
    if flags and not values.get("stream"):
        ticked = [found.column for found in flags if not is_empty(cells.table.columns[found.column][row])]
        values["stream"] = ",".join(ticked)
    if values.get("fill_level") is None:
        values.pop("fill_observed_at", None)


_COMPLETE: dict[str, Callable[[dict[str, Any], Cells, int], None]] = {"incident": _complete_incident, "bin": _complete_bin}
_COMPOSED = {"bin": ("fill_observed_at",), "incident": ("occurred_at",), "case": ("reported_at",)}
