"""What is inside a package, and from where to where it leads: signed by its sender, and read before anything else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

from twin.errors import BugError
from twin.sync.package.header import damaged, require_known

FORMAT = 1
MANIFEST_BYTES = 16 << 20
PARTS_LIMIT = 100_000

PartKind = Literal["messages", "blob", "raster", "history", "result", "terrain"]
"""What a part holds: messages of sync as they go over a wire, or files of the city."""


@dataclass(frozen=True)
class Part:
    """One part: ``size`` and ``sha256`` of its plain bytes; ``at`` and ``stored`` say where its frames lie and how long."""

    name: str
    kind: PartKind
    size: int
    sha256: str
    at: int
    stored: int
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What the carrier says of a package, whatever its bytes are.

    ``source`` and ``target`` are devices of sync ('' for the centre), ``epoch`` the life of the centre that it belongs
    to. News lead from the cursor ``after`` to the cursor ``upto``; edits are those numbered after ``after`` up to
    ``upto``. ``scope`` says in words for people which part of the city is inside.
    """

    city_id: str
    city_name: str
    source: str = ""
    target: str = ""
    epoch: str = ""
    after: int = 0
    upto: int = 0
    schema_version: int = 0
    scope: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The manifest: it repeats what the header says, so that nobody can put a header of theirs before it."""

    id: str
    purpose: str
    sender: str
    recipients: tuple[str, ...]
    created_at: str
    expires_at: str
    contents: Contents
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Bytes of all parts when they are unpacked."""
        return sum(part.size for part in self.parts)

    def text(self) -> bytes:
        """Return the manifest as JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse_manifest(text: bytes, name: str) -> Manifest:
    """Return the manifest that ``Manifest.text`` wrote, believing no size, place or name in it.

    Raises ``PackageError`` for one that makes no sense.
    """
    try:
        data: dict[str, Any] = json.loads(text)
        version = data.pop("format")
        require_known(version, FORMAT, name)
        parts = tuple(Part(**item) for item in data.pop("parts"))
        contents = Contents(**data.pop("contents"))
        manifest = Manifest(parts=parts, contents=contents, recipients=tuple(data.pop("recipients")), **data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(name) from error
    if not _is_sound(manifest):
        raise damaged(name)
    return manifest


def require_name(name: str) -> None:
    """Raise ``BugError`` for a part's name that would lead out of a folder."""
    if not _is_inside(name):
        raise BugError(f"{name!r} is no name for a part")


def _is_sound(manifest: Manifest) -> bool:
    names = {part.name for part in manifest.parts}
    numbers = (manifest.contents.after, manifest.contents.upto, manifest.contents.schema_version)
    return (
        len(names) == len(manifest.parts) <= PARTS_LIMIT
        and all(_is_sound_part(part) for part in manifest.parts)
        and all(type(number) is int for number in numbers)
    )


def _is_sound_part(part: Part) -> bool:
    numbers = (part.size, part.at, part.stored)
    return (
        all(type(number) is int and number >= 0 for number in numbers)
        and isinstance(part.sha256, str)
        and part.kind in get_args(PartKind)
        and isinstance(part.name, str)
        and _is_inside(part.name)
        and isinstance(part.about, dict)
    )


def _is_inside(name: str) -> bool:
    """Whether a name stays inside the folder that it is put in, on every system."""
    steps = PurePosixPath(name).parts
    return bool(steps) and ".." not in steps and not name.startswith("/") and not any(sign in name for sign in '\\:*?"<>|\0')
