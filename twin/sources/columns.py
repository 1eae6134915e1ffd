"""Which column is which: names in many languages, kept as data in ``assets/columns``."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from twin.errors import DataError
from twin.sources.mapping import UNITS

_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "columns"

KIND_NAMES: Mapping[str, str] = {
    "bin": "bin", "bins": "bin", "container": "bin", "containers": "bin", "fill_levels": "bin",
    "camera": "camera", "cameras": "camera",
    "incident": "incident", "incidents": "incident", "accident": "incident", "accidents": "incident",
    "case": "case", "cases": "case",
    "counter": "counter", "counters": "counter", "count": "counter", "counts": "counter",
    "traffic_count": "counter", "traffic_counts": "counter",
    "fill_reading": "fill_reading", "fill_readings": "fill_reading", "readings": "fill_reading",
    "emptying": "emptying", "emptyings": "emptying", "collection_record": "emptying", "collection": "emptying",
    "population_cell": "population_cell", "population": "population_cell", "population_cells": "population_cell",
    "depot": "depot", "depots": "depot",
    "disposal_site": "disposal_site", "disposal_sites": "disposal_site",
    "district": "district", "districts": "district", "boundaries": "district",
    "unit_grid": "unit_grid", "unit_grids": "unit_grid",
    "building": "building", "buildings": "building",
    "land_use": "land_use", "landuse": "land_use",
    "zone": "zone", "zones": "zone", "taz": "zone",
}  # fmt: skip
TABLE_KINDS = tuple(dict.fromkeys(KIND_NAMES.values()))
_ENOUGH = 3  # evidence that makes a kind certain


@dataclass(frozen=True, slots=True)
class Found:
    """A column that was recognised, and the unit its name carries in brackets."""

    column: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class _Synonyms:
    kind: str
    attribute: str
    evidence: int
    names: tuple[str, ...]


def kind_named(text: str) -> str:
    """Return the kind that a user means by a word such as 'accidents'.

    Raises ``DataError`` listing the kinds when there is none.
    """
    kind = KIND_NAMES.get(text.strip().lower().replace("-", "_").replace(" ", "_"))
    if kind is None:
        raise DataError(f"There is no kind {text!r} to import a table as.", f"Kinds are {', '.join(TABLE_KINDS)}.")
    return kind


def plain_name(name: str) -> str:
    """Return a column's name without case, accents, signs and what stands in brackets."""
    bare = re.sub(r"[(\[（【].*?[)\]）】]", "", name) or name
    letters = unicodedata.normalize("NFKD", bare.casefold())
    return "".join(char for char in letters if char.isalnum())


def unit_in(name: str) -> str:
    """Return the unit in the brackets of a column's name, or ''."""
    match = re.search(r"[(\[（【]\s*(.*?)\s*[)\]）】]", name)
    return match[1] if match and match[1] in UNITS else ""


def recognise(names: Iterable[str], kind: str) -> dict[str, list[Found]]:
    """Return the columns of each attribute of a kind, the likeliest first.

    The kind's own names come before those that all kinds share.
    """
    by_plain: dict[str, list[str]] = {}
    for name in names:
        by_plain.setdefault(plain_name(name), []).append(name)
    found: dict[str, list[Found]] = {}
    for own in (kind, "*"):
        for row in _table():
            if row.kind != own:
                continue
            columns = [Found(column, unit_in(column)) for name in row.names for column in by_plain.get(name, ())]
            known = found.setdefault(row.attribute, [])
            known += [item for item in columns if item not in known]
    return {attribute: columns for attribute, columns in found.items() if columns}


def kind_of(names: Sequence[str], *, where: str, has_areas: bool = False, has_geometry: bool = False) -> str:
    """Return what the records of a table are, by its columns.

    Raises ``DataError`` when nothing or several kinds fit.
    """
    plain = {plain_name(name) for name in names}
    scores = dict.fromkeys(TABLE_KINDS, 0)
    for row in _table():
        if row.kind != "*" and any(name in plain for name in row.names):
            scores[row.kind] += row.evidence
    for kind in scores:
        if kind not in _EITHER_KINDS and (kind in _AREA_KINDS) != has_areas:
            scores[kind] = 0
    if scores["bin"] and scores["fill_reading"]:  # readings that say where are bins with a history
        scores["bin" if plain.isdisjoint(_place_names()) and not has_geometry else "fill_reading"] = 0
    best = max(scores, key=lambda kind: scores[kind])
    rivals = [kind for kind in scores if kind != best and scores[kind] >= scores[best]]
    if scores[best] < _ENOUGH or rivals:
        what = f"could be {', '.join([best, *rivals])}" if scores[best] >= _ENOUGH else "do not tell what it holds"
        shown = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
        raise DataError(f"The columns of {where} ({shown}) {what}.", f"Say it with --as: {', '.join(TABLE_KINDS)}.")
    return best


_EITHER_KINDS = frozenset({"zone"})  # centroids, or areas whose inside is taken
_AREA_KINDS = frozenset({"population_cell", "district", "unit_grid", "building", "land_use"})


def choice(attribute: str, text: str) -> str | None:
    """Return the choice of the data dictionary that a text in a file means, or None."""
    return _choices().get(attribute, {}).get(_plain_text(text))


def truth(text: str) -> bool | None:
    """Return whether a text means yes or no, or None."""
    found = choice("truth", text)
    return None if found is None else found == "true"


def _plain_text(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())


@cache
def _table() -> tuple[_Synonyms, ...]:
    with (_FOLDER / "columns.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        _Synonyms(
            row["kind"], row["attribute"], int(row["evidence"]), tuple(dict.fromkeys(map(plain_name, row["names"].split("|"))))
        )
        for row in rows
    )


@cache
def _place_names() -> frozenset[str]:
    return frozenset(name for row in _table() if row.attribute in {"lon", "lat", "x", "y", "wkt"} for name in row.names)


@cache
def _choices() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    with (_FOLDER / "choices.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for text in row["texts"].split("|"):
                found.setdefault(row["attribute"], {}).setdefault(_plain_text(text), row["choice"])
    return found
