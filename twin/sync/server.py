"""Which centre a workspace met: its address, so that nobody types it twice, and its card, so that no other office plays it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from twin.errors import PackageError, SyncError
from twin.sync.package.keys import Card
from twin.sync.package.reading import grouped

FILE = "centre.json"


@dataclass(frozen=True)
class Met:
    """The address met last over the wire, and the id of the centre's card, by wire or package; '' for none."""

    server: str = ""
    card: str = ""


def remember(workspace: Path, url: str) -> None:
    """Keep the address of the centre."""
    _keep(workspace, replace(_met(workspace), server=url))


def pin(workspace: Path, card: Card) -> None:
    """Take packages of no other centre, and meet no other over the wire, from now on."""
    _keep(workspace, replace(_met(workspace), card=card.id))


def require_centre(workspace: Path, sender: Card, package: str) -> None:
    """Raise ``PackageError`` for a package of an office that is trusted, but is not the centre of this city.

    The first package that is taken over says who the centre is.
    """
    pinned = _met(workspace).card
    if pinned and pinned != sender.id:
        raise PackageError(
            "wrong_sender",
            f"The package '{package}' comes from '{sender.name}' ({sender.fingerprint}), which is not the centre of this city "
            f"({grouped(pinned)}).",
            "If the centre has a new key, compare its fingerprint by telephone and import with --new-centre.",
        )


def require_met(workspace: Path, card: Card, url: str) -> None:
    """Raise ``SyncError`` when another centre answers over the wire than the one that this city knows."""
    pinned = _met(workspace).card
    if pinned and pinned != card.id:
        raise SyncError(
            f"At {url} answers '{card.name}' ({card.fingerprint}), which is not the centre of this city ({grouped(pinned)}).",
            "If the centre has a new key, compare its fingerprint by telephone and sync with --new-centre.",
        )


def read(workspace: Path) -> str:
    """Return the address that is kept, '' for none."""
    return _met(workspace).server


def remembered(workspace: Path) -> str:
    """Return the address that is kept. Raises ``SyncError`` for a city that never met a centre."""
    found = read(workspace)
    if not found:
        raise SyncError(f"'{workspace.name}' has not met a centre yet.", "Name its address: --server https://HOST")
    return found


def _met(workspace: Path) -> Met:
    try:
        stored = json.loads((workspace / FILE).read_text(encoding="utf-8"))
        return Met(str(stored.get("server", "")), str(stored.get("card", "")))
    except (OSError, ValueError, AttributeError):
        return Met()


def _keep(workspace: Path, met: Met) -> None:
    """Write what is known, whole or not at all."""
    if met == _met(workspace):
        return
    beside = workspace / f"{FILE}.partial"
    beside.write_text(json.dumps(asdict(met)) + "\n", encoding="utf-8")
    beside.replace(workspace / FILE)
