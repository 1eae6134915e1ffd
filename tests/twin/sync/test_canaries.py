"""Whole offices of every role: no canary in any byte of the workspace that they fill, of the package that they are handed, or of what they export from it.

A differential test, too: what an office has is what plain SQL over the centre's city, limited by the role, gives.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from random import Random

import pytest

from tests.access_city import NAME, PERSONAL, PHONE, PLATE, VIEWERS, added, city
from tests.offices import NOW, rings_of
from twin.access.disclosure import hidden_fields
from twin.access.predicate import Columns, predicate
from twin.access.scope import Scope, facts_of
from twin.model.catalogue import KIND_OF
from twin.opendata import export_open_data
from twin.store import Store
from twin.store.tables import TABLES
from twin.sync import courier
from twin.sync.center import Center
from twin.sync.courier import Address
from twin.sync.messages import Push
from twin.sync.mutation import GENESIS, Mutation, Op
from twin.sync.package.reading import open_package
from twin.sync.policy import RoleScope, WholePolicy
from twin.sync.sqlite_log import SqliteLog
from twin.sync.workspace import device_of
from twin.task import finish

PLAIN = {"acceptor", "shift_lead"}
EDITOR, TITLE = "editor Ouyang", "the bridge nobody has heard of"
"""Who edited, and what they called it: of what a viewer does not see whole, they see neither."""
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Limited:
    """The centre as an account meets it."""

    def __init__(self, center, scope):
        self.center, self.scope = center, scope

    def hello(self, hello):
        return self.center.hello(hello, self.scope)

    def push(self, push):
        return self.center.push(push)

    def pull(self, pull):
        return self.center.pull(pull, self.scope)

    def fill(self, fill):
        return self.center.fill(fill, self.scope)


def things(viewer):
    """Return the city without the cases that the viewer reported: those it sees whole."""
    return [item for item in city() if not viewer.name or getattr(item, "reported_by", "") != viewer.name]


@pytest.fixture
def center_of():
    made = []

    def make(viewer):
        center = Center(SqliteLog(), lambda: "e", lambda: 0, WholePolicy())
        center.found()
        ops = [added(item) for item in things(viewer)]
        seeding = Mutation("seed", 1, GENESIS, tuple(ops), "", 0, "e", 1)
        later = Mutation(
            "seed",
            2,
            seeding.hash,
            (Op("case", "case-1", {"description": f"{PHONE} 住9号楼307", "stage": "filed"}, base=1),),
            "",
            0,
            "e",
            1,
        )
        center.push(Push("seed", "e", 1, 0, GENESIS, (seeding, later)))
        stale = {"description": f"mine: {PHONE}", "complainant_phone": PLATE}
        was = {"description": f"was: {PHONE} {NAME}", "complainant_phone": PHONE}
        quarrel = Mutation("other", 1, GENESIS, (Op("case", "case-1", stale, was=was),), EDITOR, 0, "e", 1, TITLE)
        scenario = Op("scenario", "scenario-1", {"name": "renamed"}, base=2)
        beside = Op("bin", "bin-1", {"name": "B-1 new"}, base=2)
        renamed = Mutation("other", 2, quarrel.hash, (scenario, beside), EDITOR, 0, "e", 1, TITLE)
        settled = Mutation("other", 3, renamed.hash, (), EDITOR, 0, "e", 1, TITLE, (f"{quarrel.hash[:32]}/0",))
        taken = center.push(Push("other", "e", 1, 0, GENESIS, (quarrel, renamed)))
        assert taken.last == 2
        assert [entry.verdict for commit in center.store.open_conflicts(9) for entry in commit.entries] == ["conflict"]
        center.settle = lambda: center.push(Push("other", "e", 1, 0, GENESIS, (settled,)))
        made.append(center)
        return Limited(center, RoleScope(Scope(viewer)))

    yield make
    for center in made:
        center.store.close()


def canaries_in(texts):
    return sorted({canary for canary in PERSONAL for text in texts if canary.encode() in text})


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda viewer: f"{viewer.role}-{viewer.name}")
def test_no_canary_in_a_workspace_a_package_or_an_export(center_of, viewer, tmp_path):
    centre, rings = center_of(viewer), rings_of(tmp_path / "keys")
    decrypted = []
    with Store.create(tmp_path / "office.twin", now=lambda: AT, random=Random(1), synthetic=True) as store:
        device = device_of(store)
        for number in range(6):
            if number == 2:
                centre.center.settle()
            stick, reply = tmp_path / f"{number}.ctpkg", tmp_path / f"{number}-back.ctpkg"
            there = Address(id=f"a{number}", own=rings["north"].own, recipients=(rings["centre"].own.card,), now=NOW)
            back = Address(id=f"b{number}", own=rings["centre"].own, recipients=(rings["north"].own.card,), now=NOW)
            finish(courier.export_task(stick, device, ("c", "City"), there))
            finish(courier.answer_task(open_package(stick, rings["centre"], NOW), centre, reply, back))
            opened = open_package(reply, rings["north"], NOW)
            manifest = finish(opened.verify_task())
            decrypted += [b"".join(opened.pieces(part)) for part in manifest.parts]
            if not finish(courier.import_task(opened, manifest, device)).applied and number > 2:
                break
        had = {item.id for kind in KIND_OF for item in store.find(kind)}
        finish(
            export_open_data(
                lambda kind: store.snapshot([kind], with_terrain=False), tmp_path / "open", made_at=AT, licence="CC0-1.0"
            )
        )
    assert had == selected_by_sql(viewer)
    files = [path.read_bytes() for path in (tmp_path / "office.twin").rglob("*") if path.is_file()]
    exported = [path.read_bytes() for path in (tmp_path / "open").rglob("*.csv")]
    outside = {item.id for item in things(viewer)} - had
    for key in outside:
        assert all(f'"{key}"'.encode() not in text for text in decrypted)
    assert canaries_in(exported) == []
    may_know = {commit.seq for commit in centre.center.store.commits(0, 9, 99) if is_seen_whole(commit, viewer)}
    if not may_know & {3, 4, 5}:
        assert not any(word.encode() in text for word in (EDITOR, TITLE) for text in [*decrypted, *files])
    if viewer.role in PLAIN:
        assert PHONE.encode() in b"".join(files)
        return
    assert canaries_in([*decrypted, *files]) == []


def is_seen_whole(commit, viewer):
    """Whether a viewer sees every row of a commit, and the personal data of each: asked of the roles themselves, not of sync."""
    scope = Scope(viewer)
    facts = {item.id: facts_of(item) for item in things(viewer)}
    return bool(commit.entries) and all(
        entry.id in facts
        and scope.sees(entry.kind, facts[entry.id])
        and not hidden_fields(scope, entry.kind, facts[entry.id]) & entry.fields.keys()
        for entry in commit.entries
    )


def selected_by_sql(viewer):
    """Return the keys that plain SQL selects for a viewer from the whole city."""
    db, found = sqlite3.connect(":memory:"), set()
    for kind, table in TABLES.items():
        for statement in table.create():
            db.execute(statement)
        rows = table.encode([item for item in things(viewer) if item.kind == kind])
        db.executemany(f'INSERT INTO "{kind}" ({table.columns}) VALUES ({", ".join("?" * len(table.names))})', rows)
        condition = predicate(Scope(viewer), Columns(kind))
        found |= {key for (key,) in db.execute(f'SELECT id FROM "{kind}" WHERE {condition.sql}', condition.values)}
    db.close()
    return found
