"""One import: a source is read, matched with what the city has, and written in one transaction."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from twin.errors import DataError, StorageError
from twin.geo import Bounds, Projection
from twin.ingest.histories import Histories
from twin.ingest.report import ImportReport
from twin.model.changes import Change
from twin.model.entity import COMMON_FIELDS, Entity
from twin.model.network import Link
from twin.model.snapshot import Terrain
from twin.model.validation import all_problems
from twin.sources import HistoryBatch, Note, Problem, ReadOptions, TerrainGrid, source_for
from twin.store import Store, Transaction
from twin.task import Progress, Task

_LOT = 4000
# Attributes that hold the key of another entity: sources write its source key there.
REFERENCES: Mapping[str, Mapping[str, str]] = {
    "link": {"tail_id": "node", "head_id": "node", "reverse_id": "link"},
    "movement": {"from_link_id": "link", "via_node_id": "node", "to_link_id": "link"},
    "counter": {"link_id": "link"},
    "zone": {"out_node_id": "node", "in_node_id": "node"},
}
# The bounds of a city are those of the first of these that it has: a lake or a county may reach far beyond it.
_BOUNDING_KINDS = ("node", "building", "bin", "camera", "population_cell", "incident", "district")


def import_source(store: Store, path: Path, options: ReadOptions | None = None) -> Task[ImportReport]:
    """Import a file into the city: all of it that is whole, or nothing.

    Importing the same file again changes nothing; a record that its source changed is changed. Closing the
    task takes everything back.

    Raises ``DataError`` when the file cannot be used and ``StorageError`` when the workspace refuses; the
    city is then as it was.
    """
    path = Path(path)
    source = source_for(path)
    options = _with_city(options or ReadOptions(), store)
    run = _Import(store, ImportReport(options.source or ("osm" if source.name == "osm" else path.name), path.name))
    with store.transaction(f"Import {path.name}") as transaction:
        run.begin(transaction)
        for item in source.read(path, options):
            if isinstance(item, Progress):
                yield item
            elif isinstance(item, Entity):
                if run.take(item):
                    yield Progress("Writing records", run.report.total, 0)
            else:
                run.take_other(item)
        run.finish()
        run.check()
        yield Progress("Saving", 1, 1)
    return run.report


def city_bounds(store: Store) -> Bounds | None:
    """Return where the city is (degrees), None while it is empty."""
    for kind in _BOUNDING_KINDS:
        found = store.bounds([kind])
        if found is not None:
            return found
    return None


def _with_city(options: ReadOptions, store: Store) -> ReadOptions:
    projection: Projection | None
    try:
        projection = store.projection
    except StorageError:  # an empty city has no plane yet
        projection = None
    return dataclasses.replace(options, bounds=options.bounds or city_bounds(store), projection=projection)


@dataclass(eq=False)
class _Import:
    store: Store
    report: ImportReport
    _waiting: list[Entity] = field(default_factory=list)
    _known: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    _new_ids: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    _stored: dict[str, dict[str, Entity]] = field(default_factory=dict)
    _links: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _nodes: set[str] = field(default_factory=set)

    def begin(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self._histories = Histories(self.store, transaction, self.report)

    def take(self, entity: Entity) -> bool:
        """Take one entity; true when a lot was written."""
        if self._waiting and (len(self._waiting) >= _LOT or type(self._waiting[0]) is not type(entity)):
            self._write()
            self._waiting.append(entity)
            return True
        self._waiting.append(entity)
        return False

    def take_other(self, item: object) -> None:
        if isinstance(item, Problem):
            self.report.problems.append(item)
        elif isinstance(item, Note):
            self.report.notes.append(item.text)
        elif isinstance(item, HistoryBatch):
            self._write()
            kind = self._histories.subject_kind(item.kind)
            self._histories.add(item, {**self._keys(kind), **self._new_ids[kind]})
        elif isinstance(item, TerrainGrid):
            self._set_terrain(item)

    def finish(self) -> None:
        self._write()
        self._remove_replaced_links()

    def check(self) -> None:
        """Refuse a file of which nothing could be used."""
        if self.report.total:
            return
        first = self.report.problems[0] if self.report.problems else None
        found = (
            f"{len(self.report.problems)} records were refused, the first (row {first.row}): {first.reason}"
            if first
            else "it is empty"
        )
        raise DataError(f"Nothing in {self.report.file} can be used: {found}.", "Check --as, --crs and --mapping.")

    def _keys(self, kind: str) -> dict[str, str]:
        return {source_id: key for source_id, (key, _) in self._records(kind).items()}

    def _records(self, kind: str) -> dict[str, tuple[str, str]]:
        """Return key and digest of what the city has from this source, by source key."""
        if kind not in self._known:
            self._known[kind] = self.store.sources(kind, self.report.source)
        return self._known[kind]

    def _id(self, kind: str, source_id: str) -> str:
        """Return the city's key of a record, a new one at its first mention."""
        known = self._records(kind).get(source_id)
        if known is not None:
            return known[0]
        new = self._new_ids[kind].get(source_id)
        if new is None:
            new = self._new_ids[kind][source_id] = self.store.ids()
        return new

    def _write(self) -> None:
        lot, self._waiting = self._waiting, []
        if not lot:
            return
        lot = self._without_problems(lot)
        kind = lot[0].kind if lot else ""
        self.transaction.write(self._changes(kind, lot))

    def _without_problems(self, lot: list[Entity]) -> list[Entity]:
        refused = set()
        for entity, found in all_problems(lot):
            refused.add(entity.source_id)
            self.report.problems.append(Problem(entity.source_id, f"{entity.label}: {'; '.join(found)}", self.report.file))
        return [entity for entity in lot if entity.source_id not in refused] if refused else lot

    def _changes(self, kind: str, lot: Sequence[Entity]) -> Iterator[Change]:
        known = self._records(kind) if kind else {}
        if kind == "link":
            self._note_links(lot)
        elif kind == "node":
            self._nodes.update(entity.source_id for entity in lot)
        references = REFERENCES.get(kind, {})
        for entity, digest in zip(lot, _digests(lot), strict=True):
            before = known.get(entity.source_id)
            if before is not None and before[1] == digest:
                self.report.unchanged[kind] += 1
                continue
            targets = {
                name: self._id(target, key) if (key := getattr(entity, name)) else "" for name, target in references.items()
            }
            new = dataclasses.replace(entity, id=self._id(kind, entity.source_id), source_hash=digest, **targets)
            if before is None:
                self.report.added[kind] += 1
                yield Change(None, new)
            else:
                self.report.changed[kind] += 1
                yield Change(self._before(kind, before[0]), new)

    def _before(self, kind: str, key: str) -> Entity:
        """Return what the city has; all of this source is read at the first change."""
        if kind not in self._stored:
            self._stored[kind] = {entity.id: entity for entity in self.store.find(kind, source=self.report.source)}
        return self._stored[kind][key]

    def _note_links(self, lot: Sequence[Entity]) -> None:
        for entity in lot:
            if isinstance(entity, Link):
                self._links[entity.way_id].add(entity.source_id)

    def _remove_replaced_links(self) -> None:
        """Remove links of a way that is cut otherwise now; those with an end outside this file stay."""
        if not self._links:
            return
        gone = [
            (source_id, key)
            for source_id, (key, _) in self._records("link").items()
            if source_id not in self._links[(parts := source_id.rsplit("/", 1))[0]]
            and parts[0] in self._links
            and all(f"node/{end}" in self._nodes for end in parts[-1].split("#")[0].split("-"))
            and self._links[parts[0]]
        ]
        self.report.removed.update({"link": len(gone)} if gone else {})
        self.transaction.write(Change(self._before("link", key), None) for _, key in gone)

    def _set_terrain(self, grid: TerrainGrid) -> None:
        before = self.store.snapshot(kinds=()).terrain
        after = grid.terrain
        if before is not None and _same_terrain(before, after):
            self.report.unchanged["terrain"] += 1
            return
        try:
            _ = self.store.projection
        except StorageError:
            self.store.set_origin(grid.projection.lon, grid.projection.lat)
        self.transaction.set_terrain(after)
        self.report.terrain = True


def _same_terrain(one: Terrain, two: Terrain) -> bool:
    if (one.x0_m, one.y0_m, one.step_m) != (two.x0_m, two.y0_m, two.step_m):
        return False
    return bool(np.array_equal(one.heights_m, two.heights_m, equal_nan=True))


def _digests(lot: Sequence[Entity]) -> Iterator[str]:
    """Return a digest of each record as its source has it: of what it says, by name, and not of what it leaves open.

    So an attribute that a later version of CityTwin adds changes no digest, and an import after it overwrites
    nothing that somebody has typed meanwhile.
    """
    if not lot:
        return
    unsaid = {item.name: repr(item.default) for item in dataclasses.fields(lot[0]) if item.name not in COMMON_FIELDS}
    places = shapely.to_wkb(np.array([entity.geometry for entity in lot], dtype=object))
    for entity, place in zip(lot, places, strict=True):
        said = ((name, repr(getattr(entity, name))) for name in unsaid)
        content = repr(sorted((name, value) for name, value in said if value != unsaid[name])).encode()
        yield hashlib.blake2b(content + (place or b""), digest_size=12).hexdigest()
