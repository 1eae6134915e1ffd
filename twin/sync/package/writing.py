"""A package is made: written beside its place, forced to the disk, renamed, read again from the disk and compared."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from twin.errors import BugError, PackageError
from twin.store.faults import written
from twin.store.files import PARTIAL, force_to_disk
from twin.sync.package.header import Header, Purpose, damaged
from twin.sync.package.keys import Card, OwnKey
from twin.sync.package.manifest import Contents, Manifest, Part, PartKind, require_name
from twin.sync.package.sealing import Sealer
from twin.task import Progress, Task

ENDING = ".ctpkg"
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Source:
    """A part to be written: its bytes come in pieces, so that no part needs to be held whole."""

    name: str
    kind: PartKind
    pieces: Iterable[bytes]
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What stands on the outside: key, purpose, for whom, and from when until when."""

    id: str
    purpose: Purpose
    recipients: Sequence[Card]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Written:
    """A package that lies on the disk as it was meant."""

    path: Path
    header: Header
    manifest: Manifest
    size: int


def write_package(
    path: Path, letter: Letter, contents: Contents, sources: Iterable[Source], own: OwnKey, expected: int = 0
) -> Task[Written]:
    """Write a package and return what lies on the disk.

    ``expected`` is about how many plain bytes there are, for the progress. It is at ``path`` whole or not at all: a
    file of that name is replaced when the new one was read back. Raises ``StorageError`` that says what the disk
    refuses, ``PackageError`` when what is read back is not what was written.
    """
    if not letter.recipients:
        raise BugError("a package needs a recipient")
    beside = path.with_name(path.name + PARTIAL)
    try:
        with written(path):
            with beside.open("w+b") as file:
                header, manifest = yield from _filled(file, letter, contents, sources, own, expected)
                file.flush()
                os.fsync(file.fileno())
            yield from _compared(beside, header, path.name)
            beside.replace(path)
            force_to_disk(path.parent)
            return Written(path, header, manifest, path.stat().st_size)
    finally:
        with suppress(OSError):  # the stick was pulled out: there is nothing left to tidy
            beside.unlink(missing_ok=True)


def _filled(
    file: BinaryIO, letter: Letter, contents: Contents, sources: Iterable[Source], own: OwnKey, expected: int
) -> Task[tuple[Header, Manifest]]:
    header = Header(
        id=letter.id,
        purpose=letter.purpose,
        sender=own.card.id,
        recipients=tuple(card.id for card in letter.recipients),
        created_at=letter.created_at,
        expires_at=letter.expires_at,
    )
    start = header.start
    file.write(bytes(start))
    sealer = Sealer(file, [card.recipient for card in letter.recipients])
    parts = yield from _parts(sealer, sources, expected)
    manifest = Manifest(
        id=header.id,
        purpose=header.purpose,
        sender=header.sender,
        recipients=header.recipients,
        created_at=header.created_at.isoformat(),
        expires_at=header.expires_at.isoformat(),
        contents=contents,
        parts=parts,
    )
    text = manifest.text()
    place = sealer.size
    yield from (Progress("Writing the package", expected, expected) for _ in sealer.seal((own.sign(text), text)))
    header = replace(header, size=sealer.size, manifest_at=place, sha256=sealer.sha256)
    file.seek(0)
    file.write(header.written(start, own.sign))
    return header, manifest


def _parts(sealer: Sealer, sources: Iterable[Source], expected: int) -> Task[tuple[Part, ...]]:
    parts: list[Part] = []
    done = 0
    for source in sources:
        require_name(source.name)
        sealing = sealer.seal(source.pieces)
        while True:
            try:
                taken = next(sealing)
            except StopIteration as stop:
                sealed = stop.value
                break
            yield Progress("Writing the package", done + taken, max(expected, done + taken), source.name)
        done += sealed.size
        parts.append(Part(source.name, source.kind, sealed.size, sealed.sha256, sealed.at, sealed.stored, source.about))
    return tuple(parts)


def _compared(path: Path, header: Header, name: str) -> Task[None]:
    """Read the file again, from the disk and not from memory where the system lets us, and compare its digest."""
    digest, start = hashlib.sha256(), path.stat().st_size - header.size
    with path.open("rb") as file:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(start)
        done = 0
        while piece := file.read(_READ_BYTES):
            digest.update(piece)
            done += len(piece)
            yield Progress("Reading the package again from the disk", done, header.size)
    if digest.hexdigest() != header.sha256:
        raise PackageError(
            "damaged",
            f"The package '{name}' could not be kept: what was read back is not what was written.",
            "Use another stick; this one loses data.",
        ) from damaged(name)
