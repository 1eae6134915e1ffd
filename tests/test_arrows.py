"""The arrows between packages: the contracts hold, and no kind of layer, simulation or package is left out of them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from layers import LAYERS
from sim import SIMULATIONS

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


def contract(name):
    return next(item for item in CONTRACTS if name in item["name"])


def test_every_kind_of_layer_is_held_apart_from_the_others():
    named = {type(layer).__module__ for layer in LAYERS}
    assert set(contract("Kinds of layers")["modules"]) == named


def test_every_simulation_is_held_apart_from_the_others():
    named = {".".join(type(simulation).__module__.split(".")[:2]) for simulation in SIMULATIONS}
    assert set(contract("Simulations do not import each other")["modules"]) == named


def test_every_part_of_twin_but_two_is_held_away_from_the_network():
    parts = {f"twin.{path.stem}" for path in (ROOT / "twin").iterdir() if path.stem != "__init__" and path.suffix in ("", ".py")}
    named = set(contract("No network: ")["source_modules"])
    assert named == {"sim", "layers", *parts} - {"twin.sync", "twin.central", "twin.__pycache__"}


@pytest.mark.parametrize(
    ("line", "module", "broken"),
    [
        ("import sqlite3", "twin/model/places.py", "SQLite only in twin.store and twin.sync"),
        ("import datetime", "twin/sync/merge.py", "The rule of sync is pure"),
        ("import http.client", "sim/base.py", "No network"),
        ("import httpx", "ui/session.py", "No network in ui"),
        ("import httpx", "twin/sync/courier.py", "HTTP is asked by offices in twin.sync.http alone"),
        ("import sqlalchemy", "twin/sync/device.py", "twin.central's alone"),
        ("import PySide6.QtCore", "layers/base.py", "Qt only in ui"),
        ("import vtkmodules.vtkCommonCore", "layers/shapes.py", "VTK only in layers.marks and ui"),
        ("from layers import bins", "layers/cameras.py", "Kinds of layers do not import each other"),
        ("from twin import store", "sim/travel/zones.py", "they never open the store"),
        ("import threading", "ui/session.py", "Threads are started in ui.worker"),
        ("import time", "sim/cleanup/days.py", "The clock, chance and the environment are arguments"),
    ],
)
def test_a_contract_breaks_when_it_should(tmp_path, line, module, broken):
    for package in ("twin", "sim", "layers", "ui"):
        for path in (ROOT / package).rglob("*.py"):
            target = tmp_path / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    changed = tmp_path / module
    changed.write_text(changed.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    seen = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main(['--no-cache'])"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert seen.returncode == 1, seen.stdout
    found = " ".join(seen.stdout.split())
    assert f"{broken}" in found.split("Broken contracts")[1]


def test_what_is_imported_is_declared_and_what_is_declared_is_imported():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[^A-Za-z0-9_-]", line)[0].lower() for line in project["dependencies"]}
    of_module = {name: {item.lower().replace("_", "-") for item in found} for name, found in packages_distributions().items()}
    imported = set()
    for package in ("twin", "sim", "layers", "ui"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
                imported |= {name.split(".")[0] for name in names}
    imported -= {*sys.stdlib_module_names, "twin", "sim", "layers", "ui", "shiboken6"}  # PySide6 brings shiboken6
    assert {name: declared & of_module[name] for name in imported if not declared & of_module[name]} == {}
    assert declared - {item for name in imported for item in of_module[name]} == set()
