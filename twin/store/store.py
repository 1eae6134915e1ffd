"""The store of one workspace: the only door to what a city is, was and will be asked about."""

from __future__ import annotations

import difflib
import random as random_module
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, ClassVar, Self

from psygnal import Signal

from twin.errors import BugError, ScenarioError, StorageError
from twin.geo import Bounds, Projection
from twin.identity import IdFactory
from twin.model.catalogue import HISTORY_OF, KIND_OF
from twin.model.changes import Change, Effects, JournalEntry, PassedOver, Step
from twin.model.entity import Entity
from twin.model.results import Result
from twin.model.scenario import BASELINE, Scenario, baseline
from twin.model.snapshot import Snapshot, Terrain
from twin.store import files, history, journal, migrations, reading, results, terrain, workspace
from twin.store.claim import Claim
from twin.store.faults import reported
from twin.store.files import StoredFile
from twin.store.lock import WriterLock
from twin.store.measured import MeasuredLog
from twin.store.results import ResultSummary
from twin.store.rows import stored_entities
from twin.store.tables import TABLES, to_cell
from twin.store.transaction import Transaction
from twin.store.undo import RefusedError, next_step, take_back
from twin.store.workspace import Connections, WorkspaceInfo
from twin.task import Task


def utc_now() -> datetime:
    """Return the time of this machine's clock."""
    return datetime.now(UTC)


