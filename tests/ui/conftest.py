"""A test of the window leaves nothing alive: no thread, no running timer, no window.

Beside that: a small city and a quick simulation, for everything that works on a session.
"""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import ClassVar
from weakref import WeakKeyDictionary

import h3
import numpy as np
import pytest
import shapely
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import sim
from sim.base import Simulation
from twin.model.changes import Change
from twin.model.edits import CloseLinks, ScaleDemand
from twin.model.entity import attribute
from twin.model.incidents import Incident
from twin.model.network import Link, Node
from twin.model.places import Bin, Depot, LandUse
from twin.model.results import Indicator, Measure, Result, ResultTable
from twin.task import Progress
from ui.session import Session


@pytest.fixture(autouse=True)
def _nothing_left_alive(request, monkeypatch):
    """Fail a test that leaves a thread or a timer of ours running, and name it with the line that started it."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    started: WeakKeyDictionary[QTimer, str] = WeakKeyDictionary()
    start = QTimer.start

    def remember(timer, *arguments):
        started[timer] = "".join(traceback.format_stack(limit=3)[:-1])
        start(timer, *arguments)

    monkeypatch.setattr(QTimer, "start", remember)
    before = set(threading.enumerate())
    yield
    for widget in QApplication.topLevelWidgets():
        if shiboken6.isValid(widget) and widget.parent() is None:
            widget.close()
    until = time.monotonic() + 2
    while (left := set(threading.enumerate()) - before) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left, f"threads left alive: {[thread.name for thread in left]}"
    running = [where for timer, where in started.items() if shiboken6.isValid(timer) and timer.isActive()]
    assert not running, "timers left running, started at:\n" + "\n".join(running)


@pytest.fixture(autouse=True)
def _english():
    """Start and leave every test in English."""
    from ui.language import set_language

    set_language("en")
    yield
    set_language("en")


NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
STREETS = {"a": ("中山路", "Zhongshan Road"), "b": ("长江大桥", "Yangtze Bridge"), "c": ("", "")}


def small_city() -> list[Change]:
    """Return three roads in a row, two bins, a depot, a lake and two incidents a day apart."""
    nodes = [Node(id=f"n{i}", geometry=shapely.Point(118.8 + i / 100, 32.0)) for i in range(4)]
    links = [
        Link(
            id=key,
            geometry=shapely.LineString([(118.8 + i / 100, 32.0), (118.81 + i / 100, 32.0)]),
            tail_id=f"n{i}",
            head_id=f"n{i + 1}",
            name=name,
            name_en=name_en,
            road_class="primary",
            length_m=940.0,
            capacity_vph=1000.0,
        )
        for i, (key, (name, name_en)) in enumerate(STREETS.items())
    ]
    bins = [
        Bin(id=f"bin{i}", geometry=shapely.Point(118.805 + i / 100, 32.001), name=f"B-{i}", fill_level=0.5, fill_observed_at=NOON)
        for i in range(2)
    ]
    incidents = [
        Incident(id=f"i{i}", geometry=shapely.Point(118.81, 32.0), occurred_at=NOON + timedelta(days=i), category="flood")
        for i in range(2)
    ]
    lake = LandUse(
        id="lake", geometry=shapely.Point(118.8, 32.01).buffer(0.004), name="玄武湖", name_en="Xuanwu Lake", use="water"
    )
    depot = Depot(id="depot", geometry=shapely.Point(118.8, 32.0), name="一号停车场", name_en="Depot 1")
    return [Change(None, item) for item in (*nodes, *links, *bins, *incidents, lake, depot)]


@dataclass(frozen=True)
class QuickParams:
    """Parameters of the quick simulation."""

    trips_vph: float = attribute("Trips", 900.0, unit="veh/h", low=1, high=1e5, definition="Of all roads together.")
    careful: bool = attribute("Careful", False)


class Quick(Simulation):
    """Gives every open road an equal part of the trips: has a closed form and takes no time."""

    name: ClassVar[str] = "quick"
    label: ClassVar[str] = "Quick test simulation"
    params_type: ClassVar[type] = QuickParams
    edits: ClassVar[tuple] = (CloseLinks, ScaleDemand)
    kinds: ClassVar[tuple] = ("link", "node")
    histories: ClassVar[tuple] = ()
    runs: ClassVar[list] = []

    def run(self, snapshot, scenario, params, seed):
        yield Progress("Working", 0, 2)
        Quick.runs.append(scenario.name)
        links = scenario.apply(snapshot)["link"]
        factor = float(np.prod([edit.factor for edit in scenario.edits_of(ScaleDemand)]))
        is_open = ~links["closed"]
        volume = np.where(is_open, params.trips_vph * factor / max(is_open.sum(), 1), 0.0)
        yield Progress("Working", 1, 2)
        samples = tuple(float(volume.max() * (1 + 0.001 * k)) for k in range(5))
        return Result(
            simulation=self.name,
            scenario=scenario.name,
            base_version=snapshot.version,
            params=asdict(params),
            seed=seed,
            input_hash=sha256(volume.tobytes()).hexdigest(),
            indicators=(
                Indicator(
                    "busiest",
                    "Busiest road",
                    float(np.mean(samples)),
                    "veh/h",
                    samples[0],
                    samples[-1],
                    samples,
                    3,
                    "higher",
                    "Mean of five.",
                ),
                Indicator("roads", "Open roads", float(is_open.sum()), rows=3, worse="lower"),
                Indicator("length", "Length of all roads", float(links["length_m"].sum()), "m", rows=3, worse="neither"),
            ),
            tables={
                "link": ResultTable(
                    "link", links.ids, {"volume_vph": volume}, (Measure("volume_vph", "Volume", "veh/h", noise=0.5),)
                ),
                "cell": ResultTable(
                    "cell",
                    np.array([h3.latlng_to_cell(32.0, 118.805 + k / 100, 9) for k in range(2)], dtype=object),
                    {"volume_vph": volume[:2]},
                    (Measure("volume_vph", "Volume", "veh/h", noise=0.5),),
                ),
            },
            diagnostics={"relative_gap": 1e-7},
            notes=("Made for a test.",),
        )


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(sim, "SIMULATIONS", (Quick(),))
    monkeypatch.setattr(Quick, "runs", [])
    return Quick


@pytest.fixture
def session(tmp_path, quick):
    with Session.create(tmp_path / "small.twin", name="小城", synthetic=True, now=lambda: NOON, random=Random(1)) as opened:
        opened.change(small_city(), "Import of a small city")
        yield opened


@pytest.fixture
def small_changes():
    """What the small city is made of."""
    return small_city()
