"""A courier carries between an office and the centre what they would say over a wire: the same messages, in a package.

An office sends all that it has not been told to be at the centre, and asks for what is new; so a lost stick costs
nothing. The centre takes it and answers in a package of its own. Any package may arrive any number of times and in any
order: what is old is ignored, what comes too early is refused before anything of it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from twin.errors import PackageError, SyncError
from twin.sync import messages
from twin.sync.device import Device, Outcome
from twin.sync.messages import Changes, Fill, Hello, Message, Pull, Push, Pushed, Refusal, SnapshotPart, Welcome, following
from twin.sync.package.keys import Card, OwnKey
from twin.sync.package.manifest import Contents, Manifest
from twin.sync.package.reading import Package
from twin.sync.package.writing import Letter, Source, Written, write_package
from twin.task import Progress, Task

VALID_FOR = timedelta(days=30)


class Centre(Protocol):
    """The centre as one device meets it: what the device may see and do is decided there."""

    def hello(self, hello: Hello) -> Welcome | Refusal:
        """Say how far the centre is."""

    def push(self, push: Push) -> Pushed | Refusal:
        """Take mutations."""

    def pull(self, pull: Pull) -> Changes | Refusal:
        """Return commits."""

    def fill(self, fill: Fill) -> SnapshotPart | Refusal:
        """Return rows."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Who sends to whom, when, under which key, and how long the package is good for."""

    id: str
    own: OwnKey
    recipients: tuple[Card, ...]
    now: datetime
    valid_for: timedelta = VALID_FOR

    def letter(self, purpose: Any) -> Letter:
        """Return what stands on the outside."""
        return Letter(
            id=self.id,
            purpose=purpose,
            recipients=self.recipients,
            created_at=self.now,
            expires_at=self.now + self.valid_for,
        )


@dataclass
class Arrival:
    """What became of a package: how many of its messages were new, old or for nobody here, and what people must do.

    ``mutations`` counts edits that the centre took, ``refusals`` are what it refused, as the office's program hears it.
    """

    package: str
    applied: int = 0
    old: int = 0
    ignored: int = 0
    outcomes: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    reply: Written | None = None

    @property
    def is_news(self) -> bool:
        """Whether anything of the package was new."""
        return bool(self.applied)


# ── the office writes ──


def export_task(path: Path, device: Device, city: tuple[str, str], address: Address) -> Task[Written]:
    """Write all that the centre has not confirmed, and what the office asks for; ``city`` is its key and name."""
    yield Progress("Gathering what the centre has not confirmed")
    pushes = list(device.pushes())
    status = device.status
    said: tuple[Message, ...] = (device.hello(), *pushes, device.ask())
    mutations = [mutation for push in pushes for mutation in push.mutations]
    contents = Contents(
        city_id=city[0],
        city_name=city[1],
        source=pushes[0].device,
        epoch=pushes[0].epoch,
        after=mutations[0].number - 1 if mutations else 0,
        upto=mutations[-1].number if mutations else 0,
        schema_version=pushes[0].schema_version,
        scope={"edits": len(mutations), "cursor": status.cursor},
    )
    return (
        yield from write_package(path, address.letter("push"), contents, (part(n, m) for n, m in enumerate(said, 1)), address.own)
    )


def part(number: int, message: Message) -> Source:
    """Return a message as a part of a package."""
    return Source(f"messages/{number:06d}-{message.NAME}", "messages", messages.encoded_lines(message), {"message": message.NAME})


def said_in(package: Package, manifest: Manifest) -> Iterator[Message]:
    """Yield the messages of a package in their order. Raises ``PackageError`` for one that cannot be read."""
    for item in manifest.parts:
        if item.kind == "messages":
            try:
                yield messages.decode(b"".join(package.pieces(item)))
            except SyncError as error:
                raise PackageError(
                    "newer",
                    f"The package '{package.path.name}' says something that this program does not understand: {error.message}",
                    "Update the older of the two programs.",
                ) from error


# ── the centre takes it and answers ──


