"""Lines and numbers of published problem files, refused by name where they are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.errors import DataError


def read_lines(path: Path) -> list[str]:
    """Return the lines of a text file without their ends. Raises ``DataError`` when it cannot be read."""
    try:
        return [line.strip() for line in path.read_text(encoding="latin-1").splitlines()]
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.", "Check the path.") from error


def numbers(words: Sequence[str], path: Path, what: str, *, at_least: float = -np.inf) -> NDArray[np.float64]:
    """Return words as finite numbers of at least ``at_least``; ``what`` names them in the ``DataError``."""
    try:
        values = np.array([float(word) for word in words])
    except ValueError:
        values = np.array([np.nan])
    if not np.all(np.isfinite(values)) or np.any(values < at_least):
        found = " ".join(words)[:60]
        raise DataError(f"{path.name}: {what} is not what it should be: {found!r}.", "Is the file as it was published?")
    return values
