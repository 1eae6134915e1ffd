"""What a tooltip says of a thing: its kind, its name, and the few facts that its kind is known by."""

from __future__ import annotations

import numpy as np

from twin.model.catalogue import KIND_OF
from twin.model.entity import Attribute, attributes
from twin.model.snapshot import Snapshot
from ui.language import tr
from ui.wording import own_name, value_text

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
    name = own_name(snapshot, kind, key)
    lines = [f"{tr(entity_type.label)} · {name}" if name else tr(entity_type.label)]
    known = attributes(entity_type)
    lines += [line for fact in _FACTS.get(kind, ()) if (line := _fact(known[fact], frame.columns[fact][row]))]
    return "\n".join(lines)


def _fact(facts: Attribute, value: object) -> str:
    """Return one fact in words; '' for one that is not known."""
    plain = value.item() if isinstance(value, np.generic) else value
    if plain is None or plain == "" or (isinstance(plain, float) and np.isnan(plain)):
        return ""
    return tr("{what}: {details}", what=tr(facts.label), details=value_text(facts, plain))
