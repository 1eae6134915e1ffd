"""Conflicts and refusals as data for scripts: the same keys in every language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely

from twin.model.snapshot import Snapshot
from twin.store import Store
from twin.sync.commit import DENIED, MISSING, REMOVED
from twin.sync.conflicts import Conflict
from twin.sync.office import read_office
from ui import disputes


def listing(items: Mapping[int, Conflict], city: Snapshot) -> dict[str, Any]:
    """Return what is open, conflicts and refusals apart."""
    told = {place: facts(place, item, city) for place, item in items.items()}
    return {
        "conflicts": [told[place] for place, item in items.items() if item.verdict != DENIED],
        "refusals": [told[place] for place, item in items.items() if item.verdict == DENIED],
    }


def facts(place: int, item: Conflict, city: Snapshot) -> dict[str, Any]:
    """Return one conflict; ``reason`` is a code, ``rule`` the centre's sentence, places are GeoJSON in degrees."""
    return {
        "number": place,
        "name": item.name,
        "verdict": item.verdict,
        "kind": item.kind,
        "id": item.id,
        "title": disputes.title(item, city),
        "edit": item.title,
        "by": item.user,
        "device": item.device,
        "at": disputes.made_at(item),
        "reason": item.reason,
        "rule": item.note,
        "decided_by": item.resolved_by,
        "adds": item.alive is True,
        "removes": item.alive is False,
        "is_at_centre": item.reason not in (REMOVED, MISSING),
        "fields": {name: _sides(item, name) for name in sorted({*item.mine, *item.theirs})},
    }


def left(store: Store) -> dict[str, int]:
    """Return what is open after a decision, and what the centre has not confirmed."""
    known = read_office(store)
    pending = known.status.pending if known.status else 0
    return {"conflicts": len(known.disputed), "refusals": len(known.refused), "pending": pending}


def _sides(item: Conflict, name: str) -> dict[str, Any]:
    return {side: _plain(name, values.get(name)) for side, values in _values(item)}


def _values(item: Conflict) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return ("base", item.was), ("theirs", item.theirs), ("mine", item.mine)


def _plain(name: str, value: Any) -> Any:
    if name != "geometry" or not value:
        return value
    return shapely.geometry.mapping(shapely.from_wkb(bytes.fromhex(value)))
