"""``citytwin export``: the city as a GeoPackage that QGIS and GDAL open."""

from __future__ import annotations

import argparse
from pathlib import Path

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.language import tr
from ui.session import Session


def add_arguments(parser: Parser) -> None:
    """Add the workspace and the file."""
    parser.workspace_argument()
    parser.options.add_argument(
        "--out", metavar="FILE.gpkg", default="", help=tr("Where to; otherwise layers.gpkg in the workspace.")
    )
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Write the file."""
    workspace = Path(arguments.workspace)
    with Session.open(workspace, writable=False) as session:
        path = run_task(session.store.export_geopackage(Path(arguments.out) if arguments.out else workspace / "layers.gpkg"))
    if arguments.json:
        print_json({"file": str(path), "size_bytes": path.stat().st_size})
    else:
        print(tr("Wrote {path}.", path=path))
    return 0
