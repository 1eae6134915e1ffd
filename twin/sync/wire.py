"""Records as JSON and back, strictly: what is missing, unknown or of another type is refused by name.

A record is a frozen dataclass of texts, whole numbers, flags, JSON values and other records; a field that has its
default is not written.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from twin.errors import SyncError

R = TypeVar("R")
Check = Callable[[Any], Any]
LARGEST_NUMBER = (1 << 63) - 1  # what SQLite and PostgreSQL keep
LONGEST_LINE = 64 << 20


def write(record: Any) -> dict[str, Any]:
    """Return a record as JSON data."""
    found: dict[str, Any] = {}
    for name, default, to_json in _writers(type(record)):  # type: ignore[arg-type]  # mypy does not take type[Any] for hashable
        value = getattr(record, name)
        if value != default:
            found[name] = to_json(value)
    return found


def read(record_type: type[R], data: Any) -> R:
    """Return the record of JSON data. Raises ``SyncError`` that names what is wrong with it."""
    checks, required = _readers(record_type)  # type: ignore[arg-type]  # the same
    if type(data) is not dict:
        raise _refused(record_type, "it is no object")
    values = {}
    for name, value in data.items():
        check = checks.get(name)
        if check is None:
            raise _refused(record_type, f"it has a field '{name}' that this program does not know")
        try:
            values[name] = check(value)
        except _BadValueError as error:
            raise _refused(record_type, f"its '{name}' is {error}") from None
    if not required <= values.keys():
        raise _refused(record_type, f"it lacks '{min(required - values.keys())}'")
    return record_type(**values)


def dumps(data: Any) -> bytes:
    """Return JSON data as one line."""
    return _ENCODER.encode(data).encode() + b"\n"


def lines(content: bytes) -> Iterator[Any]:
    """Yield the JSON data of each line. Raises ``SyncError`` with the number of a line that is not whole."""
    start, number = 0, 0
    while start < len(content):
        end, number = content.find(b"\n", start), number + 1
        if end < 0:
            raise SyncError(f"The message is cut off in line {number}.", "Send it again.")
        if end - start > LONGEST_LINE:
            raise SyncError(f"Line {number} of the message is longer than {LONGEST_LINE:,} bytes.", "Send smaller parts.")
        try:
            yield json.loads(content[start:end], parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise SyncError(f"Line {number} of the message is no JSON.", "Send it again.") from error
        start = end + 1


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class _BadValueError(Exception):
    """A value is not of the type that its field asks for."""


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _refused(record_type: type[Any], what: str) -> SyncError:
    return SyncError(f"The message holds a {record_type.__name__.lower()} that cannot be read: {what}.", "Update both programs.")


@cache
def _writers(record_type: type[Any]) -> tuple[tuple[str, Any, Check], ...]:
    hints = typing.get_type_hints(record_type)
    return tuple((item.name, _default(item), _to_json(hints[item.name])) for item in dataclasses.fields(record_type))


@cache
def _readers(record_type: type[Any]) -> tuple[Mapping[str, Check], frozenset[str]]:
    hints = typing.get_type_hints(record_type)
    fields = dataclasses.fields(record_type)
    required = {item.name for item in fields if _default(item) is dataclasses.MISSING}
    return {item.name: _check(hints[item.name]) for item in fields}, frozenset(required)


def _default(item: dataclasses.Field[Any]) -> Any:
    return item.default if item.default_factory is dataclasses.MISSING else item.default_factory()


def _to_json(hint: Any) -> Check:
    inner = _inner(hint)
    if inner is not None and dataclasses.is_dataclass(inner):
        return lambda values: [write(value) for value in values]
    return list if inner is not None else lambda value: value


def _inner(hint: Any) -> Any:
    """Return what a tuple of any length holds, None for another type."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else None


def _check(hint: Any) -> Check:
    inner = _inner(hint)
    if inner is not None:
        return _all(_check(inner))
    if isinstance(hint, types.UnionType):
        plain = next(member for member in typing.get_args(hint) if member is not type(None))
        some = _check(plain)
        return lambda value: None if value is None else some(value)
    if dataclasses.is_dataclass(hint):
        return lambda value: read(cast("type[Any]", hint), value)
    if hint is Any:
        return lambda value: value
    return {str: _exactly(str), bool: _exactly(bool), int: _whole_number}.get(hint, _exactly(dict))


def _all(check: Check) -> Check:
    def checked(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _BadValueError("no list")
        return tuple([check(item) for item in value])

    return checked


def _exactly(wanted: type) -> Check:
    def checked(value: Any) -> Any:
        if type(value) is not wanted:
            raise _BadValueError(f"{type(value).__name__}, not {wanted.__name__}")
        return value

    return checked


def _whole_number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:
        raise _BadValueError("no whole number that can be kept")
    return value
