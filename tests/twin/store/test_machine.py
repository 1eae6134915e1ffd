"""The store against a plain dictionary, through random writes, undo, redo and reopening."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from shapely import Point

from twin.model.changes import Change
from twin.model.edits import ScaleDemand
from twin.model.places import Bin
from twin.model.scenario import Scenario
from twin.store import Store

NAMES = st.text(max_size=8).filter(lambda text: text.encode("utf-8", "replace").decode() == text)
LONGITUDES = st.floats(-180, 180, allow_subnormal=False)


class StoreMachine(RuleBasedStateMachine):
    """Rules write; the model keeps every state of the city there ever was, and which one undo and redo lead to."""

    keys = Bundle("keys")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "m.twin"
        self.random = Random(7)
        self.store = Store.create(self.path, random=self.random)
        self.states = [{}]  # the city after each write that is in force
        self.undone = []
        self.version = 0

    @property
    def city(self):
        return self.states[-1]

    def wrote(self, city):
        self.states.append(city)
        self.undone.clear()
        self.version += 1

    @initialize(target=keys)
    def first(self):
        return self.add(name="first", lon=1.0, count=1)

    @rule(target=keys, name=NAMES, lon=LONGITUDES, count=st.integers(1, 3))
    def add(self, name, lon, count):
        found = [Bin(id=self.store.ids(), geometry=Point(lon, 10), name=name) for _ in range(count)]
        self.store.write([Change(None, item) for item in found], title="add")
        self.wrote({**self.city, **{item.id: item for item in found}})
        return multiple(*(item.id for item in found))

    @rule(key=keys, name=NAMES, level=st.none() | st.floats(0, 1.5))
    def set(self, key, name, level):
        old = self.city.get(key)
        if old is None:
            return
        new = dataclasses.replace(old, name=name, fill_level=level)
        effects = self.store.write([Change(old, new)], title="set")
        if new != old:
            assert effects == {"bin": frozenset({key})}
            self.wrote({**self.city, key: new})

    @rule(key=consumes(keys))
    def remove(self, key):
        old = self.city.get(key)
        if old is not None:
            self.store.write([Change(old, None)], title="remove")
            self.wrote({other: item for other, item in self.city.items() if other != key})

    @rule(key=keys, lon=LONGITUDES)
    def add_move_and_remove_in_one(self, key, lon):
        old = self.city.get(key)
        if old is not None:
            moved = dataclasses.replace(old, geometry=Point(lon, -10), capacity_l=old.capacity_l + 1)
            passing = Bin(id=self.store.ids(), geometry=Point(0, 0))
            changes = [Change(None, passing), Change(old, moved), Change(passing, None)]
            self.store.write(changes, title="three")
            self.wrote({**self.city, key: moved})

    @rule(factor=st.floats(0, 10))
    def plan(self, factor):
        scenario = Scenario(id=self.store.ids(), name=f"plan {self.version}", edits=(ScaleDemand(factor=factor),))
        before = self.store.city_version
        self.store.write([Change(None, scenario)], title="plan")
        assert self.store.city_version == before
        self.wrote({**self.city, scenario.id: scenario})

    @rule()
    def undo(self):
        effects = self.store.undo().effects or None
        assert (effects is None) == (len(self.states) == 1)
        if effects is not None:
            self.undone.append(self.states.pop())
            self.version += 1

    @rule()
    def redo(self):
        effects = self.store.redo().effects or None
        assert (effects is None) == (not self.undone)
        if effects is not None:
            self.states.append(self.undone.pop())
            self.version += 1

    @rule()
    def reopen(self):
        self.store.close()
        self.store = Store.open(self.path, random=self.random)

    @invariant()
    def the_city_is_as_the_model_says(self):
        stored = {item.id: item for kind in ("bin", "scenario") for item in self.store.find(kind)}
        assert stored == self.city
        assert self.store.version == self.version
        in_tree = self.store.snapshot(["bin"], bounds=(-180, -90, 180, 90))["bin"].ids.tolist()
        assert set(in_tree) == {key for key, item in self.city.items() if item.kind == "bin"}

    def teardown(self):
        self.store.close()
        self.folder.cleanup()


StoreMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestStoreMachine = StoreMachine.TestCase
