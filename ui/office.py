"""What a person does with sync: write and take packages, decide conflicts. Plain functions over a session, without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from twin.errors import KnownError
from twin.sync import courier, office
from twin.sync.conflicts import Conflict
from twin.sync.courier import Address, Arrival
from twin.sync.exchange import Exchanged, exchange_task
from twin.sync.http import HttpCentre
from twin.sync.meeting import Meeting, Turn, note
from twin.sync.office import MINE
from twin.sync.package.keys import Card, KeyRing
from twin.sync.package.manifest import Manifest
from twin.sync.package.reading import Package, open_package
from twin.sync.package.writing import Written
from twin.sync.server import pin, remember, require_centre, require_met
from twin.sync.workspace import device_of
from twin.task import Progress, Task
from ui.session import Session


@dataclass(frozen=True)
class Looked:
    """A package that was verified and not yet taken over."""

    package: Package
    manifest: Manifest


def write_edits(
    session: Session, path: Path, ring: KeyRing, recipients: Sequence[Card], *, days: float, now: datetime
) -> Task[Written]:
    """Write a package with everything that the centre has not confirmed; the city may be edited meanwhile."""
    store = session.store
    address = Address(id=store.ids(), own=ring.own, recipients=tuple(recipients), now=now, valid_for=timedelta(days=days))
    device = device_of(store, sign=ring.own.sign)
    written = yield from courier.export_task(path, device, (store.info.id, store.name), address)
    edits = int(written.manifest.contents.scope.get("edits", 0))
    note(store, Meeting(now, "package", "sent", edits, path.name))
    return written


def look_at(path: Path, ring: KeyRing, now: datetime) -> Task[Looked]:
    """Verify every byte of a package and say what is in it; nothing is taken over."""
    yield Progress("Checking the package", detail=path.name)
    package = open_package(path, ring, now)
    manifest = yield from package.verify_task()
    return Looked(package, manifest)


def take_over(session: Session, looked: Looked, *, now: datetime, is_new_centre: bool = False) -> Task[Arrival]:
    """Take over a package that was verified; one that was stopped goes on where it was.

    Raises ``PackageError`` for one that another office than the city's centre signed, unless ``is_new_centre`` is said.
    """
    store = session.store
    if not is_new_centre:
        require_centre(store.path, looked.package.sender, looked.package.path.name)
    arrival = yield from courier.import_task(looked.package, looked.manifest, device_of(store))
    turn: Turn = "failed" if arrival.refusals else "heard"
    what = arrival.refusals[0].what if arrival.refusals else looked.package.path.name
    note(store, Meeting(now, "package", turn, arrival.applied, what))
    pin(store.path, looked.package.sender)
    return arrival


def sync(
    session: Session,
    url: str,
    ring: KeyRing,
    random: Random,
    *,
    code: str = "",
    authorities: str = "",
    is_new_centre: bool = False,
) -> Task[Exchanged]:
    """Say and hear all that is new, over the wire; the meeting is noted, a line that fails too.

    ``authorities`` is a file of certificates that are trusted (PEM); '' means those of the system. Raises ``SyncError``
    before anything is said when another centre answers than the city's, unless ``is_new_centre`` is said.
    """
    store = session.store

    def meets(card: Card) -> None:
        if not is_new_centre:
            require_met(store.path, card, url)

    device = device_of(store, sign=ring.own.sign)
    yield Progress("Calling the centre", detail=url)
    try:
        with HttpCentre(url, ring.own, random, authorities=authorities, meets=meets) as centre:
            if code:
                centre.enrol(code)
            done = yield from exchange_task(device, centre)
            remember(store.path, centre.url)
            if centre.card is not None:
                pin(store.path, centre.card)
    except KnownError as error:
        note(store, Meeting(utc_now(), "wire", "failed", 0, error.message))
        raise
    turn: Turn = "failed" if done.refusals else "heard"
    what = done.refusals[0].what if done.refusals else url
    note(store, Meeting(utc_now(), "wire", turn, done.sent + done.entries + done.rows, what))
    return done


def begin(path: Path, looked: Looked) -> Task[Arrival]:
    """Make a new workspace of a city that was verified."""
    from twin.sync.beginning import begin_task

    return begin_task(path, looked.package, looked.manifest, utc_now)


def settle(session: Session, chosen: Sequence[Conflict], side: str) -> None:
    """Decide conflicts for one side; the decision is signed when it is sent."""
    settled = office.take_mine if side == MINE else office.keep_theirs
    settled(session.store, chosen, user=session.author)


def utc_now() -> datetime:
    """Return the time of this computer's clock."""
    return datetime.now(UTC)
