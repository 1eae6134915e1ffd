"""A package is opened: refused by name, or believed to the last byte, before anything of it is used."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from twin.errors import PackageError, StorageError
from twin.store.faults import read_from, written
from twin.store.files import PARTIAL, force_to_disk
from twin.sync.package.header import SIGNATURE_BYTES, Header, RawHeader, damaged, read_header, torn
from twin.sync.package.keys import Card, KeyRing, OwnKey
from twin.sync.package.manifest import MANIFEST_BYTES, Manifest, Part, parse_manifest
from twin.sync.package.sealing import Opener, too_large
from twin.task import Progress, Task

LARGEST_BYTES = 64 << 30
"""Most bytes that a package may unpack to when nobody says otherwise."""
LARGEST_RATIO = 2000
"""Most plain bytes for each stored one; the messages of a city have 10 to 30."""
LARGEST_MESSAGE_BYTES = 256 << 20
"""Most bytes of one message, as over HTTP: it is held in memory whole, unlike files."""
_RATIO_FROM_BYTES = 64 << 20
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Package:
    """A package whose header is believed: it lies at ``path``, is meant for this office, and ``sender`` is trusted."""

    path: Path
    header: Header
    start: int
    sender: Card
    keys: tuple[OwnKey, ...]

    def manifest(self) -> Manifest:
        """Read what is inside. Raises ``PackageError`` unless the sender of the header signed it for this very package."""
        with self._opened() as (_, opener):
            text = b"".join(opener.pieces(self.header.manifest_at, self.header.size - self.header.manifest_at, MANIFEST_BYTES))
        signature, text = text[:SIGNATURE_BYTES], text[SIGNATURE_BYTES:]
        if not self.sender.verifies(signature, text):
            raise forged(self.path.name)
        manifest = parse_manifest(text, self.path.name)
        outside, inside = self.header, manifest
        if (outside.id, outside.purpose, outside.sender, outside.recipients) != (
            inside.id, inside.purpose, inside.sender, inside.recipients,
        ) or (outside.created_at.isoformat(), outside.expires_at.isoformat()) != (inside.created_at, inside.expires_at):  # fmt: skip
            raise forged(self.path.name)
        return manifest

    def pieces(self, part: Part) -> Iterator[bytes]:
        """Yield the plain bytes of a part.

        Raises ``PackageError`` at the end when they are not those that were sent: take nothing for true before that.
        """
        digest, size = hashlib.sha256(), 0
        with self._opened() as (_, opener):
            for piece in opener.pieces(part.at, part.stored, part.size):
                digest.update(piece)
                size += len(piece)
                yield piece
        if size != part.size or digest.hexdigest() != part.sha256:
            raise damaged(self.path.name)

    def verify_task(self, largest: int = LARGEST_BYTES) -> Task[Manifest]:
        """Check every byte: the digest of all frames, the manifest, and each part unpacked; return the manifest."""
        yield from self._check_digest()
        manifest = self.manifest()
        require_size(manifest, self.path.name, largest)
        done = 0
        for part in manifest.parts:
            for piece in self.pieces(part):
                done += len(piece)
                yield Progress("Checking what is inside", done, manifest.size, part.name)
        return manifest

    def copied_task(self, target: Path) -> Task[Package]:
        """Copy the file, compare the copy's digest and return it: the stick may then be pulled out."""
        beside = target.with_name(target.name + PARTIAL)
        digest, done, total = hashlib.sha256(), 0, self.start + self.header.size
        try:
            with written(target):
                require_space(target.parent, total)
                with beside.open("wb") as copy:
                    for piece in self._all_bytes():
                        digest.update(piece[max(0, self.start - done) :])
                        copy.write(piece)
                        done += len(piece)
                        yield Progress("Copying the package", done, total)
                    copy.flush()
                    os.fsync(copy.fileno())
                if digest.hexdigest() != self.header.sha256:
                    raise damaged(self.path.name)
                beside.replace(target)
                force_to_disk(target.parent)
        finally:
            with suppress(OSError):  # swept when the workspace is opened again
                beside.unlink(missing_ok=True)
        return Package(target, self.header, self.start, self.sender, self.keys)

    def _check_digest(self) -> Task[None]:
        digest, done = hashlib.sha256(), 0
        for piece in self._all_bytes():
            digest.update(piece[max(0, self.start - done) :])
            done += len(piece)
            yield Progress("Checking the package", done, self.start + self.header.size)
        if digest.hexdigest() != self.header.sha256:
            raise damaged(self.path.name)

    def _all_bytes(self) -> Iterator[bytes]:
        with read_from(self.path), self.path.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                yield piece

    @contextmanager
    def _opened(self) -> Iterator[tuple[BinaryIO, Opener]]:
        with read_from(self.path), self.path.open("rb") as file:
            yield file, Opener(file, self.start, [key.identity for key in self.keys], self.path.name)


