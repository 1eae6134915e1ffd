"""What of a thing somebody is shown: whole, with its personal data masked, or without it.

It is decided where the data is, before anything leaves: a device, a package or a file never holds what its reader may not see.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

import h3.api.numpy_int as h3
import numpy as np
import shapely

from twin.access.mask import IDENTIFYING, Tokeniser, masked, withheld
from twin.access.permission import matrix
from twin.access.scope import Facts, Scope, facts_of, parent
from twin.geo import cells
from twin.model.catalogue import KIND_OF
from twin.model.entity import Entity, Personal, attributes

Level = Literal["plain", "masked", "withheld"]

PLACE_RESOLUTION = 9
"""Of the H3 cell in whose middle the place of a masked thing is shown: some 170 m from where it is."""

ORIGINS = ("source_id", "source_hash")
"""Common fields that lead back to the record of the source: its key, and a digest by which a guess could be proven."""


@cache
def personal_fields(kind: str) -> Mapping[str, Personal]:
    """Return the fields of a kind that hold personal data."""
    return {name: facts.personal for name, facts in attributes(KIND_OF[kind]).items() if facts.personal}


def known_values(kind: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a thing's own fields say of people: it must not stand in its free texts either."""
    return tuple(str(values[name]) for name, what in personal_fields(kind).items() if what != "text" and values.get(name))


def level(scope: Scope, kind: str, facts: Facts) -> Level:
    """Return how much of a thing's personal data is shown; who reported it sees all of it."""
    viewer = scope.viewer
    if not personal_fields(kind) or (facts.owner and facts.owner == viewer.name):
        return "plain"
    row = scope.permission(kind)
    right = matrix().permission(viewer.role, "personal")
    if right.masked or (row.masked and right.read and not right.reach):
        return "masked"
    return "plain" if right.read and not right.reach else "withheld"


def is_place_masked(scope: Scope, kind: str, facts: Facts) -> bool:
    """Whether a thing is shown in the middle of its cell only: where the role sees the whole row masked."""
    return scope.permission(kind).masked and level(scope, kind, facts) != "plain"


def logged_fields(scope: Scope, kind: str) -> frozenset[str]:
    """Return the fields of which a viewer's looks are written into the audit log: who somebody is, shown plainly."""
    right = matrix().permission(scope.viewer.role, "personal")
    if kind not in KIND_OF or not right.logged or right.masked:
        return frozenset()
    return frozenset(name for name, personal in personal_fields(kind).items() if personal in IDENTIFYING)


def unmasked(scope: Scope, kind: str, facts: Facts, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what says who somebody is, plainly, for who may see that on request; None for who may not.

    Whoever asks here writes it down first, with the reason.
    """
    right = matrix().permission(scope.viewer.role, "personal")
    if not scope.sees(kind, facts) or not (right.unmask or level(scope, kind, facts) == "plain"):
        return None
    return {name: values.get(name) for name in personal_fields(kind)}


def hidden_fields(scope: Scope, kind: str, facts: Facts) -> frozenset[str]:
    """Return the fields that are not shown as they are; nobody changes what is hidden from them."""
    if level(scope, kind, facts) == "plain":
        return frozenset()
    place = {"geometry"} if is_place_masked(scope, kind, facts) else set()
    return frozenset(personal_fields(kind)) | frozenset(ORIGINS) | place


def shown_value(
    scope: Scope,
    kind: str,
    name: str,
    value: Any,
    facts: Facts,
    *,
    known: Iterable[str] = (),
    token: Tokeniser | None = None,
) -> Any:
    """Return one field of a thing as the viewer may see it. ``known`` are the thing's ``known_values``."""
    if not value or name not in hidden_fields(scope, kind, facts):
        return value
    if name in ORIGINS:
        return ""
    if name == "geometry":
        return cell_middle(value)
    personal = personal_fields(kind)[name]
    if level(scope, kind, facts) == "withheld":
        return withheld(personal, value, known=known)
    return masked(personal, value, known=known, token=token)


def shown(scope: Scope, entity: Entity, facts: Facts | None = None, *, token: Tokeniser | None = None) -> Entity | None:
    """Return a thing as the viewer sees it, None when it is not for them."""
    facts = facts or facts_of(entity)
    if not scope.sees(entity.kind, facts):
        return None
    known = known_values(entity.kind, vars(entity))
    values = {
        name: shown_value(scope, entity.kind, name, getattr(entity, name), facts, known=known, token=token)
        for name in hidden_fields(scope, entity.kind, facts)
    }
    return dataclasses.replace(entity, **values) if values else entity


def cell_middle(geometry: Any) -> Any:
    """Return the middle of the H3 cell (resolution 9) in which a place (degrees) lies."""
    (cell,) = cells(np.array([geometry], dtype=object))
    assert cell is not None  # noqa: S101  a place that is there has a cell
    lat, lon = h3.cell_to_latlng(parent(cell, PLACE_RESOLUTION))
    return shapely.Point(round(lon, 6), round(lat, 6))
