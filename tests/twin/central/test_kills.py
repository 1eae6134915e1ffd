"""The short form of ``packaging/kills``: processes killed amid every kind of work lose nothing, on both databases."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(__file__).resolve().parents[3] / "packaging" / "kills"
EACH = 8
ROWS = 9


@pytest.mark.skipif(sys.platform == "win32", reason="processes are made by fork and killed by SIGKILL")
def test_processes_killed_amid_their_work_lose_nothing_and_leave_nothing_half_done(url):
    seen = subprocess.run(
        [sys.executable, COMMAND, "--count", str(EACH * ROWS), "--database", url],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert seen.returncode == 0, seen.stdout + seen.stderr
    table = {
        kind: (int(office), int(centre))
        for kind, office, centre in re.findall(
            r"^  (edit|push|pull|package write|package import) +(\d+) +(\d+)$", seen.stdout, re.MULTILINE
        )
    }
    assert len(table) == 5
    assert all(office >= EACH for office, _ in table.values())
    assert all(centre >= EACH for kind, (_, centre) in table.items() if kind != "edit")
    assert re.search(r"^ +0  lost$", seen.stdout, re.MULTILINE)
    assert re.search(r"^ +0  there twice$", seen.stdout, re.MULTILINE)
