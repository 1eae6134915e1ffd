"""Whole columns as somebody may see them: the filter and the masks over a frame, for lists, exports and the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.access.disclosure import cell_middle, hidden_fields, known_values, personal_fields, shown_value
from twin.access.mask import Tokeniser
from twin.access.scope import OWNERS, Facts, Scope, facts_from, is_open
from twin.geo import cells
from twin.model.frame import Frame

_LOOKED_AT = ("department", "district", "grid", "code", "status", *OWNERS)


def shown_frame(scope: Scope, frame: Frame, *, token: Tokeniser | None = None) -> Frame:
    """Return the rows that a viewer sees, masked. The geometry of the frame is in degrees."""
    kind = frame.kind
    if not scope.permission(kind).shows_rows:
        return frame.take(np.zeros(0, dtype=np.intp))
    if is_open(kind) and not scope.slices and not personal_fields(kind):
        return frame
    facts = _facts(frame)
    rows = np.array([row for row, item in enumerate(facts) if scope.sees(kind, item)], dtype=np.intp)
    return _masked(scope, frame.take(rows), [facts[row] for row in rows.tolist()], token)


def _facts(frame: Frame) -> list[Facts]:
    columns = {name: frame[name].tolist() for name in _LOOKED_AT if name in frame.columns}
    places = [None] * len(frame) if frame.geometry is None else cells(frame.geometry)
    return [
        facts_from(frame.kind, {name: column[row] for name, column in columns.items()}, places[row]) for row in range(len(frame))
    ]


def _masked(scope: Scope, frame: Frame, facts: list[Facts], token: Tokeniser | None) -> Frame:
    personal = personal_fields(frame.kind)
    if not personal:
        return frame
    plain = {name: frame[name].tolist() for name in personal}
    columns: dict[str, NDArray[Any]] = {name: frame[name].copy() for name in personal}
    geometry = None if frame.geometry is None else frame.geometry.copy()
    for row, item in enumerate(facts):
        hidden = hidden_fields(scope, frame.kind, item)
        known = known_values(frame.kind, {name: column[row] for name, column in plain.items()})
        for name in hidden & personal.keys():
            columns[name][row] = shown_value(scope, frame.kind, name, plain[name][row], item, known=known, token=token)
        if geometry is not None and "geometry" in hidden:
            geometry[row] = cell_middle(geometry[row])
    return replace(frame, columns={**frame.columns, **columns}, geometry=geometry)
