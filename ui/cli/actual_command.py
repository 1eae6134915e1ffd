"""``citytwin actual``: the rounds that were handed out against the emptyings that came back."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.errors import DataError
from twin.sources.values import zone
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.table import table
from ui.language import number, tr
from ui.output import write_file
from ui.quantity import quantity
from ui.session import Session

if TYPE_CHECKING:
    from ui.actual import Day

KINDS = ("bin",)


def add_arguments(parser: Parser) -> None:
    """Add workspace, plan, day and file."""
    parser.workspace_argument()
    parser.arguments.add_argument(
        "plan", metavar="PLAN.csv", type=Path, help=tr("The stops that were handed out: the file that citytwin routes wrote.")
    )
    parser.options.add_argument("--date", metavar="YYYY-MM-DD", help=tr("The day that was driven; otherwise the newest one."))
    parser.options.add_argument(
        "--timezone", metavar="NAME", default="UTC", help=tr("Time zone of the plan's clock; otherwise UTC.")
    )
    parser.options.add_argument("--encoding", metavar="NAME", help=tr("Code page of the text; otherwise it is recognised."))
    parser.options.add_argument("--csv", type=Path, metavar="FILE", help=tr("Write every stop with what became of it as CSV."))
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Compare, write the stops where asked to, and print a line per truck."""
    from ui.actual import csv_of, day_of, read_plan

    wanted, plan = _date(arguments.date), read_plan(arguments.plan, arguments.encoding)
    with Session.open(Path(arguments.workspace)) as session:
        city = session.store.snapshot(KINDS, histories=("emptying",))
    day = day_of(plan, city, zone(arguments.timezone), wanted)
    if arguments.csv is not None:
        write_file(arguments.csv, csv_of(day.rows).encode("utf-8-sig"))
    if arguments.json:
        print_json(_json_of(day))
    else:
        _print_day(day)
    return 0


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"'{text[:40]}' is no date.", "Give year, month and day, such as 2026-03-02.") from error


def _json_of(day: Day) -> dict[str, Any]:
    actual = day.actual
    return {
        "date": day.date.isoformat(),
        "planned": len(actual.at_s),
        "driven": sum(truck.driven for truck in actual.trucks),
        "unplanned": len(actual.unplanned),
        "not_in_city": day.not_in_city,
        "adherence": actual.adherence,
        "adherence_low": actual.low,
        "adherence_high": actual.high,
        "trucks": [asdict(truck) for truck in actual.trucks],
        "stops": day.rows,
    }


def _print_day(day: Day) -> None:
    actual = day.actual
    headings = (tr("Truck"), tr("Driver"), tr("Planned"), tr("Driven"), tr("By another truck"), tr("Missed"), tr("Unplanned"),
                tr("Order kept"), tr("Delay, median"))  # fmt: skip
    rows = [
        (str(truck.truck), truck.driver, number(truck.planned), number(truck.driven), number(truck.by_others),
         number(truck.missed), number(truck.unplanned), "–" if truck.order_kept is None else f"{truck.order_kept:.0%}",
         quantity(truck.delay_s, "s"))
        for truck in actual.trucks
    ]  # fmt: skip
    print(tr("Rounds of {date}", date=day.date.isoformat()))
    print(table(headings, rows, right=(0, 2, 3, 4, 5, 6, 7, 8)))
    share, low, high = (f"{value:.1%}" for value in (actual.adherence, actual.low, actual.high))
    print(
        tr(
            "{share} of the planned stops were driven (95 % interval over trucks: {low} to {high}).",
            share=share,
            low=low,
            high=high,
        )
    )
    print(tr("Bins emptied that were on no round: {count}.", count=number(len(actual.unplanned))))
    if day.not_in_city:
        print("* " + tr("{count} planned bins are not in the city any more.", count=number(day.not_in_city)))
    print("* " + tr("Old rounds may share stops with the plan: this share is the most that the advice was followed. "
                    "Simulate with it: citytwin simulate cleanup … --adherence {share}", share=f"{actual.adherence:.2f}"))  # fmt: skip
