"""Sync over a wire from the window: a real centre in a process of its own, asked for, by itself, and gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from twin.model.changes import Change
from twin.sync.package.keys import KeyRing
from twin.sync.server import read
from ui.dialogs.centre import CentreDialog
from ui.syncing import Syncing

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def centre(tmp_path, monkeypatch):
    """Return the address of a centre that is served, a code for one computer, and its process."""
    monkeypatch.setenv("CITYTWIN_DATABASE", f"sqlite:///{tmp_path / 'central.db'}")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    program = [sys.executable, "-c", "import sys; from ui.cli import main; sys.exit(main())", "central"]

    def run(*words):
        return subprocess.run([*program, *words], env=environment, capture_output=True, text=True, check=True).stdout

    run("init")
    run("user", "add", "ada", "--role", "admin")
    code = json.loads(run("device", "invite", "--account", "ada", "--json"))["code"]
    process = subprocess.Popen([*program, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True, env=environment)
    port = json.loads(process.stderr.readline())["port"]
    yield f"http://127.0.0.1:{port}", code, process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


@pytest.fixture
def syncing(on_city, tmp_path):
    on_city.syncing.ring = KeyRing(tmp_path / "keys")
    yield on_city.syncing
    on_city.syncing.stop()


def test_an_office_is_asked_once_then_syncs_by_itself_and_survives_a_line_that_breaks(on_city, syncing, centre, rest):
    url, code, process = centre
    dialog = on_city.sync_now()
    assert isinstance(dialog, CentreDialog)
    dialog.address.setText(url)
    dialog.code.setText(code)
    dialog.begin()
    assert "1 to 80 printable" in dialog.complaint.text()
    dialog.name.setText("North")
    dialog.begin()
    rest(on_city)
    panel = on_city.panels["sync"]
    assert on_city.errors == []
    assert panel.state.text() == "2 edits were refused."  # an administrator reports no incidents
    assert [item.kind for item in on_city.desk.view.office.refused] == ["incident", "incident"]
    assert "Refused by the centre: " in panel.refused.item(0).text()
    panel.note_refusals()
    rest(on_city)
    syncing.call_by_itself()
    rest(on_city)
    assert panel.state.text() == "All edits are at the centre."
    assert f"Centre: {url}" in panel.facts.text()
    assert read(on_city.desk.view.path) == url
    assert syncing._timer.isActive()
    session = on_city.desk.session
    session.change([Change(session.entity("bin", "bin0"), None)], "Remove a bin")
    rest(on_city)
    assert panel.state.text() == "One edit waits for the centre."
    syncing.call_by_itself()
    assert syncing.is_under_way
    session.change([Change(session.entity("bin", "bin1"), None)], "Remove another")  # editing waits for nobody
    rest(on_city)
    syncing.call_by_itself()
    rest(on_city)
    assert panel.state.text() == "All edits are at the centre."
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    syncing.call_by_itself()
    rest(on_city)
    assert on_city.errors == []  # nobody asked: it stands in the panel and is tried again
    assert "The last attempt failed" in panel.facts.text()
    on_city.trigger("workspace.close")
    rest(on_city)
    assert not syncing._timer.isActive()


def test_what_fails_when_somebody_asked_is_shown(on_city, syncing, rest):
    syncing.ring.make("North")
    assert isinstance(syncing, Syncing)
    syncing.call("http://127.0.0.1:9", "")
    rest(on_city)
    (error,) = on_city.errors
    assert error.advice
    assert on_city.desk.view.office.meetings[0].turn == "failed"
