"""What leaves: for every role no personal data that it may not see, in any byte of anything it is given."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.access_city import EAST, NAME, OFFICE, PERSONAL, PHONE, VIEWERS, WEST, case, city
from twin.access.disclosure import (
    PLACE_RESOLUTION,
    cell_middle,
    hidden_fields,
    known_values,
    level,
    logged_fields,
    personal_fields,
    shown,
    shown_value,
    unmasked,
)
from twin.access.mask import tokeniser
from twin.access.scope import Scope, Viewer, facts_of, parent
from twin.geo import cells
from twin.model.catalogue import KINDS
from twin.model.codec import entity_to_json

PLAIN = {"acceptor", "shift_lead"}


def given_to(scope, things):
    """Return all that a viewer is given, as the bytes that would leave."""
    found = [shown(scope, item) for item in things]
    return json.dumps([entity_to_json(item) for item in found if item is not None], ensure_ascii=False)


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda viewer: f"{viewer.role}-{viewer.name}")
def test_no_canary_in_anything_that_a_role_is_given(viewer):
    own = {item.id for item in city() if item.kind == "case" and item.reported_by == viewer.name != ""}
    text = given_to(Scope(viewer), [item for item in city() if item.id not in own])
    if viewer.role in PLAIN:
        assert PHONE in text
        return
    assert [canary for canary in PERSONAL if canary in text] == []


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda viewer: f"{viewer.role}-{viewer.name}")
def test_nothing_of_a_row_outside_the_scope_is_given(viewer):
    scope = Scope(viewer)
    text = given_to(scope, city())
    for item in city():
        assert (item.id in text) == scope.sees(item.kind, facts_of(item))


def test_every_field_in_which_a_person_may_stand_is_marked():
    assert {kind.kind: dict(personal_fields(kind.kind)) for kind in KINDS if personal_fields(kind.kind)} == {
        "incident": {"address": "address", "description": "text"},
        "case": {"description": "text", "address": "address", "complainant": "name", "complainant_phone": "phone"},
        "comment": {"text": "text"},
    }


def test_how_much_each_role_sees():
    facts = facts_of(case("1"))
    found = {viewer.role: level(Scope(viewer), "case", facts) for viewer in VIEWERS}
    assert found == {
        "collector": "masked",
        "acceptor": "plain",
        "dispatcher": "masked",
        "handler": "masked",
        "shift_lead": "plain",
        "leader": "masked",
        "planner": "withheld",
        "admin": "withheld",
        "public": "withheld",
        "no such role": "withheld",
    }


def test_who_reported_a_case_sees_it_whole():
    mine = case("4", reported_by="wang", grid="", district="")
    viewer = next(item for item in VIEWERS if item.name == "wang")
    assert shown(Scope(viewer), mine) == mine
    assert shown(Scope(Viewer("wang", "public")), mine) == mine


def test_masks_and_what_leads_back_to_the_source():
    seen = shown(Scope(Viewer("sun", "dispatcher")), case("1"))
    assert (seen.complainant, seen.complainant_phone, seen.address) == ("欧***", "139****4321", "中山路")
    assert (seen.source, seen.source_id, seen.source_hash) == ("hotline", "", "")
    assert seen.geometry == case("1").geometry


def test_a_planner_sees_neither_who_nor_exactly_where():
    seen = shown(Scope(Viewer("feng", "planner")), case("1"))
    assert (seen.complainant, seen.complainant_phone) == ("", "")
    assert seen.geometry == cell_middle(case("1").geometry) != case("1").geometry
    (there,), (shown_at,) = cells(np.array([case("1").geometry])), cells(np.array([seen.geometry]))
    assert parent(there, PLACE_RESOLUTION) == parent(shown_at, PLACE_RESOLUTION)


def test_two_places_in_one_cell_cannot_be_told_apart():
    near = case("1", (WEST[0] + 1e-5, WEST[1] + 1e-5))
    assert cell_middle(near.geometry) == cell_middle(case("2").geometry)


def test_tokens_join_the_cases_of_one_person_for_a_department():
    scope, token = Scope(Viewer("li", "handler", frozenset({OFFICE}))), tokeniser(b"k" * 32)
    one, other, third = (
        shown(scope, item, token=token) for item in (case("1"), case("2", EAST), case("3", complainant_phone="13911112222"))
    )
    assert one.complainant_phone == other.complainant_phone != third.complainant_phone
    assert PHONE not in one.complainant_phone


def test_looks_at_plain_data_are_written_down():
    assert {viewer.role for viewer in VIEWERS if logged_fields(Scope(viewer), "case")} == PLAIN
    assert logged_fields(Scope(VIEWERS[1]), "case") == {"complainant", "complainant_phone"}
    assert not logged_fields(Scope(VIEWERS[1]), "bin")


def test_who_sees_plain_data_on_request():
    thing = case("1")
    found = {
        (viewer.role, viewer.name)
        for viewer in VIEWERS
        if unmasked(Scope(viewer), "case", facts_of(thing), vars(thing)) == {
            "description": thing.description, "address": thing.address, "complainant": NAME, "complainant_phone": PHONE
        }
    }  # fmt: skip
    assert found == {("acceptor", "zhao"), ("acceptor", "qian"), ("handler", "li"), ("handler", "zhou"), ("shift_lead", "wu")}
    theirs = case("3", EAST, department="another")
    assert unmasked(Scope(Viewer("li", "handler", frozenset({OFFICE}))), "case", facts_of(theirs), vars(theirs)) is None


def test_one_field_is_shown_as_in_the_whole_thing():
    for viewer in VIEWERS:
        scope = Scope(viewer)
        for thing in city():
            seen, facts, known = shown(scope, thing), facts_of(thing), known_values(thing.kind, vars(thing))
            if seen is None:
                continue
            for name, value in vars(thing).items():
                assert shown_value(scope, thing.kind, name, value, facts, known=known) == getattr(seen, name)


def test_hidden_fields_are_those_that_differ_from_what_is_there():
    for viewer in VIEWERS:
        scope = Scope(viewer)
        for thing in city():
            seen = shown(scope, thing)
            if seen is not None:
                differing = {name for name, value in vars(thing).items() if value != getattr(seen, name)}
                assert differing <= hidden_fields(scope, thing.kind, facts_of(thing))


def test_a_name_is_not_in_the_text_of_its_own_row_either():
    strange = case("1", complainant="阿不都热合曼", description="阿不都热合曼说路灯坏了")
    seen = shown(Scope(Viewer("sun", "dispatcher")), strange)
    assert "热合曼" not in seen.description
    assert NAME not in seen.description
