"""Options made from declared attributes: an edit's or a simulation's parameters on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import UTC, datetime, time
from typing import Any

from twin.errors import ScenarioError
from twin.model.entity import CLOCK_UNIT, Attribute, attributes
from twin.model.snapshot import Snapshot
from ui.cli.parser import Parser
from ui.language import tr, tr_choice
from ui.quantity import quantity

# Units that people type, beside the SI unit in an attribute's name: suffix inside, suffix typed, factor to SI.
_TYPED_UNITS: Mapping[str, tuple[str, float]] = {"_mps": ("_kmh", 1 / 3.6)}


def add_options(parser: Parser, owner: type[Any], *, leave_out: frozenset[str] = frozenset()) -> None:
    """Add an option for every attribute of a type, with its label, unit, limits, choices and default as help."""
    defaults = {item.name: item.default for item in fields(owner)}
    for name, facts in attributes(owner).items():
        if name not in leave_out:
            _add_option(parser, facts, defaults[name])


def values_of(arguments: argparse.Namespace, owner: type[Any]) -> dict[str, Any]:
    """Return the attributes that were given, by name, in SI units."""
    return {name: getattr(arguments, name) for name in attributes(owner) if getattr(arguments, name, None) is not None}


def built(owner: type[Any], values: Mapping[str, Any]) -> Any:
    """Build an edit or parameters from values. Raises ``ScenarioError`` naming the option that is out of its limits."""
    for name, facts in attributes(owner).items():
        value = values.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            _check(facts, float(value))
    return owner(**values)


def option_name(name: str) -> str:
    """Return the option of an attribute as people type it: speed_mps is --speed-kmh."""
    for suffix, (typed, _) in _TYPED_UNITS.items():
        if name.endswith(suffix):
            name = name.removesuffix(suffix) + typed
    return "--" + name.replace("_", "-")


def place_xy(city: Snapshot, lon_lat: Sequence[float]) -> tuple[float, float]:
    """Return the city's metres of one longitude and latitude."""
    import numpy as np

    x, y = city.projection.to_xy(np.array([lon_lat]))[0].tolist()
    return x, y


def _add_option(parser: Parser, facts: Attribute, default: Any) -> None:
    text = _help(facts, default)
    if facts.type is bool:
        parser.options.add_argument(
            option_name(facts.name), dest=facts.name, action=argparse.BooleanOptionalAction, default=None, help=text
        )
        return
    if facts.choices:
        parser.options.add_argument(option_name(facts.name), dest=facts.name, choices=facts.choices, help=text)
        return
    if facts.names:
        parser.options.add_argument(
            option_name(facts.name), dest=facts.name, nargs="+", metavar="NAME", required=default == (), help=text
        )
        return
    parser.options.add_argument(
        option_name(facts.name),
        dest=facts.name,
        type=_reader(facts, _typed_factor(facts.name)),
        metavar="HH:MM" if facts.unit == CLOCK_UNIT else _METAVAR.get(facts.type, "TEXT"),
        help=text,
    )
    si_name = "--" + facts.name.replace("_", "-")
    if si_name != option_name(facts.name):
        parser.options.add_argument(si_name, dest=facts.name, type=_reader(facts, 1.0), help=argparse.SUPPRESS)


_METAVAR: Mapping[type, str] = {float: "NUMBER", int: "NUMBER", datetime: "TIME"}


def _typed_factor(name: str) -> float:
    return next((factor for suffix, (_, factor) in _TYPED_UNITS.items() if name.endswith(suffix)), 1.0)


def _reader(facts: Attribute, factor: float) -> Callable[[str], Any]:
    """Return what turns a typed word into the attribute's value."""

    def read(word: str) -> Any:
        if facts.unit == CLOCK_UNIT and ":" in word:
            clock = time.fromisoformat(word)
            return clock.hour * 3600.0 + clock.minute * 60.0 + clock.second
        if facts.type is float:
            return float(word) * factor
        if facts.type is int:
            return int(word)
        if facts.type is datetime:
            at = datetime.fromisoformat(word)
            return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        if facts.type is tuple:
            return tuple(float(part) for part in word.split(","))
        return word

    read.__name__ = tr("number") if facts.type in (float, int, tuple) else tr("time")
    return read


def _help(facts: Attribute, default: Any) -> str:
    """Return label, definition, limits and default in one line."""
    parts = [tr(facts.label)]
    if facts.choices:
        parts[0] += ": " + ", ".join(_choice(item) for item in facts.choices)
    if facts.definition:
        parts.append(tr(facts.definition))
    if facts.unit == CLOCK_UNIT:
        parts.append(tr("a time such as 08:30, or seconds since midnight"))
    if facts.low is not None and facts.high is not None:
        parts.append(tr("{low} to {high}", low=_shown(facts, facts.low), high=_shown(facts, facts.high)))
    if default is not MISSING and default not in (None, "", ()):
        parts.append(tr("otherwise {value}", value=_shown(facts, default)))
    return "; ".join(part.rstrip(".") for part in parts).replace("%", "%%")


def _choice(item: str) -> str:
    said = tr_choice(item)
    return item if said == item else f"{item} ({said})"


def _shown(facts: Attribute, value: Any) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, (int, float)):
        return quantity(value, facts.unit, exact=True)
    if isinstance(value, tuple):
        return ",".join(f"{part:g}" if isinstance(part, float) else str(part) for part in value)
    return tr_choice(str(value)) if facts.choices else str(value)


def _check(facts: Attribute, value: float) -> None:
    if (facts.low is not None and value < facts.low) or (facts.high is not None and value > facts.high):
        low = _shown(facts, facts.low) if facts.low is not None else "…"
        high = _shown(facts, facts.high) if facts.high is not None else "…"
        raise ScenarioError(f"{option_name(facts.name)} is {_shown(facts, value)}.", f"It must be between {low} and {high}.")
