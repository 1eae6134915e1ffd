"""``citytwin package``: keys are made and exchanged, packages are told and refused, as two offices would."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.offices import packed, rings_of
from twin.sync.package.keys import KeyRing


@pytest.fixture
def rings(tmp_path):
    return rings_of(tmp_path / "keys")


@pytest.fixture
def package(tmp_path, rings):
    path = tmp_path / "north.ctpkg"
    packed(path, rings["north"], [rings["centre"]], until=datetime.now(UTC) + timedelta(days=1))
    return path


def test_two_offices_make_keys_and_trust_each_other(call, call_json, tmp_path):
    here, there, card = tmp_path / "here", tmp_path / "there", tmp_path / "north.ctcard"
    made = call_json("package", "key", "new", "North", "--keys", here)
    assert call("package", "key", "new", "Centre", "--keys", there)[0] == 0
    shown = call_json("package", "key", "show", "--keys", here, "--out", card)
    assert shown == made
    assert json.loads(call("package", "key", "show", "--keys", here)[1]) == json.loads(card.read_text("utf-8"))
    trusted = call_json("package", "key", "trust", card, "--keys", there)
    assert trusted["fingerprint"] == made["fingerprint"]
    listed = call_json("package", "key", "list", "--keys", there)
    assert ([item["name"] for item in listed["trusted"]], listed["own"]["name"]) == (["North"], "Centre")
    assert "North" in call("package", "key", "list", "--keys", there)[1]
    assert call("package", "key", "distrust", "North", "--keys", there)[0] == 0
    assert KeyRing(there).trusted() == ()


def test_a_card_that_is_none_is_refused(call, tmp_path):
    for content in (None, b"\xff", b"{}"):
        if content is not None:
            (tmp_path / "x").write_bytes(content)
        status, out, err = call("package", "key", "trust", tmp_path / "x", "--keys", tmp_path / "keys")
        assert (status, out, len(err.splitlines())) == (1, "", 2)


def test_a_whole_package_is_verified_and_inspected(call, call_json, package, rings):
    keys = rings["centre"].folder
    assert call_json("package", "verify", package, "--keys", keys) | {"file": ""} == {
        "file": "", "valid": True, "id": "p-1", "parts": 2, "size_bytes": 2420,
    }  # fmt: skip
    seen = call_json("package", "inspect", package, "--keys", keys)
    assert (seen["purpose"], seen["sender"], seen["recipients"]) == ("push", "north", ["centre"])
    assert (seen["contents"]["after"], seen["contents"]["upto"], seen["contents"]["city"]) == (3, 5, "Northtown")
    assert [part["name"] for part in seen["contents"]["parts"]] == ["messages/push.jsonl", "blobs/ab"]
    status, out, _ = call("package", "inspect", package, "--keys", keys, "--language", "zh_CN")
    assert status == 0
    assert "messages/push.jsonl" in out
    assert "north" in call("package", "verify", package, "--keys", keys)[1]


def test_who_is_no_recipient_sees_the_outside_alone(call, call_json, package, rings):
    seen = call_json("package", "inspect", package, "--keys", rings["stranger"].folder)
    assert (seen["contents"], seen["sender"]) == (None, rings["north"].own.card.fingerprint)
    assert "Northtown" not in call("package", "inspect", package, "--keys", rings["stranger"].folder)[1]


def test_a_refused_package_is_one_known_error(call, package, rings):
    package.write_bytes(package.read_bytes()[:-1])
    status, out, err = call("package", "verify", package, "--keys", rings["centre"].folder)
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        "The package 'north.ctpkg' is not whole: its end is missing.",
        "Copy it again from where it came.",
    ]


def test_an_office_begins_from_an_invitation(call, call_json, tmp_path):
    centre, north = tmp_path / "centre", tmp_path / "north"
    call("package", "key", "new", "Centre", "--keys", centre)
    made = call_json("package", "key", "invite", "North", "--out", tmp_path / "north.ctkey", "--keys", centre)
    assert [card.name for card in KeyRing(centre).trusted()] == ["North"]
    (tmp_path / "words").write_text(made["passphrase"] + "\n")
    words = ("package", "key", "accept", tmp_path / "north.ctkey", "--passphrase-file", tmp_path / "words", "--keys", north)
    assert call_json(*words)["fingerprint"] == made["fingerprint"]
    (tmp_path / "words").write_text("wrong")
    assert call(*words)[0] == 1
    assert (
        "Passphrase of 'South'" in call("package", "key", "invite", "South", "--out", tmp_path / "s.ctkey", "--keys", centre)[1]
    )
