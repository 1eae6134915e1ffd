"""Day after day: look, pick, collect, fill. One replication of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.draws import Words, key_of, words_of
from sim.cleanup.fill import DENSITY_KG_L
from sim.cleanup.operation import Bins
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import Choice, Morning, Policy
from sim.cleanup.router import Router, varied
from sim.cleanup.routing import DayPlan, plan_day
from sim.cleanup.sensing import Belief, draw_sensors
from sim.cleanup.waste import Waste
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS
from twin.task import Progress, Task, told_as

NEEDLESS_FILL = 0.4
"""A visit to a bin less full than this was not needed."""

SUMS = (
    "overflow_h",
    "overflow_events",
    "distance_km",
    "drive_h",
    "crew_h",
    "overtime_h",
    "trucks",
    "trips",
    "visits",
    "needless_visits",
    "missed_visits",
    "uncollected_stops",
    "collected_t",
    "cost",
    "co2_kg",
    "complaints",
)
"""What is added up on each day, in the order of the columns of ``Replication.by_day``."""


@dataclass(frozen=True, eq=False)
class World:
    """Everything that all replications of a run share."""

    bins: Bins
    base_bins: Frame
    waste: Waste
    policy: Policy
    router: Router
    params: CleanupParams
    seed: int

    @cached_property
    def words(self) -> Words:
        """Words ``(bins,)`` from which what belongs to each bin is drawn."""
        return words_of(self.bins.ids)


@dataclass(frozen=True, eq=False)
class Replication:
    """What one replication adds up to over the reported days.

    ``by_day`` is ``(days, len(SUMS))``; per bin ``(n,)``: hours overflowing, visits, and the sum of the
    fill levels in the mornings. ``balance_l`` is what came in less what was collected or still lies there
    (0 but for rounding). ``sample`` is the first reported day's plan, ``sample_load_l`` ``(n,)`` what it takes from each bin.
    """

    by_day: FloatArray
    bin_overflow_h: FloatArray
    bin_visits: FloatArray
    bin_fill: FloatArray
    balance_l: float
    sample: DayPlan
    sample_load_l: FloatArray


class Course:
    """One replication under way: what lies in the bins, what comes, what is believed."""

    def __init__(self, world: World, replication: int) -> None:
        self.world, self.replication = world, replication
        self.router = varied(world.router, replication)
        self.capacity_l = world.bins.capacity_l
        self.held_l = world.waste.starting_l(world.seed, replication, world.bins, world.base_bins)
        self.belief = Belief(draw_sensors(world.words, self.capacity_l, world.params, world.seed, replication))
        self.balance_l = float(self.held_l.sum())
        self._arriving: dict[int, FloatArray] = {}

    def arriving_l(self, day: int) -> FloatArray:
        """Return what comes on a day; drawn once, also where a policy looks into the future."""
        if day not in self._arriving:
            self._arriving[day] = self.world.waste.arriving_l(self.world.seed, self.replication, day)
        return self._arriving[day]

    def choose(self, day: int) -> Choice:
        """Look at the bins and pick those of the day."""
        world = self.world
        self.belief.look(self.held_l, world.seed, self.replication, day)
        key = key_of(world.seed, self.replication, day, 1)
        weekday = (world.waste.first_weekday + day) % 7
        return world.policy.choose(Morning(day, weekday, self.belief, key, lambda days: self._overflows(day, days)))

    def _overflows(self, day: int, days: int) -> NDArray[np.bool_]:
        later_l = sum(self.arriving_l(day + later) for later in range(days))
        return np.asarray(self.held_l + later_l > self.capacity_l)

    def collect(self, served: NDArray[np.intp], load_l: FloatArray) -> FloatArray:
        """Empty bins into trucks and return the litres of each."""
        taken_l = load_l[served]
        self.held_l[served] -= taken_l
        self.balance_l -= float(taken_l.sum())
        self.belief.empty(served, self.held_l[served])
        return taken_l

    def fill(self, day: int) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Let the day's waste come; return the hours that each bin overflows and whether it begins to."""
        arriving_l = self.arriving_l(day)
        del self._arriving[day]
        over_h = overflow_hours(self.held_l, arriving_l, self.capacity_l)
        begins = (self.held_l <= self.capacity_l) & (self.held_l + arriving_l > self.capacity_l)
        self.held_l += arriving_l
        self.balance_l += float(arriving_l.sum())
        self.belief.pass_day(self.world.waste.expected_l(day))
        return over_h, begins


