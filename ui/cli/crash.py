"""Crash reports: what a bug leaves behind for those who mend it."""

from __future__ import annotations

import platform
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_log_path

from twin.errors import KnownError
from ui.version import own_version


def write_crash_report(error: BaseException, argv: list[str], *, now: datetime | None = None) -> KnownError:
    """Write what happened to a file and return the short text for the person.

    The file goes to the log folder of the user, or to the temporary folder where that cannot be written.
    """
    at = now or datetime.now(UTC)
    text = _report(error, argv, at)
    name = f"crash-{at:%Y%m%dT%H%M%S}.txt"
    for folder in (user_log_path("citytwin", appauthor=False), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return KnownError(
            f"CityTwin made a mistake: {type(error).__name__}: {error}", f"A report is in {folder / name}; please send it to us."
        )
    return KnownError(f"CityTwin made a mistake: {type(error).__name__}: {error}", "The report could not be written.")


def _report(error: BaseException, argv: list[str], at: datetime) -> str:
    lines = [
        f"CityTwin {own_version()}",
        f"{at.isoformat()}",
        f"{platform.platform()}, Python {platform.python_version()}",
        "citytwin " + " ".join(argv),
        "",
        *traceback.format_exception(error),
    ]
    return "\n".join(lines)
