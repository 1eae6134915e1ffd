"""The centre's rule of rights: the roles of ``twin.access`` as the protocol asks for them.

A row's *place* is what the filter of rows looks at, written down when the row changes; it never leaves the centre.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from typing import Any

import numpy as np
import shapely

from twin.access import scope as access
from twin.access.disclosure import cell_middle, hidden_fields, known_values, personal_fields, shown_value
from twin.access.mask import Tokeniser
from twin.access.rights import why_not
from twin.access.scope import PLACING, Facts, facts_from
from twin.access.wish import Wish
from twin.errors import AccessError
from twin.geo import cells
from twin.model.catalogue import KIND_OF
from twin.model.codec import from_json, wkb
from twin.model.entity import COMMON_FIELDS, Attribute, attributes
from twin.model.validation import geometry_problems, value_problem
from twin.sync.center import OpenPolicy
from twin.sync.commit import Row
from twin.sync.mutation import Fields, Op

ScopeOf = Callable[[str, str], access.Scope]
"""Returns what an account sees through a device; raises ``AccessError`` when it may not use the device."""

_KEPT = 1 << 16


@dataclass(frozen=True)
class RolePolicy:
    """What an account may do from a device, by its role."""

    scope_of: ScopeOf

    def permits(self, device: str, user: str, op: Op, row: Row | None) -> str:
        """Return '' when the user may do that from this device, else the rule that forbids it."""
        try:
            scope = self.scope_of(device, user)
        except AccessError as error:
            return str(error)
        problem = why_no_value(op)
        if problem:
            return problem
        refused = why_not(scope, _wish(op, row, user))
        return "; ".join(f"{name}: {reason}" if name else reason for name, reason in refused.items())

    def upgraded(self, op: Op, schema_version: int) -> Op:  # noqa: ARG002  by protocol
        """Return an op of an older program: what the data dictionary has gained since has its default."""
        return op

    def moves(self, op: Op) -> bool:
        """Whether an op may change what the filter of rows looks at."""
        return moves(op)

    def place_of(self, kind: str, fields: Fields) -> str:
        """Return what the filter of rows looks at, as text."""
        return place_of(kind, fields)


class WholePolicy(OpenPolicy):
    """Everything may be done, by the administrator at the centre itself, and rows lie where roles look for them."""

    def moves(self, op: Op) -> bool:
        """Whether an op may change what the filter of rows looks at."""
        return moves(op)

    def place_of(self, kind: str, fields: Fields) -> str:
        """Return what the filter of rows looks at, as text."""
        return place_of(kind, fields)


@dataclass(frozen=True)
class RoleScope:
    """What a viewer sees, as the protocol asks for it."""

    scope: access.Scope
    version: int = 1
    token: Tokeniser | None = None

    def includes(self, kind: str, place: str) -> bool:
        """Whether rows of a kind that lie at a place may be seen."""
        return self._at(kind, place)[0]

    def masked(self, kind: str, place: str, fields: Fields) -> Fields:
        """Return fields of a row as they may be seen."""
        if self._at(kind, place)[1].isdisjoint(fields):
            return fields
        facts, known = place_facts(place)
        return {name: self._shown(kind, name, value, facts, known) for name, value in fields.items()}

    def _at(self, kind: str, place: str) -> tuple[bool, frozenset[str]]:
        """Return whether rows at a place may be seen, and which of their fields are not shown as they are."""
        found = self._asked.get((kind, place))
        if found is None:
            facts = place_facts(place)[0]
            found = self._asked[kind, place] = self.scope.sees(kind, facts), hidden_fields(self.scope, kind, facts)
        return found

    @cached_property
    def _asked(self) -> dict[tuple[str, str], tuple[bool, frozenset[str]]]:
        """What was said of places: each entry asks several times."""
        return {}

    def _shown(self, kind: str, name: str, value: Any, facts: Facts, known: tuple[str, ...]) -> Any:
        if name == "geometry" and value and name in hidden_fields(self.scope, kind, facts):
            return wkb(cell_middle(shapely.from_wkb(value))).hex()
        return shown_value(self.scope, kind, name, value, facts, known=known, token=self.token)


def _wish(op: Op, row: Row | None, user: str) -> Wish:
    """Return what is asked; to add what is there already is to set the fields that differ: nobody gets round a row so."""
    if row is None or not row.alive:
        return Wish(op.kind, place_facts(place_of(op.kind, op.fields))[0], op.fields, None, op.alive, user)
    before = row.fields
    fields = {name: value for name, value in op.fields.items() if value != before.get(name)} if op.alive else op.fields
    return Wish(op.kind, place_facts(row.place)[0], fields, before, None if op.alive else op.alive, user)


def why_no_value(op: Op) -> str:
    """Return what is wrong with the values of an op, '' when they may be stored: a device's word is not taken for it."""
    entity_type = KIND_OF.get(op.kind)
    if entity_type is None:
        return "This is no kind of thing that can be changed."
    checks = _checks(op.kind)
    for name, value in op.fields.items():
        problem = checks[name](value) if name in checks else f"{name} is no field of it"
        if problem:
            return problem
    return ""


