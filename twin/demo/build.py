"""Writes the demo city into a workspace of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

from twin.demo.city import City, draw_city
from twin.demo.plan import NOW, PROJECTION
from twin.model.changes import Change
from twin.store import Store
from twin.task import Progress, Task

NAME = "Demo City 演示市 (synthetic)"
LOT = 5000


def build_demo(path: Path, *, seed: int = 1) -> Task[Path]:
    """Create the workspace ``path`` with the demo city of a seed in it, and return the path.

    The same seed gives the same bytes of every file. Raises ``StorageError`` when there is something at
    ``path``; cancelled or failed, it leaves nothing there.
    """
    with Store.create(path, name=NAME, synthetic=True, now=lambda: NOW, random=Random(seed)) as store:
        is_done = False
        try:
            city = yield from draw_city(seed)
            yield from _write(store, city)
            is_done = True
        finally:
            if not is_done:
                store.close()
                shutil.rmtree(path, ignore_errors=True)
    return path


def _write(store: Store, city: City) -> Task[None]:
    """Store a city in one transaction."""
    store.set_origin(PROJECTION.lon, PROJECTION.lat)
    count = len(city.entities)
    with store.transaction(f"Demo city, seed {city.seed}") as transaction:
        for start in range(0, count, LOT):
            yield Progress("Storing the city", start, count)
            transaction.write(Change(None, entity) for entity in city.entities[start : start + LOT])
        for kind, columns in city.histories.items():
            yield Progress("Storing histories", count, count)
            transaction.append_history(kind, columns)
        transaction.set_terrain(city.terrain)
