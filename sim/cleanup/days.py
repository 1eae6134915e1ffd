"""Day after day: look, pick, collect, fill. One replication of a scenario."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.draws import key_of
from sim.cleanup.fill import DENSITY_KG_L
from sim.cleanup.operation import Bins
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import Policy
from sim.cleanup.routing import DayPlan, Router, plan_day, varied
from sim.cleanup.waste import Waste
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS
from twin.task import Progress, Task

NEEDLESS_FILL = 0.4
"""A visit to a bin less full than this was not needed."""

SUMS = (
    "overflow_h",
    "overflow_events",
    "distance_km",
    "drive_h",
    "crew_h",
    "trucks",
    "trips",
    "visits",
    "needless_visits",
    "uncollected_stops",
    "collected_t",
    "cost",
    "co2_kg",
)
"""What is added up on each day, in the order of the columns of ``Replication.by_day``."""

T = TypeVar("T")


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
    first_weekday: int


@dataclass(frozen=True, eq=False)
class Replication:
    """What one replication adds up to over the reported days.

    ``by_day`` is ``(days, len(SUMS))``; per bin ``(n,)``: hours overflowing, visits, and the sum of the
    fill levels in the mornings. ``balance_l`` is what came in less what was collected or still lies there
    (0 but for rounding). ``sample`` is the first reported day's plan with its loads.
    """

    by_day: FloatArray
    bin_overflow_h: FloatArray
    bin_visits: FloatArray
    bin_fill: FloatArray
    balance_l: float
    sample: DayPlan


def run_replication(world: World, replication: int) -> Task[Replication]:
    """Simulate warm-up and reported days. Rounds are driven in the morning, before the day's waste comes."""
    params, bins = world.params, world.bins
    held_l = world.waste.starting_l(world.seed, replication, bins, world.base_bins)
    balance_l = float(held_l.sum())
    router = varied(world.router, replication)
    capacity_l = bins.capacity_l
    by_day = np.zeros((params.days, len(SUMS)))
    overflow_h, visits, fill_sum = (np.zeros(len(held_l)) for _ in range(3))
    sample = None
    total_days = params.warm_up_days + params.days
    for day in range(total_days):
        done = replication * total_days + day
        progress = Progress("Simulating collection", done, params.replications * total_days)
        yield progress
        fill = held_l / capacity_l
        key = key_of(world.seed, replication, day, 1)
        selected = world.policy.select(day, fill, key)
        load_l = np.minimum(held_l, router.capacity_l)
        plan = yield from _with_progress(plan_day(router, selected, load_l, bins.waste), progress)
        taken_l = load_l[plan.served]
        held_l[plan.served] -= taken_l
        arriving_l = world.waste.arriving_l(world.seed, replication, day, (world.first_weekday + day) % 7)
        over_h = overflow_hours(held_l, arriving_l, capacity_l)
        events = (held_l <= capacity_l) & (held_l + arriving_l > capacity_l)
        held_l += arriving_l
        balance_l += float(arriving_l.sum() - taken_l.sum())
        reported = day - params.warm_up_days
        if reported < 0:
            continue
        if sample is None:
            sample = plan
        by_day[reported] = _sums(world, plan, selected, fill, taken_l, over_h, events)
        overflow_h += over_h
        visits[plan.served] += 1
        fill_sum += fill
    assert sample is not None  # noqa: S101  there is at least one reported day
    return Replication(by_day, overflow_h, visits, fill_sum, balance_l - float(held_l.sum()), sample)


def overflow_hours(held_l: FloatArray, arriving_l: FloatArray, capacity_l: FloatArray) -> FloatArray:
    """Return the hours ``(n,)`` of a day in which more lies in a bin than it holds, waste coming evenly over 24 h."""
    excess_l = held_l + arriving_l - capacity_l
    return np.asarray(24.0 * np.clip(excess_l / np.maximum(arriving_l, 1e-9), 0.0, 1.0))


def _with_progress(task: Task[T], progress: Progress) -> Generator[Progress, None, T]:
    """Drive a part of a day and tell the day's progress meanwhile."""
    while True:
        try:
            next(task)
        except StopIteration as stop:
            value: T = stop.value
            return value
        yield progress


def _sums(
    world: World,
    plan: DayPlan,
    selected: NDArray[np.bool_],
    fill: FloatArray,
    taken_l: FloatArray,
    over_h: FloatArray,
    events: NDArray[np.bool_],
) -> tuple[float, ...]:
    """Return one day's row of ``SUMS``."""
    params, served = world.params, plan.served
    density = np.array([DENSITY_KG_L[kind] for kind in WASTE_KINDS])
    distance_km, crew_h, trucks = plan.length_m / 1000.0, float(plan.truck_s.sum()) / 3600.0, len(plan.truck_s)
    cost = params.cost_per_km * distance_km + params.cost_per_crew_h * crew_h + params.cost_per_truck_day * trucks
    return (
        float(over_h.sum()),
        float(events.sum()),
        distance_km,
        plan.drive_s / 3600.0,
        crew_h,
        float(trucks),
        float((plan.truck >= 0).sum()),
        float(len(served)),
        float((fill[served] < NEEDLESS_FILL).sum()),
        float(selected.sum() - len(served)),
        float((taken_l * density[world.bins.waste[served]]).sum()) / 1000.0,
        cost,
        params.co2_kg_per_km * distance_km,
    )
