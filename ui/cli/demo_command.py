"""``citytwin demo``: the demo city on the desktop, or its main job played on the terminal."""

from __future__ import annotations

import argparse
from pathlib import Path

from twin.model.comparison import Comparison
from twin.store.faults import reported
from ui.cli.compare_command import print_comparisons, write_reports
from ui.cli.desktop import has_display, open_desktop
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.render_command import write_picture
from ui.language import tr
from ui.running import require_seed
from ui.session import Session

WHAT_IFS = (("congestion", "bridge-closed"), ("cleanup", "fill-driven"))
"""Simulation and ready scenario of the demo city, each compared with the baseline."""


def add_arguments(parser: Parser) -> None:
    """Add seed, place and whether to do without a window."""
    options = parser.options
    options.add_argument(
        "--seed", type=int, metavar="NUMBER", default=1, help=tr("Another city for each number; otherwise {seed}.", seed=1)
    )
    options.add_argument(
        "--out",
        metavar="DIR",
        default="out",
        help=tr("Folder for the city, picture and report; otherwise {folder}.", folder="out"),
    )
    options.add_argument(
        "--headless", action="store_true", help=tr("Open no window: run both what-ifs and write picture and report.")
    )


def run(arguments: argparse.Namespace) -> int:
    """Build the city where it is not there yet, then open it or play the main job."""
    require_seed(arguments.seed)
    folder = Path(arguments.out)
    workspace = folder / ("demo.twin" if arguments.seed == 1 else f"demo-{arguments.seed}.twin")
    if not workspace.exists():
        from twin.demo import build_demo

        with reported(workspace):
            folder.mkdir(parents=True, exist_ok=True)
        run_task(build_demo(workspace, seed=arguments.seed))
    if not arguments.headless and has_display():
        return open_desktop(str(workspace))
    _play(workspace, folder)
    return 0


def _play(workspace: Path, folder: Path) -> None:
    """Run both what-ifs, print what they change, and write picture and report."""
    with Session.open(workspace) as session:
        comparisons: list[Comparison] = []
        for simulation, scenario in WHAT_IFS:
            comparisons += run_task(session.compare_task("baseline", scenario, [simulation]))
        print_comparisons(session, comparisons)
        print()
        session.show("none")
        written = [write_picture(session, folder / "demo.png", (1920, 1080))]
        written += write_reports(session, comparisons, str(folder / "report.html"), str(folder / "report.pdf"))
        for path in written:
            print(tr("Wrote {path}.", path=path))
