"""Who may do which step of a case, and who may change anything else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.access_city import GRIDS, OFFICE, POLICE, WEST, case, city
from twin.access.casework import STEP_OF, may
from twin.access.rights import why_not
from twin.access.scope import Scope, Viewer, facts_of
from twin.access.wish import Wish, wish_of
from twin.model.changes import Change
from twin.model.comment import Comment
from twin.model.incidents import STAGES
from twin.model.scenario import Scenario

ROLES = ("collector", "acceptor", "dispatcher", "handler", "shift_lead", "leader", "planner", "admin", "public")


def scope_of(role, **values):
    return Scope(Viewer("wang", role, **{"departments": frozenset({OFFICE}), "grids": frozenset({GRIDS[0]}), **values}))


def refused(scope, old, new):
    return why_not(scope, wish_of(Change(old, new), facts_of(old or new)))


def test_every_stage_has_its_right():
    assert set(STEP_OF) == set(STAGES)


@pytest.mark.parametrize(
    ("stage", "roles"),
    [
        ("filed", {"acceptor"}),
        ("rejected", {"acceptor"}),
        ("dispatched", {"dispatcher"}),
        ("handling", {"handler"}),
        ("handled", {"handler"}),
        ("checking", {"collector"}),
        ("closed", {"acceptor"}),
    ],
)
def test_who_brings_a_case_to_a_stage(stage, roles):
    facts = facts_of(case("1"))
    assert {role for role in ROLES if not why_not(scope_of(role), Wish("case", facts, {"stage": stage}, {}))} == roles


def test_a_handler_works_on_its_own_cases_only():
    theirs = case("1", department=POLICE)
    assert why_not(scope_of("handler"), Wish("case", facts_of(theirs), {"stage": "handled"}, {})) == {
        "": "It lies outside of what this account sees."
    }


def test_a_case_is_reported_by_who_may():
    new = case("9", reported_by="wang")
    assert {role for role in ROLES if not refused(scope_of(role), None, new)} == {
        "collector", "acceptor", "shift_lead", "leader", "public"
    }  # fmt: skip


def test_nobody_makes_a_case_somebody_elses_or_takes_one():
    forged = case("9", reported_by="li")
    assert "reported_by" in refused(scope_of("acceptor"), None, forged)
    old = case("1", reported_by="li")
    for taken in (old, replace(old, reported_by="")):
        reasons = refused(scope_of("shift_lead"), taken, replace(taken, reported_by="wang"))
        assert set(reasons) == {"reported_by"}


def test_what_is_hidden_cannot_be_changed():
    old = case("1")
    new = replace(old, complainant_phone="13900000000", stage="dispatched", department=POLICE)
    found = refused(scope_of("dispatcher"), old, new)
    assert set(found) == {"complainant_phone"}
    assert "hidden" in found["complainant_phone"]
    assert refused(scope_of("acceptor"), old, replace(old, complainant_phone="1")) == {}


def test_bins_are_the_administrators():
    things = {item.id: item for item in city()}
    bin_1 = things["bin-1"]
    for role in ROLES:
        reasons = refused(scope_of(role), bin_1, replace(bin_1, capacity_l=120.0))
        assert (reasons == {}) == (role == "admin"), role


def test_planners_and_shift_leads_make_scenarios_and_leaders_approve_them():
    scenario = next(item for item in city() if item.kind == "scenario")
    writing = {role for role in ROLES if not refused(scope_of(role), None, scenario)}
    assert writing == {"shift_lead", "planner"}


def test_what_is_no_kind_cannot_be_changed():
    assert why_not(scope_of("admin"), Wish("treasure", facts_of(case("1"))))


def test_a_case_that_begins_later_needs_the_right_to_that_stage():
    closed = case("9", stage="closed")
    assert set(refused(scope_of("leader"), None, closed)) == {"stage"}
    assert refused(scope_of("acceptor"), None, closed) == {}


@pytest.mark.parametrize(
    ("before", "after", "roles"),
    [
        ("draft", "proposed", {"shift_lead", "planner"}),
        ("proposed", "approved", {"leader"}),
        ("proposed", "rejected", {"leader"}),
        ("approved", "published", {"leader"}),
        ("published", "approved", {"leader"}),
        ("draft", "approved", set()),
        ("proposed", "published", set()),
        ("published", "draft", {"shift_lead", "planner"}),
    ],
)
def test_who_brings_a_scenario_where(before, after, roles):
    old = Scenario(id="s", name="bridge", status=before)
    assert {role for role in ROLES if not refused(scope_of(role), old, replace(old, status=after))} == roles


def test_what_was_approved_is_approved_anew_when_it_is_changed():
    old = Scenario(id="s", name="bridge", status="approved")
    reasons = refused(scope_of("planner"), old, replace(old, name="tunnel"))
    assert set(reasons) == {"name"}
    assert "no draft" in reasons["name"]
    assert refused(scope_of("planner"), old, replace(old, name="tunnel", status="draft")) == {}


def test_nobody_begins_with_an_approved_scenario():
    new = Scenario(id="s", name="bridge", status="approved", author="wang")
    assert set(refused(scope_of("planner"), None, new)) == {"status"}
    assert refused(scope_of("planner"), None, replace(new, status="draft")) == {}


def test_comments_are_ones_own():
    mine = Comment(id="c", about_id="s", text="too long a detour", author="wang", department=OFFICE)
    assert {role for role in ROLES if not refused(scope_of(role), None, mine)} == {
        "dispatcher", "handler", "shift_lead", "leader", "planner"
    }  # fmt: skip
    theirs = replace(mine, author="li")
    assert refused(scope_of("planner"), None, theirs) == {}  # whoever sat there
    assert set(refused(scope_of("leader"), theirs, replace(theirs, text="fine"))) == {"text"}
    assert refused(scope_of("leader"), mine, replace(mine, text="fine")) == {}
    assert set(refused(scope_of("leader"), theirs, None)) == {"alive"}
    by_li = replace(wish_of(Change(theirs, None), facts_of(theirs)), by="li")
    assert why_not(scope_of("leader"), by_li) == {}
    unsigned = replace(mine, author="")
    assert set(refused(scope_of("leader"), unsigned, None)) == {"alive"}


def test_rights_keep_to_their_reach():
    facts = facts_of(case("1"))
    assert may(scope_of("collector"), "check_case", facts)
    assert not may(scope_of("collector", grids=frozenset()), "check_case", facts)
    assert not may(scope_of("collector"), "close_case", facts)
    assert not may(scope_of("collector"), "check_case", facts_of(case("1", WEST, grid="", district="")))
