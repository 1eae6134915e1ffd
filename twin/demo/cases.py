"""Ninety days of cases: what is reported where and when, and how the departments deal with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.codes import case_classes, case_standards
from twin.demo.makings import Makings
from twin.demo.network import HALF_WIDTH_M, Network
from twin.demo.places import Areas
from twin.demo.plan import LOCAL_OFFSET_S, NOW, generator
from twin.demo.workclock import DAY_S, WorkClock
from twin.demo.zones import ZONES
from twin.geo import FloatArray
from twin.model.entity import Entity
from twin.model.incidents import Case

DAYS = 90
CASES_PER_DAY = 62.0
HOT_SPOTS = 14
HOT_SHARE = 0.34

WEEKDAY = np.array([1.12, 1.05, 1.0, 1.02, 1.06, 0.78, 0.72])
HOUR = np.array([2, 1, 1, 1, 1, 3, 10, 34, 74, 92, 86, 60, 30, 48, 78, 82, 66, 44, 32, 28, 22, 14, 8, 4], dtype=float)

# How often each class is reported, and where it belongs: h = hot spots of street trade, s = streets, o = old town more.
_FREQUENCY = {
    "E0102": 14, "E0103": 5, "E0104": 10, "E0105": 1.6, "E0106": 3, "E0107": 1, "E0108": 2.4, "E0109": 1.2, "E0110": 4,
    "E0112": 1.4, "E0116": 1.6, "E0101": 1.5, "E0201": 6, "E0203": 3, "E0205": 1, "E0302": 1.4, "E0304": 1.6, "E0401": 0.3,
    "E0402": 0.6, "E0404": 1.4, "E0406": 0.8, "E0408": 0.8, "E0501": 7, "E0504": 8, "E0505": 9, "E0506": 10, "E0507": 5,
    "E0508": 1.6, "E0510": 1.4, "E0511": 1.6, "C0102": 0.9, "C0103": 0.9, "C0104": 1.2, "C0107": 0.8, "C0118": 2.4,
    "C0209": 0.9, "C0210": 0.5, "C0211": 1.3, "C0301": 0.5, "C0305": 2.6, "C0402": 0.9, "C0407": 0.4,
}  # fmt: skip
_AT_HOT_SPOTS = (
    ("E0501", "E0504", "E0102"),
    ("E0505", "E0506"),
    ("E0102", "E0103", "C0305"),
    ("E0510", "E0104", "E0504"),
    ("E0506", "E0201"),
)

# The typical time a department takes, as a share of the limit: those with long tails are late more often.
_PACE = {"Sanitation Office": 0.26, "Urban Management Enforcement": 0.36, "Traffic Police": 0.28, "Subdistrict Office": 0.42}
_SPREAD = 0.62


@dataclass(frozen=True)
class _Times:
    """UTC seconds of each step of each case; ``rejected`` cases end where the others are filed."""

    reported: FloatArray
    filed: FloatArray
    dispatched: FloatArray
    handling: FloatArray
    handled: FloatArray
    checking: FloatArray
    closed: FloatArray
    due: FloatArray
    rejected: NDArray[np.bool_]

    def stages(self, now_s: float) -> NDArray[np.object_]:
        """Return the stage that each case is in."""
        steps = (self.closed, self.checking, self.handled, self.handling, self.dispatched, self.filed)
        names = ["closed", "checking", "handled", "handling", "dispatched", "filed"]
        rejected = self.rejected & (self.filed <= now_s)
        return np.select([rejected, *(step <= now_s for step in steps)], ["rejected", *names], "reported").astype(object)

    def ends(self, now_s: float) -> list[datetime | None]:
        """Return when each case was closed or rejected, None for those still open."""
        end = np.where(self.rejected, self.filed, self.closed)
        return [_moment(s) if s <= now_s else None for s in end.tolist()]


def case_entities(makings: Makings, network: Network, areas: Areas) -> list[Entity]:
    """Return the cases of the last ninety days, oldest first."""
    rng = generator(makings.plan.seed, "cases")
    reported = _reported(rng)
    codes, places, streets = _what_and_where(network, len(reported), rng)
    times = _lifecycle(reported, codes, rng)
    now_s = NOW.timestamp()
    district = areas.district_of(places)
    standards, classes = case_standards(), case_classes()
    names = [network.streets[street].way.name for street in streets]
    columns = {
        "name": _numbers(reported, [areas.codes[d] for d in district]),
        "class_code": codes.tolist(),
        "stage": times.stages(now_s),
        "district": [areas.names[d].zh for d in district],
        "department": [standards[code].department for code in codes],
        "reported_at": [_moment(s) for s in times.reported.tolist()],
        "due_at": [_moment(s) for s in times.due.tolist()],
        "closed_at": times.ends(now_s),
        "description": [
            f"{name.zh}附近{classes[code].zh} ({classes[code].en} near {name.en})"
            for code, name in zip(codes, names, strict=True)
        ],
    }
    return makings.entities(Case, shapely.points(places), columns)


def _moment(second: float) -> datetime:
    """Return a UTC second as a time, to the minute."""
    return datetime.fromtimestamp(int(second) // 60 * 60, UTC)


def _reported(rng: np.random.Generator) -> FloatArray:
    """Draw when cases are reported: mostly in the working day of the patrols, fewer at weekends."""
    now_s = int(NOW.timestamp())
    hours = now_s - np.arange(DAYS * 24, 0, -1) * 3600
    local = hours + LOCAL_OFFSET_S
    rate = CASES_PER_DAY * WEEKDAY[(local // DAY_S + 3) % 7] * HOUR[local // 3600 % 24] / HOUR.sum()
    count = rng.poisson(rate * rng.gamma(30.0, 1 / 30.0, DAYS + 2)[(local - local[0]) // DAY_S])
    return np.sort(np.repeat(hours, count) + rng.integers(0, 3600, count.sum())).astype(float)


def _what_and_where(network: Network, count: int, rng: np.random.Generator) -> tuple[NDArray[np.object_], FloatArray, list[int]]:
    """Draw class, place and street of each case: some at hot spots with their own classes, the rest along streets."""
    lines = np.array([street.line for street in network.streets], dtype=object)
    bustle = np.array([ZONES[street.zone].bustle for street in network.streets])
    calm = np.array([street.way.road_class in {"motorway", "trunk"} or street.bridge for street in network.streets])
    weight = np.where(calm, 0.0, bustle * np.sqrt(shapely.length(lines) * 60.0))
    street = rng.choice(len(lines), count, p=weight / weight.sum())
    codes = rng.choice(
        np.array(list(_FREQUENCY), dtype=object), count, p=np.array(list(_FREQUENCY.values())) / sum(_FREQUENCY.values())
    )
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines[street], rng.random(count), normalized=True))
    centre_weight = weight * bustle
    centres = rng.choice(len(lines), HOT_SPOTS, replace=False, p=centre_weight / centre_weight.sum())
    middles = shapely.get_coordinates(shapely.line_interpolate_point(lines[centres], 0.5, normalized=True))
    heat = rng.dirichlet(np.full(HOT_SPOTS, 2.0))
    spot = rng.choice(HOT_SPOTS, count, p=heat)
    hot = rng.random(count) < HOT_SHARE
    at[hot] = middles[spot[hot]] + rng.normal(0, 75.0, (int(hot.sum()), 2))
    usual = [_AT_HOT_SPOTS[i % len(_AT_HOT_SPOTS)] for i in range(HOT_SPOTS)]
    typical = hot & (rng.random(count) < 0.8)
    for i in np.flatnonzero(typical).tolist():
        choices = usual[int(spot[i])]
        codes[i] = choices[int(rng.integers(len(choices)))]
    return codes, *_beside_street(network, np.flatnonzero(~calm), at, rng)


def _beside_street(
    network: Network, allowed: NDArray[np.intp], at: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, list[int]]:
    """Move places to the pavement of the nearest street; return them and the streets."""
    lines = np.array([network.streets[i].line for i in allowed.tolist()], dtype=object)
    points = shapely.points(at)
    near = shapely.STRtree(lines).nearest(points)
    on = shapely.get_coordinates(shapely.line_interpolate_point(lines[near], shapely.line_locate_point(lines[near], points)))
    streets = allowed[near].tolist()
    reach = np.array([HALF_WIDTH_M[network.streets[i].way.road_class] for i in streets]) * rng.uniform(0.5, 0.95, len(at))
    angle = rng.uniform(0, 2 * np.pi, len(at))
    return on + reach[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), streets


def _lifecycle(reported: FloatArray, codes: NDArray[np.object_], rng: np.random.Generator) -> _Times:
    """Let each case go through its stages on the clock of its class."""
    n = len(reported)
    clock, table = WorkClock(), case_standards()
    standard = [table[code] for code in codes]
    limit = np.array([s.limit_value for s in standard])
    kind = np.array([s.limit_kind for s in standard], dtype=object)
    minutes = rng.gamma(2.0, 7.0, (4, n)) * 60 + 60
    filed = reported + minutes[0]
    dispatched = filed + minutes[1]
    due = clock.due(dispatched, limit, kind)
    pace = np.array([_PACE.get(s.department_en, 0.32) for s in standard]) * np.exp(rng.normal(0, _SPREAD, n))
    full = clock.due(dispatched, limit * pace, np.where(kind == "work_day", "work_hour", kind))
    days = clock.later(dispatched, limit * pace * 7.5 * 3600)
    handled = np.maximum(np.where(kind == "work_day", days, full), dispatched + 900)
    handling = dispatched + np.minimum(minutes[2] * 2, 0.5 * (handled - dispatched))
    checking = handled + minutes[3]
    closed = clock.later(checking, rng.gamma(2.0, 1800.0, n)) + 120
    return _Times(reported, filed, dispatched, handling, handled, checking, closed, due, rng.random(n) < 0.045)


def _numbers(reported: FloatArray, division_codes: Sequence[str]) -> list[str]:
    """Return 19-digit case numbers: division 6, local date 8, serial of the day 5."""
    serial: dict[str, int] = {}
    found = []
    for second, code in zip(reported.tolist(), division_codes, strict=True):
        date = datetime.fromtimestamp(second + LOCAL_OFFSET_S, UTC).strftime("%Y%m%d")
        serial[date] = serial.get(date, 0) + 1
        found.append(f"{code}{date}{serial[date]:05d}")
    return found
