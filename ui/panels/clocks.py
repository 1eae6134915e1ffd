"""What the time panel moves through: the history of the city, or the day that a result has simulated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ui.language import date_text, time_text, tr
from ui.session import Session
from ui.view import View

STEPS = 100_000
"""Of the slider, whatever the span."""

Moment = datetime | float | None
"""A moment of the city, seconds since midnight of a simulated day, or None for what stands beside them all."""


class Clock(Protocol):
    """A span of moments. ``now`` is the one on show; None shows what is not of one moment."""

    @property
    def now(self) -> Moment:
        """The moment on show."""
        ...

    @property
    def has_hours(self) -> bool:
        """Whether a step of so many hours can be chosen."""
        ...

    def ends(self) -> tuple[str, str]:
        """Return the first and the last moment in words."""
        ...

    def text(self, at: Moment) -> str:
        """Return a moment in words."""
        ...

    def beside(self) -> str:
        """Return what None is called."""
        ...

    def place(self, at: Moment) -> int:
        """Return where a moment lies on the slider, 0-``STEPS``."""
        ...

    def moment(self, place: int) -> Moment:
        """Return the moment at a place of the slider."""
        ...

    def step(self, at: Moment, direction: int, hours: int) -> Moment:
        """Return the moment one step later (1) or earlier (-1), within the span."""
        ...

    def first(self) -> Moment:
        """Return the first moment."""
        ...

    def is_last(self, at: Moment) -> bool:
        """Return whether there is nothing after a moment."""
        ...

    def show(self, session: Session, at: Moment) -> None:
        """Show a moment; may touch the disk."""
        ...


def clock_of(view: View | None) -> Clock | None:
    """Return the clock of what is on show: of a result over the day its own, else that of the city's history."""
    if view is None:
        return None
    series = next(iter(view.series.values()), None)
    if series is not None and len(series.t_s):
        return DayClock(series.t_s, view.shown.t_s)
    return CityClock(view.time_bounds, view.time) if view.time_bounds is not None else None


@dataclass(frozen=True)
class CityClock:
    """The history of the city."""

    bounds: tuple[datetime, datetime]
    now: Moment
    has_hours: bool = True

    def ends(self) -> tuple[str, str]:
        """Return the first and the last day."""
        first, last = (date_text(end.astimezone().date()) for end in self.bounds)
        return first, last

    def text(self, at: Moment) -> str:
        """Return day and time."""
        return time_text(at) if isinstance(at, datetime) else self.beside()

    def beside(self) -> str:
        """Return what stands beside all moments."""
        return tr("Newest readings")

    def place(self, at: Moment) -> int:
        """Return where a moment lies on the slider; the newest at its end."""
        at = at if isinstance(at, datetime) else self.bounds[1]
        span = max((self.bounds[1] - self.bounds[0]).total_seconds(), 1.0)
        return round(STEPS * min(max((at - self.bounds[0]).total_seconds() / span, 0.0), 1.0))

    def moment(self, place: int) -> Moment:
        """Return the minute at a place of the slider."""
        at = self.bounds[0] + (self.bounds[1] - self.bounds[0]) * (place / STEPS)
        return at.replace(second=0, microsecond=0)

    def step(self, at: Moment, direction: int, hours: int) -> Moment:
        """Step on whole steps since midnight UTC, so that a series of steps meets the readings of every day alike."""
        length = timedelta(hours=hours)
        now = at if isinstance(at, datetime) else self.bounds[1]
        return min(max(_floored(now, length) + length * direction, self.bounds[0]), self.bounds[1])

    def first(self) -> Moment:
        """Return the beginning of the history."""
        return self.bounds[0]

    def is_last(self, at: Moment) -> bool:
        """Return whether a moment is the newest."""
        return not isinstance(at, datetime) or at >= self.bounds[1]

    def show(self, session: Session, at: Moment) -> None:
        """Show the city as it was known at a moment."""
        session.set_time(at if isinstance(at, datetime) else None)


@dataclass(frozen=True, eq=False)
class DayClock:
    """The steps of a simulated day, ``t_s (k,)`` seconds since midnight."""

    t_s: NDArray[np.float64]
    now: Moment
    has_hours: bool = False

    def ends(self) -> tuple[str, str]:
        """Return the first and the last step."""
        return clock_text(float(self.t_s[0])), clock_text(float(self.t_s[-1]))

    def text(self, at: Moment) -> str:
        """Return the time of day."""
        return clock_text(at) if isinstance(at, float) else self.beside()

    def beside(self) -> str:
        """Return what stands beside all moments."""
        return tr("Whole period")

    def place(self, at: Moment) -> int:
        """Return where a step lies on the slider; the whole period at its beginning."""
        return round(STEPS * self._row(at) / max(len(self.t_s) - 1, 1)) if at is not None else 0

    def moment(self, place: int) -> Moment:
        """Return the step nearest to a place of the slider."""
        return float(self.t_s[round(place / STEPS * (len(self.t_s) - 1))])

    def step(self, at: Moment, direction: int, hours: int) -> Moment:  # noqa: ARG002  steps are those of the run
        """Return the next step; from the whole period the first one."""
        row = self._row(at) + direction if at is not None else 0
        return float(self.t_s[min(max(row, 0), len(self.t_s) - 1)])

    def first(self) -> Moment:
        """Return the first step."""
        return float(self.t_s[0])

    def is_last(self, at: Moment) -> bool:
        """Return whether a step is the last one."""
        return at is not None and self._row(at) >= len(self.t_s) - 1

    def show(self, session: Session, at: Moment) -> None:
        """Show the numbers of a step."""
        session.show_moment(at if isinstance(at, float) else None)

    def _row(self, at: Moment) -> int:
        at = at if isinstance(at, float) else float(self.t_s[0])
        return int(np.clip(np.searchsorted(self.t_s, at + 1e-6, side="right") - 1, 0, len(self.t_s) - 1))


def clock_text(t_s: float) -> str:
    """Return seconds since midnight as '07:05'; beyond midnight the hours go on counting."""
    minutes = round(t_s / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _floored(at: datetime, step: timedelta) -> datetime:
    start = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return start + step * int((at - start) / step)
