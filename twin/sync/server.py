"""Which centre a workspace met last: kept beside its store, so that nobody types the address twice."""

from __future__ import annotations

import json
from pathlib import Path

from twin.errors import SyncError

FILE = "centre.json"


def remember(workspace: Path, url: str) -> None:
    """Keep the address of the centre."""
    if read(workspace) != url:
        (workspace / FILE).write_text(json.dumps({"server": url}) + "\n", encoding="utf-8")


def read(workspace: Path) -> str:
    """Return the address that is kept, '' for none."""
    try:
        return str(json.loads((workspace / FILE).read_text(encoding="utf-8"))["server"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def remembered(workspace: Path) -> str:
    """Return the address that is kept. Raises ``SyncError`` for a city that never met a centre."""
    found = read(workspace)
    if not found:
        raise SyncError(f"'{workspace.name}' has not met a centre yet.", "Name its address: --server https://HOST")
    return found