class Store:
    """A workspace that is open. Use ``Store.create`` or ``Store.open``, and ``close`` it, or use it in ``with``.

    Any thread may read, also while another one writes: it sees the last finished transaction. ``changed`` is
    emitted with the effects after each transaction, in the thread that wrote.
    """

    changed: ClassVar[Signal] = Signal(object)

    def __init__(self, path: Path, *, writable: bool, now: Callable[[], datetime], random: Random) -> None:
        self.path, self.writable, self._now = path, writable, now
        self.ids = IdFactory(self.now_ms, random)
        self._connections: Connections | None = None
        self._claim = Claim()
        self._open: Transaction | None = None
        self._readings: tuple[tuple[str, ...], reading.Readings] | None = None
        self._heights: tuple[str, Terrain] | None = None
        self._steps: tuple[int, tuple[Step, Step]] | None = None
        self._lock: WriterLock | None = WriterLock(path, now()) if writable else None
        try:
            self._connect(now)
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        name: str = "",
        synthetic: bool = False,
        now: Callable[[], datetime] = utc_now,
        random: Random | None = None,
    ) -> Self:
        """Make a new workspace and open it for writing.

        ``synthetic`` says that the city is made up. Raises ``StorageError`` when there is something at ``path``.
        """
        path = Path(path)
        workspace.require_name(path)
        if path.exists():
            raise StorageError(f"'{path.name}' exists already in {path.parent}.", "Choose another name, or open it.")
        with reported(path):
            path.mkdir(parents=True)
        try:
            with reported(path):
                for folder in workspace.FOLDERS:
                    (path / folder).mkdir()
            return cls._founded(path, name or path.stem, synthetic, now, random or random_module.SystemRandom())
        except BaseException:
            workspace.remove(path)
            raise

    @classmethod
    def _founded(cls, path: Path, name: str, synthetic: bool, now: Callable[[], datetime], random: Random) -> Self:
        workspace.found(path, now)
        store = cls(path, writable=True, now=now, random=random)
        values = {"id": store.ids(), "name": name, "synthetic": str(int(synthetic)), "created_at": now().isoformat()}
        try:
            with store._exclusive() as db:
                db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def open(
        cls, path: Path, *, writable: bool = True, now: Callable[[], datetime] = utc_now, random: Random | None = None
    ) -> Self:
        """Open a workspace.

        For writing there can be one program at a time; for reading (``writable=False``) any number, beside a
        writer and on a read-only disk. Raises ``StorageError`` that says what is wrong and what to do.
        """
        path = Path(path)
        workspace.require_workspace(path)
        return cls(path, writable=writable, now=now, random=random or random_module.SystemRandom())

    def _connect(self, now: Callable[[], datetime]) -> None:
        self._connections = Connections(self.path, writable=self.writable)
        with reported(self.path):
            db = self._connections.writer  # checked when it was opened
            if db is None:
                migrations.check(self._connections.reader(), self.path, writable=False)
            else:
                migrations.migrate(db, now)
                files.sweep(self.path, db)

    # ── what it is ──

    @property
    def info(self) -> WorkspaceInfo:
        """What the workspace says of itself."""
        meta = self._meta()
        return WorkspaceInfo(meta["id"], meta["name"], meta["synthetic"] == "1", datetime.fromisoformat(meta["created_at"]))

    @property
    def name(self) -> str:
        """Name of the city."""
        return self._meta()["name"]

    @property
    def synthetic(self) -> bool:
        """Whether the city was made up."""
        return self._meta()["synthetic"] == "1"

    @property
    def version(self) -> int:
        """Number of the newest journal entry; 0 in an empty workspace."""
        with self._reading() as db:
            return journal.version(db)

    @property
    def city_version(self) -> int:
        """Number of the newest journal entry that changed more than scenarios: what snapshots and results carry.

        So results stay comparable while a planner edits scenarios.
        """
        with self._reading() as db:
            return journal.city_version(db)

    @property
    def projection(self) -> Projection:
        """The city's plane. Raises ``StorageError`` while nothing with a place was written and no origin was set."""
        meta = self._meta()
        if "origin_lon" not in meta and self._claim.is_mine and self._open is not None and self._open.bounds is not None:
            self._fix_origin(self._open)
            meta = self._meta()
        if "origin_lon" not in meta:
            raise StorageError(
                f"The city '{self.path.name}' has no place on the earth yet.", "Import roads or another layer with places first."
            )
        return Projection(float(meta["origin_lon"]), float(meta["origin_lat"]))

    def set_origin(self, lon: float, lat: float) -> None:
        """Fix the origin of the city's plane (degrees). Raises ``StorageError`` when it is fixed already."""
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise StorageError(f"The origin {lon}, {lat} is not on the earth.", "Give longitude -180–180 and latitude -90–90.")
        with self._exclusive() as db:
            if "origin_lon" in self._meta():
                raise StorageError(
                    f"The origin of '{self.path.name}' is fixed already.", "Create a new workspace for another city."
                )
            values = (("origin_lon", repr(float(lon))), ("origin_lat", repr(float(lat))))
            db.executemany("INSERT INTO meta VALUES (?, ?)", values)

    def now_ms(self) -> int:
        """Return this workspace's clock as Unix time in milliseconds."""
        return int(self._now().timestamp() * 1000)

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each kind and of each history."""
        with self._reading() as db:
            found = {kind: int(db.execute(f'SELECT count(*) FROM "{kind}"').fetchone()[0]) for kind in KIND_OF}
            for kind in HISTORY_OF:
                found[kind] = sum(file.rows for file in files.active(db, kind))
        return found

    def history_span(self, kind: str) -> tuple[datetime, datetime] | None:
        """Return the first and last moment of a history, from its register and not from its rows; None without any."""
        with self._reading() as db:
            known = [
                (file.first, file.last) for file in files.active(db, kind) if file.first is not None and file.last is not None
            ]
        if not known:
            return None
        ends = min(first for first, _ in known), max(last for _, last in known)
        first, last = (datetime.fromtimestamp(microseconds // 1_000_000, UTC) for microseconds in ends)
        return first, last

    def bounds(self, kinds: Iterable[str] | None = None) -> Bounds | None:
        """Return west, south, east, north (degrees) of all places of some kinds (default: all), None without any."""
        trees = [TABLES[kind].tree for kind in (KIND_OF if kinds is None else kinds) if TABLES[kind].tree]
        with self._reading() as db:
            rows = [db.execute(f'SELECT min(west), min(south), max(east), max(north) FROM "{t}"').fetchone() for t in trees]
        found = [row for row in rows if row[0] is not None]
        if not found:
            return None
        west, south, east, north = zip(*found, strict=True)
        return min(west), min(south), max(east), max(north)

    # ── reading ──

    def snapshot(
        self,
        kinds: Iterable[str] | None = None,
        *,
        bounds: Bounds | None = None,
        at: datetime | None = None,
        histories: Iterable[str] = (),
        with_terrain: bool = True,
    ) -> Snapshot:
        """Return the city as immutable columns.

        ``kinds`` defaults to all. ``bounds`` (west, south, east, north in degrees) leaves out places that do not
        touch them. ``at`` gives bins their newest fill reading not after it and leaves out incidents and cases
        that happened later. Histories come whole. An empty city lies around longitude 0, latitude 0. Who needs no
        heights asks for none, so that a damaged terrain is not in the way.
        """
        with self._reading() as db:
            meta = self._meta()
            projection = Projection(float(meta.get("origin_lon", 0)), float(meta.get("origin_lat", 0)))
            view = reading.View(projection, bounds, at)
            frames = {kind: reading.frame(db, kind, view) for kind in (KIND_OF if kinds is None else kinds)}
            if at is not None and "bin" in frames:
                frames["bin"] = self._fill_readings(db).on(frames["bin"], at)
            found = {kind: self._history(db, kind) for kind in histories}
            return Snapshot(
                name=meta["name"],
                version=journal.city_version(db),
                projection=projection,
                frames=frames,
                histories=found,
                terrain=self._terrain(db) if with_terrain else None,
                at=at,
                bounds=bounds,
                synthetic=meta["synthetic"] == "1",
                sources=reading.sources(db, frames),
            )

    def files(self) -> list[StoredFile]:
        """Return the files of the city that count: its histories and its terrain."""
        with self._reading() as db:
            return [file for kind in (*HISTORY_OF, terrain.KIND) for file in files.active(db, kind)]

    @property
    def has_terrain(self) -> bool:
        """Whether the city has heights; its register is asked, not their file."""
        with self._reading() as db:
            return bool(files.active(db, terrain.KIND))

    def source_names(self) -> tuple[str, ...]:
        """Return the names of everything that the city's records came from, sorted."""
        with self._reading() as db:
            return tuple(sorted(reading.sources(db, KIND_OF)))

    def get(self, kind: str, id: str) -> Entity | None:  # noqa: A002  the word for a key everywhere here
        """Return one entity, or None."""
        with self._reading() as db:
            return stored_entities(db, TABLES[kind], [id]).get(id)

    def find(self, kind: str, **equals: Any) -> list[Entity]:
        """Return the entities whose attributes have these values, in the order in which they were first written."""
        table = TABLES[kind]
        known = {**table.attributes, "id": None, "source": None, "source_id": None, "source_hash": None}
        parts, values = ["1"], []
        for name, value in equals.items():
            if name not in known:
                raise BugError(f"{kind} has no attribute {name!r}")
            facts = known[name]
            parts.append(f'"{name}" IS ?')
            values.append(value if facts is None else to_cell(facts, value))
        with self._reading() as db:
            rows = db.execute(f'SELECT {table.columns} FROM "{kind}" WHERE {" AND ".join(parts)} ORDER BY row', values)
            return table.decode(rows.fetchall())

    def sources(self, kind: str, source: str) -> dict[str, tuple[str, str]]:
        """Return key and digest of every record that came from a source, by the source's own key."""
        with self._reading() as db:
            rows = db.execute(
                f"SELECT source_id, id, source_hash FROM \"{kind}\" WHERE source = ? AND source_id <> '' ORDER BY row", (source,)
            )
            return {source_id: (key, digest) for source_id, key, digest in rows}

    # ── writing ──

    def write(self, changes: Iterable[Change], *, title: str, author: str = "") -> Effects:
        """Make changes in one transaction and return the keys touched, by kind."""
        with self.transaction(title, author) as transaction:
            transaction.write(changes)
        return transaction.effects

    @contextmanager
    def transaction(self, title: str, author: str = "") -> Iterator[Transaction]:
        """Open a transaction; leaving it with an exception takes everything back, files too.

        A transaction that changes nothing leaves no entry in the journal. Raises ``StorageError`` when another
        one is open.
        """
        with self._transaction(title, author, None) as transaction:
            yield transaction
        if transaction.effects:
            self.changed.emit(transaction.effects)

    @contextmanager
    def reception(self, title: str) -> Iterator[Transaction]:
        """Open a transaction for what comes from the centre; it waits for one that is open, and edits wait for it.

        It is short: who edits meanwhile does not notice. It is kept also when the city stays as it is.
        """
        with self._transaction(title, "", None, is_received=True) as transaction:
            yield transaction
        if transaction.effects:
            self.changed.emit(transaction.effects)

    @property
    def is_writing_here(self) -> bool:
        """Whether this thread has a transaction open."""
        return self._open is not None and self._claim.is_mine

    @contextmanager
    def looking(self) -> Iterator[sqlite3.Connection]:
        """Give a connection on which the block sees one state of the city: for what sync keeps beside it."""
        with self._reading() as db:
            yield db

    @contextmanager
    def _transaction(self, title: str, author: str, undoes: int | None, *, is_received: bool = False) -> Iterator[Transaction]:
        db = self._writer()
        with self._claim.held(title, is_brief=is_received):
            transaction = None
            try:
                with reported(self.path):
                    db.execute("BEGIN IMMEDIATE")
                transaction = self._open = Transaction(db, self.path, title)
                yield transaction
                transaction.finish()
                self._commit(db, transaction, author, undoes, is_received=is_received)
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                if transaction is not None:
                    transaction.discard_files()
                raise
            finally:
                self._open = None

    def _commit(
        self, db: sqlite3.Connection, transaction: Transaction, author: str, undoes: int | None, *, is_received: bool
    ) -> None:
        with reported(self.path):
            if not transaction.change_count:
                db.execute("COMMIT" if is_received else "ROLLBACK")
                return
            self._fix_origin(transaction)
            entry = JournalEntry(
                transaction.number, transaction.title, author, self._now(), transaction.change_count, undoes, is_received
            )
            journal.append_entry(db, entry, self.ids(), city=transaction.city)
            db.execute("COMMIT")

    def undo(self, author: str = "", *, after: int = 0) -> Step:
        """Take the newest change back that can be, by a new journal entry; ``after`` spares what was written up to an entry.

        What somebody else's work has changed since is passed over, and so is what would make a record or a name twice.
        """
        with self._reading() as db:
            numbers, _ = journal.undo_and_redo(db)
            numbers = [number for number in numbers if not after or journal.root(db, number)[0] > after]
        return self._take_back(numbers, "Undo", author)

    def redo(self, author: str = "") -> Step:
        """Make the change again that was last taken back and can be made; none once something was written here since."""
        with self._reading() as db:
            _, numbers = journal.undo_and_redo(db)
        return self._take_back(numbers, "Redo", author)

    def _take_back(self, numbers: Iterable[int], word: str, author: str) -> Step:
        db = self._writer()
        passed: list[PassedOver] = []
        for number in numbers:
            with reported(self.path):
                title = journal.root_title(db, number)
            try:
                with self._transaction(f"{word}: {title}", author, number) as transaction:
                    take_back(db, transaction, number)
            except RefusedError as error:
                passed.append(PassedOver(title, error.why))
                continue
            self.changed.emit(transaction.effects)
            return Step(title, transaction.effects, tuple(passed))
        return Step(passed_over=tuple(passed))

    def next_steps(self) -> tuple[Step, Step]:
        """Return what undo and redo would do next; entries of very many changes are not looked into before they are tried."""
        with self._reading() as db:
            version = journal.version(db)
            if self._steps is None or self._steps[0] != version:
                undo, redo = journal.undo_and_redo(db)
                self._steps = version, (next_step(db, undo), next_step(db, redo))
            return self._steps[1]

    def journal(self, limit: int = 100) -> list[JournalEntry]:
        """Return the newest journal entries, newest first."""
        with self._reading() as db:
            return journal.entries(db, limit)

    # ── scenarios and results ──

    def scenarios(self) -> list[Scenario]:
        """Return the stored scenarios; the baseline is implicit and not among them."""
        return [entity for entity in self.find("scenario") if isinstance(entity, Scenario)]

    def scenario(self, name: str) -> Scenario:
        """Return a scenario by name. Raises ``ScenarioError`` that lists names that are near."""
        if name == BASELINE:
            return baseline()
        found = {scenario.name: scenario for scenario in self.scenarios()}
        if name in found:
            return found[name]
        near = difflib.get_close_matches(name, [*found, BASELINE], n=3, cutoff=0.4) or [*found, BASELINE][:5]
        raise ScenarioError(f"There is no scenario '{name}'.", f"Did you mean {' or '.join(repr(item) for item in near)}?")

    def save_result(self, result: Result, scenario: Scenario | None = None) -> str:
        """Save a result and return its name. ``scenario`` is the one that was run, by default the stored one of its name."""
        if result.is_draft:
            raise BugError("a draft is not for keeping")
        run = scenario or self.scenario(result.scenario)
        with self._exclusive() as db:
            return results.save(self.path, db, result, results.scenario_hash(run), self._now())

    def results(self) -> list[ResultSummary]:
        """Return all saved results, newest first; those of an older city or scenario are marked stale."""
        hashes = {scenario.name: results.scenario_hash(scenario) for scenario in (baseline(), *self.scenarios())}
        with self._reading() as db:
            return results.summaries(db, journal.city_version(db), hashes)

    def result(self, simulation: str, scenario_name: str) -> Result | None:
        """Return the newest result that is not stale of a simulation and a scenario, or None."""
        for summary in self.results():
            if (summary.simulation, summary.scenario, summary.stale) == (simulation, scenario_name, False):
                with reported(self.path):
                    return results.load(self.path, summary.name)
        return None

    def load_result(self, name: str) -> Result:
        """Return a saved result by its name, stale or not."""
        with reported(self.path):
            return results.load(self.path, name)

    def measured(self, simulation: str, params: Mapping[str, Any], seed: int) -> MeasuredLog:
        """Return what sweeps with these parameters have measured on the city as it is now."""
        return MeasuredLog(self.path, self.city_version, simulation, params, seed, writable=self.writable)

    def export_geopackage(self, path: Path) -> Task[Path]:
        """Write the city as a GeoPackage for QGIS and GDAL: derived, whole or not at all."""
        from twin.store import geopackage  # GeoPandas is heavy: opening a city does not wait for it

        with reported(path):
            return (yield from geopackage.export(lambda kind: self.snapshot([kind]), Path(path), self._now()))

    # ── closing ──

    def close(self) -> None:
        """Close the workspace; closing twice does nothing."""
        connections, self._connections = self._connections, None
        lock, self._lock = self._lock, None
        try:
            if connections is not None:
                connections.close()
        finally:
            if lock is not None:
                lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ── inside ──

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection on which the block sees one state of the city.

        Inside this thread's own transaction that is what was written so far; elsewhere the last finished one.
        """
        if self._connections is None:
            raise StorageError(f"The workspace '{self.path.name}' is closed.", "Open it again.")
        if self._claim.is_mine and self._open is not None:
            self._open.flush()
            with reported(self.path):
                yield self._writer()
            return
        with reported(self.path):
            db = self._connections.reader()
            nested = db.in_transaction
            if not nested:
                db.execute("BEGIN")
            try:
                yield db
            finally:
                if not nested:
                    db.execute("COMMIT")

    def _writer(self) -> sqlite3.Connection:
        if self._connections is None:
            raise StorageError(f"The workspace '{self.path.name}' is closed.", "Open it again.")
        if self._connections.writer is None:
            raise StorageError(f"The workspace '{self.path.name}' is open for reading only.", "Open it for writing.")
        return self._connections.writer

    def _meta(self) -> dict[str, str]:
        with self._reading() as db:
            return dict(db.execute("SELECT name, value FROM meta").fetchall())

    @contextmanager
    def _exclusive(self) -> Iterator[sqlite3.Connection]:
        """Give the writing connection for something that is no change of the city: in the open transaction or its own."""
        db = self._writer()
        with reported(self.path):
            if self._claim.is_mine:
                yield db
                return
            with self._claim.held("something short", is_brief=True, longest_s=None):
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.execute("COMMIT")
                finally:
                    if db.in_transaction:
                        db.execute("ROLLBACK")

    def _fix_origin(self, transaction: Transaction) -> None:
        """Put the origin in the middle of the first places written."""
        if transaction.bounds is None or "origin_lon" in self._meta():
            return
        west, south, east, north = transaction.bounds
        self.set_origin(round((west + east) / 2, 6), round((south + north) / 2, 6))

    def _history(self, db: sqlite3.Connection, kind: str) -> history.Columns:
        return history.read(kind, [self.path / file.name for file in files.active(db, kind)])

    def _fill_readings(self, db: sqlite3.Connection) -> reading.Readings:
        """Return the fill readings, kept from call to call: the time slider asks for them at each step."""
        key = tuple(file.name for file in files.active(db, "fill_reading"))
        kept = self._readings
        if kept is None or kept[0] != key:
            self._readings = kept = key, reading.Readings(self._history(db, "fill_reading"))
        return kept[1]

    def _terrain(self, db: sqlite3.Connection) -> Terrain | None:
        found = files.active(db, terrain.KIND)
        if not found:
            return None
        kept = self._heights
        if kept is None or kept[0] != found[-1].name:
            self._heights = kept = found[-1].name, terrain.read(self.path / found[-1].name)
        return kept[1]
