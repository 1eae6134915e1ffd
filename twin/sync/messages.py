"""Messages between a device and the centre: the same bytes over HTTPS and in a package.

A message is lines of JSON: its head, then each of its items, then a line that counts them, so that what was cut off
is refused. Every message may be lost, repeated, or come late and in any order: it is then ignored or refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from twin.errors import SyncError
from twin.sync import wire
from twin.sync.commit import Commit
from twin.sync.mutation import Fields, Mutation

CHECK = 6
"""Digits of a hash that say whether a log is the same one: by chance one in 16 million is, where somebody asked long ago."""
GAP, FORK, EPOCH, SCHEMA, SCOPE, NOT_ALLOWED, COMPACTED = "gap", "fork", "epoch", "schema", "scope", "denied", "compacted"
FOREIGN = "foreign"
"""Why the centre refuses. Gap: ``expected`` is the mutation or commit that is needed first. Fork: another history has

these numbers; the device goes on under a new id. Epoch: the centre is not the one that the device knew, its new
``epoch`` is given. Schema: one program is too old. Scope: what the device may see has changed, ``expected`` is its
version. Compacted: the log no longer reaches back to the cursor. After the last three and Epoch the device fills anew.
Foreign: what the device says it has seen is not in this log, and this centre never signed it.
"""


@dataclass(frozen=True)
class Message:
    """What every message has: its name on the wire and, where it has items, the field that holds them."""

    NAME: ClassVar[str] = ""
    ITEMS: ClassVar[str] = ""


@dataclass(frozen=True)
class Hello(Message):
    """A device says who it is and how far it is; ``parent`` is the device id that it had before it forked."""

    NAME: ClassVar[str] = "hello"

    device: str
    epoch: str
    cursor: int
    scope_version: int
    schema_version: int
    parent: str = ""


@dataclass(frozen=True)
class Welcome(Message):
    """The centre says how far it is: its newest commit, the newest mutation of this device, what is in backups."""

    NAME: ClassVar[str] = "welcome"

    epoch: str
    head: int
    last: int
    scope_version: int
    schema_version: int
    durable: int = 0


@dataclass(frozen=True)
class Mark:
    """A commit that a device had seen in an epoch, and the hash of the log up to it."""

    epoch: str
    seq: int
    chain: str


@dataclass(frozen=True)
class Push(Message):
    """Mutations of one device in their order; ``previous`` is the hash before the first.

    ``seen`` and ``chain`` are the newest commit that the device has seen and the hash of the log up to it: a centre
    that has another one there, and signed that head itself (``proof``), was restored from a backup without being told. ``marks`` are some that it had seen in
    the earlier epochs in which some of these mutations were made: what its author had seen counts up to the newest
    that the centre still has.
    """

    NAME: ClassVar[str] = "push"
    ITEMS: ClassVar[str] = "mutations"

    device: str
    epoch: str
    schema_version: int
    seen: int
    chain: str
    mutations: tuple[Mutation, ...]
    parent: str = ""
    marks: tuple[Mark, ...] = ()
    proof: str = ""


@dataclass(frozen=True)
class Pushed(Message):
    """The centre has taken mutations up to ``last``: a hint, nobody forgets anything because of it."""

    NAME: ClassVar[str] = "pushed"

    device: str
    epoch: str
    last: int
    head: int


@dataclass(frozen=True)
class Pull(Message):
    """A device asks for the commits after its cursor, at most about ``limit`` entries."""

    NAME: ClassVar[str] = "pull"

    device: str
    epoch: str
    cursor: int
    chain: str
    scope_version: int
    schema_version: int
    limit: int = 10_000


@dataclass(frozen=True)
class Changes(Message):
    """The commits after ``after`` up to ``to`` that the device may see.

    ``last`` and ``last_hash`` are its newest mutation among the commits up to ``to``: only they confirm anything.
    ``chain`` and ``to_chain`` stand for the whole log up to the two ends, and ``checks`` has the first ``CHECK`` digits of it for
    each commit between: a device that has come further since it asked sees whether this is still the log that it follows.
    Commits up to ``durable`` are in backups. ``proof`` is the centre's signature of its log up to ``to``.
    """

    NAME: ClassVar[str] = "changes"
    ITEMS: ClassVar[str] = "commits"

    device: str
    epoch: str
    after: int
    chain: str
    to: int
    to_chain: str
    head: int
    last: int
    last_hash: str
    scope_version: int
    schema_version: int
    commits: tuple[Commit, ...]
    durable: int = 0
    checks: str = ""
    proof: str = ""

    def is_on(self, seq: int, chain: str) -> bool:
        """Tell whether these are commits of a log with this hash up to a commit at or between their ends."""
        if seq in (self.after, self.to):
            return chain == (self.chain if seq == self.after else self.to_chain)
        place = CHECK * (seq - self.after)
        return chain[:CHECK] == self.checks[place - CHECK : place]


@dataclass(frozen=True)
class Fill(Message):
    """A device asks for the rows after a key: the first fill, or anew.

    ``begun`` is the commit at which this fill began (0 at its first part): what changes meanwhile comes by Changes.
    ``seen`` and ``chain`` are the newest commit that the device has seen, as in a push.
    """

    NAME: ClassVar[str] = "fill"

    device: str
    schema_version: int
    epoch: str = ""
    begun: int = 0
    kind: str = ""
    id: str = ""
    seen: int = 0
    chain: str = ""
    limit: int = 5_000


@dataclass(frozen=True)
class PartRow:
    """A row of a part of a snapshot; ``version`` is the newest commit that wrote something of it."""

    kind: str
    id: str
    version: int
    fields: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class SnapshotPart(Message):
    """All rows that the device may see after one key up to another, as the centre had them at ``seq``.

    ``seq_chain`` is the hash of the log then. ``begun`` and ``chain`` are the commit at which the fill began: the cursor when it ends. The keys are compared as
    texts; the part that ends the fill has ``is_last``, reaches beyond any key, and has the ``conflicts`` that are not decided.
    ``asked`` is what the device had seen when it asked. ``proof`` is the centre's signature of its log up to ``seq``.
    """

    NAME: ClassVar[str] = "snapshot"
    ITEMS: ClassVar[str] = "rows"

    device: str
    epoch: str
    begun: int
    chain: str
    seq: int
    seq_chain: str
    scope_version: int
    schema_version: int
    rows: tuple[PartRow, ...]
    after_kind: str = ""
    after_id: str = ""
    to_kind: str = ""
    to_id: str = ""
    is_last: bool = False
    conflicts: tuple[Commit, ...] = ()
    asked: int = 0
    proof: str = ""


@dataclass(frozen=True)
class Refusal(Message):
    """The centre takes nothing of a device's message, and says why (``GAP`` … ``FOREIGN``).

    ``answers`` is the epoch in which the device said it: what comes late may name an epoch that is over. ``proof`` is
    the centre's signature of the beginning of ``epoch``.
    """

    NAME: ClassVar[str] = "refusal"

    code: str
    what: str
    advice: str = ""
    epoch: str = ""
    expected: int = 0
    device: str = ""
    answers: str = ""
    proof: str = ""


Ask = TypeVar("Ask", Pull, Fill)

MESSAGES: tuple[type[Message], ...] = (
    Hello, Welcome, Push, Pushed, Pull, Changes, Fill, SnapshotPart, Refusal,
)  # fmt: skip
MESSAGE_OF = {message_type.NAME: message_type for message_type in MESSAGES}


def following(fill: Fill, part: SnapshotPart) -> Fill:
    """Return what asks for the part after one, as the device will that has that one."""
    return dataclasses.replace(
        fill, epoch=part.epoch, begun=part.begun, kind=part.to_kind, id=part.to_id, seen=part.seq, chain=part.seq_chain
    )


def limited(message: Ask, limit: int) -> Ask:
    """Return a Pull or a Fill that asks for less at once."""
    return dataclasses.replace(message, limit=limit)


def encode(message: Message) -> bytes:
    """Return a message as bytes."""
    return b"".join(encoded_lines(message))


def encoded_lines(message: Message) -> Iterator[bytes]:
    """Yield a message line by line, for one that is too long to be held twice."""
    head = {"message": message.NAME, **wire.write(_without_items(message))}
    if not message.ITEMS:
        yield wire.dumps(head) + wire.dumps({"end": 0})
        return
    items = getattr(message, message.ITEMS)
    if isinstance(message, Push):
        head["previous"] = items[0].previous if items else ""
    head.pop(message.ITEMS, None)
    yield wire.dumps(head)
    for item in items:
        data = wire.write(item)
        if isinstance(item, Mutation):  # the chain and the device are told once, in the head
            data.pop("previous", None)
            data.pop("device")
        yield wire.dumps(data)
    yield wire.dumps({"end": len(items)})


def decode(content: bytes) -> Message:
    """Return the message of bytes. Raises ``SyncError`` for anything that is not exactly one whole message."""
    found = wire.lines(content)
    head = next(found, None)
    message_type = MESSAGE_OF.get(str(head.get("message"))) if isinstance(head, dict) else None
    if message_type is None or not isinstance(head, dict):
        raise SyncError("These bytes are no message that this program knows.", "Update both programs.")
    del head["message"]
    items: list[Any] = []
    for data in found:
        if isinstance(data, dict) and data.keys() == {"end"}:
            _require_end(data["end"], len(items), found)
            return _message(message_type, head, items)
        items.append(data)
    raise SyncError(f"The message '{message_type.NAME}' is cut off after {len(items)} items.", "Send it again.")


def _without_items(message: Message) -> Message:
    return dataclasses.replace(message, **{message.ITEMS: ()}) if message.ITEMS else message


def _require_end(count: Any, found: int, rest: Iterator[Any]) -> None:
    if count != found or next(rest, None) is not None:
        raise SyncError(f"The message has {found} items where it says {count}.", "Send it again.")


def _message(message_type: type[Message], head: dict[str, Any], items: list[Any]) -> Message:
    if message_type is Push:
        return _push(head, items)
    if not message_type.ITEMS:
        if items:
            raise SyncError(f"The message '{message_type.NAME}' has items and may have none.", "Send it again.")
        return wire.read(message_type, head)
    return wire.read(message_type, {**head, message_type.ITEMS: items})


def _push(head: Mapping[str, Any], items: list[Any]) -> Push:
    """Give each mutation the hash of the one before it: what was changed on the way breaks the chain or the signature."""
    head = dict(head)
    previous = head.pop("previous", None)
    if not isinstance(previous, str) or len(previous) not in (0, 64):
        raise SyncError("The message 'push' does not say what its first mutation follows.", "Send it again.")
    push = wire.read(Push, {**head, "mutations": []})
    mutations = []
    for data in items:
        if not isinstance(data, dict) or data.keys() & {"previous", "device"}:
            raise SyncError("The message 'push' holds something that is no mutation.", "Send it again.")
        mutation = wire.read(Mutation, {**data, "previous": previous, "device": push.device})
        mutations.append(mutation)
        previous = mutation.hash
    return dataclasses.replace(push, mutations=tuple(mutations))
