"""Roles behind the socket: what an account is told, what is written down of it, and where districts lie."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.access_city import GRIDS, OFFICE, PERSONAL, PHONE
from twin.access.audit import Head
from twin.access.scope import Area, Scope, Viewer
from twin.central import areas
from twin.central.post import Post
from twin.central.register import Account
from twin.central.service_keys import verifier
from twin.sync.messages import Fill, encode
from twin.sync.package.keys import KeyRing
from twin.task import finish


def told(service):
    return [(entry.told["who"], entry.told["what"], entry.told["about"]) for entry in reversed(service.audit.newest(99))]


def test_what_an_acceptor_looks_at_is_written_down_row_by_row(filled, meet):
    filled.register.add(Account("zhao", "acceptor"))
    part = meet(0, "zhao").fill(Fill("d", 1))
    assert PHONE in encode(part).decode()
    entry = filled.audit.newest(1)[0].told
    assert (entry["who"], entry["what"]) == ("zhao", "look at personal data")
    assert sorted(entry["of"]) == [f"case/case-{n}" for n in range(1, 6)]
    assert PHONE.encode() not in filled.audit.newest(1)[0].record


@pytest.mark.parametrize(
    "account",
    [Account("li2", "handler", (OFFICE,)), Account("feng", "planner"), Account("wang2", "collector", grids=(GRIDS[0],))],
)
def test_others_are_told_no_canary_and_nothing_is_written_down(filled, meet, account):
    filled.register.add(account)
    text_ = encode(meet(0, account.name).fill(Fill("d", 1))).decode()
    assert [canary for canary in PERSONAL if canary in text_] == []
    assert told(filled)[-1][1] != "look at personal data"


def test_an_account_of_a_district_finds_what_names_none_by_its_place(filled, meet):
    filled.register.add(Account("qian", "acceptor", districts=("West",)))
    rows = {row.id for row in meet(0, "qian").fill(Fill("d", 1)).rows}
    assert rows == {"case-1", "case-4", "bin-1", "camera-1", "district-1", "grid-1", "link-1"}
    filled.register.add(Account("wang", "collector", grids=(GRIDS[0],)))
    rows = {row.id for row in meet(1, "wang").fill(Fill("e", 1)).rows}
    assert {"case-1", "case-4", "camera-1"} <= rows
    assert not {"case-2", "case-3", "case-5", "camera-2"} & rows


def test_a_district_that_is_not_on_the_map_has_no_cells(filled):
    scope = Scope(Viewer("x", "acceptor", area=Area(frozenset({"Nowhere"}))))
    with filled.database.reading() as db:
        assert areas.resolved(db, scope) == scope


def test_all_that_is_done_with_accounts_and_computers_is_written_down(filled, meet):
    filled.register.add(Account("sun", "dispatcher"))
    filled.register.change("sun", is_active=False)
    filled.register.change("sun", is_active=True)
    meet(0, "sun")
    (computer,) = filled.register.enrolments()
    filled.register.revoke(computer.id)
    assert told(filled)[1:] == [
        ("console", "add account", "sun"),
        ("console", "change account", "sun"),
        ("console", "change account", "sun"),
        ("console", "invite computer", "sun"),
        ("sun", "enrol computer", computer.id),
        ("console", "revoke computer", computer.id),
    ]
    assert filled.audit.examined(verifier(filled.keys.public)).faults == ()


def test_outside_readers_of_postgres_have_no_column_with_personal_data(filled):
    if not filled.database.is_postgres:
        pytest.skip("SQLite has no roles")
    with filled.database.owning() as db:
        found = db.execute(
            text(
                "SELECT column_name FROM information_schema.column_privileges WHERE grantee = 'citytwin_reader' AND table_schema = 'city' AND table_name = 'case'"
            )
        ).scalars()
        columns = set(found)
    assert {"id", "stage", "district", "geometry"} <= columns
    assert not {"complainant", "complainant_phone", "description", "address", "source_id"} & columns


def test_a_department_joins_what_it_may_not_see(filled, meet):
    filled.register.add(Account("li2", "handler", (OFFICE,)))
    before = filled.register.account("li2").version
    filled.tokens.begin(OFFICE)
    assert filled.register.account("li2").version == before + 1
    rows = meet(0, "li2").fill(Fill("d", 1)).rows
    phones = {row.fields["complainant_phone"] for row in rows if row.kind == "case"}
    assert len(phones) == 1
    assert phones.pop().startswith("139****4321 #")
    assert filled.tokens.departments() == [OFFICE]
    filled.tokens.begin(OFFICE)
    others = {row.fields["complainant_phone"] for row in meet(1, "li2").fill(Fill("e", 1)).rows if row.kind == "case"}
    assert phones.isdisjoint(others)
    filled.tokens.end(OFFICE)
    plain = {row.fields["complainant_phone"] for row in meet(2, "li2").fill(Fill("f", 1)).rows if row.kind == "case"}
    assert plain == {"139****4321"}


def test_a_package_of_the_centre_carries_the_signed_end_of_the_audit_log(filled, tmp_path):
    ring = KeyRing(tmp_path / "keys")
    ring.make("Centre")
    filled.register.add(Account("li2", "handler", (OFFICE,)))
    begun = finish(Post(filled, ring, "City").begin_task("North", "li2", tmp_path / "city.ctpkg", lambda: "abcd"))
    head = Head(**begun.city.manifest.contents.scope["audit"])
    assert filled.audit.examined(verifier(filled.keys.public), (head,)).faults == ()
    assert head.number == len(filled.audit.newest(99)) - (1 if told(filled)[-1][1] == "look at personal data" else 0)
