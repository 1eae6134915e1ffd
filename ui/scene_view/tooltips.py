"""What a tooltip says of a thing: its kind, its name, and the few facts that its kind is known by."""

from __future__ import annotations

import numpy as np

from twin.model.catalogue import KIND_OF
from twin.model.entity import Attribute, attributes
from twin.model.snapshot import Snapshot
from ui.language import language, number, tr, tr_choice

_FACTS = {
    "bin": ("waste_kind", "fill_level", "capacity_l"),
    "camera": ("camera_type", "online"),
    "incident": ("category", "severity"),
    "case": ("class_code", "stage", "department"),
    "link": ("road_class", "lanes", "free_flow_speed_mps"),
    "building": ("use", "height_m", "levels"),
    "depot": ("vehicle_count",),
}


def text(snapshot: Snapshot, kind: str, key: str) -> str:
    """Return the lines of a tooltip; '' for a thing that is not there."""
    if kind == "cell":
        return f"H3 {key}"
    frame = snapshot.frames.get(kind)
    if frame is None or key not in frame.row_of:
        return ""
    row = frame.row_of[key]
    entity_type = KIND_OF[kind]
    chinese, english = (str(frame.columns[name][row]) if name in frame.columns else "" for name in ("name", "name_en"))
    name = (chinese or english) if language() == "zh_CN" else (english or chinese)
    lines = [f"{tr(entity_type.label)} · {name}" if name else tr(entity_type.label)]
    known = attributes(entity_type)
    lines += [line for fact in _FACTS.get(kind, ()) if (line := _fact(known[fact], frame.columns[fact][row]))]
    return "\n".join(lines)


def _fact(facts: Attribute, value: object) -> str:
    if value is None or value == "" or (isinstance(value, float | np.floating) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        shown = tr("Yes") if value else tr("No")
    elif isinstance(value, int | float | np.integer | np.floating):
        speed = facts.unit == "m/s"
        unit = "km/h" if speed else facts.unit
        amount = number(float(value) * (3.6 if speed else 1.0), 2 if facts.name == "fill_level" else None)
        shown = f"{amount} {tr(unit) if unit else ''}".strip()
    else:
        shown = tr_choice(str(value)) if facts.choices else str(value)
    return f"{tr(facts.label)}: {shown}"
