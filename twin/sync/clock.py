"""A hybrid logical clock (Kulkarni et al. 2014): milliseconds that never run backwards, with a count within each.

For display and for the order of what one device did; what is accepted never depends on it, so a clock that is ten
years wrong does no harm.
"""

from __future__ import annotations

COUNT_BITS = 16
MOST_AHEAD_MS = 300_000
"""What a clock elsewhere may be ahead of this one and still be believed: five minutes."""


def tick(last: int, now_ms: int) -> int:
    """Return the time of something that happens here now; later than the last one, whatever the computer's clock says."""
    return max(now_ms << COUNT_BITS, last + 1)


def heard(last: int, at: int, now_ms: int) -> int:
    """Return the newest time that this clock knows of after it heard of something at another device."""
    return max(last, min(at, (now_ms + MOST_AHEAD_MS) << COUNT_BITS))


def milliseconds(at: int) -> int:
    """Return a time as Unix time."""
    return at >> COUNT_BITS
