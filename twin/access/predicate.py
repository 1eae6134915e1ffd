"""The filter of rows as SQL, for SQLite and for PostgreSQL, over tables whose columns are named as the attributes.

``predicate`` writes a scope down as a condition with its values; ``policy`` is the second wall: the same conditions for
row-level security, in which the values are settings of the session (``settings``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from twin.access.permission import Permission
from twin.access.scope import OWNERS, Area, Scope, Slice, has_department, is_open
from twin.model.catalogue import HISTORY_OF, KIND_OF
from twin.model.entity import attributes

NOTHING, EVERYTHING = "1 = 0", "1 = 1"
SETTING = "citytwin"

Value = str | int


@dataclass(frozen=True)
class Predicate:
    """A condition and its values, in the order of its places."""

    sql: str
    values: tuple[Value, ...] = ()

    def __and__(self, other: Predicate) -> Predicate:
        """Return what both demand."""
        if EVERYTHING in (self.sql, other.sql):
            return other if self.sql == EVERYTHING else self
        return Predicate(f"({self.sql}) AND ({other.sql})", (*self.values, *other.values))

    def __or__(self, other: Predicate) -> Predicate:
        """Return what either allows."""
        if NOTHING in (self.sql, other.sql):
            return other if self.sql == NOTHING else self
        return Predicate(f"({self.sql}) OR ({other.sql})", (*self.values, *other.values))


@dataclass(frozen=True)
class Columns:
    """Columns of a kind's table that the filter reads; '' where the kind has none. ``place`` marks how values stand in SQL."""

    kind: str
    cell: str = "h3"
    place: str = "?"

    def __post_init__(self) -> None:
        """Refuse a history: its rows are those of the things that they are of."""
        if self.kind in HISTORY_OF:
            raise ValueError(f"ask for the rows of {self.kind!r} by those of {HISTORY_OF[self.kind].subject_kind!r}")

    def has(self, name: str) -> bool:
        """Whether the kind has an attribute."""
        return name in attributes(KIND_OF[self.kind])

    @property
    def grid(self) -> str:
        """The column of the unit grid."""
        return "code" if self.kind == "unit_grid" else "grid" if self.has("grid") else ""

    @property
    def owner(self) -> str:
        """The column of the account that a row is of."""
        return next((name for name in OWNERS if self.has(name)), "")

    @property
    def published(self) -> str:
        """The condition for rows that were released to everybody, '' where there are none."""
        return "status = 'published'" if self.has("status") else ""

    @property
    def has_place(self) -> bool:
        """Whether rows have a place."""
        return bool(KIND_OF[self.kind].geometry_type)


def predicate(scope: Scope, columns: Columns) -> Predicate:
    """Return the condition that is true for the rows of a kind that a scope sees."""
    permission = scope.permission(columns.kind)
    if not permission.shows_rows:
        return Predicate(NOTHING)
    found = _reach(scope, permission, columns)
    if not is_open(columns.kind):
        found &= _area(scope.viewer.area, columns)
    for part in scope.slices:
        found &= _slice(part, columns)
    return found


def _reach(scope: Scope, permission: Permission, columns: Columns) -> Predicate:
    viewer, reach = scope.viewer, permission.reach
    if not reach:
        return Predicate(EVERYTHING)
    if reach == "own_department" and has_department(columns.kind):
        return _is_among("department", viewer.departments - {""}, columns)
    if reach == "own_grid":
        named = _is_among(columns.grid, viewer.grids - {""}, columns) if columns.grid else Predicate(NOTHING)
        return named | _unless_named(columns.grid, _covered(viewer.grid_area, columns))
    if reach == "own" and columns.owner and viewer.name:
        return Predicate(f"{columns.owner} = {columns.place}", (viewer.name,))
    if reach == "published" and columns.published:
        return Predicate(columns.published)
    return Predicate(NOTHING)


def _slice(part: Slice, columns: Columns) -> Predicate:
    if part.kinds and columns.kind not in part.kinds:
        return Predicate(NOTHING)
    by_department = Predicate(EVERYTHING)
    if part.departments and has_department(columns.kind):
        by_department = _is_among("department", part.departments, columns)
    return by_department & _area(part.area, columns)


def _area(area: Area, columns: Columns) -> Predicate:
    if not area.districts and not area.cells:
        return Predicate(EVERYTHING)
    by_cell = _covered(area, columns) if columns.has_place else Predicate(EVERYTHING)
    if not area.districts or not columns.has("district"):
        return by_cell
    return _is_among("district", area.districts, columns) | _unless_named("district", by_cell)


