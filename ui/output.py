"""Files that people ask for: pictures and reports, there whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from twin.errors import StorageError

PARTIAL = ".part"


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that a full disk never costs the one that was there before.

    Raises ``StorageError`` when the place refuses.
    """
    beside = path.with_name(path.name + PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        with suppress(OSError, ValueError):
            beside.unlink(missing_ok=True)
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise StorageError(f"Cannot write '{path}': {why}.", "Choose another place or make room there.") from error
