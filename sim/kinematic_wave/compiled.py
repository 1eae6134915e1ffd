"""How the innermost of the engine is compiled, and memory that is fetched before it is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., object])
_njit: Any = njit  # its types do not know of all that it takes
_cgutils: Any = cgutils

kernel: Callable[[F], F] = _njit(cache=True, nogil=True, error_model="numpy")
"""With NumPy's rules of division, nothing has to ask whether a divisor is 0."""
bare: Callable[[F], F] = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
"""For functions that make no array: the owners of those they are given are not counted, which takes as long as moving a vehicle."""
inner: Callable[[F], F] = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=True)
"""For parts of a bare function, compiled into it: to hand arrays over takes as long again."""

LINE_BYTES = 64
"""What comes from memory at once: a line of the processor's cache."""
FOR_WRITING, TO_KEEP, DATA = 1, 3, 1


def _prefetch(_typing: Any, array: Any, index: Any) -> Any:
    """Return the type of ``prefetch`` and what makes its code: even where there is no such item, nothing goes wrong."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[0]
        given = context.make_array(kind)(context, builder, arguments[0])
        item = _cgutils.get_item_pointer(context, builder, kind, given, [arguments[1]])
        number = ir.IntType(32)
        called = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        function = _cgutils.get_or_insert_function(builder.module, called, "llvm.prefetch.p0")
        hints = (ir.Constant(number, value) for value in (FOR_WRITING, TO_KEEP, DATA))
        builder.call(function, [builder.bitcast(item, cgutils.voidptr_t), *hints])
        return context.get_dummy_value()

    return types.void(array, index), make


prefetch: Any = intrinsic(_prefetch)
"""``prefetch(array, index)`` asks for the line of memory in which an array's item begins; nothing else happens."""