def run_replication(world: World, replication: int) -> Task[Replication]:
    """Simulate warm-up and reported days. Rounds are driven in the morning, before the day's waste comes."""
    params, bins = world.params, world.bins
    course = Course(world, replication)
    by_day = np.zeros((params.days, len(SUMS)))
    overflow_h, visits, fill_sum = (np.zeros(len(bins.ids)) for _ in range(3))
    sample, sample_load_l = None, np.empty(0)
    most_l = world.router.capacity_l[bins.waste]
    total_days = params.warm_up_days + params.days
    for day in range(total_days):
        progress = Progress("Simulating collection", replication * total_days + day, params.replications * total_days)
        yield progress
        fill = course.held_l / bins.capacity_l
        choice = course.choose(day)
        load_l = np.minimum(course.held_l, most_l)
        plan = yield from told_as(plan_day(course.router, choice, load_l, bins.waste), progress)
        taken_l = course.collect(plan.served, load_l)
        over_h, begins = course.fill(day)
        reported = day - params.warm_up_days
        if reported < 0:
            continue
        if sample is None:
            sample, sample_load_l = plan, load_l
        by_day[reported] = _sums(world, plan, choice, fill, taken_l, over_h, begins)
        overflow_h += over_h
        visits[plan.served] += 1
        fill_sum += fill
    assert sample is not None  # noqa: S101  there is at least one reported day
    balance_l = course.balance_l - float(course.held_l.sum())
    return Replication(by_day, overflow_h, visits, fill_sum, balance_l, sample, sample_load_l)


def overflow_hours(held_l: FloatArray, arriving_l: FloatArray, capacity_l: FloatArray) -> FloatArray:
    """Return the hours ``(n,)`` of a day in which more lies in a bin than it holds, waste coming evenly over 24 h."""
    excess_l = held_l + arriving_l - capacity_l
    return np.asarray(24.0 * np.clip(excess_l / np.maximum(arriving_l, 1e-9), 0.0, 1.0))


def _sums(
    world: World,
    plan: DayPlan,
    choice: Choice,
    fill: FloatArray,
    taken_l: FloatArray,
    over_h: FloatArray,
    begins: NDArray[np.bool_],
) -> tuple[float, ...]:
    """Return one day's row of ``SUMS``."""
    params, served = world.params, plan.served
    density = np.array([DENSITY_KG_L[kind] for kind in WASTE_KINDS])
    is_served = np.zeros(len(fill), bool)
    is_served[served] = True
    distance_km, crew_h, trucks = plan.length_m / 1000.0, float(plan.truck_s.sum()) / 3600.0, len(plan.truck_s)
    overtime_h = float(np.maximum(plan.truck_s - params.shift_s, 0.0).sum()) / 3600.0
    cost = params.cost_per_km * distance_km + params.cost_per_crew_h * crew_h + params.cost_per_truck_day * trucks
    return (
        float(over_h.sum()),
        float(begins.sum()),
        distance_km,
        plan.drive_s / 3600.0,
        crew_h,
        overtime_h,
        float(trucks),
        float((plan.truck >= 0).sum()),
        float(len(served)),
        float((fill[served] < NEEDLESS_FILL).sum()),
        float(((over_h > 0.0) & ~is_served).sum()),
        float((choice.due & ~is_served).sum()),
        float((taken_l * density[world.bins.waste[served]]).sum()) / 1000.0,
        cost + params.cost_per_overtime_h * overtime_h,
        params.co2_kg_per_km * distance_km,
        params.complaints_per_overflow_h * float(over_h.sum()),
    )
