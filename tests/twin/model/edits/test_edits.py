"""What holds for every edit: it names itself, touches a copy alone, and refuses what is not there."""

from __future__ import annotations

import numpy as np
import pytest

from twin.errors import ScenarioError
from twin.model import edits as e
from twin.model.entity import attributes

TARGETS = {"link": ("link-0",), "bin": ("bin-0",), "depot": ("depot-0",), "disposal_site": ("disposal_site-0",)}
MORE = {e.AddBins: {"at_m": ((1.0, 2.0),)}, e.AddLink: {"path_m": ((400, 400), (800, 0))}, e.BanTurn: {"into": ("link-2",)}}


def some(edit_type, **values):
    return edit_type(target_ids=TARGETS.get(edit_type.target_kind, ()), **{**MORE.get(edit_type, {}), **values})


def test_edits_have_names_labels_and_described_parameters():
    names = [edit_type.name for edit_type in e.EDITS]
    assert len(set(names)) == len(names)
    assert all(edit_type.label and all(facts.label for facts in attributes(edit_type).values()) for edit_type in e.EDITS)


@pytest.mark.parametrize("edit_type", e.EDITS)
def test_the_city_itself_is_never_touched(city, edit_type):
    before = {kind: {name: column.copy() for name, column in frame.columns.items()} for kind, frame in city.frames.items()}
    shapes = {kind: frame.geometry.copy() for kind, frame in city.frames.items()}
    some(edit_type).apply(city)
    for kind, frame in city.frames.items():
        for name, column in frame.columns.items():
            np.testing.assert_array_equal(column, before[kind][name])
        assert frame.geometry.tolist() == shapes[kind].tolist()


@pytest.mark.parametrize("edit_type", [t for t in e.EDITS if t.target_kind])
def test_an_edit_of_things_that_are_not_there_is_refused_by_their_names(city, edit_type):
    for keys in ((*TARGETS[edit_type.target_kind], "gone"), ("gone",), ()):
        edit = edit_type(target_ids=keys, **MORE.get(edit_type, {}))
        with pytest.raises(ScenarioError, match=rf"'{edit_type.name}' names objects .*: {'gone' if keys else '–'}"):
            edit.apply(city)


def test_edits_of_what_no_entity_carries_leave_the_city_as_it_is(city):
    for edit_type in (e.ScaleDemand, e.SetZoneDemand, e.AddEvent, e.SetPolicy, e.BlockLanes):
        assert some(edit_type).apply(city) is city


def test_an_edit_suits_only_a_city_that_was_read_with_its_kinds(city):
    roads_alone = type(city)("city", 1, city.projection, {"link": city["link"]})
    suits = {edit_type for edit_type in e.EDITS if some(edit_type).suits(roads_alone)}
    assert e.CloseLinks in suits
    assert e.ScaleDemand in suits
    assert suits.isdisjoint({e.AddLink, e.BanTurn, e.SetSignal, e.MoveBins, e.SetFleet})
