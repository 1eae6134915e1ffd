"""Areas by their outline: the H3 cells in which a district or a unit grid lies, for things that do not name theirs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import h3.api.numpy_int as h3
import shapely

from twin.geo import CELL_RESOLUTION


def covering(outlines: Iterable[bytes]) -> frozenset[int]:
    """Return the cells whose middles lie in outlines (WKB, degrees), whole parents in place of their children.

    A thing within 65 m of a border may be found on its other side: where it matters, things name their district.
    """
    return frozenset(cell for outline in outlines for cell in _cells(outline))


@lru_cache(256)
def _cells(outline: bytes) -> tuple[int, ...]:
    shape: Any = shapely.from_wkb(outline)
    if shape is None or shape.is_empty:
        return ()
    found = h3.geo_to_cells(shape, CELL_RESOLUTION)
    return tuple(int(cell) for cell in h3.compact_cells(found))
