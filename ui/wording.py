"""Edits and parameters in words: 'Close road: Mannerheimintie (4)', 'Scale demand: Factor 1.2'."""

from __future__ import annotations

import math
from typing import Any

from twin.model.catalogue import KIND_OF
from twin.model.edits import Edit
from twin.model.entity import Attribute, attributes
from twin.model.snapshot import Snapshot
from ui.language import language, number, time_text, tr, tr_choice
from ui.quantity import quantity

_NAMES_SHOWN = 3


def edit_text(edit: Edit, snapshot: Snapshot | None = None) -> str:
    """Return an edit in words: what is done, to which objects, with which values."""
    parts = []
    if edit.target_kind:
        parts.append(_things_text(edit.target_kind, edit.target_ids, snapshot))
    parts += [
        f"{tr(facts.label)} {value_text(facts, getattr(edit, name), snapshot)}"
        for name, facts in attributes(type(edit)).items()
        if name != "target_ids" and not (name in ("x_m", "y_m", "radius_m") and _is_everywhere(edit))
    ]
    separator = "，" if language() == "zh_CN" else ", "
    return tr("{what}: {details}", what=tr(edit.label), details=separator.join(parts)) if parts else tr(edit.label)


def value_text(facts: Attribute, value: Any, snapshot: Snapshot | None = None) -> str:
    """Return a declared value as a person reads it, with its unit: keys by the names of their things, a line by its length, places by their number."""
    if value in (None, "", ()):
        return "–"
    if facts.type is bool:
        return tr("yes") if value else tr("no")
    if facts.type in (float, int):
        return quantity(float(value), facts.unit, exact=True)
    if hasattr(value, "astimezone"):
        return time_text(value)
    if isinstance(value, (tuple, list)):
        return _tuple_text(facts, value, snapshot)
    return tr_choice(str(value)) if facts.choices else str(value)


def _tuple_text(facts: Attribute, value: Any, snapshot: Snapshot | None) -> str:
    if facts.names:
        return _things_text(facts.names, value, snapshot)
    if facts.unit == "m":
        return quantity(math.fsum(map(math.dist, value, value[1:])), "m")
    if isinstance(value[0], (tuple, list)):
        return number(len(value))
    return ", ".join(str(item) for item in value)


def own_name(snapshot: Snapshot, kind: str, key: str) -> str:
    """Return the name of one thing in the language in use, or '' when it has none."""
    frame = snapshot.frames.get(kind)
    row = frame.row_of.get(key) if frame is not None else None
    if frame is None or row is None:
        return ""
    columns = ("name", "name_en") if language() == "zh_CN" else ("name_en", "name")
    return next((str(frame[column][row]) for column in columns if column in frame.columns and frame[column][row]), "")


def _things_text(kind: str, keys: tuple[str, ...], snapshot: Snapshot | None) -> str:
    count = len(keys)
    plural = tr(KIND_OF[kind].label_plural)
    names: list[str] = []
    if snapshot is not None:
        frame = snapshot[kind]
        if count > 1 and count == len(frame):
            return tr("all {things} ({count})", things=plural.lower(), count=count)
        names = list(dict.fromkeys(name for key in keys if (name := own_name(snapshot, kind, key))))
    shown = ", ".join(names[:_NAMES_SHOWN]) + (" …" if len(names) > _NAMES_SHOWN else "")
    if count == 1:
        return shown or keys[0]
    return tr("{names} ({count} {things})", names=shown, count=count, things=plural.lower()).strip()


def _is_everywhere(edit: Edit) -> bool:
    return getattr(edit, "radius_m", 1.0) == 0.0
