"""A window on a small city, driven as a person would, without waiting for anything by the clock."""

from __future__ import annotations

import pytest

from ui import files
from ui.appearance import wear
from ui.settings import Settings


@pytest.fixture
def window(qtbot, qapp, tmp_path, quick, monkeypatch):
    from ui.main_window import MainWindow

    settings = Settings(tmp_path / "settings.json")
    settings.change(language="en", theme="dark")
    wear(qapp, settings.preferences)
    made = MainWindow(settings)
    made.errors = []
    made.desk.failed.disconnect(made.show_error)
    made.desk.failed.connect(made.errors.append)
    made.resize(1200, 800)
    made.show()
    yield made
    monkeypatch.setattr(made, "_may_lose_work", lambda: True)  # a test that failed may leave work; nobody is there to ask
    made.close()


@pytest.fixture
def rest(qtbot):
    """Return a function that lets a window work until nothing is left to do."""

    def come_to_rest(window):
        quiet = 0

        def is_quiet():
            nonlocal quiet
            quiet = quiet + 1 if window.desk.worker.is_idle else 0
            return quiet > 3

        qtbot.waitUntil(is_quiet, timeout=30000)

    return come_to_rest


@pytest.fixture
def on_city(window, session, rest):
    """The window with the small city open."""
    path = session.store.path
    session.close()
    files.open_path(window, path)
    rest(window)
    assert window.desk.view is not None, window.errors
    return window
