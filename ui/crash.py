"""Crash reports: what a bug leaves behind for those who mend it, from the window and the command line alike."""

from __future__ import annotations

import platform
import tempfile
import traceback
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from platformdirs import user_log_path

from ui.version import own_version

REPORTED = ("numpy", "scipy", "shapely", "vtk", "PySide6-Essentials", "numba")


def report_text(error: BaseException, at: datetime, doing: str = "") -> str:
    """Return a report: when, on what, ``doing`` what, and the whole trace. It holds no data of the city."""
    lines = [
        f"CityTwin {own_version()}, crash report of {at.isoformat(timespec='seconds')}",
        f"{platform.platform()}, Python {platform.python_version()}",
        ", ".join(f"{name} {_version(name)}" for name in REPORTED),
        *([doing] if doing else []),
    ]
    return "\n".join([*lines, "", "".join(traceback.format_exception(error))])


def write_report(text: str, at: datetime, folders: Iterable[Path] | None = None) -> Path | None:
    """Write a report and return its file; None when no disk takes it.

    Without ``folders`` it goes to the log folder of the user, or to the temporary folder where that cannot be written.
    """
    for folder in folders or (user_log_path("citytwin", appauthor=False), Path(tempfile.gettempdir())):
        path = folder / f"crash-{at:%Y%m%dT%H%M%S}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return path
    return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
