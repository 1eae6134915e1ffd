"""Calling the command line inside the test's process."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from random import Random

import pytest
import shapely

from twin.model.changes import Change
from twin.model.network import Link, Node
from twin.model.places import Bin, Depot, DisposalSite, District, PopulationCell
from ui.cli import main
from ui.session import Session

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def call(capsys, monkeypatch):
    """Return a function that runs ``citytwin`` and gives exit status, output and errors."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "CITYTWIN_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)

    def run(*words):
        capsys.readouterr()
        status = main([str(word) for word in words])
        seen = capsys.readouterr()
        return status, seen.out, seen.err

    return run


@pytest.fixture
def call_json(call):
    """Return a function that runs ``citytwin … --json``, which must succeed, and gives the one object it printed."""

    def run(*words):
        status, out, err = call(*words, "--json")
        assert status == 0, err
        return json.loads(out)

    return run


@pytest.fixture
def workspace(session):
    """Return the path of the small city, closed."""
    session.close()
    return session.store.path


@pytest.fixture(scope="session")
def grid_path(tmp_path_factory):
    """Return the path of a city of streets on a grid with residents, on which trips can be simulated; not to be changed."""
    path = tmp_path_factory.mktemp("grid") / "grid.twin"
    with Session.create(path, name="grid", synthetic=True, now=lambda: NOON, random=Random(1)) as opened:
        opened.change([Change(None, entity) for entity in _grid(6, 5)], "Import of a grid")
    return path


@pytest.fixture
def grid(grid_path, tmp_path):
    """Return a copy of that city that may be changed."""
    return shutil.copytree(grid_path, tmp_path / "grid.twin")


@pytest.fixture
def collected(grid):
    """Return the path of that city with bins on its streets, a depot in one corner and a disposal site in another."""
    made = [
        Bin(id=f"b{row}", geometry=shapely.Point(118.8 + 0.004 * (row % 6), 32.0 + 0.004 * (row // 6)), fill_level=0.05 * row)
        for row in range(24)
    ]
    made.append(Depot(id="depot", geometry=shapely.Point(118.8, 32.0), vehicle_count=3))
    made.append(DisposalSite(id="site", geometry=shapely.Point(118.82, 32.016)))
    with Session.open(grid) as opened:
        opened.change([Change(None, entity) for entity in made], "Import of bins")
    return grid


def _grid(columns, rows):
    step = 0.004  # degrees: about 400 m
    nodes = {
        (i, j): Node(id=f"n{i}-{j}", geometry=shapely.Point(118.8 + i * step, 32.0 + j * step))
        for i in range(columns)
        for j in range(rows)
    }
    yield from nodes.values()
    for (i, j), node in nodes.items():
        for other in ((i + 1, j), (i, j + 1), (i - 1, j), (i, j - 1)):
            if other in nodes:
                there, back = f"{node.id}>{nodes[other].id}", f"{nodes[other].id}>{node.id}"
                line = shapely.LineString([node.geometry, nodes[other].geometry])
                yield Link(
                    id=there,
                    tail_id=node.id,
                    head_id=nodes[other].id,
                    reverse_id=back,
                    geometry=line,
                    length_m=400.0,
                    name=f"Street {i}{j}",
                )
        square = node.geometry.buffer(0.0005, cap_style="square")
        yield PopulationCell(id=f"p{i}-{j}", geometry=square, residents=200.0 * (1 + (i * 7 + j * 3) % 5))
    yield District(id="d", geometry=shapely.box(118.799, 31.999, 118.807, 32.007), name="西区", name_en="West")
