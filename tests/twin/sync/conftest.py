"""Offices for tests of sync: a centre in memory, and workspaces that are its devices."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from twin.store import Store
from twin.sync.center import Center
from twin.sync.device import Outcome
from twin.sync.messages import Fill, decode, encode
from twin.sync.scope import EVERYTHING
from twin.sync.sqlite_log import SqliteLog
from twin.sync.workspace import device_of


class Office:
    """A workspace and its device, which meets the centre when it is told to; messages travel as bytes."""

    def __init__(self, center, store):
        self.center, self.store, self.device, self.scope = center, store, device_of(store), EVERYTHING

    def sync(self, limit=None, most=200):
        """Meet the centre until it has nothing more to tell, and return what became of its messages."""
        found = []
        for _ in range(most):
            self.hear(self.center.push(self.sent(self.device.push())))
            outcome = self.hear(self.answer(limit))
            if outcome is Outcome.OLD:
                return found
            found.append(outcome)
        raise AssertionError(f"no end: {found}")

    def answer(self, limit=None):
        ask = self.sent(self.device.ask(limit))
        return self.center.fill(ask, self.scope) if isinstance(ask, Fill) else self.center.pull(ask, self.scope)

    def hear(self, message):
        return self.device.receive(self.sent(message))

    def reopened(self, do):
        """Close the workspace, do something with its folder, and open it again."""
        self.store.close()
        do(self.store.path)
        self.store = Store.open(self.store.path)
        self.device = device_of(self.store)

    def sent(self, message):
        return decode(encode(message))


@pytest.fixture
def center():
    names = (f"epoch {number}" for number in itertools.count(1))
    made = Center(SqliteLog(), lambda: next(names), lambda: 1_790_000_000_000)
    made.found()
    yield made
    made.store.close()


@pytest.fixture
def make_office(center, tmp_path):
    """Make offices, each with an empty workspace and clocks that go on by a second at each look."""
    offices = []

    def make(name):
        clock = (datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=count) for count in itertools.count())
        store = Store.create(tmp_path / f"{name}.twin", now=lambda: next(clock), random=Random(name))
        offices.append(Office(center, store))
        return offices[-1]

    yield make
    for office in offices:
        office.store.close()
