"""When things are known: the kinds that change with the moment on show, and from when on they are worth playing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np

from twin.model.snapshot import Snapshot

TIMED_KINDS = ("bin", "incident", "case")
"""Kinds that a snapshot at a moment shows as they were known then."""

TIMED_HISTORIES = ("fill_reading",)
"""Histories that the time on show runs through; counts of a typical day are not of a moment."""

_TIME_COLUMNS = {"bin": ("fill_observed_at",), "incident": ("occurred_at",), "case": ("reported_at", "closed_at")}


def time_bounds(snapshot: Snapshot, spans: Iterable[tuple[datetime, datetime] | None] = ()) -> tuple[datetime, datetime] | None:
    """Return from when to when the city is worth playing; None for a city without times.

    The end is the last moment that the snapshot's things or ``spans`` of histories tell of. The start is
    that of the histories where there are any: things noted long before the first reading are no reason to
    play weeks in which every bin is unknown; they are open or closed from the start.
    """
    columns = [snapshot[kind][name] for kind, names in _TIME_COLUMNS.items() if kind in snapshot.frames for name in names]
    known = [times[~np.isnat(times)] for times in columns if len(times)]
    ends = [(_aware(times.min()), _aware(times.max())) for times in known if len(times)]
    histories = [span for span in spans if span is not None]
    ends += histories
    if not ends:
        return None
    last = max(last for _, last in ends)
    first = min(first for first, _ in histories or ends)
    return (first if first < last else min(first for first, _ in ends)), last


def _aware(time: np.datetime64) -> datetime:
    return datetime.fromtimestamp(int(time.astype("datetime64[s]").astype(np.int64)), UTC)


def newest_by_kind(snapshot: Snapshot) -> dict[str, datetime]:
    """Return the newest moment known of each kind that has one."""
    newest = {}
    for kind, names in _TIME_COLUMNS.items():
        columns = [snapshot[kind][name] for name in names[:1] if kind in snapshot.frames]
        times = np.concatenate(columns) if columns else np.array([], dtype="datetime64[s]")
        times = times[~np.isnat(times)]
        if len(times):
            newest[kind] = _aware(times.max())
    return newest
