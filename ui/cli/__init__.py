"""The command line: every capability of CityTwin as a subcommand, for people and for scripts.

Importing this package imports nothing heavy; a command's own module is read when it is called.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``citytwin`` with these arguments (those of the process when None) and return its exit status.

    0: done, 1: a known error, said in two lines on standard error, 2: wrong usage.
    """
    if argv is not None:
        from ui.cli.frontdoor import run

        return run(list(argv))
    try:
        from ui.cli.frontdoor import run
        from ui.cli.interrupt import heeded

        with heeded():
            return run(sys.argv[1:])
    except KeyboardInterrupt:  # before or after the command, which answers it itself
        return 1
