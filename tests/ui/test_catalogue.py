"""Every text that a person may be shown has its Chinese, with the same places for values; the catalogue is sorted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

from ui.language import TRANSLATIONS, placeholders

ROOT = Path(__file__).resolve().parents[2]


def messages():
    with (TRANSLATIONS / "zh_CN.po").open("rb") as file:
        return [(str(item.id), str(item.string)) for item in read_po(file) if item.id]


def test_no_text_is_missing():
    seen = subprocess.run(
        [sys.executable, "packaging/catalogue", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert seen.returncode == 0, seen.stdout + seen.stderr


def test_the_catalogue_is_sorted_and_whole():
    keys = [key for key, _ in messages()]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    for key, text in messages():
        assert text, key
        assert sorted(placeholders(key)) == sorted(placeholders(text)), key
