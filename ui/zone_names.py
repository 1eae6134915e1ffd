"""What people call a zone: its own name, its gate, or the district that it lies in."""

from __future__ import annotations

import h3
import numpy as np
import shapely

from twin.model.snapshot import Snapshot
from ui.language import tr
from ui.wording import own_name

_GATE = "gate "
_SHORT = 4
"""Signs of an H3 address that tell cells of one district apart."""


def zone_name(snapshot: Snapshot, key: str) -> str:
    """Return the name of a zone in the language in use."""
    if key.startswith(_GATE):
        return tr("Gate {number}", number=key.removeprefix(_GATE))
    if not h3.is_valid_cell(key):
        return own_name(snapshot, "zone", key) or key
    short = key.rstrip("f")[-_SHORT:]
    district = _district(snapshot, key)
    return f"{district} · {short}" if district else short


def _district(snapshot: Snapshot, cell: str) -> str:
    """Return the name of the smallest district around the middle of a cell, '' where there is none."""
    frame = snapshot.frames.get("district")
    if frame is None or frame.geometry is None or not len(frame):
        return ""
    lat, lon = h3.cell_to_latlng(cell)
    middle = shapely.points(snapshot.projection.to_xy(np.array([[lon, lat]])))[0]
    around = np.flatnonzero(shapely.contains(frame.geometry, middle))
    if not len(around):
        return ""
    smallest = around[np.argmin(shapely.area(frame.geometry[around]))]
    return own_name(snapshot, "district", str(frame.ids[smallest]))
