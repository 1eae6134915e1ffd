"""Opening the desktop, or saying why it cannot open here."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from twin.errors import KnownError


def has_display() -> bool:
    """Whether a window can be shown on this machine."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_desktop(workspace: str | None) -> int:
    """Open the window on a workspace, or on the last one. Raises ``KnownError`` where there is no display."""
    if not has_display():
        raise KnownError("There is no display to open the window on.", "Use the subcommands: citytwin --help lists them.")
    from ui.app import run_desktop

    return run_desktop(Path(workspace) if workspace else None)
