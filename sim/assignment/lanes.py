"""Eight distances at once, in one vector register of the processor where it has such.

The compiler makes eight additions of eight numbers here unless it is told that they are one vector, and it is told
so in its own language: numbers and order of operations are those of the plain loops in the docstrings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from sim.assignment.hierarchy import LANES, UNREACHED, Floats

_EIGHT = ir.VectorType(ir.DoubleType(), LANES)
_LINE = 64
"""Bytes of a line of the cache, which eight distances fill."""


def make_rows(count: int) -> Floats:
    """Return room for eight distances each ``(count, 8)``, none of which lies across two lines of the cache."""
    room = np.empty(LANES * (count + 1))
    first = -room.ctypes.data % _LINE // room.itemsize
    return room[first : first + LANES * count].reshape(count, LANES)


def _pull(_typing: Any, row: Any, _rank: Any, _is_begun: Any, _low: Any, _high: Any, others: Any, cost: Any) -> tuple[Any, Any]:
    """Make the row of a rank the least of itself, where it is begun, and of those of others beyond an arc each.

    ``for one in range(low, high): row[rank] = minimum(row[rank], row[others[one]] + cost[one])``.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows, rank, is_begun, low, high, others, cost = args
        line = _lines(context, builder, signature.args[0], rows)
        other = context.make_array(signature.args[5])(context, builder, others).data
        toll = context.make_array(signature.args[6])(context, builder, cost).data
        here = _keep(builder, _begin(builder, line, rank, is_begun))
        with cgutils.for_range_slice(builder, low, high, high.type(1), high.type) as (one, _):
            at = builder.sext(builder.load(builder.gep(other, [one])), rank.type)
            builder.store(_least(builder, here, _beyond(builder, line, at, builder.load(builder.gep(toll, [one])))), here)
        builder.store(builder.load(here), builder.gep(line, [rank]), align=8)
        return context.get_dummy_value()

    return types.void(row, types.int64, types.boolean, types.int64, types.int64, others, cost), generate


def _push(_typing: Any, row: Any, _rank: Any, _is_begun: Any, _other: Any, _cost: Any) -> tuple[Any, Any]:
    """Make the row of a rank the least of itself, where it is begun, and of that of another one beyond an arc.

    ``row[rank] = minimum(row[rank], row[other] + cost)``.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows, rank, is_begun, other, cost = args
        line = _lines(context, builder, signature.args[0], rows)
        here = _keep(builder, _begin(builder, line, rank, is_begun))
        builder.store(_least(builder, here, _beyond(builder, line, other, cost)), builder.gep(line, [rank]), align=8)
        return context.get_dummy_value()

    return types.void(row, types.int64, types.boolean, types.int64, types.float64), generate


pull: Callable[..., None] = intrinsic(_pull)
push: Callable[..., None] = intrinsic(_push)


def _lines(context: Any, builder: Any, kind: Any, rows: Any) -> Any:
    """Return the address of the first row, as one of vectors."""
    return builder.bitcast(context.make_array(kind)(context, builder, rows).data, _EIGHT.as_pointer())


def _keep(builder: Any, row: Any) -> Any:
    """Return a place that holds a row: a register, when all is done."""
    here = cgutils.alloca_once(builder, _EIGHT)  # type: ignore[no-untyped-call]
    builder.store(row, here)
    return here


def _begin(builder: Any, line: Any, rank: Any, is_begun: Any) -> Any:
    """Return the row of a rank, or that nothing is reached."""
    found = builder.load(builder.gep(line, [rank]), align=8)
    return builder.select(is_begun, found, ir.Constant(_EIGHT, [UNREACHED] * LANES))


def _beyond(builder: Any, line: Any, rank: Any, cost: Any) -> Any:
    """Return the row of a rank plus a cost."""
    one = builder.insert_element(ir.Constant(_EIGHT, ir.Undefined), cost, ir.IntType(32)(0))
    same = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    costs = builder.shuffle_vector(one, ir.Constant(_EIGHT, ir.Undefined), same)
    return builder.fadd(builder.load(builder.gep(line, [rank]), align=8), costs)


def _least(builder: Any, known: Any, reach: Any) -> Any:
    """Return the lesser of eight numbers each."""
    now = builder.load(known)
    return builder.select(builder.fcmp_ordered("<", reach, now), reach, now)
