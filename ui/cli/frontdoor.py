"""The way in: which command is meant, in which language, and what its errors become."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from twin.errors import CancelledError, KnownError, StorageError
from ui.cli.parser import Parser
from ui.language import LANGUAGES, error_texts, language, language_for, mark, set_language, tr

COMMANDS: Mapping[str, str] = {
    "demo": mark("Build the demo city and open it; without a display play the main job on the terminal."),
    "create": mark("Make an empty workspace for a city."),
    "info": mark("Say what a workspace holds."),
    "import": mark(
        "Import a file: roads, buildings, bins, cameras, incidents, counts, terrain, zones, trips, a published network."
    ),
    "roads": mark("List the pieces of a street with their keys."),
    "scenario": mark("Make, edit, list, show and delete what-if scenarios."),
    "simulate": mark("Run a what-if simulation for a scenario."),
    "demand": mark("Say how many trips there are, from where, and how well they meet the counts."),
    "sweep": mark("Rank the closures of many roads, or all combinations of a scenario's edits."),
    "due": mark("Say which bins are due today, tomorrow and in two days, and why."),
    "fleet": mark("Say how many vehicles, and rounds how often, serve as well as today at the least cost."),
    "routes": mark("Plan the rounds of one day and write them for the crews, as CSV and GPX."),
    "actual": mark("Compare the rounds that were handed out with the emptyings that came back."),
    "isochrone": mark("Say what is reached by car from a place within so many minutes."),
    "flows": mark("Say who drives on a road, from where to where."),
    "compare": mark("Compare two scenarios and write the report."),
    "render": mark("Draw the city into a picture."),
    "export": mark("Write the city as a GeoPackage for QGIS and GDAL, or what the public may see as open data."),
    "package": mark("Send and get a city without a network: export, import, verify and inspect packages, make keys."),
    "sync": mark("Exchange edits with the centre over the network."),
    "conflicts": mark("List and decide what two people changed at once, and see what the centre refused."),
    "central": mark("Run the central service: its database, accounts, computers and backups."),
    "journal": mark("List what was done to the city."),
    "undo": mark("Take the newest change of the city back."),
    "redo": mark("Do again what was taken back."),
    "benchmark": mark("Solve a published test problem and say how well and how fast."),
}
"""Every command with its one line of help; its module is ``ui.cli.NAME_command``."""


def run(argv: list[str]) -> int:
    """Choose language and command, run it, and turn every error into its exit status."""
    before = language()
    _never_fail_to_print()
    try:
        set_language(_wished_language(argv, os.environ))
        return _guarded(argv)
    finally:
        set_language(before)


def _never_fail_to_print() -> None:
    """Show signs that the terminal's code page lacks by their number, and print into nothing where a stream is closed."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  it lasts as long as the process
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  it lasts as long as the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _guarded(argv: list[str]) -> int:
    """Run the command; whatever it raises becomes an exit status."""
    try:
        try:
            status = _dispatch(argv)
        except SystemExit as stop:  # how argparse leaves after a help page and after wrong usage
            status = stop.code if isinstance(stop.code, int) else 0
        sys.stdout.flush()  # here, where a reader that has gone is no error, not when the process ends
    except BrokenPipeError:
        _drop_output()
        return 1
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  the last resort: what is not known is reported as a bug
        if isinstance(error, OSError):
            _drop_output()
        return _say(_known(error, argv))
    return status


def _drop_output() -> None:
    """Let what is left to write, at exit too, go nowhere: its reader has gone, or its disk is full."""
    with suppress(OSError, ValueError):  # a stream without a file has nothing to drop
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _known(error: BaseException, argv: list[str]) -> KnownError:
    """Return an error as one that can be said to a person; a bug leaves a crash report."""
    if isinstance(error, KnownError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return CancelledError("The work was cancelled.", "Nothing was changed.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError("There is no space left on the disk that was written to.", "Free some space and try again.")
    if isinstance(error, MemoryError):
        return KnownError("There is not enough memory for this.", "Close other programs, or use a smaller area.")
    return _reported(error, argv)


def _reported(error: BaseException, argv: list[str]) -> KnownError:
    """Write a crash report and return the short text for the person."""
    from datetime import UTC, datetime

    from ui.crash import report_text, write_report

    at = datetime.now(UTC)
    path = write_report(report_text(error, at, f"citytwin {' '.join(argv)}"), at)
    return KnownError(
        f"CityTwin made a mistake: {type(error).__name__}: {error}",
        f"A report is in {path}; please send it to us." if path else "The report could not be written.",
    )


def _dispatch(argv: list[str]) -> int:
    """Find the command's module and run it."""
    rest = _without_language(argv)
    if not rest:
        from ui.cli.desktop import open_desktop

        return open_desktop(None)
    name = rest[0]
    if name not in COMMANDS:
        return _outside(rest)
    module = import_module(f"ui.cli.{name}_command")
    parser = Parser(f"citytwin {name}", tr(COMMANDS[name]))
    module.add_arguments(parser)
    arguments = parser.parse_args(module.arranged(rest[1:]) if hasattr(module, "arranged") else rest[1:])
    return cast("int", module.run(arguments))


def _outside(rest: list[str]) -> int:
    """Answer a call that names no command: help, version, a workspace to open, or a mistake."""
    if rest[0].endswith(".twin") and len(rest) == 1:
        from ui.cli.desktop import open_desktop

        return open_desktop(rest[0])
    parser = Parser("citytwin", tr("A digital twin of a city. With no command it opens the desktop."))
    parser.options.add_argument("--version", action="store_true", help=tr("Show the version and leave."))
    commands = parser.add_subparsers(metavar=tr("COMMAND"), title=tr("Commands"), prog="citytwin")
    for name, line in COMMANDS.items():
        commands.add_parser(name, help=tr(line), prog=f"citytwin {name}")
    if parser.parse_args(rest).version:
        from ui.version import own_version

        print(own_version())
    return 0


def _wished_language(argv: list[str], environ: Mapping[str, str]) -> str:
    """Return the language asked for on the command line, or that of the system."""
    for place, word in enumerate(argv):
        given = word.partition("=")[2] if word.startswith("--language=") else ""
        if word == "--language" and place + 1 < len(argv):
            given = argv[place + 1]
        if given in LANGUAGES:
            return given
    wish = next((environ[name] for name in ("CITYTWIN_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return language_for(wish)


def _without_language(argv: list[str]) -> list[str]:
    """Return the arguments without a ``--language`` that stands before the command."""
    if len(argv) > 1 and argv[0] == "--language" and argv[1] in LANGUAGES:
        return argv[2:]
    if argv and argv[0].startswith("--language=") and argv[0].partition("=")[2] in LANGUAGES:
        return argv[1:]
    return argv


def _say(error: KnownError) -> int:
    """Write an error's message and advice on standard error, one line each; return 1."""
    message, advice = error_texts(error)
    for line in (message, advice):
        if line:
            print(" ".join(line.split()), file=sys.stderr)
    return 1


def print_json(value: Any) -> None:
    """Print one JSON object; numbers that JSON lacks become null."""
    print(json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, indent=2))


def _plain(value: Any) -> Any:
    """Return a value that JSON can say."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124  NaN is unlike itself
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if hasattr(value, "item"):
        return _plain(value.item())
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