@cache
def _checks(kind: str) -> Mapping[str, Callable[[Any], str]]:
    """Return, by field, what says what is wrong with a value as JSON has it."""
    entity_type = KIND_OF[kind]
    found: dict[str, Callable[[Any], str]] = {name: partial(_text_problem, name) for name in COMMON_FIELDS}
    found["geometry"] = partial(_geometry_problem, entity_type.geometry_type)
    return found | {name: partial(_attribute_problem, facts) for name, facts in attributes(entity_type).items()}


def _text_problem(name: str, value: Any) -> str:
    return "" if isinstance(value, str) else f"{name} is no text"


def _attribute_problem(facts: Attribute, value: Any) -> str:
    try:
        return value_problem(facts, from_json(facts, value))
    except (ValueError, TypeError, KeyError) as error:
        return f"{facts.name}: {error}"


def moves(op: Op) -> bool:
    """Whether an op may change what the filter of rows looks at: it is not asked again where that stays."""
    return not placing_fields(op.kind).isdisjoint(op.fields)


@cache
def placing_fields(kind: str) -> frozenset[str]:
    """Return the fields on which the place of a row of a kind depends."""
    own = personal_fields(kind) if kind in KIND_OF else {}
    return frozenset({"geometry", *PLACING, *own})


def place_of(kind: str, fields: Mapping[str, Any]) -> str:
    """Return what the filter of rows looks at of a row, as text; '' when there is nothing."""
    facts = facts_from(kind, fields, _cell(fields.get("geometry")))
    values = [facts.department, facts.district, facts.grid, facts.cell or 0, facts.owner, int(facts.published)]
    values += known_values(kind, fields)
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) if any(values) else ""


@lru_cache(_KEPT)
def place_facts(place: str) -> tuple[Facts, tuple[str, ...]]:
    """Return the facts of a place, and what the row says of people."""
    if not place:
        return Facts(), ()
    department, district, grid, cell, owner, published, *known = json.loads(place)
    return Facts(department, district, grid, cell or None, owner, bool(published)), tuple(known)


@lru_cache(_KEPT)
def _cell(geometry: str | None) -> int | None:
    """Return the H3 cell (resolution 10) of a place as JSON has it."""
    return cells(np.array([shapely.from_wkb(geometry)], dtype=object))[0] if geometry else None


def _geometry_problem(geometry_type: str, value: Any) -> str:
    if value is None:
        return "geometry is missing" if geometry_type else ""
    try:
        found = geometry_problems(geometry_type, np.array([shapely.from_wkb(value)], dtype=object))
    except (shapely.errors.GEOSException, TypeError) as error:
        return f"geometry is no place: {error}"
    return f"geometry {found[0]}" if found else ""