def answer_task(
    package: Package, centre: Centre, reply: Path, address: Address, more: Mapping[str, Any] | None = None
) -> Task[Arrival]:
    """Verify a package of an office, take what it says, and write the answer to ``reply``.

    ``more`` is put into the answer's signed manifest. Nothing is taken before every byte is verified. The answer is written after everything was taken: without it the
    office simply sends again.
    """
    manifest = yield from package.verify_task()
    require_purpose(manifest, package, "push")
    heard = list(said_in(package, manifest))
    arrival = Arrival(manifest.id)
    before = _head(centre, heard)
    for message in heard:
        if isinstance(message, Push) and not arrival.refusals:  # what comes after a refused one is too early
            yield Progress("Taking the edits of the office", detail=str(len(message.mutations)))
            answer = centre.push(message)
            if isinstance(answer, Refusal):
                arrival.refusals.append(answer)
            elif answer.head > before:
                arrival.applied += 1
            else:
                arrival.old += 1
    spoken = _answers(centre, heard, arrival)
    first = next(spoken, None)
    contents = Contents(
        city_id=manifest.contents.city_id,
        city_name=manifest.contents.city_name,
        target=manifest.contents.source,
        epoch=getattr(first, "epoch", "") or manifest.contents.epoch,
        after=first.after if isinstance(first, Changes) else 0,
        upto=getattr(first, "head", getattr(first, "seq", 0)),
        schema_version=manifest.contents.schema_version,
        scope={"answers": manifest.id, **(more or {})},
    )
    rest = ([] if first is None else [first], spoken)
    sources = (part(number, message) for number, message in enumerate((item for some in rest for item in some), 1))
    purpose = "city" if isinstance(first, SnapshotPart) else "changes"
    arrival.reply = yield from write_package(reply, address.letter(purpose), contents, sources, address.own)
    return arrival


def _head(centre: Centre, heard: list[Message]) -> int:
    hello = next((message for message in heard if isinstance(message, Hello)), None)
    answer = None if hello is None else centre.hello(hello)
    return answer.head if isinstance(answer, Welcome) else 0


def _answers(centre: Centre, heard: list[Message], arrival: Arrival) -> Iterator[Message]:
    """Yield what the office asked for, then what was refused: refused first would make it ignore the rest."""
    for message in heard:
        if isinstance(message, Pull):
            yield from commits_after(centre, message)
        elif isinstance(message, Fill):
            yield from rows_after(centre, message)
    yield from arrival.refusals


def commits_after(centre: Centre, pull: Pull) -> Iterator[Message]:
    """Yield all commits after a cursor, page by page, or why there are none."""
    while True:
        answer = centre.pull(pull)
        yield answer
        if isinstance(answer, Refusal) or answer.to >= answer.head:
            return
        pull = Pull(pull.device, answer.epoch, answer.to, answer.to_chain, answer.scope_version, pull.schema_version, pull.limit)


def rows_after(centre: Centre, fill: Fill) -> Iterator[Message]:
    """Yield all rows after a key, part by part, then the commits since the fill began."""
    while True:
        answer = centre.fill(fill)
        yield answer
        if isinstance(answer, Refusal):
            return
        if answer.is_last:
            break
        fill = following(fill, answer)
    yield from commits_after(
        centre,
        Pull(fill.device, answer.epoch, answer.begun, answer.chain, answer.scope_version, fill.schema_version),
    )


# ── the office takes the answer ──


def import_task(package: Package, manifest: Manifest, device: Device) -> Task[Arrival]:
    """Take what the centre says, message by message; an import that was stopped goes on where it was.

    The package must be verified. Raises ``PackageError`` before anything is written when something is needed first.
    """
    require_purpose(manifest, package, "changes", "city")
    state = device.state
    contents = manifest.contents
    arrival = Arrival(manifest.id)
    if contents.target not in (state.device, state.parent):
        raise PackageError(
            "wrong_recipient",
            f"The package '{package.path.name}' answers another computer of this office.",
            "Import it there, or send a package from here first.",
        )
    if manifest.purpose == "changes" and contents.epoch == state.epoch and contents.after > state.cursor and not state.filling:
        raise PackageError(
            "gap",
            f"The package '{package.path.name}' needs the one before it first: "
            f"it begins after commit {contents.after}, this office has those up to {state.cursor}.",
            "Import that one first, or send a package to the centre and import the answer.",
        )
    total = len(manifest.parts)
    for number, message in enumerate(said_in(package, manifest), 1):
        _note(arrival, device.receive(message), message)
        yield Progress("Taking over what the centre says", number, total)
    return arrival


def _note(arrival: Arrival, outcome: Outcome, message: Message) -> None:
    arrival.outcomes.append(outcome.value)
    if outcome is Outcome.OLD:
        arrival.old += 1
    elif outcome in (Outcome.IGNORED, Outcome.EARLY):
        arrival.ignored += 1
    else:
        arrival.applied += 1
    if outcome is Outcome.REFUSED and isinstance(message, Refusal):
        arrival.refusals.append(message)


def require_purpose(manifest: Manifest, package: Package, *purposes: str) -> None:
    """Raise ``PackageError`` for a package that is for another kind of place."""
    if manifest.purpose in purposes:
        return
    if manifest.purpose == "push":
        raise PackageError(
            "wrong_recipient", f"The package '{package.path.name}' holds edits for the centre.", "Import it at the centre."
        )
    raise PackageError("wrong_recipient", f"The package '{package.path.name}' is for an office.", "Import it at that office.")
