"""What is kept in the repository: the folders of the design and nothing that a run left behind."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {"twin", "ui", "layers", "sim", "assets", "tests", "packaging"}
FILES = {"pyproject.toml", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE"}
LARGEST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def tracked():
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout: nothing says what is kept")
    if shutil.which("git") is None:
        pytest.skip("git is not installed: it alone knows what is kept")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [Path(name) for name in listed.split("\0") if name]


def test_the_top_level_is_that_of_the_design(tracked):
    top = {path.parts[0] for path in tracked}
    assert {name for name in top if not name.startswith(".")} <= FOLDERS | FILES


def test_nothing_large_and_nothing_built_is_kept(tracked):
    assert [path for path in tracked if path.suffix in {".whl", ".db", ".parquet", ".pyc", ".npz"}] == []
    assert [path for path in tracked if (ROOT / path).is_file() and (ROOT / path).stat().st_size > LARGEST_BYTES] == []
