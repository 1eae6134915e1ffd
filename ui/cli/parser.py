"""The argument parser: argparse, speaking the language in use."""

from __future__ import annotations

import argparse
import sys
from typing import IO, Any, NoReturn

from ui.language import LANGUAGES, mark, tr, tr_sentence

# What argparse says of a wrong call, so that it can be translated.
mark("the following arguments are required: {0}")
mark("unrecognized arguments: {0}")
mark("argument {0}: expected one argument")
mark("argument {0}: expected {1} arguments")
mark("argument {0}: expected at least one argument")
mark("argument {0}: invalid choice: {1} (choose from {2})")
mark("argument {0}: invalid {1} value: {2}")
mark("argument {0}: not allowed with argument {1}")
mark("ambiguous option: {0} could match {1}")


class Parser(argparse.ArgumentParser):
    """A parser whose headings, help line and complaints are translated.

    ``arguments`` and ``options`` are the two groups that a command adds to.
    """

    def __init__(self, prog: str, description: str = "") -> None:
        super().__init__(prog=prog, description=description, add_help=False, formatter_class=_Formatter)
        self.arguments = self.add_argument_group(tr("Arguments"))
        self.options = self.add_argument_group(tr("Options"))
        self.options.add_argument("-h", "--help", action="help", help=tr("Show this help and leave."))
        self.options.add_argument(
            "--language",
            choices=tuple(LANGUAGES),
            default=argparse.SUPPRESS,
            help=tr("Language of all texts; otherwise that of the system."),
        )

    def json_option(self) -> None:
        """Add ``--json``."""
        self.options.add_argument("--json", action="store_true", help=tr("Print one JSON object for scripts."))

    def workspace_argument(self) -> None:
        """Add the workspace."""
        self.arguments.add_argument("workspace", metavar="WORKSPACE.twin", help=tr("Folder of the city."))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the call and how to get help; leave with 2."""
        print(tr_sentence(message), file=sys.stderr)
        print(tr("See: {command} --help", command=self.prog), file=sys.stderr)
        raise SystemExit(2)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help with a translated usage line and room for the longest option."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, max_help_position=34, width=100, **options)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Begin the help with 'usage:' in the language in use."""
        super().add_usage(usage, actions, groups, tr("usage: ") if prefix is None else prefix)


def add_many(parser: Parser, metavar: str = "COMMAND") -> Any:
    """Return the place where subcommands of a command are added."""
    return parser.add_subparsers(dest="action", required=True, metavar=metavar, parser_class=Parser, title=tr("Commands"))


Stream = IO[str]
