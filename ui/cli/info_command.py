"""``citytwin info``: what a workspace holds."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.table import table
from ui.language import mark, number, time_text, tr, tr_choice
from ui.session import Session
from ui.timing import TIMED_KINDS, newest_by_kind

LABELS: Mapping[str, str] = {
    "name": mark("City"),
    "version": mark("Version of the city"),
    "roads": mark("Roads"),
    "service_roads": mark("Service roads"),
    "links": mark("Directed road pieces"),
    "nodes": mark("Nodes"),
    "turn_restrictions": mark("Turn restrictions"),
    "buildings": mark("Buildings"),
    "bins": mark("Bins"),
    "fill_readings": mark("Fill readings"),
    "emptyings": mark("Emptyings"),
    "cameras": mark("Cameras"),
    "speed_cameras": mark("Speed cameras"),
    "incidents": mark("Incidents"),
    "cases": mark("Cases"),
    "counters": mark("Count stations"),
    "counts": mark("Traffic counts"),
    "depots": mark("Depots"),
    "disposal_sites": mark("Disposal sites"),
    "districts": mark("Districts"),
    "unit_grids": mark("Unit grids"),
    "land_use": mark("Land use"),
    "population_cells": mark("Population"),
    "zones": mark("Zones"),
    "od_matrix": mark("Trip table entries"),
    "scenarios": mark("Scenarios"),
    "terrain": mark("Terrain"),
    "sources": mark("Sources"),
}
"""What the table says, line by line, of the facts that ``--json`` prints."""

TIMED: Mapping[str, str] = {"bins": "bin", "incidents": "incident", "cases": "case"}
"""Facts of which the newest moment is told, and the kind that knows it."""


def add_arguments(parser: Parser) -> None:
    """Add the workspace."""
    parser.workspace_argument()
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Print the counts."""
    from twin.ingest import workspace_info

    with Session.open(Path(arguments.workspace), writable=False) as session:
        info: dict[str, Any] = workspace_info(session.store)
        if arguments.json:
            print_json(info)
            return 0
        newest = newest_by_kind(session.store.snapshot(TIMED_KINDS, with_terrain=False))
    if info["synthetic"]:
        print(tr("Synthetic data: this city is made up."))
    print(table((tr("What"), tr("Value")), [(tr(label), _text(key, info[key], newest)) for key, label in LABELS.items()]))
    return 0


def _text(key: str, value: Any, newest: Mapping[str, datetime]) -> str:
    """Return one fact in words, with the newest moment known of it where there is one."""
    if isinstance(value, bool):
        return tr_choice("yes" if value else "no")
    if isinstance(value, int):
        time = newest.get(TIMED.get(key, ""))
        return tr("{count}, newest {time}", count=number(value), time=time_text(time)) if time else number(value)
    return tr(", ").join(value) or "–" if isinstance(value, list) else str(value)
