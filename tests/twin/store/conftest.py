"""A workspace with a clock that steps and seeded keys, so that the same test makes the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest

from twin.store import Store


def stepping_clock(start=datetime(2026, 3, 1, 8, tzinfo=UTC)):
    seconds = count()
    return lambda: start + timedelta(seconds=next(seconds))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "city.twin"


@pytest.fixture
def store(folder: Path):
    with Store.create(folder, now=stepping_clock(), random=Random(1)) as opened:
        yield opened
