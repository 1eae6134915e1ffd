"""Stores of other versions: older ones are renewed or read as they are, newer ones are refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from shapely import Point

from twin.errors import StorageError
from twin.model.changes import Change
from twin.model.places import Bin
from twin.store import Store, migrations


def altered(folder, *statements):
    """Change a closed store as another version would have left it."""
    with closing(sqlite3.connect(folder / "store.db", isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


@pytest.fixture
def older(store, folder):
    """A store from before bins had a stream and before there were cameras."""
    store.write([Change(None, Bin(id="b", geometry=Point(8, 47), name="B"))], title="t")
    store.close()
    altered(
        folder,
        "ALTER TABLE bin DROP COLUMN stream",
        "ALTER TABLE bin DROP COLUMN full_threshold",
        "DROP TABLE camera",
        "DROP TABLE camera_tree",
    )
    return folder


def test_an_older_store_gets_what_the_data_dictionary_has_gained(older):
    with Store.open(older) as store:
        bin_ = store.get("bin", "b")
        assert (bin_.name, bin_.stream, bin_.full_threshold) == ("B", "", 0.8)
        assert store.counts()["camera"] == 0
        titles = store._connections.reader().execute("SELECT title FROM migration ORDER BY number").fetchall()
        assert titles[-1] == ("conform to the data dictionary: bin.stream, bin.full_threshold, camera",)
        store.undo()  # the journal is of the older version, too
        assert store.counts()["bin"] == 0


def test_an_older_store_can_be_read_without_renewing_it(older):
    before = (older / "store.db").read_bytes()
    with Store.open(older, writable=False) as store:
        assert store.get("bin", "b").full_threshold == 0.8
        snapshot = store.snapshot()
        assert snapshot["bin"]["stream"].tolist() == [""]
        assert len(snapshot["camera"]) == store.counts()["camera"] == 0
        assert store.find("camera") == []
        assert store.sources("camera", "osm") == {}
    assert (older / "store.db").read_bytes() == before


@pytest.mark.parametrize("statement", ["PRAGMA user_version = 99", "ALTER TABLE bin ADD COLUMN smell TEXT"])
@pytest.mark.parametrize("writable", [True, False])
def test_a_newer_store_is_refused_with_advice(store, folder, statement, writable):
    store.close()
    altered(folder, statement)
    with pytest.raises(StorageError, match="written by a newer CityTwin") as caught:
        Store.open(folder, writable=writable)
    assert caught.value.advice == "Update this program, then open it again; nothing was changed."


def test_a_step_is_whole_or_not_at_all(store, folder, monkeypatch):
    store.close()

    def half(db):
        db.execute("CREATE TABLE half (x)")
        db.execute("CREATE TABLE half (x)")

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, half))
    with pytest.raises(StorageError):
        Store.open(folder)
    monkeypatch.undo()
    with Store.open(folder) as again:
        assert not again._connections.reader().execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone()


def test_a_store_that_needs_a_step_is_renewed_before_it_can_be_read(store, folder, monkeypatch):
    store.close()

    def further(db):
        db.execute("CREATE TABLE further (x)")

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, further))
    with pytest.raises(StorageError, match="older than this program"):
        Store.open(folder, writable=False)
    Store.open(folder).close()
    Store.open(folder, writable=False).close()


def test_the_journal_cannot_be_edited(store):
    store.write([Change(None, Bin(id="b", geometry=Point(8, 47)))], title="t")
    for statement in (
        'UPDATE "transaction" SET title = 1',
        'DELETE FROM "transaction"',
        "UPDATE change SET new = 1",
        "DELETE FROM change",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never edited"):
            store._connections.writer.execute(statement)
