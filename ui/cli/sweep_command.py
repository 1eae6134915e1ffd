"""``citytwin sweep``: measure many scenarios alike and rank them: closures of roads, or combinations of edits."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import Any

import sim
from sim.sweep.plan import Closures, Combinations, Plan
from sim.sweep.ranking import Ranking, Row
from twin.model.codec import edit_to_json
from ui.choosing import ids_named
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser, add_many
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.language import number, tr, tr_sentence
from ui.output import write_file
from ui.session import Session
from ui.street_names import StreetNames
from ui.sweeping import Where, case_text, row_words, sweep_task

ACTIONS = ("closures", "combinations")
MOST_ROWS = 30
"""Rows that a terminal shows; the JSON and the CSV have all."""


def arranged(words: list[str]) -> list[str]:
    """Accept the action before the workspace too."""
    return [words[1], words[0], *words[2:]] if len(words) > 1 and words[0] in ACTIONS else words


def add_arguments(parser: Parser) -> None:
    """Add the two kinds of sweep."""
    parser.workspace_argument()
    actions = add_many(parser, "ACTION")
    closures = actions.add_parser(
        "closures", help=tr("Close each road by itself."), prog="citytwin sweep WORKSPACE.twin closures"
    )
    which = closures.options.add_mutually_exclusive_group(required=True)
    which.add_argument("--district", metavar="NAME", default="", help=tr("The roads of a district."))
    which.add_argument("--roads", nargs="+", metavar="NAME", default=[], help=tr("Which ones: names or keys, or all."))
    which.add_argument("--all", action="store_true", help=tr("Every road of the city."))
    closures.options.add_argument(
        "--limit", type=int, metavar="NUMBER", default=0, help=tr("Only so many of them, those with the most traffic.")
    )
    combinations = actions.add_parser(
        "combinations", help=tr("Try every combination of a scenario's edits."), prog="citytwin sweep WORKSPACE.twin combinations"
    )
    combinations.arguments.add_argument("scenario", metavar="SCENARIO", help=tr("Name of the scenario."))
    for one in (closures, combinations):
        _add_common(one)


def _add_common(one: Parser) -> None:
    one.options.add_argument(
        "--simulation",
        choices=[item.name for item in sim.SIMULATIONS],
        default=sim.SIMULATIONS[0].name,
        help=tr("Whose numbers are ranked."),
    )
    one.options.add_argument(
        "--by", metavar="INDICATOR", default="", help=tr("Indicator to rank by; otherwise the delay, or the first there is.")
    )
    one.options.add_argument(
        "--workers", type=int, metavar="NUMBER", default=0, help=tr("Processes; otherwise one for each core.")
    )
    one.options.add_argument(
        "--cluster", metavar="ADDRESS", default="", help=tr("Scheduler of a Dask cluster that does the work.")
    )
    one.options.add_argument("--csv", type=Path, metavar="FILE", help=tr("Write the whole table as CSV."))
    one.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Sweep, write the table where asked to, and print the ranking."""
    where = Where(arguments.workers, arguments.cluster)
    with Session.open(Path(arguments.workspace)) as session:
        plan = _plan(session, arguments)
        task = sweep_task(session, plan, simulation=arguments.simulation, where=where, by=arguments.by)
        ranking = run_task(task)
        if arguments.csv is not None:
            write_file(arguments.csv, _csv(session, ranking).encode("utf-8-sig"))
        if arguments.json:
            print_json(_json(session, ranking, arguments.simulation))
        else:
            _print(session, ranking)
    return 0


def _plan(session: Session, arguments: argparse.Namespace) -> Plan:
    if arguments.action == "combinations":
        return Combinations(session.find_scenario(arguments.scenario).edits)
    ids = ids_named(session.snapshot, "link", arguments.roads) if arguments.roads else ()
    return Closures(tuple(ids), arguments.district, arguments.limit)


def _print(session: Session, ranking: Ranking) -> None:
    effect = tr("Effect: {indicator}", indicator=tr_sentence(ranking.by.label))
    headings = (tr("Rank"), tr("What"), effect, "%", tr("Left out"), tr("Noise"))
    names = StreetNames(session.snapshot)
    rows = [row_words(session.snapshot, row, names) for row in ranking.rows[:MOST_ROWS]]
    print(table(headings, rows, right=(0, 2, 3, 4, 5)))
    if len(ranking.rows) > MOST_ROWS:
        print(tr("… and {count} more: --csv FILE or --json has all of them.", count=number(len(ranking.rows) - MOST_ROWS)))
    for note in ranking.notes:
        print(f"* {tr_sentence(note)}")


def _json(session: Session, ranking: Ranking, simulation: str) -> dict[str, Any]:
    names = StreetNames(session.snapshot)
    return {
        "simulation": simulation,
        "base_version": session.store.city_version,
        "ranked_by": ranking.by.name,
        "unit": ranking.by.unit,
        "definition": ranking.by.definition,
        "baseline": ranking.by.value,
        "cases": [_row_json(session, row, names) for row in ranking.rows],
        "notes": list(ranking.notes),
    }


def _row_json(session: Session, row: Row, names: StreetNames) -> dict[str, Any]:
    return {
        "rank": row.rank or None,
        "tied": row.is_tied,
        "what": case_text(session.snapshot, row.case, names),
        "edits": [edit_to_json(edit) for edit in row.case.edits],
        "effect": row.effect.difference if row.effect else None,
        "noise": row.effect.noise if row.effect else None,
        "found": row.effect.is_found if row.effect else False,
        "left_out": row.left_out.difference if row.left_out else None,
        "differences": {item.name: {"difference": item.difference, "unit": item.unit} for item in row.differences},
        "refusal": row.refusal,
    }


def _csv(session: Session, ranking: Ranking) -> str:
    """Return the whole table; numbers in SI with the unit in their heading."""
    names = [item.name for item in next((row.differences for row in ranking.rows if row.differences), ())]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["rank", "tied", "what", "ids", f"noise_{ranking.by.name}", *(f"difference_{name}" for name in names), "refusal"]
    )
    streets = StreetNames(session.snapshot)
    for row in ranking.rows:
        found = {item.name: item.difference for item in row.differences}
        noise = row.effect.noise if row.effect else ""
        numbers = [found.get(name, "") for name in names]
        what, ids = case_text(session.snapshot, row.case, streets), " ".join(row.case.target_ids)
        writer.writerow([row.rank or "", int(row.is_tied), what, ids, noise, *numbers, row.refusal])
    return out.getvalue()
