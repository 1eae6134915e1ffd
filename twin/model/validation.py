"""What may be stored: every field within what the data dictionary says of it, every place on the earth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.model.catalogue import KIND_OF
from twin.model.entity import Attribute, Entity, attributes
from twin.model.scenario import BASELINE, Scenario

Check = Callable[[Any], str]

_ACCEPTED = {
    "Point": (int(shapely.GeometryType.POINT),),
    "LineString": (int(shapely.GeometryType.LINESTRING),),
    "Polygon": (int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON)),
}


def problems(entity: Entity) -> list[str]:
    """Return what is wrong with an entity, a sentence for each field; empty when it may be stored."""
    return next(iter(all_problems([entity])), (entity, []))[1]


def all_problems(entities: Sequence[Entity]) -> Iterator[tuple[Entity, list[str]]]:
    """Yield the entities that may not be stored, in order, each with what is wrong.

    All must be of one kind: their places are checked together, which is what makes an import quick.
    """
    if not entities:
        return
    kind, geometry_type = entities[0].kind, entities[0].geometry_type
    doubtful = [(name, check) for name, check in _checks(kind) if not _surely_good(kind, name, entities)]
    places = geometry_problems(geometry_type, np.array([item.geometry for item in entities], dtype=object))
    if not doubtful and not places and kind != Scenario.kind:
        return
    for row, entity in enumerate(entities):
        found = [text for name, check in doubtful if (text := check(getattr(entity, name)))]
        if row in places:
            found.append(f"geometry {places[row]}")
        if isinstance(entity, Scenario):
            found += _scenario_problems(entity)
        if found:
            yield entity, found


def _surely_good(kind: str, name: str, entities: Sequence[Entity]) -> bool:
    """Return whether a whole column is plainly good: the quick way for the thousands of rows of an import."""
    facts = attributes(KIND_OF[kind]).get(name)
    column = [getattr(entity, name) for entity in entities]
    types = set(map(type, column))
    if types == {bool}:
        return facts is not None and facts.type is bool
    if types == {str} and (facts is None or facts.type is str):
        choices = facts.choices if facts else ()
        return name != "id" and "".join(column).isascii() and (not choices or set(column) <= set(choices))
    if types == {float} and facts is not None and facts.type is float:
        low = -math.inf if facts.low is None else facts.low
        high = math.inf if facts.high is None else facts.high
        return bool(low <= min(column) <= max(column) <= high) and math.isfinite(sum(column))
    return False


def geometry_problems(geometry_type: str, geometries: NDArray[Any]) -> Mapping[int, str]:
    """Return what is wrong with places (object array, degrees), by row."""
    missing = shapely.is_missing(geometries)
    if not geometry_type:
        return dict.fromkeys(np.flatnonzero(~missing).tolist(), "is given, but this kind has no place")
    found = dict.fromkeys(np.flatnonzero(missing).tolist(), "is missing")
    types = shapely.get_type_id(geometries)
    for row in np.flatnonzero(~missing & ~np.isin(types, _ACCEPTED[geometry_type])).tolist():
        found[row] = f"is a {geometries[row].geom_type}; expected a {geometry_type}"
    empty = np.flatnonzero(~missing & shapely.is_empty(geometries))
    found.update(dict.fromkeys(empty.tolist(), "is empty"))
    coordinates, rows = shapely.get_coordinates(geometries, return_index=True)
    with np.errstate(invalid="ignore"):
        off = (np.abs(coordinates[:, 0]) > 180) | (np.abs(coordinates[:, 1]) > 90)
    for row in np.unique(rows[off]).tolist():
        found[row] = "is not in longitude -180–180, latitude -90–90: is its coordinate system another one?"
    infinite = ~np.isfinite(coordinates).all(axis=1)
    found.update(dict.fromkeys(np.unique(rows[infinite]).tolist(), "has a coordinate that is not a number"))
    return found


def value_problem(facts: Attribute, value: Any) -> str:
    """Return what is wrong with one value of an attribute, or ''."""
    return _check(facts)(value)


@cache
def _checks(kind: str) -> tuple[tuple[str, Check], ...]:
    common = (("id", _check(Attribute("id", "", str))), *((n, _check(Attribute(n, "", str))) for n in _SOURCE_FIELDS))
    return (*common, *((name, _check(facts)) for name, facts in attributes(KIND_OF[kind]).items()))


_SOURCE_FIELDS = ("source", "source_id", "source_hash")


def _check(facts: Attribute) -> Check:
    check = {str: _text, float: _number, int: _number, bool: _truth, datetime: _time, tuple: _list}[facts.type](facts)
    if facts.name == "id":
        return lambda value: check(value) if value else "id is empty"
    if facts.optional:
        return lambda value: "" if value is None else check(value)
    return lambda value: f"{facts.name} is missing" if value is None else check(value)


def _text(facts: Attribute) -> Check:
    name, choices = facts.name, facts.choices

    def check(value: Any) -> str:
        if not isinstance(value, str):
            return f"{name} is {value!r}; expected text"
        if choices and value not in choices:
            return f"{name} is '{value}'; expected one of {', '.join(choices)}"
        if not value.isascii() and value.encode("utf-8", "replace").decode("utf-8") != value:
            return f"{name} has a character that is no Unicode text"
        return ""

    return check


def _number(facts: Attribute) -> Check:
    name, whole = facts.name, facts.type is int
    low = -math.inf if facts.low is None else facts.low
    high = math.inf if facts.high is None else facts.high
    if whole:  # SQLite's integers have 64 bits
        low, high = max(low, -(2**63)), min(high, 2**63 - 1)

    def check(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
            return f"{name} is {value!r}; expected a number"
        if not math.isfinite(value):
            return f"{name} is {value}; expected a finite number"
        if whole and value != int(value):
            return f"{name} is {value}; expected a whole number"
        return "" if low <= value <= high else f"{name} is {value:g}; expected {_range(facts)}"

    return check


def _range(facts: Attribute) -> str:
    if facts.low is None or facts.high is None:
        return f"at least {facts.low:g}" if facts.low is not None else f"at most {facts.high:g}"
    return f"{facts.low:g}–{facts.high:g}"


def _truth(facts: Attribute) -> Check:
    return lambda value: "" if isinstance(value, bool | np.bool_) else f"{facts.name} is {value!r}; expected true or false"


def _time(facts: Attribute) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, datetime):
            return f"{facts.name} is {value!r}; expected a time"
        return "" if value.tzinfo is not None else f"{facts.name} is {value.isoformat()} without a time zone; expected UTC"

    return check


def _list(facts: Attribute) -> Check:
    return lambda value: "" if isinstance(value, tuple) else f"{facts.name} is {value!r}; expected a list"


def _scenario_problems(scenario: Scenario) -> list[str]:
    found = [] if scenario.name.strip() else ["name is empty"]
    if scenario.name == BASELINE:
        found.append(f"name is '{BASELINE}', which is the city without edits")
    for number, edit in enumerate(scenario.edits, 1):
        values = ((facts, getattr(edit, name)) for name, facts in attributes(type(edit)).items())
        found += [f"edit {number}: {text}" for facts, value in values if (text := value_problem(facts, value))]
    return found
