"""A disk that fills up at any write of the centre: the push is refused by name, nothing of it is kept, and it succeeds later."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import event

from twin.central import schema
from twin.central.database import Database
from twin.central.log_store import DatabaseLogStore
from twin.errors import StorageError
from twin.sync.center import Center
from twin.sync.mutation import Op


@pytest.fixture
def small(tmp_path):
    """Return a database, and a function that says how many pages it may still grow."""
    database = Database(f"sqlite:///{tmp_path / 'central.db'}")
    schema.renew(database, {})
    room = [1 << 20]

    def limit(raw, _record, _proxy):
        (pages,) = raw.execute("PRAGMA page_count").fetchone()
        raw.execute(f"PRAGMA max_page_count = {pages + room[0]}").close()

    event.listen(database.engine, "checkout", limit)
    yield database, lambda pages: room.__setitem__(0, pages)
    database.close()


def state(center):
    with center.store.reading():
        return center.store.head(), center.store.rows_after(("", ""), 1000)


def test_a_full_disk_at_any_page_takes_all_of_a_push_or_nothing(small, office_of):
    database, leave = small
    center = Center(DatabaseLogStore(database), map("epoch {}".format, itertools.count()).__next__, lambda: 0)
    center.found()
    a = office_of(center, "a")
    told, kept, taken = [], [], 0
    for pages in [*range(12), 1 << 20]:
        a.make(*(Op("bin", f"{pages}-{i}", {"name": "x" * 900}, alive=True) for i in range(20)))
        leave(0)
        before = state(center)
        leave(pages)
        try:
            a.push()
        except StorageError as error:
            told.append(error.message)
            leave(0)
            kept.append(state(center) == before)
        else:
            taken += 1
    assert len(told) >= 5
    assert all("the disk is full" in message for message in told)
    assert all(kept)
    assert taken
    head, rows = state(center)
    assert (head.seq, len(rows)) == (13, 13 * 20)
