"""The one filter of rows: which things somebody sees, by role, department, district, unit grid and H3 cell.

Lists, sync, packages, exports, questions and the API all ask here; ``predicate.py`` says the same as SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from twin.access.permission import PUBLIC, Permission, matrix
from twin.geo import cells
from twin.model.catalogue import HISTORY_OF, KIND_OF
from twin.model.entity import Entity, attributes

Move = Literal["out", "enter", "stay", "leave"]

AUTHOR = "author"
OWNERS = ("reported_by", AUTHOR)
"""Attributes that name the account that a thing is of."""

_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Facts:
    """What the filter asks of a thing: whose it is and where it lies.

    ``cell`` is its H3 cell (resolution 10), None without a place; ``published`` whether it was released to everybody.
    """

    department: str = ""
    district: str = ""
    grid: str = ""
    cell: int | None = None
    owner: str = ""
    published: bool = False


def facts_of(entity: Entity) -> Facts:
    """Return the facts of an entity."""
    (cell,) = cells(np.array([entity.geometry], dtype=object))
    return facts_from(entity.kind, vars(entity), cell)


PLACING = ("code", "grid", *OWNERS, "department", "district", "status")
"""The attributes that the facts of a thing are made of, besides its place."""


def facts_from(kind: str, values: Mapping[str, Any], cell: int | None) -> Facts:
    """Return the facts of a thing of which the attributes and the cell are known."""
    grid = values.get("code") if kind == "unit_grid" else values.get("grid")
    owner = next((values[name] for name in OWNERS if values.get(name)), "")
    department, district = values.get("department") or "", values.get("district") or ""
    return Facts(department, district, grid or "", cell, owner, values.get("status") == "published")


def parent(cell: int, resolution: int) -> int:
    """Return the cell of a coarser resolution around a cell: its digits beyond become 7."""
    return cell & ~(0xF << 52) | resolution << 52 | (1 << 3 * (_DIGITS - resolution)) - 1


def resolution_of(cell: int) -> int:
    """Return the resolution of an H3 cell."""
    return cell >> 52 & 0xF


@dataclass(frozen=True)
class Area:
    """Part of a city: districts by name and H3 cells of any resolution up to 10; without either the whole city.

    A thing that names its district is looked up by it, any other by its cell; so an area by district needs its cells, too.
    """

    districts: frozenset[str] = frozenset()
    cells: frozenset[int] = frozenset()

    @cached_property
    def by_resolution(self) -> Mapping[int, frozenset[int]]:
        """The cells by their resolution."""
        found: dict[int, set[int]] = {}
        for cell in self.cells:
            found.setdefault(resolution_of(cell), set()).add(cell)
        return {resolution: frozenset(members) for resolution, members in sorted(found.items())}

    def covers(self, cell: int | None) -> bool:
        """Whether a cell (resolution 10) lies in one of the area's cells."""
        if cell is None:
            return False
        return any(parent(cell, resolution) in members for resolution, members in self.by_resolution.items())

    def holds(self, facts: Facts) -> bool:
        """Whether a thing lies in the area; what has neither district nor place lies in every one."""
        if not self.districts and not self.cells:
            return True
        if self.districts and facts.district:
            return facts.district in self.districts
        return facts.cell is None or self.covers(facts.cell)


WHOLE_CITY = Area()


@dataclass(frozen=True)
class Slice:
    """A part that was asked for: kinds, departments and an area; what is empty does not limit."""

    kinds: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    area: Area = WHOLE_CITY

    def holds(self, kind: str, facts: Facts) -> bool:
        """Whether a thing belongs to the part."""
        if self.kinds and kind not in self.kinds:
            return False
        if self.departments and has_department(kind) and facts.department not in self.departments:
            return False
        return lies_in(self.area, kind, facts)


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks: an account with its role, departments, unit grids and the area that it is limited to.

    ``grid_area`` are the cells of its unit grids, for things that do not name theirs.
    """

    name: str
    role: str
    departments: frozenset[str] = frozenset()
    grids: frozenset[str] = frozenset()
    grid_area: Area = WHOLE_CITY
    area: Area = WHOLE_CITY


ANYBODY = Viewer("", PUBLIC)
"""The public, which has no account."""


def has_department(kind: str) -> bool:
    """Whether things of a kind name a department."""
    return kind in KIND_OF and "department" in attributes(KIND_OF[kind])


@dataclass(frozen=True)
class Scope:
    """What a viewer sees of the city, limited further to every slice that was asked for."""

    viewer: Viewer
    slices: tuple[Slice, ...] = ()

    def narrowed(self, part: Slice) -> Scope:
        """Return the scope limited to one more slice; it never grows."""
        return replace(self, slices=(*self.slices, part))

    def permission(self, kind: str) -> Permission:
        """Return what the viewer's role may do with the things, or the history, of a kind."""
        return matrix().of_kind(self.viewer.role, kind)

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds and histories of which the viewer may see any row, in the order of the data dictionary."""
        return tuple(kind for kind in (*KIND_OF, *HISTORY_OF) if self.permission(kind).shows_rows and self._is_wanted(kind))

    def sees(self, kind: str, facts: Facts) -> bool:
        """Whether the viewer sees a thing; rows of a history are asked with the facts of the thing they are of."""
        permission = self.permission(kind)
        if not permission.shows_rows or not all(part.holds(kind, facts) for part in self.slices):
            return False
        return (is_open(kind) or lies_in(self.viewer.area, kind, facts)) and reaches(self.viewer, permission.reach, facts)

    def writes(self, kind: str, facts: Facts) -> bool:
        """Whether the viewer may change a thing of a kind that has no steps of its own (``casework.py`` has those of cases)."""
        return self.permission(kind).write and self.sees(kind, facts)

    def move(self, kind: str, before: Facts | None, after: Facts | None) -> Move:
        """Return what a change does to a thing in the viewer's city; None is a thing that is not there."""
        was = before is not None and self.sees(kind, before)
        now = after is not None and self.sees(kind, after)
        if was:
            return "stay" if now else "leave"
        return "enter" if now else "out"

    def _is_wanted(self, kind: str) -> bool:
        return all(not part.kinds or kind in part.kinds for part in self.slices)


def lies_in(area: Area, kind: str, facts: Facts) -> bool:
    """Whether a thing lies in an area; one whose place should be known and is not lies in none but the whole city."""
    subject = HISTORY_OF[kind].subject_kind if kind in HISTORY_OF else kind
    has_place = subject in KIND_OF and bool(KIND_OF[subject].geometry_type)
    if has_place and facts.cell is None and not facts.district and (area.districts or area.cells):
        return False
    return area.holds(facts)


def is_open(kind: str) -> bool:
    """Whether the public sees things of a kind whole: then no area hides them from those who work here."""
    permission = matrix().of_kind(PUBLIC, kind)
    return permission.read and not permission.reach and not permission.masked


def reaches(viewer: Viewer, reach: str, facts: Facts) -> bool:
    """Whether a right that goes so far reaches a thing; a reach that is not about rows reaches none."""
    if not reach:
        return True
    if reach == "own_department":
        return bool(facts.department) and facts.department in viewer.departments
    if reach == "own_grid":
        return facts.grid in viewer.grids if facts.grid else viewer.grid_area.covers(facts.cell)
    if reach == "own":
        return bool(facts.owner) and facts.owner == viewer.name
    return reach == "published" and facts.published


def area_of(districts: Iterable[str] = (), cell_names: Iterable[str] = ()) -> Area:
    """Return an area of district names and H3 cells as people write them (hexadecimal)."""
    return Area(frozenset(districts), frozenset(int(name, 16) for name in cell_names))
