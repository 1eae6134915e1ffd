"""Starting the desktop."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QStyleFactory

from twin.errors import CancelledError
from twin.task import Progress, Task
from ui import files, theme
from ui.appearance import wear
from ui.settings import Settings
from ui.worker import Worker

log = logging.getLogger(__name__)


def run_desktop(path: Path | None = None, settings: Settings | None = None) -> int:
    """Open the window, on a workspace where one is given, and return the exit status when it is closed."""
    application = make_application()
    settings = settings or Settings()
    wear(application, settings.preferences)
    from ui.main_window import MainWindow  # after the theme: its icons are drawn in the theme's colours

    window = MainWindow(settings)
    _catch_crashes(window)
    window.show()
    last = Path(settings.remembered.last_workspace) if settings.remembered.last_workspace else None
    if path is not None:
        files.open_path(window, path)
    elif settings.preferences.reopen_last and last is not None and last.is_dir():
        files.open_path(window, last)
    if settings.notice:
        window.desk.said.emit(settings.notice)
    _prepare(window.desk.worker)
    try:
        return int(application.exec())
    finally:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__


def _prepare(worker: Worker) -> None:
    """Bring the compiled code of the simulations in beside the window, so that the first what-if is quick."""

    def task() -> Task[None]:
        yield Progress("Working")
        from sim.kernels import warm_up  # heavy: never before the window shows

        yield from warm_up()

    def failed(error: BaseException) -> None:
        if not isinstance(error, CancelledError):  # the window was closed before
            log.warning("The simulations were not prepared.", exc_info=error)

    worker.start("Preparing", task(), lane="idle", is_quiet=True, on_fail=failed)


def make_application() -> QApplication:
    """Return the application, made where there is none: Fusion style, sharp on every screen."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("CityTwin")
    application.setOrganizationName("CityTwin")
    application.setDesktopFileName("citytwin")
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setWindowIcon(QIcon(theme.pixmap("citytwin", theme.DARK.text, 64)))
    return application


def _catch_crashes(window: object) -> None:
    """Show what nobody caught in the crash dialog instead of dying."""
    from ui.main_window import MainWindow

    assert isinstance(window, MainWindow)  # noqa: S101  narrows the type

    def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        log.critical("not caught", exc_info=(kind, error, trace))
        window.desk.failed.emit(error)

    sys.excepthook = caught
    threading.excepthook = lambda told: caught(
        told.exc_type, told.exc_value or RuntimeError("a thread ended"), told.exc_traceback
    )
