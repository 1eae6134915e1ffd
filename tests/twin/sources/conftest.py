"""Reading without a store: what a source gives, sorted by what it is."""

from __future__ import annotations

from collections import defaultdict

import pytest

from twin.model.entity import Entity
from twin.sources import HistoryBatch, Note, Problem, ReadOptions, TerrainGrid, source_for


class Given:
    def __init__(self, items):
        self.kinds = defaultdict(list)
        self.problems, self.notes, self.histories, self.terrains = [], [], [], []
        for item in items:
            if isinstance(item, Entity):
                self.kinds[item.kind].append(item)
            elif isinstance(item, Problem):
                self.problems.append(item)
            elif isinstance(item, Note):
                self.notes.append(item.text)
            elif isinstance(item, HistoryBatch):
                self.histories.append(item)
            elif isinstance(item, TerrainGrid):
                self.terrains.append(item)

    def by_id(self, kind):
        return {entity.source_id: entity for entity in self.kinds[kind]}


@pytest.fixture
def read():
    def read(path, **options):
        return Given(source_for(path).read(path, ReadOptions(**options)))

    return read


@pytest.fixture
def written(tmp_path):
    """Write a small file and return its path."""

    def write(name, content, encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write
