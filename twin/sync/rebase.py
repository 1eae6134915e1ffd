"""Rebase: what people see is what the centre has with the device's own unconfirmed ops upon it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from twin.sync.city import Touch, Values
from twin.sync.commit import ACCEPTED, ENTERS, LEAVES, Entry
from twin.sync.merge import is_same
from twin.sync.mutation import Op


def overlaid(row: Values | None, ops: Iterable[Op]) -> Values | None:
    """Return a row with ops upon it; what is set on a row that is not there shows nothing."""
    for op in ops:
        if op.alive is False:
            row = None
        elif op.alive or row is not None:
            row = {**(row or {}), **op.fields}
    return row


def received(row: Values | None, entry: Entry) -> Values | None:
    """Return a row of the base after an entry of the centre; None where there is none."""
    if entry.verdict == LEAVES or (entry.verdict == ACCEPTED and entry.alive is False):
        return None
    if entry.verdict == ENTERS:
        return dict(entry.fields)
    if entry.verdict == ACCEPTED:
        return {**(row or {}), **entry.fields}
    return row


def undone(row: Values | None, touches: Sequence[Touch]) -> Values | None:
    """Return a row as it was before these touches of it, the last of which left it as it is."""
    for touch in reversed(touches):
        if touch.old is None:
            row = None
        elif touch.new is None:
            row = dict(touch.old)
        else:
            row = {**(row or {}), **touch.old}
    return row


def ops_of(touch: Touch, seen: int, base: Values | None, pending: Sequence[Op]) -> Iterator[Op]:
    """Yield what a touch asks of the centre.

    ``seen`` is the newest commit that the device has of the row. But a field that already has an unconfirmed value
    showed that value and nothing newer: its author has seen no more than the author of that value had.
    """
    if touch.new is None:
        yield Op(touch.kind, touch.id, alive=False, base=_seen_of_row(seen, base, pending))
        return
    if touch.old is None:
        yield Op(touch.kind, touch.id, dict(touch.new), alive=True, base=min([seen, *(op.base for op in pending)]))
        return
    by_base: dict[int, Values] = defaultdict(dict)
    for name, value in touch.new.items():
        by_base[_seen_of_field(name, seen, pending)][name] = value
    for version, fields in by_base.items():
        was = {name: touch.old[name] for name in fields if name in touch.old}
        yield Op(touch.kind, touch.id, fields, None, version, was)


def _seen_of_field(name: str, seen: int, pending: Sequence[Op]) -> int:
    return next((op.base for op in reversed(pending) if name in op.fields), seen)


def _seen_of_row(seen: int, base: Values | None, pending: Sequence[Op]) -> int:
    """Return what the author of a removal had seen: fields of the base that an unconfirmed value hides are not seen."""
    first: dict[str, Op] = {}
    for op in pending:
        if op.alive is not None:
            seen = min(seen, op.base)
        for name in op.fields:
            first.setdefault(name, op)
    hidden = [op.base for name, op in first.items() if _is_hidden(op.was, base or {}, name)]
    return min([seen, *hidden])


def _is_hidden(was: Mapping[str, object], base: Values, name: str) -> bool:
    return name not in was or name not in base or not is_same(was[name], base[name])
