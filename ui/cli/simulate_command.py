"""``citytwin simulate``: run one what-if for one scenario; its options are made from its parameters."""

from __future__ import annotations

import argparse
from pathlib import Path

import sim
from ui.cli.fields import add_options, built, values_of
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser, add_many
from ui.cli.progress import run_task
from ui.cli.results import print_result, result_json
from ui.language import tr
from ui.running import find_simulation
from ui.session import DEFAULT_SEED, Session


def add_arguments(parser: Parser) -> None:
    """Add one subcommand for each simulation of the catalogue."""
    simulations = add_many(parser, "SIMULATION")
    for simulation in sim.SIMULATIONS:
        one = simulations.add_parser(simulation.name, help=tr(simulation.label), prog=f"citytwin simulate {simulation.name}")
        one.workspace_argument()
        one.options.add_argument(
            "--scenario", metavar="NAME", default="baseline", help=tr("Name of the scenario; otherwise the baseline.")
        )
        one.options.add_argument(
            "--seed",
            type=int,
            metavar="NUMBER",
            default=DEFAULT_SEED,
            help=tr("Seed of the randomness; otherwise {seed}.", seed=DEFAULT_SEED),
        )
        one.json_option()
        add_options(one, simulation.params_type)


def run(arguments: argparse.Namespace) -> int:
    """Run it and print the indicators."""
    simulation = find_simulation(arguments.action)
    params = built(simulation.params_type, values_of(arguments, simulation.params_type))
    with Session.open(Path(arguments.workspace)) as session:
        session.choose_scenario(arguments.scenario)
        result = run_task(session.simulate_task(simulation.name, params, arguments.seed))
    if arguments.json:
        print_json(result_json(result))
    else:
        print_result(result)
    return 0
