"""The run: from a city and a scenario to a result, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from sim.cleanup.course import course_table
from sim.cleanup.days import Replication, World, run_replication
from sim.cleanup.fill import fit_fill
from sim.cleanup.giant import measure_and_order
from sim.cleanup.long_search import plan_at_length
from sim.cleanup.operation import Loaded, Operation, prepare_operation
from sim.cleanup.outcome import compose_result
from sim.cleanup.params import CleanupParams
from sim.cleanup.rounds import choose_policy, detour_s
from sim.cleanup.router import prepare_router, varied
from sim.cleanup.routes import route_table
from sim.cleanup.routing import DayPlan
from sim.cleanup.stops import stop_table
from sim.cleanup.waste import prepare_waste
from sim.digest import input_hash
from twin.model.edits import ScaleFill
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

ASSUMPTIONS = (
    "Rounds are driven in the morning before the day's waste comes; what lies beside a full bin is collected with it.",
    "Trucks stop at the road's nearer end; each trip carries one kind of waste; a driver unloads when the truck is full.",
    "Routes come from a fast heuristic, the same for every policy; a day planned at length can be some percent shorter.",
    "Unit costs, emission, complaints and bulk densities are assumptions shown in the parameters and definitions.",
)

WORTH_TELLING = 0.0005
"""Share of a day's work below which what a search saved is shown as nothing."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What a scenario's runs rest on: the collection on its streets, and the world with its policy."""

    operation: Operation
    world: World
    notes: tuple[str, ...]


def simulate(
    base: Snapshot,
    scenario: Scenario,
    params: CleanupParams,
    seed: int,
    *,
    kinds: tuple[str, ...],
    histories: tuple[str, ...],
    loaded: Loaded | None = None,
) -> Task[Result]:
    """Simulate a scenario of a city; see ``Cleanup.run``.

    ``kinds`` and ``histories`` of the city are what the result's ``input_hash`` is made of, with what the traffic was made of.
    """
    ground = yield from prepare_ground(base, scenario, params, seed, loaded)
    world = ground.world
    replications: list[Replication] = []
    for number in range(params.replications):
        replication = yield from run_replication(world, number)
        replications.append(replication)
    quick, load_l = replications[0].sample, replications[0].sample_load_l
    drawn = yield from plan_at_length(varied(world.router, 0), quick, load_l, params.search_iterations, seed)
    routes = yield from route_table(ground.operation, world.router, drawn, scenario.apply(base)["link"])
    course = course_table(world.router, drawn, load_l)
    stops = stop_table(world.router, drawn, load_l, world.bins.ids)
    yield Progress("Putting the result together")
    digest = yield from input_hash(base, kinds, histories, scenario, loaded.key if loaded else "")
    notes = (*ground.notes, *_search_note(quick, drawn))
    return (yield from compose_result(base, scenario, params, world, replications, digest, (routes, stops, course), notes))


def prepare_ground(
    base: Snapshot, scenario: Scenario, params: CleanupParams, seed: int, loaded: Loaded | None = None
) -> Task[Ground]:
    """Make everything that the days of a scenario need."""
    yield Progress("Reading the city")
    edited = scenario.apply(base)
    operation = yield from prepare_operation(base, edited, params, loaded)
    model = yield from fit_fill(base)
    waste = prepare_waste(
        model,
        base["bin"],
        operation.bins,
        events=scenario.edits_of(ScaleFill),
        first_weekday=base.at.weekday() if base.at is not None else 0,
        first_day=params.warm_up_days,
    )
    yield Progress("Measuring the ways between stops")
    ways, rank = yield from measure_and_order(operation)
    router = prepare_router(operation, ways, rank, params, detour_s(scenario))
    policy = choose_policy(scenario, params, base["bin"], operation.bins, waste)
    traffic_notes = loaded.notes if loaded else ()
    world = World(operation.bins, base["bin"], waste, policy, router, params, seed)
    return Ground(
        operation, world, (*_origin_note(base), *model.notes, *waste.notes, *operation.notes, *traffic_notes, *ASSUMPTIONS)
    )


def _origin_note(base: Snapshot) -> tuple[str, ...]:
    return ("This city is synthetic.",) if base.synthetic else ()


def _search_note(quick: DayPlan, drawn: DayPlan) -> tuple[str, ...]:
    """Say what searching on has saved on the day that is drawn: how far the other days may be from the best."""
    share = 1.0 - float(drawn.truck_s.sum()) / float(quick.truck_s.sum()) if drawn is not quick else 0.0
    if share < WORTH_TELLING:
        return ()
    return (f"The day that is drawn was planned at length: {100.0 * share:.1f} % less crew time than as quickly as the others.",)
