"""The centre's database, each test on SQLite and on PostgreSQL with PostGIS."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from twin.central import schema
from twin.central.database import Database
from twin.central.log_store import DatabaseLogStore
from twin.model.catalogue import KIND_OF
from twin.sync.center import Center
from twin.sync.messages import Changes, Pull, Push
from twin.sync.mutation import GENESIS, Mutation

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def postgres_folder():
    """Return the folder of a PostgreSQL of these tests alone; skip by name where none is installed."""
    command = ROOT / "packaging" / "postgres"
    # Nothing here survives the tests: no disk has to be waited for.
    begun = subprocess.run([command, "start"], capture_output=True, text=True, env={**os.environ, "FSYNC": "off"}, check=False)
    if begun.returncode == 3:
        pytest.skip(begun.stderr.strip())
    assert begun.returncode == 0, begun.stderr
    folder = begun.stdout.strip()
    yield folder
    subprocess.run([command, "stop", folder], check=True)


numbers = itertools.count(1)


@pytest.fixture
def postgres_url(postgres_folder):
    """Return the address of an empty database that is dropped afterwards."""
    name = f"central_{next(numbers)}"
    with psycopg.connect(host=postgres_folder, user="citytwin", dbname="citytwin", autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}")
        yield f"postgresql://citytwin@/{name}?host={postgres_folder}"
        db.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    """Return the address of an empty database."""
    return f"sqlite:///{tmp_path / 'central.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def kept_postgres(postgres_folder):
    """Return a PostgreSQL database with the centre's tables, made once."""
    found = Database(f"postgresql://citytwin@/citytwin?host={postgres_folder}")
    schema.renew(found, {})
    yield found
    found.close()


@pytest.fixture
def postgres(kept_postgres):
    """Return a PostgreSQL database with the centre's tables, all empty."""
    names = [f'"{table.name}"' for table in schema.METADATA.sorted_tables] + [f'city."{kind}"' for kind in KIND_OF]
    with kept_postgres.owning() as db:
        db.execute(text(f"TRUNCATE {', '.join(names)}"))
    return kept_postgres


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    """Return a database with the centre's tables, all empty."""
    if request.param == "postgres":
        yield request.getfixturevalue("postgres")
        return
    found = Database(f"sqlite:///{tmp_path / 'central.db'}")
    schema.renew(found, {})
    yield found
    found.close()


@pytest.fixture
def center(database):
    """Return a centre that has begun its first epoch."""
    return begun(database)


def begun(database):
    """Return a centre over a database that has begun its first epoch."""
    epochs = (f"epoch {number}" for number in itertools.count(1))
    made = Center(DatabaseLogStore(database), lambda: next(epochs), lambda: 0)
    made.found()
    return made


class Office:
    """A device as far as a centre knows it: it makes chained mutations and remembers its cursor, nothing else."""

    def __init__(self, center, device):
        self.center, self.device, self.made, self.cursor, self.chain = center, device, [], 0, GENESIS
        self.heard = []
        with center.store.reading():
            self.epoch = center.store.head().epoch

    def make(self, *ops, **more):
        previous = self.made[-1].hash if self.made else GENESIS
        self.made.append(Mutation(self.device, len(self.made) + 1, previous, ops, "u", 0, self.epoch, 1, **more))
        return self.made[-1]

    def push(self, first=1, last=None):
        some = tuple(self.made[first - 1 : last])
        return self.center.push(Push(self.device, self.epoch, 1, self.cursor, self.chain, some))

    def pull(self, limit=10_000):
        found = self.center.pull(Pull(self.device, self.epoch, self.cursor, self.chain, 1, 1, limit))
        if isinstance(found, Changes):
            self.cursor, self.chain = found.to, found.to_chain
            self.heard += found.commits
        return found


@pytest.fixture
def office(center):
    """Return a function that makes a device of the test's centre."""
    return lambda name: Office(center, name)


@pytest.fixture
def postgres_office(postgres):
    """Return a device of a centre on PostgreSQL."""
    return Office(begun(postgres), "a")


@pytest.fixture
def office_of():
    """Return a function that makes a device of any centre."""
    return Office
