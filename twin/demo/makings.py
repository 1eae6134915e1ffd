"""What every part of the demo city is made with: keys, the plane, and entities from columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.demo.plan import NOW, PROJECTION, Plan
from twin.demo.warp import Warp
from twin.identity import IdFactory
from twin.model.entity import Entity

SOURCE = "demo"


@dataclass
class Makings:
    """The plan of one city, the map from its sheet, and its factory of keys."""

    plan: Plan
    warp: Warp = field(init=False)
    ids: IdFactory = field(init=False)

    def __post_init__(self) -> None:
        self.warp = Warp(self.plan)
        now_ms = int(NOW.timestamp() * 1000)
        self.ids = IdFactory(now_ms=lambda: now_ms, random=Random(self.plan.seed))

    def keys(self, count: int) -> list[str]:
        """Return new keys."""
        return [self.ids() for _ in range(count)]

    def entities(
        self,
        entity_type: type[Entity],
        geometry: NDArray[Any] | None,
        columns: Mapping[str, Any],
        keys: Sequence[str] | None = None,
    ) -> list[Entity]:
        """Return entities of one type from columns of equal length.

        ``geometry`` is an object array in the city's metres; it is stored in degrees to the nearest centimetre.
        """
        count = len(next(iter(columns.values())))
        made = self.keys(count) if keys is None else keys
        places = [None] * count if geometry is None else degrees(geometry).tolist()
        return list(_rows(entity_type, made, places, columns))


def _rows(entity_type: type[Entity], keys: Sequence[str], places: Sequence[Any], columns: Mapping[str, Any]) -> Iterator[Entity]:
    plain = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values()]
    for number, (key, place, *values) in enumerate(zip(keys, places, *plain, strict=True), start=1):
        facts = dict(zip(columns, values, strict=True))
        yield entity_type(id=key, geometry=place, source=SOURCE, source_id=f"{entity_type.kind}-{number:05d}", **facts)


def degrees(geometry: NDArray[Any]) -> NDArray[Any]:
    """Return geometries in longitude and latitude, rounded to 1e-7 degrees (a centimetre); areas run counter-clockwise."""
    turned = shapely.transform(geometry, lambda xy: np.round(PROJECTION.to_lon_lat(xy), 7))
    return np.asarray(shapely.orient_polygons(turned), dtype=object)
