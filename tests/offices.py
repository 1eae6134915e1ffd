"""Offices that send packages, for tests of what happens to these on their way."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from twin.sync.center import Center
from twin.sync.device import Device, Outcome
from twin.sync.messages import Fill
from twin.sync.package.header import MAGIC, SIGNATURE_BYTES
from twin.sync.package.keys import KeyRing
from twin.sync.package.manifest import Contents
from twin.sync.package.writing import Letter, Source, Written, write_package
from twin.sync.sqlite_log import SqliteLog
from twin.task import finish

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONTENTS = Contents(city_id="c-1", city_name="Northtown", source="d-1", epoch="e-1", after=3, upto=5)
PARTS = (
    Source("messages/push.jsonl", "messages", [b'{"no": 4}\n', b'{"no": 5}\n']),
    Source("blobs/ab", "blob", [b"photo " * 400]),
)
_HEAD = len(MAGIC) + 4


def small_centre() -> Center:
    """Return a centre in memory."""
    names = (f"epoch {number}" for number in itertools.count(1))
    made = Center(SqliteLog(), lambda: next(names), lambda: 1_790_000_000_000)
    made.found()
    return made


def meet(center: Center, device: Device) -> None:
    """Let a device and a centre talk until neither has anything new to say."""
    for _ in range(100):
        device.receive(center.push(device.push()))
        ask = device.ask()
        if device.receive(center.fill(ask) if isinstance(ask, Fill) else center.pull(ask)) is Outcome.OLD:
            return
    raise AssertionError("no end")


def rings_of(folder: Path) -> dict[str, KeyRing]:
    """Return the key rings of the centre and an office, who trust each other, and of a stranger who knows nobody."""
    made = {name: KeyRing(folder / name) for name in ("centre", "north", "stranger")}
    for name, ring in made.items():
        ring.make(name)
    made["centre"].trust(made["north"].own.card)
    made["north"].trust(made["centre"].own.card)
    return made


def packed(
    path: Path, sender, recipients, sources=PARTS, *, key="p-1", until=NOW + timedelta(days=30), contents=CONTENTS
) -> Written:
    """Write a package from one ring's owner to others'."""
    letter = Letter(id=key, purpose="push", recipients=[item.own.card for item in recipients], created_at=NOW, expires_at=until)
    return finish(write_package(path, letter, contents, sources, sender.own))


def header_text(content: bytes) -> bytes:
    """Return the JSON of a package's header."""
    return content[_HEAD : _HEAD + int.from_bytes(content[len(MAGIC) : _HEAD], "big")].rstrip()


def resigned(content: bytes, text: bytes, sender: KeyRing) -> bytes:
    """Return a package with another header, signed by ``sender``."""
    frames = content[_HEAD + int.from_bytes(content[len(MAGIC) : _HEAD], "big") + SIGNATURE_BYTES :]
    signed = MAGIC + len(text).to_bytes(4, "big") + text
    return signed + sender.own.sign(signed) + frames
