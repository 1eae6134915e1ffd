"""A workspace with a fixed clock and seeded keys, and a short way to import into it."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from twin.ingest import import_source
from twin.sources import ReadOptions
from twin.store import Store
from twin.task import finish


@pytest.fixture
def store(tmp_path):
    now = datetime(2026, 3, 1, 8, tzinfo=UTC)
    with Store.create(tmp_path / "city.twin", now=lambda: now, random=Random(1)) as opened:
        yield opened


@pytest.fixture
def bring(store):
    """Import a file and return the report."""

    def bring(path, **options):
        return finish(import_source(store, path, ReadOptions(**options)))

    return bring


@pytest.fixture
def written(tmp_path):
    def write(name, content, encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write
