"""Calling the command line inside the test's process."""

from __future__ import annotations

import json

import pytest

from ui.cli import main


@pytest.fixture
def call(capsys, monkeypatch):
    """Return a function that runs ``citytwin`` and gives exit status, output and errors."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "CITYTWIN_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)

    def run(*words):
        capsys.readouterr()
        status = main([str(word) for word in words])
        seen = capsys.readouterr()
        return status, seen.out, seen.err

    return run


@pytest.fixture
def call_json(call):
    """Return a function that runs ``citytwin … --json``, which must succeed, and gives the one object it printed."""

    def run(*words):
        status, out, err = call(*words, "--json")
        assert status == 0, err
        return json.loads(out)

    return run


@pytest.fixture
def workspace(session):
    """Return the path of the small city, closed."""
    session.close()
    return session.store.path
