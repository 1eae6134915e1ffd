"""Undo and redo in two offices whose work comes in between, against a model that keeps lists of what each one did."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from shapely import Point

from tests.offices import meet, small_centre
from twin.model.changes import Change
from twin.model.places import Bin
from twin.store import Store
from twin.sync.workspace import device_of

OFFICE = st.sampled_from(("a", "b"))
PLACE = st.integers(0, 1)
FIELD = st.sampled_from(("name", "stream"))
VALUE = st.sampled_from(("0", "1", "2"))


class Person:
    """What one office did: entries are lists of (key, old, new), whole rows or only the fields that differ."""

    def __init__(self, store):
        self.store, self.device = store, device_of(store)
        self.in_force, self.taken_back, self.city = [], [], {}

    def stored(self):
        return {item.id: {"name": item.name, "stream": item.stream} for item in self.store.find("bin")}

    def did(self, title, key, old, new):
        self.in_force.append((title, key, old, new))
        self.taken_back.clear()
        self.city = changed(self.city, key, new)

    def stands(self, key, wanted):
        row = self.city.get(key)
        return row is None if wanted is None else row is not None and wanted.items() <= row.items()


def changed(city, key, new):
    if new is None:
        return {other: row for other, row in city.items() if other != key}
    return {**city, key: {**city.get(key, {}), **new}}


class Undoing(RuleBasedStateMachine):
    """Sync decides what stands (it has its own proof); undo must do with it as the model says."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.center = small_centre()
        self.people = {
            name: Person(Store.create(Path(self.folder.name) / f"{name}.twin", random=Random(name))) for name in ("a", "b")
        }
        self.count = 0
        first = self.people["a"]
        self.keys = [first.store.ids() for _ in range(2)]
        for key in self.keys:
            made = Bin(id=key, geometry=Point(25, 60), name="0")
            first.store.write([Change(None, made)], title=f"add {key}")
            first.did(f"add {key}", key, None, {"name": "0", "stream": made.stream})
        for name in ("a", "b"):
            self.meets(name)
        for name, place in (("a", 0), ("b", 1)):  # each has an edit that the other one's work is in the way of
            self.edits(name, 1 - place, "stream", "1")
            self.edits(name, place, "name", "1")
            self.work_arrives(name, place, "name", "2")

    def write(self, name, old, new):
        person = self.people[name]
        self.count += 1
        title = f"edit {self.count}"
        if person.store.write([Change(old, new)], title=title):
            fields = [item for item in ("name", "stream") if new is None or getattr(old, item) != getattr(new, item)]
            before = {item: getattr(old, item) for item in fields}
            after = None if new is None else {item: getattr(new, item) for item in fields}
            person.did(title, old.id, before, after)

    @rule(office=OFFICE, place=PLACE, field=FIELD, value=VALUE)
    def edits(self, office, place, field, value):
        old = self.people[office].store.get("bin", self.keys[place])
        if old is not None:
            value = {"0": "residual", "1": "glass", "2": "paper"}[value] if field == "stream" else value
            self.write(office, old, dataclasses.replace(old, **{field: value}))

    @rule(office=OFFICE, place=PLACE)
    def removes(self, office, place):
        old = self.people[office].store.get("bin", self.keys[place])
        if old is not None:
            self.write(office, old, None)

    @rule(office=OFFICE)
    def meets(self, office):
        person = self.people[office]
        meet(self.center, person.device)
        person.city = person.stored()

    @rule(office=OFFICE, place=PLACE, field=FIELD, value=VALUE)
    def work_arrives(self, office, place, field, value):
        """The other office edits what it sees, and both meet the centre."""
        other = "b" if office == "a" else "a"
        for name in (office, other):
            self.meets(name)
        self.edits(other, place, field, value)
        for name in (other, office):
            self.meets(name)

    @rule(office=OFFICE)
    def undoes(self, office):
        person = self.people[office]
        expected = next((entry for entry in reversed(person.in_force) if person.stands(entry[1], entry[3])), None)
        self.steps(person, expected, person.store.next_steps()[0], person.store.undo(), person.in_force)
        if expected is not None:
            person.in_force.remove(expected)
            person.taken_back.append(expected)
            person.city = changed(person.city, expected[1], expected[2])

    @rule(office=OFFICE)
    def redoes(self, office):
        person = self.people[office]
        expected = next((entry for entry in reversed(person.taken_back) if person.stands(entry[1], entry[2])), None)
        self.steps(person, expected, person.store.next_steps()[1], person.store.redo(), person.taken_back)
        if expected is not None:
            person.taken_back.remove(expected)
            person.in_force.append(expected)
            person.city = changed(person.city, expected[1], expected[3])

    def steps(self, person, expected, announced, step, entries):
        newer = entries[::-1] if expected is None else entries[::-1][: entries[::-1].index(expected)]
        assert step.title == announced.title == (expected and expected[0])
        assert step.passed_over == announced.passed_over
        assert [item.title for item in step.passed_over] == [entry[0] for entry in newer]

    @invariant()
    def each_city_is_as_the_model_says(self):
        for person in self.people.values():
            assert person.stored() == person.city

    def teardown(self):
        for _ in range(2):
            for name in self.people:
                self.meets(name)
        assert self.people["a"].city == self.people["b"].city
        for person in self.people.values():
            person.store.close()
        self.center.store.close()
        self.folder.cleanup()


Undoing.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestUndoing = Undoing.TestCase
