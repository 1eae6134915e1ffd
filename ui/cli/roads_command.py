"""``citytwin roads``: the pieces of a street, with the keys by which edits and other commands take them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from twin.errors import ScenarioError
from twin.model.snapshot import Snapshot
from ui.choosing import ALL, ids_named
from ui.cli.fields import place_xy
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.table import table
from ui.language import number, tr, tr_choice
from ui.quantity import quantity
from ui.session import Session
from ui.street_names import COMPASS, StreetNames, compass_of, towards

MOST_ROWS = 40
"""Rows that a terminal shows; --json has all."""


def add_arguments(parser: Parser) -> None:
    """Add which street, where and whither."""
    parser.workspace_argument()
    options = parser.options
    options.add_argument("--name", nargs="+", metavar="NAME", default=[ALL], help=tr("Which ones: names or keys, or all."))
    options.add_argument(
        "--at", nargs=2, type=float, metavar=("LON", "LAT"), help=tr("Those nearest to this place first, in degrees.")
    )
    options.add_argument("--towards", choices=COMPASS, help=tr("Only the pieces that run towards there."))
    options.add_argument(
        "--scenario", metavar="NAME", default="baseline", help=tr("Name of the scenario; otherwise the baseline.")
    )
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Print the pieces."""
    with Session.open(Path(arguments.workspace), writable=False) as session:
        session.choose_scenario(arguments.scenario)
        city = session.edited_snapshot
    keys = ids_named(city, "link", arguments.name)
    if arguments.towards:
        keys = towards(city["link"], keys, arguments.towards)
    if arguments.at:
        keys = _by_distance(city, keys, arguments.at)
    if not keys:
        raise ScenarioError("This city has no roads.", "Import some first.")
    if arguments.json:
        print_json({"roads": [_facts(city, key) for key in keys]})
        return 0
    names = StreetNames(city)
    rows = [(names.piece(key), *_words(_facts(city, key))) for key in keys[:MOST_ROWS]]
    print(table((tr("Road"), tr("Road class"), tr("Lanes"), tr("Speed"), tr("Length"), tr("Key")), rows, right=(2, 3, 4)))
    if len(keys) > MOST_ROWS:
        print(tr("… and {count} more: --json has all of them.", count=number(len(keys) - MOST_ROWS)))
    return 0


def _by_distance(city: Snapshot, keys: tuple[str, ...], lon_lat: list[float]) -> tuple[str, ...]:
    import shapely

    links = city["link"]
    away = shapely.distance(links.shapes[links.rows(keys)], shapely.Point(place_xy(city, lon_lat)))
    return tuple(keys[place] for place in np.argsort(away, kind="stable").tolist())


def _facts(city: Snapshot, key: str) -> dict[str, Any]:
    links = city["link"]
    row = links.row_of[key]
    lon, lat = city.projection.to_lon_lat(links.xy[[row]])[0].tolist()
    facts: dict[str, Any] = {
        "key": key,
        "name": str(links["name"][row]),
        "name_en": str(links["name_en"][row]),
        "towards": COMPASS[compass_of(links, row)],
        "opposite_key": str(links["reverse_id"][row]),
        "from_node": str(links["tail_id"][row]),
        "to_node": str(links["head_id"][row]),
        "road_class": str(links["road_class"][row]),
        "closed": bool(links["closed"][row]),
        "lon": round(lon, 6),
        "lat": round(lat, 6),
    }
    numbers = ("lanes", "capacity_vph", "free_flow_speed_mps", "length_m")
    return facts | {name: float(links[name][row]) for name in numbers}


def _words(facts: dict[str, Any]) -> tuple[str, ...]:
    return (
        tr_choice(facts["road_class"]),
        number(facts["lanes"], 1) if facts["lanes"] % 1 else number(int(facts["lanes"])),
        quantity(facts["free_flow_speed_mps"], "m/s"),
        quantity(facts["length_m"], "m"),
        facts["key"],
    )
