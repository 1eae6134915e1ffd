"""The centre's database, each test on SQLite and on PostgreSQL with PostGIS."""

from __future__ import annotations

import itertools
import os
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psycopg
import pytest
import uvicorn
from shapely import Point
from sqlalchemy import text

from tests.access_city import added, city
from twin.central import schema
from twin.central.api.app import create_app
from twin.central.api.session import Sessions
from twin.central.database import Database
from twin.central.log_store import DatabaseLogStore
from twin.central.register import Account
from twin.central.service import Service
from twin.model.catalogue import KIND_OF
from twin.model.codec import entity_to_json
from twin.model.places import Bin
from twin.sync import device_state
from twin.sync.center import Center
from twin.sync.city import PlainCity, Touch
from twin.sync.device import Device
from twin.sync.exchange import exchange_task
from twin.sync.http import HttpCentre, Patience
from twin.sync.messages import Changes, Pull, Push
from twin.sync.mutation import GENESIS, Mutation
from twin.sync.package.keys import OwnKey
from twin.task import finish

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
def database(request):
    """Return a database with the centre's tables, all empty."""
    return request.getfixturevalue("postgres" if request.param == "postgres" else "sqlite_database")


@pytest.fixture
def sqlite_database(tmp_path):
    """Return a SQLite database with the centre's tables, all empty."""
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


@pytest.fixture
def service(database):
    """Return the service over an empty database, with an administrator."""
    made = Service(database, lambda: datetime.now(UTC), Random(1))
    made.found()
    made.register.add(Account("ada", "admin"))
    yield made
    if database.is_postgres:
        schema.renew(database, {})


CENTRE = OwnKey.new("Centre")


class Served:
    """A service that listens in a thread, as it would in a process of its own; ``lines`` is its log."""

    def __init__(self, service, party=None):
        self.lines, self.later_s, self.addresses = [], 0.0, set()
        sessions = Sessions(b"secret" * 6, lambda: time.monotonic() + self.later_s, os.urandom)
        app = create_app(service, sessions, self.lines.append, time.monotonic, party, centre=CENTRE, addresses=self.addresses)
        config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=5)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def line(self, **wanted):
        """Return the log's line with these values; it is written after its answer was sent."""
        for _ in range(2000):
            found = [line for line in self.lines if wanted.items() <= line.items()]
            if found:
                return found[0]
            time.sleep(0.005)
        raise AssertionError(f"no line {wanted}: {self.lines}")

    def stop(self):
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture
def served(service):
    """Return the service behind a socket."""
    found = Served(service)
    yield found
    found.stop()


@pytest.fixture
def serve():
    """Return a function that puts a service behind a socket, with a provider at which people sign in."""
    made = []

    def begin(service, party=None):
        made.append(Served(service, party))
        return made[-1]

    yield begin
    for found in made:
        found.stop()


KEYS = [OwnKey.new(f"Office {letter}") for letter in "ABC"]


@pytest.fixture
def keys():
    """Return the keys of three offices."""
    return KEYS


@pytest.fixture
def meet(service, served):
    """Return a function that enrols a computer, by default for the administrator, and gives its way to the centre."""
    opened = []

    def made(number=0, account="ada", **options):
        centre = HttpCentre(served.url, KEYS[number], Random(number), patience=Patience(tries=2, first_s=0.001), **options)
        opened.append(centre)
        code = f"code-{len(opened)}"
        service.register.invite(account, code, datetime.now(UTC) + timedelta(days=1))
        assert centre.enrol(code) == account
        return centre

    yield made
    for centre in opened:
        centre.close()


class Desk:
    """A city on an office's computer, as a table of rows, with the device that syncs it."""

    def __init__(self, key):
        self._names = (f"{key.name} {number}" for number in itertools.count(1))
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        device_state.create(self.db)
        self.city = PlainCity(self.db)
        self.sign_with(key)

    def sign_with(self, key):
        self.device = Device(self.city, lambda: next(self._names), lambda: 0, sign=key.sign)

    def edit(self, key, **fields):
        touch = Touch("bin", key, {}, fields) if self.row(key) else Touch("bin", key, None, {**BIN, **fields})
        self.city.act("Anna", 0, [touch])

    def row(self, key):
        return self.city.rows([("bin", key)]).get(("bin", key))

    def exchange(self, centre):
        return finish(exchange_task(self.device, centre))


BIN = {
    name: value for name, value in entity_to_json(Bin(id="", geometry=Point(121.5, 31.2))).items() if name not in ("kind", "id")
}


@pytest.fixture
def desk():
    """Return a function that makes an office's computer."""
    desks = []

    def made(number=0):
        desks.append(Desk(KEYS[number]))
        return desks[-1]

    yield made
    for one in desks:
        one.db.close()


@pytest.fixture
def filled(service):
    """Return the service with the little city, as its administrator put it there."""
    ops = [added(item) for item in city()]
    with service.store.reading():
        epoch = service.store.head().epoch
    service.whole().push(Push("seed", epoch, 1, 0, GENESIS, (Mutation("seed", 1, GENESIS, tuple(ops), "", 0, epoch, 1),)))
    return service


@pytest.fixture(scope="module")
def issuer():
    """Return the address of a small OpenID provider, a process of its own with real signatures."""
    with subprocess.Popen(
        [sys.executable, Path(__file__).parent / "oidc_provider.py"], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process.stdout.readline().strip()
        process.terminate()
