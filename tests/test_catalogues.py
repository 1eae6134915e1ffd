"""Nothing that was written is forgotten in its catalogue: each is compared with what its folder holds."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from pathlib import Path

import layers
import sim
import twin.model
import twin.sources
import ui.actions
import ui.panels
from twin.model.catalogue import HISTORIES, KINDS
from twin.model.edits import EDITS, Edit
from twin.model.entity import Entity, attributes
from twin.sources import SOURCES
from ui import settings
from ui.actions import ACTIONS, Action
from ui.cli import frontdoor
from ui.panels.base import Panel
from ui.panels.catalogue import PANELS
from ui.settings import SETTINGS


def modules_of(package):
    """Return every module below a package, imported."""
    names = [info.name for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return [importlib.import_module(name) for name in names]


def classes_of(*modules):
    """Return the classes that modules define themselves, each once."""
    return {
        item
        for module in modules
        for item in vars(module).values()
        if inspect.isclass(item) and item.__module__ == module.__name__
    }


def has(item, *names):
    """Whether a class is of a kind: it says all these names and is no protocol."""
    return not getattr(item, "_is_protocol", False) and all(hasattr(item, name) for name in names)


def test_layers():
    written = {item for item in classes_of(*modules_of(layers)) if has(item, "encode", "style_type")}
    assert {type(layer) for layer in layers.LAYERS} == written


def test_simulations():
    written = {item for item in classes_of(*modules_of(sim)) if has(item, "run", "params_type")}
    assert {type(simulation) for simulation in sim.SIMULATIONS} == written


def test_sources():
    found = [item for item in classes_of(*modules_of(twin.sources)) if has(item, "sniff", "read", "extensions")]
    assert {type(source) for source in SOURCES} == set(found)


def test_kinds_histories_and_edits():
    written = classes_of(*modules_of(twin.model))
    assert set(KINDS) == {item for item in written if issubclass(item, Entity) and item.kind}
    assert set(EDITS) == {item for item in written if issubclass(item, Edit) and item.name}
    assert set(HISTORIES) == {item for item in written if getattr(item, "kind", None) and has(item, "label_plural")} - set(KINDS)


def test_actions():
    kept = [item for module in modules_of(ui.actions) for item in vars(module).values()]
    written = [item for item in kept if isinstance(item, Action)]
    written += [action for item in kept if isinstance(item, (tuple, list)) for action in item if isinstance(action, Action)]
    assert {action.id for action in ACTIONS} == {action.id for action in written}


def test_panels():
    assert set(PANELS) == {item for item in classes_of(*modules_of(ui.panels)) if issubclass(item, Panel) and item is not Panel}


def test_settings():
    written = {item for item in classes_of(settings) if dataclasses.is_dataclass(item) and attributes(item)}
    assert set(SETTINGS) == written


def test_commands():
    files = Path(frontdoor.__file__).parent.glob("*_command.py")
    assert set(frontdoor.COMMANDS) == {path.stem.removesuffix("_command") for path in files}


def test_measures_and_indicators_with_one_name_are_one_thing():
    """Two simulations may share a measure's name only where label and unit are the same, too: a map shows it by its name."""
    from sim.cleanup import outcome as cleanup
    from sim.congestion import outcome as congestion
    from sim.travel.indices import FAMILIES

    families = [measure for family in FAMILIES for measure in (*family.link_measures, *family.area_measures)]
    tables = {
        "congestion": (*congestion.LINK_MEASURES, *congestion.CELL_MEASURES, *families),
        "cleanup": cleanup.BIN_MEASURES,
    }
    known = {}
    for simulation, measures in tables.items():
        for measure in measures:
            other = known.setdefault(measure.name, (simulation, measure))
            assert (other[1].label, other[1].unit, other[1].worse) == (measure.label, measure.unit, measure.worse), other[0]
