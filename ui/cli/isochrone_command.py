"""``citytwin isochrone``: what is reached by car from a place within so many minutes of the peak hour."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from sim.isochrone import IsochroneParams
from twin.model.results import Result
from ui.cli.fields import add_options, built, values_of
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.results import print_result, result_json
from ui.language import tr
from ui.output import write_file
from ui.session import DEFAULT_SEED, Session


def add_arguments(parser: Parser) -> None:
    """Add workspace, place, minutes, scenario and the parameters of roads and trips."""
    parser.workspace_argument()
    parser.options.add_argument(
        "--scenario", metavar="NAME", default="baseline", help=tr("Name of the scenario; otherwise the baseline.")
    )
    parser.options.add_argument("--geojson", type=Path, metavar="FILE", help=tr("Write the reached areas as GeoJSON."))
    parser.json_option()
    add_options(parser, IsochroneParams)


def run(arguments: argparse.Namespace) -> int:
    """Measure it, write the areas where asked to, and print the indicators."""
    params = built(IsochroneParams, values_of(arguments, IsochroneParams))
    with Session.open(Path(arguments.workspace)) as session:
        session.choose_scenario(arguments.scenario)
        result = run_task(session.simulate_task("isochrone", params, DEFAULT_SEED))
    if arguments.geojson is not None:
        write_file(arguments.geojson, json.dumps(areas(result), ensure_ascii=False).encode())
    if arguments.json:
        print_json(result_json(result))
    else:
        print_result(result)
    return 0


def areas(result: Result) -> dict[str, Any]:
    """Return a GeoJSON object with the reached area of each band, the widest first, and the place."""
    from shapely import Point

    bands = sorted(result.params["minutes"], reverse=True)
    shapes: list[tuple[Any, dict[str, Any]]] = [(_area(result, 60.0 * minutes), _numbers(result, minutes)) for minutes in bands]
    place = Point(result.diagnostics["lon"], result.diagnostics["lat"])
    shapes.append((place, {"minutes": 0.0, "scenario": result.scenario}))
    features = [{"type": "Feature", "properties": facts, "geometry": shape.__geo_interface__} for shape, facts in shapes]
    return {"type": "FeatureCollection", "features": features}


def _area(result: Result, within_s: float) -> Any:
    """Return the hexagons (longitude, latitude) that are reached in a time, joined."""
    import h3
    import shapely

    cells = result.tables["cell"]
    reached = cells.ids[cells.columns["arrival_s"] <= within_s].tolist()
    return shapely.union_all([shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in reached])


def _numbers(result: Result, minutes: float) -> dict[str, Any]:
    ending = f"within_{minutes:g}_min".replace(".", "_")
    found = {item.name: item.value for item in result.indicators if ending in item.name}
    return {"minutes": minutes, "scenario": result.scenario, **found}
