"""Conflicts and refusals in words, field by field; without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import shapely

from twin.model.catalogue import KIND_OF
from twin.model.codec import from_json
from twin.model.entity import Attribute, attributes
from twin.model.snapshot import Snapshot
from twin.sync import clock
from twin.sync.commit import ADDED, CHANGED, MISSING, REMOVED
from twin.sync.conflicts import Conflict
from twin.sync.office import Office
from ui.language import mark, number, time_text, tr, tr_sentence
from ui.wording import value_text
from ui.words import kind_label, name_of

REASONS = {
    CHANGED: mark("Somebody else changed it meanwhile."),
    REMOVED: mark("Somebody else removed it meanwhile."),
    MISSING: mark("It is not at the centre."),
    ADDED: mark("Somebody else added it, too."),
}
COLUMNS = (mark("Field"), mark("Before"), mark("At the centre"), mark("Edited"))
"""What the columns of a conflict's fields are called."""

GONE, THERE = mark("removed"), mark("there")


@dataclass(frozen=True)
class Line:
    """One field of a conflict: what its author saw, what stands at the centre now, and what was edited.

    ``name`` is what the field is called in data, '' where the thing itself was added or removed.
    """

    name: str
    field: str
    before: str
    centre: str
    edited: str


def title(item: Conflict, city: Snapshot) -> str:
    """Return what a conflict is about: 'Bin: Market square'."""
    name = name_of(city, item.kind, item.id)
    known = item.kind in city.frames and item.id in city.frames[item.kind].row_of
    if not known:
        named = {**item.was, **item.theirs, **item.mine}.get("name")
        return tr(": ").join([kind_label(item.kind), str(named)]) if named else kind_label(item.kind)
    return name if name == kind_label(item.kind) else tr(": ").join([kind_label(item.kind), name])


def author(item: Conflict) -> str:
    """Return who made the edit, and when by their clock."""
    return " · ".join(part for part in (item.user, made_at_text(item)) if part)


def made_at_text(item: Conflict) -> str:
    """Return when an edit was made by its author's clock, in the language in use."""
    return time_text(made_at(item))


def made_at(item: Conflict) -> datetime:
    """Return when an edit was made by its author's clock."""
    return datetime.fromtimestamp(clock.milliseconds(item.at) / 1000, UTC)


def why(item: Conflict) -> str:
    """Return why the edit was not taken: the rule that refused it, or what somebody else did."""
    return tr_sentence(item.note) if item.note else tr(REASONS.get(item.reason, "Somebody else changed it meanwhile."))


def about(item: Conflict, city: Snapshot) -> tuple[str, str]:
    """Return what a conflict is about, and which of its fields are disputed."""
    found = lines(item, city)
    return title(item, city), ", ".join(line.field for line in (found if item.alive is None else found[:1]))


def about_refused(item: Conflict, city: Snapshot) -> tuple[str, str]:
    """Return what was refused and whose it was, and by which rule."""
    return " · ".join([title(item, city), author(item)]), tr("Refused by the centre: {why}", why=why(item))


def edited_by(item: Conflict) -> str:
    """Return who made the edit and why it was not taken, a line each."""
    return f"{tr('Edited by {who}', who=author(item))}\n{why(item)}"


def state(known: Office) -> str:
    """Return how a city stands with the centre, in one sentence."""
    if known.status is None:
        return tr("This city is on this computer alone.")
    if known.status.is_filling and not known.meetings:
        return tr("This city has not met a centre yet.")
    return summary(len(known.disputed), len(known.refused), known.status.pending)


def lines(item: Conflict, city: Snapshot) -> list[Line]:
    """Return a conflict field by field."""
    kind = KIND_OF.get(item.kind)
    known = attributes(kind) if kind else {}
    found = []
    is_gone = item.reason in (REMOVED, MISSING)
    if item.alive is not None:
        edited = tr(THERE) if item.alive else tr(GONE)
        found.append(Line("", tr("The thing itself"), tr(GONE) if item.alive else tr(THERE), _there(is_gone=is_gone), edited))
    elif is_gone:
        found.append(Line("", tr("The thing itself"), tr(THERE), tr(GONE), tr(THERE)))
    for name in _names(item, known):
        before, centre, edited = (_said(known.get(name), values, name, city) for values in (item.was, item.theirs, item.mine))
        line = Line(
            name,
            tr(known[name].label) if name in known else tr("Place"),
            before,
            tr(GONE) if is_gone else centre,
            tr(GONE) if item.alive is False else edited,
        )
        found.append(line)
    return found


def _there(*, is_gone: bool) -> str:
    return tr(GONE) if is_gone else tr(THERE)


def _names(item: Conflict, known: Mapping[str, Attribute]) -> list[str]:
    """Return the fields to be shown: those edited; of a removal those that stand against it, without empty ones."""
    if item.alive is False:
        return [name for name, value in item.theirs.items() if name in known and value not in (None, "", [])]
    return [name for name in known if name in item.mine] + (["geometry"] if "geometry" in item.mine else [])


def _said(facts: Attribute | None, values: Any, name: str, city: Snapshot) -> str:
    if name not in values:
        return "–"
    if facts is None:
        return _place(values[name])
    return value_text(facts, from_json(facts, values[name]), city)


def _place(text: str | None) -> str:
    """Return a place in degrees; of a line or an area, its middle."""
    if not text:
        return "–"
    point = shapely.from_wkb(bytes.fromhex(text)).representative_point()
    return f"{point.y:.5f}°, {point.x:.5f}°"


def place_of(values: Any, city: Snapshot) -> shapely.Geometry | None:
    """Return the place among a conflict's values in the city's metres."""
    text = values.get("geometry")
    if not text:
        return None
    shape: shapely.Geometry = shapely.transform(shapely.from_wkb(bytes.fromhex(text)), city.projection.to_xy)
    return shape


def summary(disputed: int, refused: int, pending: int) -> str:
    """Return the state of sync in one sentence."""
    if disputed:
        return (
            tr("One conflict waits for your decision.")
            if disputed == 1
            else tr("{count} conflicts wait for your decision.", count=number(disputed))
        )
    if refused:
        return tr("One edit was refused.") if refused == 1 else tr("{count} edits were refused.", count=number(refused))
    if pending:
        return waiting(pending)
    return tr("All edits are at the centre.")


def waiting(pending: int) -> str:
    """Return how many edits the centre has not confirmed."""
    return (
        tr("One edit waits for the centre.") if pending == 1 else tr("{count} edits wait for the centre.", count=number(pending))
    )
