"""``citytwin fleet``: how many trucks, and rounds how often: the cheapest fleet and policy that serve as well as today's."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.errors import ScenarioError
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.language import mark, number, tr
from ui.session import Session

if TYPE_CHECKING:
    from sim.cleanup.fleet import Advice, Weighed
    from sim.cleanup.front import Paired

WORDS = {"fixed": mark("fixed rounds every {setting} d"), "threshold": mark("from a fill level of {setting}")}
SUMS = ("cost", "overflow_h", "uncollected_stops", "trucks", "distance_km", "crew_h")


def add_arguments(parser: Parser) -> None:
    """Add workspace, scenario, fleets, the overflow accepted and the length of the runs."""
    parser.workspace_argument()
    options = parser.options
    options.add_argument(
        "--scenario", metavar="NAME", default="baseline", help=tr("Name of the scenario; otherwise the baseline.")
    )
    options.add_argument(
        "--vehicles",
        metavar="N,N…",
        default="",
        help=tr("Fleets to try, all depots together; otherwise 0.2 to 1.2 times today's."),
    )
    options.add_argument(
        "--overflow", type=float, metavar="HOURS", help=tr("Overflow accepted a day, all bins; otherwise today's.")
    )
    options.add_argument("--days", type=int, default=14, help=tr("Days of each run."))
    options.add_argument("--replications", type=int, default=3, help=tr("Runs with other draws; intervals rest on them."))
    options.add_argument("--seed", type=int, default=1)
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Try the fleets and print what they come to."""
    fleets = _fleets(arguments.vehicles)
    if arguments.overflow is not None and not 0 <= arguments.overflow < float("inf"):
        raise ScenarioError(f"The accepted overflow is {arguments.overflow:g} h/d.", "Give a number of hours, 0 or more.")
    if not 2 <= arguments.replications <= 200:
        raise ScenarioError(f"There are {arguments.replications} replications.", "Give 2 to 200: intervals rest on them.")
    with Session.open(Path(arguments.workspace)) as session:
        advice = run_task(_advised(session, arguments, fleets))
    if arguments.json:
        print_json(_as_json(advice))
    else:
        _print(advice)
    return 0


def _fleets(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(item) for item in text.split(",") if item.strip()}))
    except ValueError:
        raise ScenarioError(f"The fleets '{text}' are no numbers.", "Give numbers such as 6,8,10.") from None


def _advised(session: Session, arguments: argparse.Namespace, fleets: tuple[int, ...]) -> Task[Advice]:
    # Compiled code is brought in here: a command that runs no simulation must not wait for it.
    from sim.cleanup import Cleanup
    from sim.cleanup.fleet import advise, fleets_around
    from sim.cleanup.params import CleanupParams
    from sim.cleanup.run import prepare_ground

    yield Progress("Reading the city")
    city: Snapshot = session.store.snapshot(Cleanup.kinds, histories=Cleanup.histories)
    scenario = session.find_scenario(arguments.scenario)
    params = CleanupParams(days=arguments.days, replications=arguments.replications)
    ground = yield from prepare_ground(city, scenario, params, arguments.seed)
    chosen = fleets or fleets_around(int(ground.world.router.vehicles.sum()))
    return (yield from advise(ground, scenario.apply(city), chosen, arguments.overflow, arguments.replications))


def _policy_in_words(one: Weighed) -> str:
    if one.contender is None:
        return tr("as today")
    return tr(WORDS[one.contender.family], setting=one.contender.setting)


def _print(advice: Advice) -> None:
    """Print every fleet with the cheapest policy that serves, and how the best compares with today's."""
    headings = (
        tr("Vehicles"),
        tr("Policy"),
        tr("Cost"),
        tr("Overflow (h/d)"),
        tr("Not collected"),
        tr("Serves as well as today"),
    )
    rows = [_row(advice.today, tr("today"))]
    for vehicles in sorted({one.vehicles for one in advice.tried}):
        mine = [one for one in advice.tried if one.vehicles == vehicles]
        serving = [one for one in mine if advice.serves(one)]
        shown = min(serving or mine, key=lambda one: one.mean("cost") if serving else one.mean("overflow_h"))
        rows.append(_row(shown, tr("yes") if serving else tr("no")))
    print(table(headings, rows, right=(0, 2, 3, 4)))
    if advice.best is None or advice.cost is None or advice.overflow is None:
        print(tr("None of these fleets serves as well as today's with any of the policies tried."))
        return
    print(tr("Best: {vehicles} vehicles, {policy}.", vehicles=number(advice.best.vehicles), policy=_policy_in_words(advice.best)))
    for label, unit, found in ((tr("Cost"), tr("CNY/d"), advice.cost), (tr("Overflow"), tr("h/d"), advice.overflow)):
        print(_difference_in_words(label, unit, found))
    print(tr("The choice was made on other draws than those of this comparison. A truck costs its day whether it leaves or not."))


def _difference_in_words(label: str, unit: str, found: Paired) -> str:
    if not found.is_found:
        return tr("{what}: no difference found.", what=label)
    return tr(
        "{what}: {mean} {unit} against today's (95 % interval {low} to {high}).",
        what=label,
        unit=unit,
        mean=_rounded(found.mean),
        low=_rounded(found.low),
        high=_rounded(found.high),
    )


def _rounded(value: float) -> str:
    return number(value, 0 if abs(value) >= 100 else 1)


def _row(one: Weighed, serves: str) -> list[str]:
    sums = (_rounded(one.mean(name)) for name in ("cost", "overflow_h", "uncollected_stops"))
    return [number(one.vehicles), _policy_in_words(one), *sums, serves]


def _as_json(advice: Advice) -> dict[str, Any]:
    def told(one: Weighed | None) -> dict[str, Any] | None:
        if one is None:
            return None
        policy = one.contender.edit.policy if one.contender else None
        setting = float(one.contender.setting) if one.contender else None
        means = {f"{name}_per_day": one.mean(name) for name in SUMS}
        return {"vehicles": one.vehicles, "policy": policy, "setting": setting, **means, "serves": advice.serves(one)}

    def difference(found: Paired | None) -> dict[str, float] | None:
        return None if found is None else {"mean": found.mean, "low": found.low, "high": found.high}

    return {
        "today": told(advice.today),
        "tried": [told(one) for one in advice.tried],
        "most_overflow_h_per_day": advice.most_overflow_h,
        "best": told(advice.best),
        "reference": told(advice.reference),
        "cost_difference_per_day": difference(advice.cost),
        "overflow_difference_h_per_day": difference(advice.overflow),
    }
