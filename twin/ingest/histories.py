"""Readings and counts of an import: matched with their bins or stations, and written once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.ingest.report import ImportReport
from twin.model.catalogue import HISTORY_OF
from twin.model.changes import Change
from twin.model.places import Bin
from twin.sources import HistoryBatch, Problem
from twin.store import Store, Transaction


class Histories:
    """Adds rows of history that the city does not have yet."""

    def __init__(self, store: Store, transaction: Transaction, report: ImportReport) -> None:
        self._store, self._transaction, self._report = store, transaction, report

    def subject_kind(self, history: str) -> str:
        """Return the kind of the things that a history is about."""
        return str(HISTORY_OF[history].subject_kind)

    def add(self, batch: HistoryBatch, keys: Mapping[str, str]) -> None:
        """Write the new rows of a batch; ``keys`` are the city's keys by source key.

        Subjects that this source does not name are looked for among all of their kind.
        """
        names = HISTORY_OF[batch.kind].references
        subjects, place = np.unique(np.concatenate([batch.columns[name].astype(str) for name in names]), return_inverse=True)
        ids = np.array(self._matched(subjects, keys, batch.kind, np.bincount(place)), dtype=object)
        matched = ids[place.reshape(len(names), -1)]
        found = np.all(matched != "", axis=0)
        columns = {name: column[found] for name, column in batch.columns.items()}
        columns |= {name: column[found] for name, column in zip(names, matched, strict=True)}
        is_new = self._unknown_rows(batch.kind, columns)
        self._report.history_unchanged[batch.kind] += int((~is_new).sum())
        self._report.history[batch.kind] += int(is_new.sum())
        self._transaction.append_history(batch.kind, {name: column[is_new] for name, column in columns.items()})
        if batch.kind == "fill_reading":
            elsewhere = {ids[i] for i, subject in enumerate(subjects.tolist()) if subject not in keys and ids[i]}
            self._transaction.write(self._refreshed(columns, elsewhere))

    def _refreshed(self, columns: Mapping[str, NDArray[Any]], bin_ids: set[str]) -> Iterator[Change]:
        """Give bins that came from another file the newest of these readings, where it is newer than what they have."""
        at_utc = columns["at"].astype("datetime64[s]")
        for row in np.argsort(at_utc, kind="stable")[::-1].tolist():
            key = columns["subject_id"][row]
            if key not in bin_ids:
                continue
            bin_ids.discard(key)
            before = self._store.get("bin", key)
            at = datetime.fromtimestamp(int(at_utc[row].astype(np.int64)), UTC)
            if isinstance(before, Bin) and (before.fill_observed_at is None or before.fill_observed_at < at):
                self._report.refreshed["bin"] += 1
                yield Change(before, replace(before, fill_level=float(columns["fill_level"][row]), fill_observed_at=at))

    def _matched(self, subjects: NDArray[Any], keys: Mapping[str, str], kind: str, counts: NDArray[Any]) -> list[str]:
        missing = [subject for subject in subjects.tolist() if subject not in keys]
        if missing:
            kept = list(self._store.find(self.subject_kind(kind)))
            own = {entity.id: entity.id for entity in kept}  # of lists that the city handed out itself
            keys = {**own, **{entity.source_id: entity.id for entity in kept if entity.source_id}, **keys}
        found = [keys.get(subject, "") for subject in subjects.tolist()]
        for subject, key, count in zip(subjects.tolist(), found, counts.tolist(), strict=True):
            if not key:
                reason = f"{count} rows are about a {self.subject_kind(kind)} that the city does not have"
                self._report.problems.append(Problem(subject, reason, self._report.file))
        return found

    def _unknown_rows(self, kind: str, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
        stored = self._store.snapshot(kinds=(), histories=(kind,)).histories[kind]
        if not len(stored["at"]) or not len(columns["at"]):
            return np.ones(len(columns["at"]), dtype=bool)
        names = sorted(columns)
        return ~np.isin(_row_hashes(columns, names), _row_hashes(stored, names))


def _row_hashes(columns: Mapping[str, NDArray[Any]], names: list[str]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each row: equal rows have equal hashes, whatever file they came from."""
    import pandas as pd

    plain = {}
    for name in names:
        column = columns[name]
        plain[name] = column.astype("datetime64[s]").astype(np.int64) if column.dtype.kind == "M" else column
        if column.dtype == object:
            plain[name] = column.astype(str)
    frame = pd.DataFrame(plain)
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)
