"""A guard: PySide6 6.12.0 drops a reference to None on most calls under Python 3.11, and the process aborts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import PySide6
import pytest

ROOT = Path(__file__).resolve().parents[2]

PROBE = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QApplication, QLabel, QSlider, QWidget

app = QApplication([])
widget, label, timer, slider, action, image = QWidget(), QLabel("x"), QTimer(), QSlider(), QAction("a"), QImage(8, 8, QImage.Format.Format_RGB32)
calls = {
    "show": widget.show, "update": widget.update, "resize": lambda: widget.resize(9, 9), "setText": lambda: label.setText("a"),
    "setValue": lambda: slider.setValue(3), "emit": lambda: slider.valueChanged.emit(1), "stop": timer.stop,
    "setChecked": lambda: action.setChecked(True), "fill": lambda: image.fill(0), "processEvents": app.processEvents,
}
lost = {}
for name, call in calls.items():
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(300):
        call()
    after = sys.getrefcount(None), sys.getrefcount(True)
    lost[name] = [round((b - a) / 300, 2) for a, b in zip(before, after)]
print(json.dumps(lost), flush=True)
import os
os._exit(0)
"""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="from Python 3.12 None is immortal and cannot be dropped")
def test_qt_calls_keep_their_references():
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=120, check=True)
    lost = json.loads(done.stdout.splitlines()[-1])
    assert {name: change for name, change in lost.items() if min(change) < -0.3} == {}


def test_the_version_that_was_probed_is_the_one_that_is_installed():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    pinned = next(line for line in wanted if line.startswith("PySide6"))
    assert re.fullmatch(r"PySide6-Essentials==\d+\.\d+\.\d+", pinned)
    assert pinned.split("==")[1] == PySide6.__version__
    constraints = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    assert f"PySide6_Essentials=={PySide6.__version__}" in constraints
