"""``citytwin export``: the city as a GeoPackage for QGIS and GDAL, or what the public may see of it as open data."""

from __future__ import annotations

import argparse
from pathlib import Path

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.language import number, tr
from ui.session import Session

FORMS = ("geopackage", "open-data")


def add_arguments(parser: Parser) -> None:
    """Add the workspace, the form and the place."""
    parser.workspace_argument()
    parser.options.add_argument(
        "--as",
        dest="form",
        choices=FORMS,
        default=FORMS[0],
        help=tr("geopackage: everything, for QGIS and GDAL; open-data: what the public may see, in three formats."),
    )
    parser.options.add_argument(
        "--out", metavar="PATH", default="", help=tr("Where to; otherwise layers.gpkg or open-data in the workspace.")
    )
    parser.options.add_argument(
        "--licence",
        metavar="NAME",
        default="",
        help=tr("Terms of the open data, such as CC-BY-4.0; those of OpenStreetMap are settled."),
    )
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Write the file or the folder."""
    return _open_data(arguments) if arguments.form == "open-data" else _geopackage(arguments)


def _geopackage(arguments: argparse.Namespace) -> int:
    workspace = Path(arguments.workspace)
    with Session.open(workspace, writable=False) as session:
        path = run_task(session.store.export_geopackage(Path(arguments.out) if arguments.out else workspace / "layers.gpkg"))
    if arguments.json:
        print_json({"file": str(path), "size_bytes": path.stat().st_size})
    else:
        print(tr("Wrote {path}.", path=path))
    return 0


def _open_data(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from twin.opendata import export_open_data

    workspace = Path(arguments.workspace)
    folder = Path(arguments.out) if arguments.out else workspace / "open-data"
    with Session.open(workspace, writable=False) as session:
        store = session.store
        task = export_open_data(
            lambda kind: store.snapshot([kind], with_terrain=False), folder, made_at=datetime.now(UTC), licence=arguments.licence
        )
        found = run_task(task)
    if arguments.json:
        rows = {item.name: {"rows": len(item.table), "left_out": item.left_out} for item in found}
        print_json({"folder": str(folder), "tables": rows})
        return 0
    print(table((tr("Table"), tr("Rows")), [(tr(item.title), number(len(item.table))) for item in found], right=(1,)))
    print(tr("Wrote {path}.", path=folder))
    return 0
