"""The audit log in both databases: chained, signed, never changed, and looked through to the byte."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from twin.access.audit import HEAD_EVERY
from twin.central.audit_log import AuditLog
from twin.central.service_keys import made, verifier
from twin.errors import CityTwinError

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEYS = made(secrets.token_bytes)
VERIFY = verifier(KEYS.public)


@pytest.fixture
def log(database):
    return AuditLog(database, lambda: AT, KEYS.sign)


def test_entries_are_chained_and_heads_signed_at_intervals(log):
    for number in range(HEAD_EVERY + 3):
        log.write("root", "look", f"case-{number}")
    found = log.examined(VERIFY)
    assert (found.entries, found.heads, found.faults) == (HEAD_EVERY + 3, 1, ())
    assert log.newest(1)[0].told == {
        "number": HEAD_EVERY + 3,
        "at": AT.isoformat(),
        "who": "root",
        "what": "look",
        "about": f"case-{HEAD_EVERY + 2}",
    }
    head = log.head()
    assert head is not None
    assert (head.number, head) == (HEAD_EVERY + 3, log.head())
    assert log.heads()[-1] == head
    assert log.examined(VERIFY, (head,)).faults == ()
    assert len(log.examined(verifier(made(secrets.token_bytes).public)).faults) == 2


def test_an_empty_log_has_no_head(log):
    assert log.head() is None
    assert log.examined(VERIFY).faults == ()


def test_an_entry_goes_with_the_transaction_that_it_tells_of(log, database):
    def fail():
        with database.writing() as db:
            log.write_in(db, "root", "never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert log.newest(9) == []


def test_many_writers_make_one_chain(log):
    def write(who):
        for _ in range(10):
            log.write(who, "look")

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = log.examined(VERIFY)
    assert (found.entries, found.faults) == (40, ())


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET hash = ''", "DELETE FROM audit", "UPDATE audit_head SET at = ''", "DELETE FROM audit_head"]
)
def test_the_database_itself_refuses_to_change_it(log, database, statement):
    log.write("root", "look")
    log.head()
    with pytest.raises((CityTwinError, DBAPIError)), database.writing() as db:
        db.execute(text(statement))
    with pytest.raises((CityTwinError, DBAPIError)), database.owning() as db:
        db.execute(text(statement))
    assert log.examined(VERIFY).faults == ()


def test_one_byte_flipped_in_the_file_itself_is_located(database, log):
    if database.is_postgres:
        pytest.skip("the file of PostgreSQL is not ours to write in")
    for number in range(10):
        log.write("root", "look", f"case-{number}")
    log.head()
    path = database.url.database
    for changed in (b"case-3", b"case-9"):
        database.close()
        with open(path, "rb") as file:  # noqa: PTH123  bytes of a file
            content = file.read()
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        with open(path, "rb") as file:  # noqa: PTH123  bytes of a file
            content = file.read()
        place = content.index(b'"about":"' + changed) + len(b'"about":"')
        with open(path, "r+b") as file:  # noqa: PTH123  bytes of a file
            file.seek(place)
            file.write(bytes([content[place] ^ 1]))
        (fault,) = log.examined(VERIFY).faults
        assert (fault.number, fault.was) == (int(changed[-1:]) + 1, "c")
        with open(path, "r+b") as file:  # noqa: PTH123  bytes of a file
            file.seek(place)
            file.write(b"c")
        database.close()
    assert log.examined(VERIFY).faults == ()
