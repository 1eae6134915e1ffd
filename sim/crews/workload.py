"""The work that comes: which cases a city has had, how often each class comes, where, and a course of them drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.crews.duty import DAY_S
from sim.crews.params import CrewsParams
from twin.codes import case_standards
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.snapshot import Snapshot

Rows = NDArray[np.intp]
CLASS_OF_INCIDENT = {"spill": "E0112", "flood": "E0406", "fallen_tree": "C0402"}
DRAWN_AT_ONCE = 512
WHEN, WHERE, WORK = range(3)


@dataclass(frozen=True, eq=False)
class Workload:
    """Cases that a city has had: class (row of ``codes``) and place ``(n, 2)`` of each; the days they span.

    ``limit_s`` and ``urgency`` (0 first) are of each class ``(codes,)``.
    """

    codes: tuple[str, ...]
    kind: Rows
    xy: FloatArray
    span_d: float
    limit_s: FloatArray
    urgency: NDArray[np.int32]

    @property
    def per_day(self) -> FloatArray:
        """Cases of each class a day ``(codes,)``."""
        return np.bincount(self.kind, minlength=len(self.codes)) / self.span_d

    def departments(self) -> dict[str, list[int]]:
        """Return the classes (rows) of each department (English name), by name."""
        found: dict[str, list[int]] = {}
        for row, code in enumerate(self.codes):
            found.setdefault(case_standards()[code].department_en, []).append(row)
        return dict(sorted(found.items()))


@dataclass(frozen=True, eq=False)
class Course:
    """Cases of a replication in the order in which they come: when, of which class, the case (row) at whose place, its work."""

    at_s: FloatArray
    kind: Rows
    where: Rows
    work_s: FloatArray

    def of(self, kinds: list[int]) -> Course:
        """Return the cases of some classes."""
        mine = np.isin(self.kind, kinds)
        return Course(self.at_s[mine], self.kind[mine], self.where[mine], self.work_s[mine])


def find_workload(city: Snapshot, params: CrewsParams) -> Workload:
    """Return the cases that crews would have had. Raises ``ScenarioError`` where there are none."""
    code, xy, at, is_done = _known(city, params)
    placed = ~np.isnat(at) & np.isfinite(xy).all(axis=1) & is_done
    wanted = placed & np.isin(code, params.codes)
    if not wanted.any():
        raise ScenarioError(
            f"This city has no case of {', '.join(params.codes)} with a place and a time.",
            "Import cases with 'citytwin import … --as case', or choose other classes.",
        )
    # All cases tell since when there are records: those of a rare class alone would span too short a time.
    span_d = max(1.0, float((at[placed].max() - at[placed].min()) / np.timedelta64(1, "D")))
    codes, kind = np.unique(code[wanted], return_inverse=True)
    limit_s = np.array([params.limit_s(name) for name in codes.tolist()])
    urgency = np.unique(limit_s, return_inverse=True)[1].astype(np.int32)
    return Workload(tuple(codes.tolist()), kind.ravel(), xy[wanted], span_d, limit_s, urgency)


def _known(city: Snapshot, params: CrewsParams) -> tuple[NDArray[np.str_], FloatArray, NDArray[np.datetime64], NDArray[np.bool_]]:
    """Return class, place, time of all cases and incidents, and whether each was work for somebody."""
    cases, incidents = city["case"], city["incident"]
    rows: Rows = (
        np.flatnonzero(np.isin(incidents["category"].astype(str), list(CLASS_OF_INCIDENT)))
        if params.incidents
        else np.empty(0, np.intp)
    )
    meant = [CLASS_OF_INCIDENT[name] for name in incidents["category"][rows].tolist()] if len(rows) else []
    return (
        np.concatenate([cases["class_code"].astype(str), np.array(meant, dtype=np.str_)]),
        np.concatenate([cases.xy, incidents.xy[rows] if len(rows) else np.empty((0, 2))]),
        np.concatenate([cases["reported_at"].astype("datetime64[s]"), _times(incidents["occurred_at"], rows)]),
        np.concatenate([cases["stage"].astype(str) != "rejected", np.ones(len(meant), np.bool_)]),
    )


def _times(column: NDArray[np.generic], rows: Rows) -> NDArray[np.datetime64]:
    return column[rows].astype("datetime64[s]") if len(rows) else np.empty(0, "datetime64[s]")


def draw_course(load: Workload, params: CrewsParams, seed: int, replication: int, days: float) -> Course:
    """Draw the cases of some days: the n-th of a class is the same one in every scenario and with any number of crews.

    More cases come sooner after one another; a longer work is longer for all alike (common random numbers).
    """
    parts = []
    for row, (code, rate) in enumerate(zip(load.codes, load.per_day * params.growth, strict=True)):
        # A class has its own stream for each purpose, so that none depends on which others are asked for.
        streams = [np.random.default_rng([seed, replication, int.from_bytes(code.encode()), purpose]) for purpose in range(3)]
        at_s = _arrivals(streams[WHEN], rate / DAY_S, days * DAY_S)
        places = np.flatnonzero(load.kind == row)
        where = places[(streams[WHERE].random(len(at_s)) * len(places)).astype(np.intp)]
        work_s = streams[WORK].standard_exponential(len(at_s)) * params.work_min * 60.0
        parts.append((at_s, np.full(len(at_s), row, np.intp), where, work_s))
    at_s, kind, where, work_s = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(at_s, kind="stable")
    return Course(at_s[order], kind[order], where[order], work_s[order])


def _arrivals(stream: np.random.Generator, rate: float, until_s: float) -> FloatArray:
    """Return the times of a Poisson process of some cases a second."""
    gaps = [stream.standard_exponential(DRAWN_AT_ONCE)]
    while sum(float(part.sum()) for part in gaps) < rate * until_s:
        gaps.append(stream.standard_exponential(DRAWN_AT_ONCE))
    at_s = np.cumsum(np.concatenate(gaps)) / rate
    return np.asarray(at_s[at_s < until_s])
