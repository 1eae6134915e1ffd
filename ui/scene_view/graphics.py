"""Which graphics are there: chosen before the first window, so that the scene also works with no display."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping

from PySide6.QtWidgets import QApplication

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


def prepare(environment: MutableMapping[str, str] = os.environ) -> bool:
    """Choose off-screen graphics where there is no display; return whether there is one.

    What the environment already says is left alone. VTK tries EGL first and falls back to OSMesa by itself.
    Call it before the first Qt application and the first scene.
    """
    environment.setdefault("VTK_FORCE_MSAA", "0")
    has_display = not sys.platform.startswith("linux") or any(environment.get(name) for name in _DISPLAYS)
    if not has_display:
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        environment.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    return has_display


def application() -> QApplication:
    """Return the Qt application, made with the graphics that are there when there is none yet."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    prepare()
    return QApplication(sys.argv[:1])