def look(path: Path) -> tuple[RawHeader, int]:
    """Read the header of a file without believing it; return it with the size of the file."""
    with read_from(path), path.open("rb") as file:
        return read_header(file, path.name), path.stat().st_size


def open_package(path: Path, ring: KeyRing, now: datetime) -> Package:
    """Read the header and return the package when it is whole, from a trusted office, for this one, and in time.

    Raises ``PackageError`` with the first of these that is not so; no key has touched the content then.
    """
    raw, size = look(path)
    header, name = raw.header, path.name
    sender = ring.known(header.sender)
    if sender is None:
        raise PackageError(
            "unknown_sender",
            f"The package '{name}' comes from an office that is not trusted here: {grouped(header.sender)}.",
            "Compare that fingerprint by telephone, then trust the office's card: citytwin package key trust.",
        )
    if not sender.verifies(raw.signature, raw.signed):
        raise forged(name)
    if size != raw.start + header.size:
        raise torn(name) if size < raw.start + header.size else damaged(name)
    own = ring.own_keys()
    if not {key.card.id for key in own} & set(header.recipients):
        raise PackageError(
            "wrong_recipient",
            f"The package '{name}' is meant for another office.",
            "Give it to that office, or ask for one of yours.",
        )
    require_time(header, name, now)
    return Package(path, header, raw.start, sender, own)


def require_time(header: Header, name: str, now: datetime) -> None:
    """Raise ``PackageError`` when a package has expired."""
    if now >= header.expires_at:
        until, clock = (at.strftime("%Y-%m-%d %H:%M UTC") for at in (header.expires_at, now))
        raise PackageError(
            "expired",
            f"The package '{name}' could be used until {until}; this computer's clock says {clock}.",
            "Ask its sender for a new one, or set the clock right.",
        )


def require_size(manifest: Manifest, name: str, largest: int) -> None:
    """Raise ``PackageError`` for a package that would fill the disk, before anything is unpacked."""
    stored = sum(part.stored for part in manifest.parts)
    if manifest.size > largest:
        raise PackageError(
            "too_large",
            f"The package '{name}' unpacks to {manifest.size >> 20} MB; at most {largest >> 20} MB are taken.",
            "Ask its sender for a smaller area, or allow more.",
        )
    if any(part.kind == "messages" and part.size > LARGEST_MESSAGE_BYTES for part in manifest.parts):
        raise PackageError(
            "too_large",
            f"The package '{name}' has a message of more than {LARGEST_MESSAGE_BYTES >> 20} MB.",
            "Do not use it; ask its sender what happened.",
        )
    if manifest.size > max(_RATIO_FROM_BYTES, LARGEST_RATIO * stored):
        raise too_large(name)


def require_space(folder: Path, size: int) -> None:
    """Raise ``StorageError`` when a disk has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise StorageError(
            f"There is no room for the package: {size >> 20} MB are needed, {free >> 20} MB are free.",
            "Free some space and try again; nothing was changed.",
        )


def forged(name: str) -> PackageError:
    """Return the refusal of a package that its sender did not sign."""
    return PackageError(
        "forged",
        f"The signature of the package '{name}' is not that of its sender.",
        "Do not use it; ask its sender what happened.",
    )


def grouped(key: str) -> str:
    """Return an id in groups of four, as people compare it."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def names_of(ids: Sequence[str], ring: KeyRing) -> list[str]:
    """Return the names of offices by their ids, the fingerprint of those that are not known."""
    found = [(ring.known(item), item) for item in ids]
    return [card.name if card else grouped(item) for card, item in found]
