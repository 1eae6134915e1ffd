"""The same inputs give the same bytes in every process, whatever the seed of Python's hashes and the number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import hashlib, importlib.util, sys
import numpy as np
import shapely
from sim import SIMULATIONS
from twin.model.edits import AddEvent, AddLink, BanTurn, CloseLinks, ScaleDemand, SetPolicy
from twin.model.scenario import Scenario
from twin.task import finish

def load(path):
    spec = importlib.util.spec_from_file_location("builders", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

name, path, key = sys.argv[1:]
builders = load(path)
simulation = next(item for item in SIMULATIONS if item.name == name)
if name in ("congestion", "flows", "isochrone", "queues"):
    city, params = builders.snapshot(builders.grid(6, 5)), simulation.params_type()
    ban = BanTurn(target_ids=("n1-1>n2-1",), into=("n2-1>n2-2",))
    more = (AddLink(path_m=((150.0, 0.0), (1200.0, 900.0))), ban, AddEvent(trips=50.0, x_m=600.0, y_m=600.0))
else:
    more = ()
    city, params = builders.grid_city(), simulation.params_type(days=4, warm_up_days=1, replications=2)
key = key or city["link"].ids[7]
edits = (CloseLinks(target_ids=(key,)), ScaleDemand(factor=1.1), SetPolicy(policy="threshold", threshold=0.6), *more)
result = finish(simulation.run(city, Scenario(id="s", name="what if", edits=edits), params, 3))
parts = [repr((result.indicators, dict(result.diagnostics), result.notes, result.input_hash, dict(result.params)))]
for kind, table in result.tables.items():
    parts += [kind, repr(table.ids.tolist()), repr(table.measures)]
    parts += [f"{column}:{np.ascontiguousarray(values).tobytes().hex()}" for column, values in table.columns.items()]
    parts += [] if table.geometry is None else [shapely.to_wkb(item, hex=True) for item in table.geometry]
for kind, course in result.series.items():
    parts += [kind, repr(course.t_s.tolist()), *(f"{name}:{values.tobytes().hex()}" for name, values in course.columns.items())]
print(hashlib.sha256("|".join(parts).encode()).hexdigest())
"""


def digest(name, builders, key, *, hash_seed, threads):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "NUMBA_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    path = ROOT / "tests" / "sim" / builders
    environment["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(path.parent)))
    command = [sys.executable, "-c", PROGRAM, name, str(path), key]
    seen = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert seen.returncode == 0, seen.stderr
    return seen.stdout.strip()


@pytest.mark.parametrize(
    ("name", "builders", "key"),
    [
        ("congestion", "conftest.py", "n2-2>n3-2"),
        ("queues", "conftest.py", "n2-2>n3-2"),
        ("isochrone", "conftest.py", "n2-2>n3-2"),
        ("flows", "conftest.py", "n2-2>n3-2"),
        ("cleanup", "cleanup/cleanup_city.py", ""),
    ],
)
def test_two_processes_agree_to_the_last_bit(name, builders, key):
    one = digest(name, builders, key, hash_seed="0", threads="1")
    two = digest(name, builders, key, hash_seed="4242", threads="2")
    assert len(one) == 64
    assert one == two
