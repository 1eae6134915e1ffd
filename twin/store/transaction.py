"""One transaction: changes streamed in, checked, written in lots, and told to the journal."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from twin.errors import BugError, DataError, StorageError
from twin.geo import Bounds
from twin.model.catalogue import HISTORY_OF, WHAT_IF_KINDS
from twin.model.changes import Change, Effects
from twin.model.codec import Json
from twin.model.entity import Entity
from twin.model.snapshot import Terrain
from twin.model.validation import all_problems
from twin.store import files, history, journal, reception, terrain
from twin.store.faults import reported
from twin.store.files import StoredFile
from twin.store.journal import Record
from twin.store.rows import Rows

LOT = 8192
HISTORY_LOT = 1_000_000


class Transaction:
    """Everything between two versions of the city: it happens whole or not at all.

    Made by ``Store.transaction``. ``effects`` grows as changes are written.
    """

    def __init__(self, db: sqlite3.Connection, folder: Path, title: str) -> None:
        self._db, self._folder, self.title = db, folder, title
        self.number = journal.version(db) + 1
        self.change_count = 0
        self.city = False
        self.bounds: Bounds | None = None
        self._rows = Rows(db)
        self._lot: dict[tuple[str, str], Change] = {}
        self._ids: dict[str, set[str]] = defaultdict(set)
        self._histories: dict[str, list[history.Columns]] = defaultdict(list)
        self._placed: list[Path] = []

    @property
    def effects(self) -> Effects:
        """Keys touched so far, by kind."""
        return {kind: frozenset(ids) for kind, ids in self._ids.items()}

    def write(self, changes: Iterable[Change]) -> None:
        """Take changes in order; they may come one by one from a long stream.

        Raises ``DataError`` for a value that may not be stored and ``StorageError`` when ``old`` is not what
        is stored; the transaction must then be left with the exception.
        """
        for change in changes:
            key = (change.entity.kind, change.entity.id)
            if len(self._lot) >= LOT or key in self._lot:
                self.flush()
            self._lot[key] = change

    def append_history(self, kind: str, columns: Mapping[str, Any]) -> None:
        """Add rows to a history: a mapping of column names to arrays ``(n,)`` as ``twin.model.observations`` has them."""
        if kind not in HISTORY_OF:
            raise BugError(f"there is no history kind {kind!r}")
        part = history.checked(kind, columns)
        if not len(part["at"]):
            return
        self._histories[kind].append(part)
        if sum(len(part["at"]) for part in self._histories[kind]) >= HISTORY_LOT:
            self._write_history(kind)

    def set_terrain(self, heights: Terrain) -> None:
        """Give the city this terrain in place of what it had.

        Raises ``StorageError`` while the city has no origin: terrain is in metres around it.
        """
        if not self._db.execute("SELECT 1 FROM meta WHERE name = 'origin_lon'").fetchone():
            raise StorageError("The terrain has no place: the city has no origin yet.", "Import roads first, or set the origin.")
        with reported(self._folder):
            name = f"rasters/terrain-{self.number:08d}-{len(self._placed):03d}.npz"
            digest = self._place(name, lambda path: terrain.write(path, heights))
            for old in files.active(self._db, terrain.KIND):
                self._switch(old, active=False)
            self._register(StoredFile(name, terrain.KIND, int(heights.heights_m.size), None, None, digest), {name})

    @property
    def database(self) -> sqlite3.Connection:
        """The connection of this transaction: for what sync keeps beside the city, written with it or not at all."""
        return self._db

    def receive(self, kind: str, rows: Mapping[str, Json | None]) -> dict[str, str]:
        """Make rows what the centre says, whatever they are here; None takes one away.

        Nothing of it is told to the journal: the centre's log has it. Return why some could not be shown, by key.
        """
        with reported(self._folder):
            received = reception.receive(self._db, self._rows, kind, rows)
        self.bounds = reception.wider(self.bounds, received.bounds)
        self.change_count += len(received.changed)
        if received.changed:
            self.touch(kind, received.changed)
        return received.refused

    def adopt(self, file: StoredFile, pieces: Iterable[bytes]) -> bool:
        """Take over a history or terrain of another workspace of this city, piece by piece; False when it is here already.

        Raises ``DataError`` when the bytes are not those of the register's digest.
        """
        if self._db.execute("SELECT 1 FROM file WHERE sha256 = ? AND kind = ?", (file.sha256, file.kind)).fetchone():
            return False
        folder, ending = ("rasters", "npz") if file.kind == terrain.KIND else ("history", "parquet")
        name = f"{folder}/{file.kind}-{self.number:08d}-{len(self._placed):03d}.{ending}"
        with reported(self._folder):
            digest = self._place(name, lambda path: files.write_pieces(path, pieces))
            if digest != file.sha256:
                raise DataError(f"The file '{file.name}' is not what it was.", "Fetch it again from where it came.")
            if file.kind == terrain.KIND:
                for old in files.active(self._db, terrain.KIND):
                    self._switch(old, active=False)
            self._register(replace(file, name=name), {name})
        return True

    def touch(self, kind: str, ids: Iterable[str]) -> None:
        """Count keys among the effects: for undo, which writes rows itself."""
        self._ids[kind].update(ids)
        self.city = self.city or kind not in WHAT_IF_KINDS

    def flush(self) -> None:
        """Write what is waiting."""
        lot, self._lot = list(self._lot.values()), {}
        by_kind: dict[str, list[Change]] = defaultdict(list)
        for change in lot:
            by_kind[change.entity.kind].append(change)
        with reported(self._folder):
            done = {kind: self._write_kind(kind, changes) for kind, changes in by_kind.items()}
            written = (done[change.entity.kind].get(change.entity.id) for change in lot)
            records = [record for record in written if record is not None]
            self._journal(records, {kind: found.keys() for kind, found in done.items() if found})

    def finish(self) -> None:
        """Write all that is waiting, histories too."""
        self.flush()
        for kind in list(self._histories):
            self._write_history(kind)

    def discard_files(self) -> None:
        """Remove the files of a transaction that is taken back."""
        for path in self._placed:
            files.remove(path)

    def _write_kind(self, kind: str, changes: list[Change]) -> dict[str, Record]:
        """Write the changes of one kind: removals first, so that what they free may be taken again."""
        _refuse_problems([change.new for change in changes if change.new is not None])
        removed = [change.old for change in changes if change.old is not None and change.new is None]
        pairs = [(change.old, change.new) for change in changes if change.old is not None and change.new is not None]
        added = [change.new for change in changes if change.new is not None and change.old is None]
        records = self._rows.remove(kind, removed)
        records |= self._rows.set(kind, pairs)
        records |= self._rows.add(kind, added)
        self._widen([change.new for change in changes if change.new is not None])
        return records

    def _widen(self, entities: list[Entity]) -> None:
        """Keep the bounds (degrees) of all that was written."""
        places = np.array([entity.geometry for entity in entities], dtype=object)
        west, south, east, north = shapely.total_bounds(places).tolist() if len(places) else [np.nan] * 4
        if np.isfinite(west):
            b = self.bounds or (west, south, east, north)
            self.bounds = (min(b[0], west), min(b[1], south), max(b[2], east), max(b[3], north))

    def _write_history(self, kind: str) -> None:
        columns = history.joined(kind, self._histories.pop(kind))
        times = columns["at"].astype("datetime64[us]").astype(np.int64)
        name = f"history/{kind}-{self.number:08d}-{len(self._placed):03d}.parquet"
        with reported(self._folder):
            digest = self._place(name, lambda path: history.write(path, columns))
            file = StoredFile(name, kind, len(times), int(times.min()), int(times.max()), digest)
            self._register(file, set(np.unique(columns["subject_id"].astype(str)).tolist()))

    def _place(self, name: str, write: Callable[[Path], None]) -> str:
        self._placed.append(self._folder / name)
        return files.place(self._folder, name, write)

    def _register(self, file: StoredFile, ids: set[str]) -> None:
        files.register(self._db, file)
        self._journal([Record("file", file.name, None, {"kind": file.kind, **file.as_json()})], {file.kind: ids})

    def _switch(self, file: StoredFile, *, active: bool) -> None:
        files.set_active(self._db, file.name, active=active)
        data = {"kind": file.kind, **file.as_json()}
        old, new = (None, data) if active else (data, None)
        self._journal([Record("file", file.name, old, new)], {file.kind: {file.name}})

    def _journal(self, records: list[Record], ids: Mapping[str, Iterable[str]]) -> None:
        self.change_count = journal.append_changes(self._db, self.number, self.change_count, records)
        for kind, touched in ids.items():
            self.touch(kind, touched)


def _refuse_problems(entities: list[Entity]) -> None:
    for entity, found in all_problems(entities):
        name = getattr(entity, "name", "") or entity.source_id or entity.id
        raise DataError(f"{entity.label} '{name}' cannot be stored: {'; '.join(found)}.", "Correct the named fields.")
