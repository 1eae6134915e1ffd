"""Fixtures for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
os.environ.setdefault("VTK_FORCE_MSAA", "0")

# How long an example takes says something of the machine, not of the code: no example fails for being slow.
settings.register_profile("citytwin", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("citytwin")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of published data sets beside the checkout; skip by name where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"real data is not here: no folder {folder.parent.name}/{folder.name} beside the checkout")
    return folder
