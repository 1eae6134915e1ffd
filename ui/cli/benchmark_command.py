"""``citytwin benchmark``: published test problems, solved and timed."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser, add_many
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
    congestion.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Solve the problem and print what was reached."""
    from sim.congestion.benchmark import run_benchmark
    from twin.sources.tntp import read_tntp

    net = read_tntp(Path(arguments.net), Path(arguments.trips))
    found = run_benchmark(net, arguments.gap, time.perf_counter)
    if arguments.json:
        print_json({"network": Path(arguments.net).stem, "gap_asked": arguments.gap, **found})
        return 0
    rows = [
        (diagnostic_label(name), f"{value:.3g}" if 0 < abs(value) < 1e-3 else number(value, 3)) for name, value in found.items()
    ]
    print(table((tr("What"), tr("Value")), rows, right=(1,)))
    return 0