def _unless_named(column: str, by_cell: Predicate) -> Predicate:
    """Return the condition on the cell for rows that do not name what they lie in; '' is a column that the kind has not."""
    return by_cell if not column or by_cell.sql == NOTHING else Predicate(f"{column} = ''") & by_cell


def _covered(area: Area, columns: Columns) -> Predicate:
    found = Predicate(NOTHING)
    if columns.has_place:
        for resolution, members in area.by_resolution.items():
            found |= _is_among(parent_sql(columns.cell, resolution), members, columns)
    return found


def parent_sql(cell: str, resolution: int) -> str:
    """Return the coarser cell around a column of H3 cells, as both databases compute it."""
    keep, fill = ~(0xF << 52) & (1 << 63) - 1, resolution << 52 | (1 << 3 * (15 - resolution)) - 1
    return f"({cell} & {keep} | {fill})"


def _is_among(column: str, members: Iterable[Value], columns: Columns) -> Predicate:
    values = tuple(sorted(members))
    return Predicate(f"{column} IN ({', '.join([columns.place] * len(values))})", values) if values else Predicate(NOTHING)


def settings(scope: Scope) -> Mapping[str, str]:
    """Return the settings of a database session (``SET LOCAL``) that ``policy`` reads."""
    viewer = scope.viewer
    found = {
        "account": viewer.name,
        "departments": _array(viewer.departments),
        "grids": _array(viewer.grids),
        "districts": _array(viewer.area.districts),
        "cells": _array(viewer.area.cells),
        "grid_cells": _array(viewer.grid_area.cells),
        "resolutions": _array({*viewer.area.by_resolution, *viewer.grid_area.by_resolution}),
    }
    for kind in KIND_OF:
        permission = scope.permission(kind)
        found[f"reach_{kind}"] = (permission.reach or "all") if permission.shows_rows else "nothing"
    return {f"{SETTING}.{name}": value for name, value in found.items()}


def policy(columns: Columns) -> str:
    """Return the condition of a row-level security policy for a kind's table in PostgreSQL; without settings it is false."""
    reach = _setting(f"reach_{columns.kind}")
    cases = [f"{reach} = 'all'"]
    if has_department(columns.kind):
        cases.append(f"({reach} = 'own_department' AND department <> '' AND department = ANY({_members('departments')}))")
    in_grid = _any_covered(columns, "grid_cells")
    if columns.grid:
        in_grid = f"({columns.grid} <> '' AND {columns.grid} = ANY({_members('grids')}) OR {columns.grid} = '' AND {in_grid})"
    cases.append(f"({reach} = 'own_grid' AND {in_grid})")
    if columns.owner:
        cases.append(f"({reach} = 'own' AND {columns.owner} <> '' AND {columns.owner} = {_setting('account')})")
    if columns.published:
        cases.append(f"({reach} = 'published' AND {columns.published})")
    allowed = " OR ".join(cases)
    return f"({allowed})" if is_open(columns.kind) else f"({allowed}) AND {_inside(columns)}"


def _inside(columns: Columns) -> str:
    unlimited = f"({_setting('districts')} = '{{}}' AND {_setting('cells')} = '{{}}')"
    covered = _any_covered(columns, "cells") if columns.has_place else "true"
    if columns.has("district"):
        named = f"{_setting('districts')} <> '{{}}' AND district <> ''"
        covered = f"CASE WHEN {named} THEN district = ANY({_members('districts')}) ELSE {covered} END"
    return f"({unlimited} OR {covered})"


def _any_covered(columns: Columns, name: str) -> str:
    if not columns.has_place:
        return "false"
    keep = ~(0xF << 52) & (1 << 63) - 1
    around = f"{columns.cell} & {keep} | (r::bigint << 52) | ((1::bigint << (3 * (15 - r))) - 1)"
    cells = f"{_members(name)}::bigint[]"
    return f"EXISTS (SELECT 1 FROM unnest({_members('resolutions')}::int[]) AS r WHERE ({around}) = ANY({cells}))"


def _setting(name: str) -> str:
    # In a subquery of its own it is evaluated once for a statement, not for each row.
    return f"(SELECT coalesce(current_setting('{SETTING}.{name}', true), ''))"


def _members(name: str) -> str:
    # The cast outside makes it an array: ANY of a bare subquery would be any of its rows.
    return f"(SELECT coalesce(nullif(current_setting('{SETTING}.{name}', true), ''), '{{}}'))::text[]"


def _array(members: Iterable[Value]) -> str:
    """Return values as PostgreSQL writes an array."""
    quoted = ('"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"' for item in sorted(members))
    return "{" + ",".join(quoted) + "}"
