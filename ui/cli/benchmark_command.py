"""``citytwin benchmark``: published test problems, solved and timed."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from twin.errors import KnownError
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser, add_many
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.language import number, tr
from ui.report.contents import diagnostic_label


def add_arguments(parser: Parser) -> None:
    """Add the kinds of test problems."""
    kinds = add_many(parser, "PROBLEM")
    congestion = kinds.add_parser(
        "congestion", help=tr("A network and its trips in TNTP format."), prog="citytwin benchmark congestion"
    )
    congestion.arguments.add_argument("net", metavar="NET.tntp", help=tr("The network."))
    congestion.arguments.add_argument("trips", metavar="TRIPS.tntp", help=tr("The trips."))
    congestion.options.add_argument(
        "--gap", type=float, metavar="NUMBER", default=1e-6, help=tr("Relative gap to reach; otherwise {gap}.", gap="1e-6")
    )
    congestion.options.add_argument(
        "--toll-weight",
        type=float,
        metavar="NUMBER",
        default=0.0,
        help=tr("Time that one unit of toll is worth; otherwise none."),
    )
    congestion.options.add_argument(
        "--distance-weight",
        type=float,
        metavar="NUMBER",
        default=0.0,
        help=tr("Time that one unit of length is worth; otherwise none."),
    )
    congestion.json_option()
    routing = kinds.add_parser(
        "routing", help=tr("A vehicle-routing problem: CVRPLIB, Finnish bins, or waste stops."), prog="citytwin benchmark routing"
    )
    routing.arguments.add_argument("instance", metavar="INSTANCE", help=tr("The problem: .vrp, bins_*.inp or *_stop.txt."))
    routing.options.add_argument("--seconds", type=float, metavar="NUMBER", default=10.0, help=tr("Time to solve; otherwise 10."))
    routing.options.add_argument("--seed", type=int, metavar="NUMBER", default=1, help=tr("Seed of the search; otherwise 1."))
    routing.options.add_argument(
        "--best", type=float, metavar="COST", help=tr("Best known cost; otherwise that of the .sol file beside the problem.")
    )
    routing.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Solve the problem and print what was reached."""
    found = _routing(arguments) if arguments.action == "routing" else _congestion(arguments)
    if arguments.json:
        print_json(found)
        return 0
    rows = [(diagnostic_label(name), _said(value)) for name, value in found.items() if not isinstance(value, str)]
    print(table((tr("What"), tr("Value")), rows, right=(1,)))
    return 0


def _said(value: float) -> str:
    """Return a number, or whether something is so, for people."""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return f"{value:.3g}" if 0 < abs(value) < 1e-3 else number(value, 3)


def _congestion(arguments: argparse.Namespace) -> dict[str, Any]:
    from sim.assignment.benchmark import run_benchmark
    from twin.sources.tntp import read_tntp

    net = read_tntp(Path(arguments.net), Path(arguments.trips))
    weights = {"toll_weight": arguments.toll_weight, "distance_weight": arguments.distance_weight}
    found = run_task(run_benchmark(net, arguments.gap, time.perf_counter, **weights))
    return {"network": Path(arguments.net).stem, "gap_asked": arguments.gap, **found}


def _routing(arguments: argparse.Namespace) -> dict[str, Any]:
    from concurrent.futures import ThreadPoolExecutor

    from sim.routing.benchmark import run_benchmark
    from twin.sources.cvrplib import read_solution_cost
    from twin.sources.routing_instance import read_routing_instance

    if not 0.0 < arguments.seconds < float("inf"):
        raise KnownError("The time to solve is no positive number of seconds.", "Give for example --seconds 10.")
    if arguments.best is not None and not 0.0 < arguments.best < float("inf"):
        raise KnownError("The best known cost is no positive number.", "Leave --best away if it is not known.")
    path = Path(arguments.instance)
    instance = read_routing_instance(path)
    beside = path.with_suffix(".sol")
    best = arguments.best if arguments.best is not None or not beside.is_file() else read_solution_cost(beside)
    with ThreadPoolExecutor(2) as pool:
        found = run_task(run_benchmark(instance, arguments.seconds, arguments.seed, time.perf_counter, pool.map))
    gap = {} if best is None else {"gap": found["cost"] / best - 1.0, "best": best}
    return {"instance": path.stem, **found, **gap}
