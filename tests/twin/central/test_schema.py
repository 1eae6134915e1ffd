"""How a database gets the centre's tables: from nothing, again, and never over something else."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from twin.central import schema
from twin.central.database import Database, known
from twin.errors import DataError, StorageError


def test_the_steps_make_exactly_the_tables_that_the_program_uses(url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = Database(url)
    assert schema.is_empty(database)
    schema.renew(database, {})
    schema.renew(database, {})
    schema.require(database)
    with database.owning() as db:
        options = {"version_table": "schema_version", "compare_type": True, "include_object": _is_of_the_centre}
        assert compare_metadata(MigrationContext.configure(db, opts=options), schema.METADATA) == []
    database.close()


def _is_of_the_centre(found, name, kind, reflected, other):
    return kind != "table" or name in schema.METADATA.tables


def test_tables_that_are_not_there_are_told_of_by_name(url):
    database = Database(url)
    with pytest.raises(StorageError, match="has no tables of the central service") as caught:
        schema.require(database)
    assert "citytwin central init" in caught.value.advice
    with pytest.raises(StorageError, match="its tables are not there"), database.owning() as db:
        db.execute(schema.CENTER.select())
    database.close()


def test_tables_of_a_newer_program_are_left_alone(url):
    database = Database(url)
    schema.renew(database, {})
    with database.owning() as db:
        db.execute(text("UPDATE schema_version SET version_num = 'from_the_future'"))
    with pytest.raises(StorageError, match="another version of this program"):
        schema.require(database)
    database.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "sqlite://", "postgresql://host", "sqlite:///:memory:"])
def test_an_address_of_no_use_is_refused(url):
    with pytest.raises(DataError, match="no address of a database"):
        known(url)


def test_a_password_is_never_told():
    database = Database("postgresql://somebody:secret@127.0.0.1:1/nowhere")
    assert "secret" not in database.name
    with pytest.raises(StorageError, match="cannot be reached") as caught, database.reading():
        pass
    assert "secret" not in str(caught.value)
