"""The central service as an administrator runs it, and ``citytwin sync`` as an office does: real processes, a real socket."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from twin.central.database import Database
from twin.central.file_store import FileStore

ROOT = Path(__file__).resolve().parents[3]
BINS = "id,lon,lat,name,capacity_l\n1,121.5,31.2,B1,240\n2,121.6,31.2,B2,240\n"


@pytest.fixture
def database(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'central.db'}"
    monkeypatch.setenv("CITYTWIN_DATABASE", url)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))  # of who runs the centre: its key is made there
    return url


class Serving:
    """``citytwin central serve`` in a process of its own."""

    def __init__(self, *options):
        code = "import sys; from ui.cli import main; sys.exit(main())"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, "central", "serve", "--port", "0", *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        first = json.loads(self.process.stderr.readline())
        assert first["event"] == "listening"
        self.url = f"http://127.0.0.1:{first['port']}"

    def stop(self):
        """Ask it to stop, and return its exit status and the rest of its log."""
        self.process.send_signal(signal.SIGTERM)
        _, rest = self.process.communicate(timeout=60)
        return self.process.returncode, [json.loads(line) for line in rest.splitlines()]


@pytest.fixture
def serving(database, call_json):
    call_json("central", "init")
    call_json("central", "user", "add", "ada", "--role", "admin")
    found = Serving()
    yield found
    if found.process.poll() is None:
        found.stop()


def a_city(call, call_json, folder, name):
    keys = folder / f"keys of {name}"
    assert call("package", "key", "new", name, "--keys", keys)[0] == 0
    call_json("create", folder / f"{name}.twin")
    return folder / f"{name}.twin", ("--keys", keys)


def test_two_offices_meet_at_the_centre(serving, call, call_json, tmp_path):
    (tmp_path / "bins.csv").write_text(BINS, encoding="utf-8")
    (one, key), (other, other_key) = (a_city(call, call_json, tmp_path, name) for name in ("North", "South"))
    call_json("import", one, tmp_path / "bins.csv", "--as", "bin", "--crs", "EPSG:4326")
    for workspace, own in ((one, key), (other, other_key)):
        code = call_json("central", "device", "invite", "--account", "ada")["code"]
        done = call_json("sync", workspace, "--server", serving.url, "--code", code, *own)
        assert (done["pending"], done["conflicts"], done["refusals"]) == (0, 0, [])
    assert call_json("info", other)["bins"] == 2
    again = call_json("sync", one, *key)  # it remembers where the centre is
    assert (again["server"], again["sent"], again["received_changes"]) == (serving.url, 0, 0)
    assert [item["name"] for item in call_json("central", "device", "list")["computers"]] == ["North", "South"]
    status, log = serving.stop()
    assert (status, log[-1]["event"]) == (0, "stopped")
    status, _, errors = call("sync", one, *key)
    assert (status, "cannot be reached" in errors) == (1, True)


def test_a_city_meets_another_centre_only_when_somebody_says_so(serving, call, call_json, tmp_path):
    one, key = a_city(call, call_json, tmp_path, "North")
    code = call_json("central", "device", "invite", "--account", "ada")["code"]
    call_json("sync", one, "--server", serving.url, "--code", code, *key)
    serving.stop()
    other = Serving("--keys", str(tmp_path / "another key"))
    try:
        status, _, errors = call("sync", one, "--server", other.url, *key)
        assert (status, "is not the centre of this city" in errors, "--new-centre" in errors) == (1, True, True)
        assert call_json("sync", one, "--server", other.url, "--new-centre", *key)["pending"] == 0
        assert call_json("sync", one, *key)["server"] == other.url
    finally:
        other.stop()


def test_a_backup_that_was_brought_back_gets_what_it_lacks_from_the_offices(serving, call, call_json, tmp_path, monkeypatch):
    (tmp_path / "bins.csv").write_text(BINS, encoding="utf-8")
    one, key = a_city(call, call_json, tmp_path, "North")
    code = call_json("central", "device", "invite", "--account", "ada")["code"]
    call_json("sync", one, "--server", serving.url, "--code", code, *key)
    assert call_json("central", "backup", tmp_path / "early.backup")["commits"] == 0
    call_json("import", one, tmp_path / "bins.csv", "--as", "bin", "--crs", "EPSG:4326")
    call_json("sync", one, *key)
    assert call_json("central", "status")["rows"] == 2
    assert call("central", "backup", tmp_path / "early.backup")[0] == 1
    serving.stop()
    assert call("central", "restore", tmp_path / "early.backup")[0] == 1  # there is a centre already
    monkeypatch.setenv("CITYTWIN_DATABASE", f"sqlite:///{tmp_path / 'restored.db'}")
    assert call_json("central", "restore", tmp_path / "early.backup")["rows"] == 0
    again = Serving()
    done = call_json("sync", one, "--server", again.url, *key)
    again.stop()
    assert (done["sent"], done["pending"], done["conflicts"]) == (1, 0, 0)
    assert call_json("central", "status")["rows"] == call_json("info", one)["bins"] == 2


def test_a_city_of_this_machine_is_put_into_the_centre(database, call, call_json, tmp_path):
    (tmp_path / "bins.csv").write_text(BINS, encoding="utf-8")
    one, _ = a_city(call, call_json, tmp_path, "North")
    call_json("import", one, tmp_path / "bins.csv", "--as", "bin", "--crs", "EPSG:4326")
    call_json("central", "init")
    assert call_json("central", "load", one)["sent"] == 1
    assert call_json("central", "status")["rows"] == 2


def test_accounts_are_added_changed_locked_and_listed(database, call, call_json):
    call_json("central", "init")
    call_json("central", "user", "add", "han", "--role", "handler", "--department", "环卫", "--department", "市政")
    changed = call_json("central", "user", "change", "han", "--role", "planner")["accounts"][0]
    assert (changed["role"], changed["departments"]) == ("planner", ["环卫", "市政"])
    assert call_json("central", "user", "lock", "han")["accounts"][0]["is_active"] is False
    assert "环卫, 市政" in call("central", "user", "list")[1]
    for words, told in (
        (("user", "add", "han", "--role", "admin"), "There is an account 'han' already"),
        (("user", "add", "x", "--role", "king"), "There is no role 'king'"),
        (("user", "lock", "nobody"), "There is no account 'nobody'"),
        (("device", "invite", "--account", "nobody"), "There is no account 'nobody'"),
        (("device", "revoke", "0000"), "No computer has the key"),
    ):
        status, _, errors = call("central", *words)
        assert (status, told in errors) == (1, True), errors


def test_what_is_missing_is_told_by_name(database, call, tmp_path):
    for words, told in (
        (("central", "status"), "citytwin central init"),
        (("central", "serve"), "citytwin central init"),
        (("central", "init", "--database", "mysql://x"), "no address of a database"),
        (("central", "restore", tmp_path / "none"), "There is no backup 'none'"),
    ):
        status, _, errors = call(*words)
        assert (status, told in errors) == (1, True), errors


def test_a_city_that_never_met_a_centre_asks_for_its_address(call, call_json, tmp_path):
    one, key = a_city(call, call_json, tmp_path, "North")
    status, _, errors = call("sync", one, *key)
    assert (status, "--server" in errors) == (1, True)


def test_the_port_of_another_program_is_told(serving, call):
    status, _, errors = call("central", "serve", "--port", serving.url.rpartition(":")[2])
    assert (status, "could not listen" in errors) == (1, True)


def test_damaged_files_are_named(database, call, call_json, tmp_path):
    call_json("central", "init")
    content, name = b"photo", hashlib.sha256(b"photo").hexdigest()
    opened = Database(database)
    FileStore(opened).receive(name, 0, len(content), content)
    opened.close()
    assert call_json("central", "files") == {"whole": 1, "missing": 0, "damaged": 0, "files": []}
    with closing(sqlite3.connect(tmp_path / "central.db")) as db:
        db.execute("UPDATE file_part SET content = x'00'")
        db.commit()
    status, out, _ = call("central", "files")
    assert status == 1
    assert name in out
    assert "damaged: 1." in out
