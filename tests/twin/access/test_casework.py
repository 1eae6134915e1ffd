"""Who may do which step of a case, and who may change anything else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from access_city import GRIDS, OFFICE, POLICE, WEST, case, city

from twin.access.casework import STEP_OF, may, why_no_change, why_not
from twin.access.scope import Scope, Viewer, facts_of
from twin.model.incidents import STAGES

ROLES = ("collector", "acceptor", "dispatcher", "handler", "shift_lead", "leader", "planner", "admin", "public")


def scope_of(role, **values):
    return Scope(Viewer("wang", role, **{"departments": frozenset({OFFICE}), "grids": frozenset({GRIDS[0]}), **values}))


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
    assert {role for role in ROLES if not why_not(scope_of(role), "case", "stage", stage, facts)} == roles


def test_a_handler_works_on_its_own_cases_only():
    theirs = case("1", department=POLICE)
    assert why_not(scope_of("handler"), "case", "stage", "handled", facts_of(theirs)).startswith("It lies outside")


def test_a_case_is_reported_by_who_may():
    new = case("9", reported_by="wang")
    facts = facts_of(new)
    assert {role for role in ROLES if not why_no_change(scope_of(role), None, new, facts)} == {
        "collector", "acceptor", "shift_lead", "leader", "public"
    }  # fmt: skip


def test_nobody_makes_a_case_somebody_elses_or_takes_one():
    forged = case("9", reported_by="li")
    assert "reported_by" in why_no_change(scope_of("acceptor"), None, forged, facts_of(forged))
    old = case("1", reported_by="li")
    for taken in (old, replace(old, reported_by="")):
        reasons = why_no_change(scope_of("shift_lead"), taken, replace(taken, reported_by="wang"), facts_of(taken))
        assert set(reasons) == {"reported_by"}


def test_what_is_hidden_cannot_be_changed():
    old = case("1")
    new = replace(old, complainant_phone="13900000000", stage="dispatched", department=POLICE)
    found = why_no_change(scope_of("dispatcher"), old, new, facts_of(old))
    assert set(found) == {"complainant_phone"}
    assert "hidden" in found["complainant_phone"]
    assert why_no_change(scope_of("acceptor"), old, replace(old, complainant_phone="1"), facts_of(old)) == {}


def test_bins_are_the_administrators():
    things = {item.id: item for item in city()}
    bin_1 = things["bin-1"]
    for role in ROLES:
        reasons = why_no_change(scope_of(role), bin_1, replace(bin_1, capacity_l=120.0), facts_of(bin_1))
        assert (reasons == {}) == (role == "admin"), role


def test_planners_and_shift_leads_make_scenarios_and_leaders_approve_them():
    scenario = next(item for item in city() if item.kind == "scenario")
    writing = {role for role in ROLES if not why_no_change(scope_of(role), None, scenario, facts_of(scenario))}
    assert writing == {"shift_lead", "planner"}


def test_what_is_no_kind_cannot_be_changed():
    assert why_not(scope_of("admin"), "treasure", "name", "", facts_of(case("1")))


def test_rights_keep_to_their_reach():
    facts = facts_of(case("1"))
    assert may(scope_of("collector"), "check_case", facts)
    assert not may(scope_of("collector", grids=frozenset()), "check_case", facts)
    assert not may(scope_of("collector"), "close_case", facts)
    assert not may(scope_of("collector"), "check_case", facts_of(case("1", WEST, grid="", district="")))
