"""The panels there are. A new panel is one file and one line here."""

from __future__ import annotations

from ui.panels.base import Panel
from ui.panels.demand import DemandPanel
from ui.panels.due import DuePanel
from ui.panels.inspector import InspectorPanel
from ui.panels.journal import JournalPanel
from ui.panels.layers import LayersPanel
from ui.panels.problems import ProblemsPanel
from ui.panels.results import ResultsPanel
from ui.panels.scenario import ScenarioPanel
from ui.panels.sync import SyncPanel
from ui.panels.time import TimePanel

PANELS: tuple[type[Panel], ...] = (
    ScenarioPanel,
    LayersPanel,
    JournalPanel,
    InspectorPanel,
    ResultsPanel,
    DemandPanel,
    ProblemsPanel,
    SyncPanel,
    TimePanel,
    DuePanel,
)
