"""What a planner reads of street cleaning: kilometres swept and driven between, sweepers, cost, and the streets that wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sim.arc_routing.area import Rows, Yards
from sim.arc_routing.kerbs import Kerbs
from sim.arc_routing.lines import line_of
from sim.arc_routing.ways import Ground
from sim.network.streets import IntArray
from sim.samples import mean_of
from sim.street_cleaning.day import Day
from sim.street_cleaning.kerbs import Calendar, every_days
from sim.street_cleaning.params import StreetCleaningParams
from twin.geo import FloatArray
from twin.model.entity import CLOCK_UNIT
from twin.model.results import Indicator, Measure, ResultTable, Worse
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

ASSUMPTIONS = (
    "Each direction of a street is its own kerb, swept in the direction of travel; banned turns and one-way streets are kept.",
    "How much lies on a street, the speeds and the unit costs are assumptions shown in the parameters.",
    "Tours come from a heuristic; the intervals are over tours that begin elsewhere, so that its luck is told from an effect.",
)

NOTHING_KM = 0.001
SUMS = ("swept_km", "left_km", "dead_km", "dead_h", "between_h", "crew_h", "sweepers", "trips", "cost")
LABELS: dict[str, tuple[str, str, Worse, str]] = {
    "swept_km": ("Kerbs swept", "km/d", "neither", "Both sides of a street count."),
    "left_km": ("Due, not swept", "km/d", "higher", "Kerbs that no sweeper had time for, or that no open road leads to."),
    "dead_km": ("Driven without sweeping", "km/d", "higher", "Between kerbs, to and from sites and depots."),
    "dead_h": ("Time without sweeping", "h/d", "higher", "Driving between kerbs, to and from sites and depots, and U-turns."),
    "between_h": ("Time between kerbs", "h/d", "higher", "Of the time without sweeping: from one kerb to the next, and U-turns."),
    "crew_h": ("Crew hours", "h/d", "higher", "From leaving the depot to coming back, one crew per sweeper."),
    "sweepers": ("Sweepers used", "1/d", "higher", "Sweepers that leave their depot on a day."),
    "trips": ("Trips", "1/d", "neither", "Rounds until dumped."),
    "most_sweepers": ("Sweepers needed", "", "higher", "On the day that needs most."),
    "cost": ("Cost", "CNY/d", "higher", "Kilometres, crew hours and sweeper days times the unit costs of the parameters."),
}
OF_WORK_DONE = frozenset({"most_sweepers", "dead_km", "dead_h", "between_h", "crew_h", "sweepers", "cost"})
"""Sums that fall when streets are left out, which is no gain."""

LINK_MEASURES = (
    Measure("sweeps_per_week", "Sweeps a week", "1/week", worse="lower", definition="Of each kerb, over the days reported."),
    Measure("left_per_week", "Due, not swept, a week", "1/week", definition="No sweeper had time, or no open road leads there."),
    Measure("every_days", "Days between sweeps", "d", worse="neither", definition="As planned for the class of the road."),
)
ROUTE_MEASURES = (
    Measure("swept_km", "Kerbs swept", "km", worse="neither"),
    Measure("dead_km", "Driven without sweeping", "km"),
    Measure("load_l", "Load", "L", worse="neither"),
    Measure("duration_s", "Duration", "s", definition="From where the trip starts until dumped; the last one to the depot."),
    Measure("leaves_s", "Leaves", CLOCK_UNIT, worse="neither", definition="When the sweeper leaves for the trip."),
)


@dataclass(frozen=True, eq=False)
class Site:
    """Where it all happens: the city after the edits, its kerbs and their days, the roads to drive on and the yards."""

    city: Snapshot
    calendar: Calendar
    ground: Ground
    yards: Yards


@dataclass(frozen=True, eq=False)
class DayDone:
    """A day: the kerbs due, how many of the replications swept each kerb, its sums ``(replications, SUMS)`` less cost, the bound."""

    due: Rows
    swept: IntArray
    sums: FloatArray
    least_s: float

    @classmethod
    def of(cls, kerbs: Kerbs, due: Rows, least_s: float, plans: list[Day]) -> Self:
        """Return what some plans of one day add up to."""
        swept = np.zeros(len(kerbs.link), np.int32)
        for plan in plans:
            swept[plan.swept] += 1
        rows = [
            (
                float(kerbs.length_m[plan.swept].sum()) / 1000.0,
                float(kerbs.length_m[np.setdiff1d(due, plan.swept)].sum()) / 1000.0,
                plan.dead_m / 1000.0,
                plan.dead_s / 3600.0,
                sum(drive.trip.between_s for drive in plan.drives) / 3600.0,
                float(plan.work_s.sum()) / 3600.0,
                float(len(plan.work_s)),
                float(len(plan.drives)),
            )
            for plan in plans
        ]
        return cls(due, swept, np.array(rows), least_s)


def _with_cost(sums: FloatArray, params: StreetCleaningParams) -> FloatArray:
    """Return sums ``(…, SUMS)`` with the cost in the last column."""
    swept_km, _, dead_km, _, _, crew_h, sweepers, _ = np.moveaxis(sums, -1, 0)
    cost = params.cost_per_km * (swept_km + dead_km) + params.cost_per_crew_h * crew_h + params.cost_per_sweeper_day * sweepers
    return np.concatenate([sums, cost[..., None]], axis=-1)


def indicators(done: list[DayDone], site: Site, params: StreetCleaningParams) -> tuple[Indicator, ...]:
    """Return the means over days, with intervals over replications, and the sweepers of the day that needs most."""
    sums = _with_cost(np.array([day.sums for day in done]), params)
    of = dict(zip(SUMS, sums.mean(axis=0).T, strict=True))
    of["most_sweepers"] = sums[:, :, SUMS.index("sweepers")].max(axis=0)
    rows = len(site.calendar.kerbs.link)
    found = []
    for name, (label, unit, worse, definition) in LABELS.items():
        samples = of[name]
        left_out = "left_km" if name in OF_WORK_DONE else ""
        found.append(mean_of(name, label, samples, unit, rows=rows, worse=worse, definition=definition, left_out=left_out))
    least_h = float(np.mean([day.least_s for day in done])) / 3600.0
    return (
        *found,
        Indicator(
            "least_dead_h",
            "Time without sweeping, at least",
            least_h,
            "h/d",
            rows=rows,
            worse="neither",
            definition="What balancing the directions of streets takes in each area, yards and U-turns left out: no plan undercuts it "
            "(Edmonds and Johnson 1973).",
        ),
    )


def tables(done: list[DayDone], drawn: Day, site: Site, params: StreetCleaningParams) -> Task[dict[str, ResultTable]]:
    """Return the tables for the map and the chart."""
    yield Progress("Putting the result together")
    route = yield from _route_table(drawn, site)
    return {"link": _link_table(done, site, params), "day": _day_table(done, params), "route": route}


def _link_table(done: list[DayDone], site: Site, params: StreetCleaningParams) -> ResultTable:
    """Return sweeps of each road of a class that is swept, closed ones too."""
    links, kerbs = site.city["link"], site.calendar.kerbs
    every = every_days(links, params).astype(np.float64)
    rows = np.flatnonzero(every > 0)
    count = np.maximum(np.bincount(kerbs.link, minlength=len(links)), 1)
    weeks = params.days / 7.0
    swept, due = np.zeros(len(links)), np.zeros(len(links))
    for day in done:
        swept += np.bincount(kerbs.link, day.swept / params.replications, minlength=len(links)) / count
        due += np.bincount(kerbs.link[day.due], minlength=len(links)) / count
    columns = {
        "sweeps_per_week": swept[rows] / weeks,
        "left_per_week": np.maximum(due - swept, 0.0)[rows] / weeks,
        "every_days": every[rows],
    }
    return ResultTable("link", links.ids[rows], columns, LINK_MEASURES)


def _day_table(done: list[DayDone], params: StreetCleaningParams) -> ResultTable:
    """Return the sums of each day; ids count from 1."""
    sums = _with_cost(np.array([day.sums for day in done]), params).mean(axis=1)
    measures = tuple(Measure(name, *LABELS[name][:2], worse=LABELS[name][2], definition=LABELS[name][3]) for name in SUMS)
    ids = np.array([str(day + 1) for day in range(len(done))], dtype=object)
    return ResultTable("day", ids, dict(zip(SUMS, sums.T.copy(), strict=True)), measures)


def _route_table(drawn: Day, site: Site) -> Task[ResultTable]:
    """Return the trips of the day that is drawn, with their lines."""
    kerbs, own = site.calendar.kerbs, site.yards.ways
    roads: NDArray[Any] = site.city["link"].geometry  # type: ignore[assignment]  # without lines there are no kerbs
    ids, rows, lines = [], [], []
    for number, drive in enumerate(drawn.drives):
        yield Progress("Drawing a day's routes", number, len(drawn.drives))
        trip = drive.trip
        home_s, home_m = (
            (float(own.time_s[trip.site, drive.home]), float(own.length_m[trip.site, drive.home]))
            if drive.home >= 0
            else (0.0, 0.0)
        )
        ids.append(f"{drive.sweeper + 1}-{drive.turn + 1}")
        rows.append(
            (
                float(kerbs.length_m[trip.kerbs].sum()) / 1000.0,
                (trip.dead_m + float(trip.from_yards[1, drive.origin]) + home_m) / 1000.0,
                float(kerbs.load_l[trip.kerbs].sum()),
                trip.inner_s + float(trip.from_yards[0, drive.origin]) + home_s,
                drive.leaves_s,
            )
        )
        driven = kerbs.link[trip.kerbs]
        lines.append((yield from line_of(site.ground, roads, driven, drive.origin, trip.site, drive.home)))
    columns = np.array(rows, dtype=np.float64).reshape(-1, len(ROUTE_MEASURES)).T
    shapes = np.empty(len(lines), dtype=object)
    shapes[:] = lines
    named = {measure.name: column for measure, column in zip(ROUTE_MEASURES, columns, strict=True)}
    return ResultTable("route", np.array(ids, dtype=object), named, ROUTE_MEASURES, shapes)


def notes_of(base: Snapshot, done: list[DayDone], assumed: list[str]) -> tuple[str, ...]:
    """Return what must be shown beside the numbers."""
    notes = ["This city is synthetic."] if base.synthetic else []
    notes += assumed
    if any((day.sums[:, 1] > NOTHING_KM).any() for day in done):
        notes.append("Some kerbs that are due are not swept: see the map, give more sweepers, or sweep less often.")
    return (*notes, *ASSUMPTIONS)
