"""``citytwin render``: the city, or what a scenario changes in it, as a picture."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import layers
import sim
from layers.base import Layer
from twin.errors import ScenarioError
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.language import language, tr
from ui.output import write_file
from ui.running import simulations_for
from ui.session import Session
from ui.shown import MODES

LARGEST_PX = 8192
"""Most pixels on a side of a picture: 8192 × 8192 takes 4.5 GB of memory to draw, a third more on a side twice that."""


def add_arguments(parser: Parser) -> None:
    """Add the file and what to show."""
    parser.workspace_argument()
    options = parser.options
    options.add_argument("--out", metavar="FILE.png", required=True, help=tr("Picture to write."))
    options.add_argument("--size", type=_size, metavar="1920x1080", default=(1920, 1080), help=tr("Width and height in pixels."))
    options.add_argument(
        "--scenario", metavar="NAME", default="baseline", help=tr("Name of the scenario; otherwise the baseline.")
    )
    options.add_argument(
        "--show", choices=MODES, default=None, help=tr("Which numbers: none, before or after the edits, or their difference.")
    )
    options.add_argument("--simulation", choices=[item.name for item in sim.SIMULATIONS], help=tr("Whose numbers are shown."))
    options.add_argument("--measure", metavar="NAME", default="", help=tr("Which number of the result gives the colours."))
    names = ", ".join(layer.name for layer in layers.LAYERS)
    options.add_argument("--layers", metavar="NAME,NAME", default="", help=tr("Layers to draw: {names}.", names=names))
    options.add_argument("--light", action="store_true", help=tr("Light ground instead of dark."))
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Draw the picture."""
    path = Path(arguments.out)
    with Session.open(Path(arguments.workspace), writable=arguments.show not in (None, "none")) as session:
        session.choose_scenario(arguments.scenario)
        if arguments.show not in (None, "none"):
            _run_what_is_shown(session, arguments)
        write_picture(session, path, arguments.size, dark=not arguments.light, names=arguments.layers)
    if arguments.json:
        width, height = arguments.size
        print_json({"file": str(path), "width_px": width, "height_px": height, "size_bytes": path.stat().st_size})
    else:
        print(tr("Wrote {path}.", path=path))
    return 0


def write_picture(session: Session, path: Path, size: tuple[int, int], *, dark: bool = True, names: str = "") -> Path:
    """Draw what the session shows into a PNG file. Raises ``StorageError`` when it cannot be written."""
    from ui.picture import render
    from ui.report.paint import png

    write_file(path, png(render(session.scene(dark=dark), _layers_named(names), size, language=language())))
    return path


def _layers_named(names: str) -> list[tuple[Layer, Any]] | None:
    """Return the layers of a list of names with their first styles; None without names."""
    if not names:
        return None
    known = {layer.name: layer for layer in layers.LAYERS}
    wanted = [name.strip() for name in names.split(",")]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ScenarioError(f"There is no layer '{unknown[0]}'.", f"There are: {', '.join(known)}.")
    return [(known[name], known[name].style_type()) for name in known if name in wanted]


def _run_what_is_shown(session: Session, arguments: argparse.Namespace) -> None:
    simulation = arguments.simulation or simulations_for(session.scenario)[0]
    run_task(session.compare_task("baseline", arguments.scenario, [simulation]))
    session.show(arguments.show, simulation, arguments.measure)


def _size(text: str) -> tuple[int, int]:
    """Read '1920x1080'."""
    match = re.fullmatch(r"(\d{2,5})[x×](\d{2,5})", text)
    if match is None:
        raise ValueError(text)
    width, height = int(match[1]), int(match[2])
    if max(width, height) > LARGEST_PX:
        raise argparse.ArgumentTypeError(tr("a picture has at most {limit} pixels on a side", limit=LARGEST_PX))
    return width, height


_size.__name__ = "size"
