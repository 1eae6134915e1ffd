"""The audit log and sign-in from the command line of the centre's administrator."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def database(tmp_path, monkeypatch, call_json):
    monkeypatch.setenv("CITYTWIN_DATABASE", f"sqlite:///{tmp_path / 'central.db'}")
    call_json("central", "init")
    call_json("central", "user", "add", "ada", "--role", "admin")
    return tmp_path / "central.db"


def flip(path, what, becomes):
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER audit_no_update")
        db.execute("UPDATE audit SET record = CAST(replace(CAST(record AS TEXT), ?, ?) AS BLOB)", (what, becomes))
        db.commit()


def test_one_flipped_byte_is_located(call, call_json, database, tmp_path):
    for name in ("bo", "cy"):
        call_json("central", "user", "add", name, "--role", "planner")
    call("central", "audit", "head", "--out", tmp_path / "head.json")
    whole = call_json("central", "audit", "verify", "--anchor", tmp_path / "head.json")
    assert (whole["entries"], whole["faults"]) == (3, [])
    flip(database, '"about":"bo"', '"about":"bp"')
    status, out, err = call("central", "audit", "verify", "--json")
    (fault,) = json.loads(out)["faults"]
    assert status == 1
    assert (fault["number"], fault["was"]) == (2, "o")
    assert "the first at entry 2" in err
    told = json.loads((tmp_path / "head.json").read_text(encoding="utf-8"))
    assert call("central", "audit", "verify", "--public-key", told["public_key"])[0] == 1
    assert "there stood 'o'" in call("central", "audit", "verify")[1]


def test_a_log_that_was_cut_is_found_by_its_anchor(call, call_json, database, tmp_path):
    call("central", "audit", "head", "--out", tmp_path / "head.json")
    with closing(sqlite3.connect(database)) as db:
        for table in ("audit", "audit_head"):
            db.execute(f"DROP TRIGGER {table}_no_delete")
            db.execute(f"DELETE FROM {table}")
        db.commit()
    assert call_json("central", "audit", "verify")["faults"] == []
    status, out, _ = call("central", "audit", "verify", "--anchor", tmp_path / "head.json", "--json")
    assert (status, json.loads(out)["faults"][0]["what"]) == (1, "the log ends before this signed head")


def test_what_was_done_is_listed(call, call_json, database):
    entries = call_json("central", "audit", "list", "--limit", "5")["entries"]
    assert [(item["who"], item["what"], item["about"]) for item in entries] == [("console", "add account", "ada")]
    assert "add account" in call("central", "audit", "list")[1]


def test_a_password_comes_by_standard_input_and_a_secret_is_shown_once(call, call_json, database, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert call("central", "user", "password", "ada")[0] == 0
    told = call_json("central", "user", "second-factor", "ada")
    assert told["address"].startswith("otpauth://totp/CityTwin:ada?secret=")
    assert told["secret"] in told["address"]
    assert (
        "https://id.example lets 'ada' in now"
        in call("central", "user", "identity", "ada", "--issuer", "https://id.example", "--subject", "7")[1]
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    status, _, err = call("central", "user", "password", "ada")
    assert (status, "signs" in err) == (1, True)
    done = [item["what"] for item in call_json("central", "audit", "list")["entries"]]
    assert done == ["connect identity", "set second factor", "set password", "add account"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--anchor", "nothing.json"), "no signed head"),
        (("--public-key", "12"), "64 hexadecimal digits"),
        (("--public-key", "zz"), "64 hexadecimal digits"),
    ],
)
def test_what_is_no_anchor_and_no_key_is_refused(call, database, words, reason):
    status, _, err = call("central", "audit", "verify", *words)
    assert status == 1
    assert reason in err


def test_the_secrets_are_beside_the_database_and_readable_by_their_owner_alone(database):
    path = database.with_name("central.db.keys")
    assert path.stat().st_mode & 0o777 == 0o600


def test_departments_get_tokens(call, call_json, database):
    assert call_json("central", "department", "begin", "Sanitation") == {"departments": ["Sanitation"]}
    assert call("central", "department", "list")[1] == "Sanitation\n"
    assert call("central", "department", "end", "Sanitation")[1] == "No department gets tokens.\n"
    assert [item["what"] for item in call_json("central", "audit", "list")["entries"]][:2] == ["end tokens", "begin tokens"]


def test_what_a_package_says_of_the_log_is_an_anchor(call, call_json, database, tmp_path):
    head = call_json("central", "audit", "head")
    told = {"id": "p", "scope": {"audit": {name: head[name] for name in ("number", "hash", "at", "signature")}}}
    (tmp_path / "inspected.json").write_text(json.dumps(told), encoding="utf-8")
    assert call_json("central", "audit", "verify", "--anchor", tmp_path / "inspected.json")["faults"] == []


def test_backups_are_written_down(call, call_json, database, tmp_path, monkeypatch):
    call_json("central", "backup", tmp_path / "kept.db")
    assert call_json("central", "audit", "list")["entries"][0]["what"] == "back up"
    monkeypatch.setenv("CITYTWIN_DATABASE", f"sqlite:///{tmp_path / 'other.db'}")
    monkeypatch.setenv("CITYTWIN_KEYS", str(database) + ".keys")
    call_json("central", "restore", tmp_path / "kept.db")
    assert [item["what"] for item in call_json("central", "audit", "list")["entries"]] == ["bring a backup back", "add account"]
    assert call_json("central", "audit", "verify")["faults"] == []
