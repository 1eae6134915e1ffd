"""The data dictionary: every kind described, with defaults that may be stored."""

from __future__ import annotations

import dataclasses

import pytest

from twin.errors import BugError
from twin.model.catalogue import HISTORIES, HISTORY_OF, KIND_OF, KINDS
from twin.model.changes import Change
from twin.model.entity import attributes
from twin.model.network import Link, Node
from twin.model.validation import value_problem


def test_names_are_unique_and_words_are_there():
    names = [kind.kind for kind in (*KINDS, *HISTORIES)]
    assert len(set(names)) == len(names) == len(KIND_OF) + len(HISTORY_OF)
    for kind in (*KINDS, *HISTORIES):
        assert kind.label
        assert kind.label_plural
        assert kind.__doc__
        for facts in attributes(kind).values():
            assert facts.label
            assert facts.low is None or facts.high is None or facts.low < facts.high


@pytest.mark.parametrize("kind", [*KINDS, *HISTORIES], ids=lambda kind: kind.kind)
def test_defaults_may_be_stored(kind):
    for item in dataclasses.fields(kind):
        facts = attributes(kind).get(item.name)
        if facts and item.default is not dataclasses.MISSING:
            assert value_problem(facts, item.default) == ""


def test_a_change_is_of_one_thing():
    one, two = Node(id="1"), Node(id="2")
    assert [change.operation for change in (Change(None, one), Change(one, None), Change(one, one))] == ["add", "remove", "set"]
    assert Change(one, None).entity is one
    assert Change(None, one).inverse == Change(one, None)
    for old, new in ((None, None), (one, two), (one, Link(id="1"))):
        with pytest.raises(BugError):
            Change(old, new)
