"""Where districts and unit grids lie: what an account is limited to by name is found on the centre's own map."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection, select

from twin.access.covering import covering
from twin.access.scope import Area, Scope
from twin.central.schema import ROW


def resolved(db: Connection, scope: Scope) -> Scope:
    """Return a scope whose districts and unit grids have their cells, so that things without either are found by place."""
    viewer = scope.viewer
    area, grid_area = viewer.area, viewer.grid_area
    if area.districts:
        area = Area(area.districts, area.cells | covering(_outlines(db, "district", "name", area.districts)))
    if viewer.grids:
        grid_area = Area(grid_area.districts, grid_area.cells | covering(_outlines(db, "unit_grid", "code", viewer.grids)))
    return replace(scope, viewer=replace(viewer, area=area, grid_area=grid_area))


def _outlines(db: Connection, kind: str, name: str, wanted: frozenset[str]) -> Iterator[bytes]:
    for (text,) in db.execute(select(ROW.c.fields).where(ROW.c.kind == kind, ROW.c.alive)):
        fields = json.loads(text)
        if fields.get(name) in wanted and fields.get("geometry"):
            yield bytes.fromhex(fields["geometry"])
