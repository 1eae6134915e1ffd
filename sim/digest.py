"""A fingerprint of everything that a run reads: equal fingerprints, parameters and seeds give equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import shapely

from twin.model.frame import Column
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

SHAPES_AT_ONCE = 20_000


def input_hash(
    snapshot: Snapshot, kinds: Iterable[str], histories: Iterable[str], scenario: Scenario, traffic: str = ""
) -> Task[str]:
    """Return the SHA-256 (hexadecimal) of the kinds and histories that a simulation reads, of the edits and of the traffic's key."""
    digest = hashlib.sha256()
    for kind in kinds:
        yield Progress("Putting the result together")
        frame = snapshot[kind]
        digest.update(kind.encode())
        digest.update(_bytes(frame.ids))
        for name in sorted(frame.columns):
            digest.update(name.encode() + _bytes(frame[name]))
            yield Progress("Putting the result together")
        shapes = frame.geometry if frame.geometry is not None else ()
        for start in range(0, len(shapes), SHAPES_AT_ONCE):
            digest.update(b"".join(shapely.to_wkb(shapes[start : start + SHAPES_AT_ONCE]).tolist()))
            yield Progress("Putting the result together")
    for kind in histories:
        yield Progress("Putting the result together")
        columns = snapshot.histories.get(kind, {})
        for name in sorted(columns):
            digest.update(name.encode() + _bytes(columns[name]))
    digest.update(f"{snapshot.projection} {snapshot.at} {scenario.edits!r} {traffic}".encode())
    return digest.hexdigest()


def _bytes(column: Column) -> bytes:
    if column.dtype == object:
        return "\x00".join(map(str, column.tolist())).encode()
    return np.ascontiguousarray(column).tobytes()
