"""What an office knows of its sync without asking anybody: what waits, what was refused and by whom, what is disputed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from twin.errors import SyncError
from twin.model.catalogue import KIND_OF
from twin.model.changes import Change
from twin.model.codec import entity_from_json, entity_to_json
from twin.model.entity import Entity
from twin.store import Store
from twin.sync import conflicts, meeting, server
from twin.sync.commit import CHANGED, DENIED, MISSING, REMOVED
from twin.sync.conflicts import Conflict
from twin.sync.device import Status
from twin.sync.meeting import Meeting
from twin.sync.merge import DIGEST
from twin.sync.workspace import decide, device_of, is_device

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Office:
    """The sync of one workspace at one moment.

    ``status`` is None for a city that never met a centre. ``disputed`` are conflicts that wait for a decision,
    ``refused`` edits that the centre did not allow, with its rule. ``meetings`` are the newest first,
    ``server`` is the address of the centre that was met last.
    """

    status: Status | None = None
    disputed: tuple[Conflict, ...] = ()
    refused: tuple[Conflict, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    server: str = ""

    @property
    def heard(self) -> Meeting | None:
        """The last time that this office heard of the centre."""
        return next((item for item in self.meetings if item.turn == "heard"), None)


def read_office(store: Store) -> Office:
    """Return what the workspace knows of its sync."""
    if not is_device(store):
        return Office()
    with store.looking() as db:
        waiting = [as_it_stands(store, item) for item in conflicts.listed(db)]
        return Office(
            status=device_of(store).status,
            disputed=tuple(item for item in waiting if item.verdict != DENIED),
            refused=tuple(item for item in waiting if item.verdict == DENIED),
            meetings=meeting.meetings(db),
            server=server.read(store.path),
        )


def read_disputes(store: Store) -> dict[int, Conflict]:
    """Return conflicts and refusals, the decided ones too, by the number that each keeps on this computer."""
    if not is_device(store):
        return {}
    with store.looking() as db:
        return {number: as_it_stands(store, item) for number, item in conflicts.numbered(db).items()}


def as_it_stands(store: Store, item: Conflict) -> Conflict:
    """Return a conflict with what stands now in place of what stood when it arose: against that people decide.

    Of a thing that somebody wants to remove or add as a whole, all of it stands against that; what was disputed comes first.
    """
    if item.kind not in KIND_OF or item.verdict == DENIED or item.resolved_by:
        return item
    is_gone = item.reason in (REMOVED, MISSING)
    now = store.get(item.kind, item.id)
    if now is None:
        return replace(item, theirs={}, reason=item.reason if is_gone else REMOVED)
    data = entity_to_json(now)
    wanted = item.mine if item.alive is None else {**item.theirs, **data}
    theirs = {name: data[name] for name in wanted if name in data and name not in ("kind", "id", DIGEST)}
    return replace(item, theirs=theirs, reason=CHANGED if is_gone else item.reason)


def require_as_shown(store: Store, chosen: Iterable[Conflict]) -> None:
    """Raise ``SyncError`` when something else stands now than what people were shown when they decided."""
    for item in chosen:
        now = as_it_stands(store, item)
        if (now.theirs, now.reason) != (item.theirs, item.reason):
            raise SyncError(
                f"'{item.id}' was changed again while you decided; nothing was decided.",
                "Look at what stands now, and decide again.",
            )


def keep_theirs(store: Store, chosen: Sequence[Conflict], *, user: str) -> None:
    """Decide for what stands at the centre now; nothing in the city changes.

    Raises ``SyncError`` when that is something else than ``chosen`` say; nothing is decided then.
    """
    require_as_shown(store, chosen)
    names = [item.name for item in chosen]
    device_of(store).resolve(names, user, store.now_ms(), title="Decide for what stands")


def take_mine(store: Store, chosen: Sequence[Conflict], *, user: str) -> None:
    """Decide for what was edited here, by an ordinary edit that can be undone.

    Raises ``SyncError`` when one of them can no longer be made, or something else stands now than what ``chosen`` say;
    nothing is decided then.
    """
    require_as_shown(store, chosen)
    changes = list(changes_of(store, chosen))
    if not changes:  # the city is so already: an edit that changes nothing would be no entry, and decide nothing
        keep_theirs(store, chosen, user=user)
        return
    decide(store, changes, [item.name for item in chosen], title="Decide for what was edited", author=user)
    device_of(store).push(0)  # makes a mutation of the decision, so that nobody is asked again


def by_field(item: Conflict, names: Collection[str]) -> Conflict:
    """Return a conflict of which only some fields are taken from the edit. Raises ``SyncError`` for fields it lacks."""
    if item.alive is not None:
        raise SyncError(f"'{item.id}' was added or removed as a whole.", "Decide it without naming fields.")
    unknown = sorted(set(names) - item.mine.keys())
    if unknown:
        known = ", ".join(sorted(item.mine))
        raise SyncError(f"The conflict about '{item.id}' has no field '{unknown[0]}'.", f"Its fields are: {known}.")
    mine, theirs = ({name: value for name, value in values.items() if name in names} for values in (item.mine, item.theirs))
    return replace(item, mine=mine, theirs=theirs)


def changes_of(store: Store, chosen: Iterable[Conflict]) -> Iterable[Change]:
    """Return the edits that make the city what its authors of these conflicts wanted; several of one thing become one."""
    before: dict[tuple[str, str], Entity | None] = {}
    after: dict[tuple[str, str], Entity | None] = {}
    for item in sorted(chosen, key=lambda item: (item.at, item.seq)):
        key = (item.kind, item.id)
        if key not in before:
            before[key] = after[key] = store.get(*key)
        after[key] = _wanted(store, item, after[key])
    return [Change(before[key], after[key]) for key in before if before[key] != after[key]]


def _wanted(store: Store, item: Conflict, now: Entity | None) -> Entity | None:
    if item.alive is False:
        return None
    data: dict[str, Any] = {} if now is None else entity_to_json(now)
    if not data and not item.alive:
        data = _last_known(store, item)
    return entity_from_json({**data, **item.mine, "kind": item.kind, "id": item.id})


def _last_known(store: Store, item: Conflict) -> dict[str, Any]:
    """Return a thing that was removed meanwhile as this office's own journal tells it, from the entry that added it on."""
    query = "SELECT old, new FROM change WHERE kind = ? AND id = ? ORDER BY number, position"
    data: dict[str, Any] = {}
    with store.looking() as db:
        for old, new in db.execute(query, (item.kind, item.id)):
            whole = {} if old is None else data
            data = json.loads(old) if new is None else {**whole, **json.loads(new)}
    if "source_id" not in data:  # only changes of it are known here, not the thing
        raise SyncError(
            f"'{item.id}' was removed by somebody else and cannot be brought back from here.",
            "Decide for what stands, or add it again by hand.",
        )
    return data
