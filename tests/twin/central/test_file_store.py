"""Files at the centre: how much room they have, and how one learns which of them are not as they should be."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import update

from twin.central.file_store import Checked, FileStore
from twin.central.schema import FILE_PART
from twin.errors import SyncError


def name_of(content):
    return hashlib.sha256(content).hexdigest()


def test_all_files_together_have_so_much_room_and_no_more(database):
    files = FileStore(database, most=10)
    one, two = b"sixsix", b"fives"
    assert files.receive(name_of(one), 0, 6, one[:3]) == 3
    with pytest.raises(SyncError, match=r"no room for a file of 5 bytes: it keeps 6 of at most 10"):
        files.receive(name_of(two), 0, 5, two)
    assert files.extent(name_of(two)) == (0, 0)
    assert files.receive(name_of(one), 3, 6, one[3:]) == 6  # what was begun may end
    assert files.receive(name_of(b"four"), 0, 4, b"four") == 4  # exactly full


def test_every_file_is_read_again_and_named_by_what_became_of_it(database):
    files = FileStore(database)
    whole, half, torn = b"whole", b"half", b"torn!"
    files.receive(name_of(whole), 0, 5, whole)
    files.receive(name_of(half), 0, 4, half[:2])
    files.receive(name_of(torn), 0, 5, torn)
    with database.writing() as db:
        db.execute(update(FILE_PART).where(FILE_PART.c.sha256 == name_of(torn)).values(content=b"tornX"))
    assert sorted(files.checked(), key=lambda item: item.state) == [
        Checked(name_of(torn), 5, "damaged"),
        Checked(name_of(half), 4, "missing"),
        Checked(name_of(whole), 5, "whole"),
    ]
