"""The days of one department in one replication, and what the reported ones add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sim.crews.duty import DAY_S, Calls, serve
from sim.crews.params import CrewsParams
from sim.crews.ways import Ground
from sim.crews.workload import Course, Rows, Workload
from twin.geo import FloatArray

ARRAYS = ("where", "wait_s", "response_s", "is_late")
SUMS = ("busy_s", "crew_s", "waiting_s", "drive_s", "drive_m")


@dataclass(frozen=True, eq=False)
class Days:
    """Cases reported ``(n,)`` in the days that count, and sums of these days.

    ``where`` is the case (row) at whose place it is, ``wait_s`` until a crew sets out, ``response_s`` until it is there (both inf where
    none ever does), ``is_late`` done after its time limit. ``busy_s`` of driving and working and ``crew_s`` on duty, ``waiting_s`` of
    all cases together, ``drive_s`` and ``drive_m`` lie within the days; ``asked`` is the work of all cases per crew on duty.
    """

    where: Rows
    wait_s: FloatArray
    response_s: FloatArray
    is_late: NDArray[np.bool_]
    busy_s: float
    crew_s: float
    waiting_s: float
    drive_s: float
    drive_m: float
    asked: float

    @classmethod
    def joined(cls, parts: list[Self]) -> Days:
        """Return the days of all departments together."""
        return Days(  # type: ignore[call-arg]  # in the order of its fields
            *(np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS),  # type: ignore[arg-type]
            *(sum(getattr(part, name) for part in parts) for name in SUMS),
            max(part.asked for part in parts),
        )


def spend(course: Course, load: Workload, ground: Ground, crews: int, params: CrewsParams) -> Days:
    """Let so many crews, put at the depots in turn, do the cases of a course."""
    place = ground.case[course.where]
    reached = place >= 0
    calls = Calls(course.at_s[reached], load.urgency[course.kind[reached]], place[reached], course.work_s[reached])
    shift = (params.shift_start_s, params.shift_h * 3600.0)
    served = serve(calls, ground.depot[np.arange(crews) % len(ground.depot)], ground.time_s, ground.length_m, shift)
    start_s = np.full(len(course.at_s), np.inf)
    drive_s, drive_m = np.zeros(len(start_s)), np.zeros(len(start_s))
    start_s[reached], drive_s[reached], drive_m[reached] = served.start_s, served.drive_s, served.drive_m
    return _counted(course, load, (start_s, drive_s, drive_m), crews, params)


def _counted(
    course: Course, load: Workload, way: tuple[FloatArray, FloatArray, FloatArray], crews: int, params: CrewsParams
) -> Days:
    """Count what lies within the reported days."""
    start_s, drive_s, drive_m = way
    begin, end = params.warm_up_days * DAY_S, (params.warm_up_days + params.days) * DAY_S
    counts = (course.at_s >= begin) & (course.at_s < end)
    gone = np.isfinite(start_s)
    sets_out = gone & (start_s >= begin) & (start_s < end)
    wait_s, end_s = start_s - course.at_s, start_s + drive_s + course.work_s
    work_s = drive_s[gone] + course.work_s[gone]
    on_duty = crews * params.shift_h / 24.0
    until_s = (2 * params.warm_up_days + params.days) * DAY_S
    return Days(
        course.where[counts],
        wait_s[counts],
        (wait_s + drive_s)[counts],
        (end_s - course.at_s > load.limit_s[course.kind])[counts],
        _within(start_s[gone], end_s[gone], begin, end),
        on_duty * (end - begin),
        _within(course.at_s[gone], start_s[gone], begin, end),
        float(drive_s[sets_out].sum()),
        float(drive_m[sets_out].sum()),
        float(work_s.sum()) / (on_duty * until_s) if on_duty else np.inf,
    )


def _within(start_s: FloatArray, end_s: FloatArray, begin: float, end: float) -> float:
    """Return the seconds of some spans that lie between two times."""
    return float(np.maximum(np.minimum(end_s, end) - np.maximum(start_s, begin), 0.0).sum())
