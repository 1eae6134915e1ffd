"""Values as files have them, turned into numbers, times and truths."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from twin.errors import DataError
from twin.sources.columns import truth

_EMPTY = frozenset({"", "-", "--", "na", "n/a", "nan", "null", "none", "nil", "<null>", "无", "#n/a"})
_PLAIN = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
_NUMBER_PARTS = re.compile(r"^([+-]?[\d., '\u00a0\u202f]*\d)\s*(%|[^\W\d_]{0,6}³?|°)$")


def is_empty(value: Any) -> bool:
    """Return whether a cell says nothing."""
    return value is None or (isinstance(value, str) and value.strip().casefold() in _EMPTY)


def number(value: Any, *, decimal_comma: bool = False) -> float:
    """Return a number: '12.5', '1 234,5', '1,234.5', '85 %' (as 85), '12 m'.

    Raises ``ValueError`` saying what was found.
    """
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip()
    if _PLAIN.match(text):
        return float(text)
    match = _NUMBER_PARTS.match(text)
    if match is None:
        raise ValueError(f"'{text[:40]}' is not a number")
    digits = re.sub(r"[ '\u00a0\u202f]", "", match[1])
    try:
        return float(_with_point(digits, decimal_comma=decimal_comma))
    except ValueError as error:
        raise ValueError(f"'{text[:40]}' is not a number") from error


def _with_point(digits: str, *, decimal_comma: bool) -> str:
    """Return digits with a decimal point and no signs between thousands."""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        return digits.replace(".", "").replace(",", ".") if comma > point else digits.replace(",", "")
    if comma < 0:
        return digits.replace(".", "") if digits.count(".") > 1 else digits
    is_thousands = re.match(r"^[+-]?\d{1,3}(,\d{3})+$", digits) and not decimal_comma
    return digits.replace(",", "") if is_thousands or digits.count(",") > 1 else digits.replace(",", ".")


def truth_value(value: Any) -> bool:
    """Return whether a cell means yes.

    Raises ``ValueError`` when it means neither yes nor no.
    """
    if isinstance(value, bool):
        return value
    found = truth(text_of(value))
    if found is None:
        raise ValueError(f"'{text_of(value)[:40]}' is neither yes nor no")
    return found


def text_of(value: Any) -> str:
    """Return a cell as text; a whole number without a decimal point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip() if not isinstance(value, str) else value.strip()


def zone(name: str) -> tzinfo:
    """Return a time zone by name ('UTC', 'Europe/Helsinki').

    Raises ``DataError`` when there is none of that name.
    """
    if name.upper() in {"UTC", "Z", "GMT"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DataError(f"There is no time zone {name!r}.", "Use a name such as Asia/Shanghai or Europe/Helsinki.") from error


_TIME = r"(?:[T ,]+(\d{1,2})[:.时](\d{1,2})(?:[:.分](\d{1,2})(?:[.,]\d+)?)?[秒分]?\s*([AaPp][Mm])?)?"
_OFFSET = r"\s*(Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + _TIME.replace("[T ,]+", "[T ,]*") + _OFFSET + "$")
_YEAR_LAST = re.compile(r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME + _OFFSET + "$")
_PACKED = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?" + _OFFSET + "$")
_EPOCH = re.compile(r"^\d{10}(\d{3})?(\.\d+)?$")


@lru_cache(maxsize=65536)
def _parts(text: str, *, month_first: bool) -> tuple[datetime, bool]:
    """Return a time and whether it named its zone.

    Raises ``ValueError`` when the text is no time.
    """
    if match := _YEAR_FIRST.match(text):
        year, month, day, *clock, offset = match.groups()
        return _assembled(year, month, day, clock, offset)
    if match := _YEAR_LAST.match(text):
        one, sign, two, year, *clock, offset = match.groups()
        day, month = (two, one) if (month_first and sign == "/") or int(two) > 12 else (one, two)
        return _assembled(year, month, day, clock, offset)
    if _EPOCH.match(text):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC), True
    if match := _PACKED.match(text):
        year, month, day, *clock, offset = match.groups()
        return _assembled(year, month, day, [*clock, None], offset)
    raise ValueError(f"'{text[:40]}' is not a time")


def _assembled(year: str, month: str, day: str, clock: list[str | None], offset: str | None) -> tuple[datetime, bool]:
    hour, minute, second = (int(item or 0) for item in clock[:3])
    half = (clock[3] or "").upper()
    if half:
        hour = hour % 12 + (12 if half == "PM" else 0)
    at = datetime(int(year), int(month), int(day), tzinfo=UTC)
    if hour > 24 or minute > 59 or second > 60:
        raise ValueError(f"{hour}:{minute:02}:{second:02} is not a time of day")
    at += timedelta(hours=hour, minutes=minute, seconds=second)
    if offset is None:
        return at, False
    return at - _offset(offset), True


def _offset(text: str) -> timedelta:
    if text in {"Z", "UTC"}:
        return timedelta(0)
    digits = text[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return -size if text[0] == "-" else size


def moment(value: Any, local: tzinfo, *, month_first: bool = False, pattern: str = "") -> datetime:
    """Return a time in UTC; times without a zone are in ``local``; ``pattern`` is a ``strptime`` format.

    Raises ``ValueError`` saying what was found.
    """
    if isinstance(value, datetime):
        return _in_utc(value, local)
    if isinstance(value, date):
        return _in_utc(datetime.combine(value, time()), local)
    text = text_of(value)
    if pattern:
        try:
            return _in_utc(datetime.strptime(text, pattern), local)  # noqa: DTZ007  the zone is added on the next line
        except ValueError as error:
            raise ValueError(f"'{text[:40]}' is not a time of the form {pattern}") from error
    try:
        at, has_zone = _parts(text, month_first=month_first)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"'{text[:40]}' is not a time") from error
    return at if has_zone else _in_utc(at.replace(tzinfo=None), local)


def _in_utc(at: datetime, local: tzinfo) -> datetime:
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    try:
        return at.replace(tzinfo=local).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"'{at}' is not a time") from error


def is_month_first(values: Any) -> bool | None:
    """Return whether dates such as 03/14/2021 in a column have the month first; None when such dates do not tell."""
    is_open = False
    for value in values:
        match = re.match(r"^\s*(\d{1,2})/(\d{1,2})/\d{4}", value) if isinstance(value, str) else None
        if match is None:
            continue
        if int(match[1]) > 12 or int(match[2]) > 12:
            return int(match[1]) <= 12
        is_open = True
    return None if is_open else False
