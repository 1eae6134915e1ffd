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
    from ui.cli.frontdoor import run

    return run(list(sys.argv[1:] if argv is None else argv))
