"""The matrix of roles, compared with the one of the domain, cell by cell."""

from __future__ import annotations

import pytest

from twin.access.permission import NOTHING, Permission, matrix, parsed, roles
from twin.errors import DataError
from twin.model.catalogue import HISTORY_OF, KIND_OF

ORDER = ("collector", "acceptor", "dispatcher", "handler", "shift_lead", "leader", "planner", "admin", "public")


def letters(permission):
    return "".join(
        sign for sign, has in zip("RWAM", (permission.read, permission.write, permission.approve, permission.masked), strict=True) if has
    )  # fmt: skip


# DOMAIN 6.3, in the order of its columns; '' for none.
EXPECTED = {
    "report_case": ("W", "W", "", "", "W", "W", "", "", "W"),
    "file_case": ("", "W", "", "", "A", "", "", "", ""),
    "dispatch_case": ("", "", "W", "", "A", "", "", "", ""),
    "accept_case": ("", "", "A", "W", "A", "A", "", "", ""),
    "handle_case": ("", "", "", "W", "R", "R", "", "", ""),
    "check_case": ("W", "R", "R", "", "R", "", "", "", ""),
    "close_case": ("", "W", "", "", "A", "A", "", "", ""),
    "supervise_case": ("", "", "", "R", "W", "W", "", "", ""),
    "case_list": ("R", "R", "R", "R", "R", "R", "RM", "", "R"),
    "personal": ("M", "R", "M", "M", "R", "M", "", "", "R"),
    "camera_catalogue": ("R", "R", "R", "R", "R", "R", "R", "W", ""),
    "bins": ("R", "R", "R", "R", "R", "R", "R", "W", ""),
    "scenarios": ("", "", "R", "R", "W", "RA", "W", "", "R"),
    "kpi_boards": ("R", "R", "R", "R", "R", "R", "R", "", "R"),
    "questions": ("R", "R", "R", "R", "R", "R", "RM", "", ""),
    "data_import": ("", "", "", "", "", "", "R", "W", ""),
    "exchange": ("W", "", "", "W", "R", "", "", "WA", ""),
    "audit_log": ("", "", "", "", "R", "R", "", "R", ""),
}


@pytest.mark.parametrize("subject", EXPECTED)
def test_rights_are_those_of_the_domain(subject):
    assert tuple(letters(matrix().permission(role, subject)) for role in ORDER) == EXPECTED[subject]


def test_reaches_are_those_of_the_domain():
    found = matrix().permission
    assert found("collector", "case_list").reach == "own_grid"
    assert found("handler", "case_list").reach == "own_department"
    assert found("public", "case_list").reach == "own"
    assert found("collector", "camera_catalogue").reach == "own_grid"
    assert found("public", "bins").reach == "aggregate"
    assert found("public", "scenarios").reach == "published"
    assert [role for role in ORDER if found(role, "personal").logged] == ["acceptor", "handler", "shift_lead"]
    assert [role for role in ORDER if found(role, "personal").unmask] == ["handler"]


def test_roles_are_the_columns_and_only_the_public_has_no_account():
    assert tuple(roles()) == ORDER
    assert [role.name for role in roles().values() if not role.signs_in] == ["public"]
    assert all(role.zh and role.en.isascii() for role in roles().values())


def test_who_manages_accounts_needs_a_second_factor():
    assert roles()["admin"].second_factor


def test_every_kind_and_history_is_governed_by_one_object():
    governed = set(matrix().object_of)
    assert set(KIND_OF) | set(HISTORY_OF) == governed


def test_what_the_matrix_does_not_say_is_not_given():
    assert matrix().permission("admin", "treasure") == NOTHING
    assert matrix().permission("king", "bins") == NOTHING
    assert matrix().of_kind("admin", "treasure") == NOTHING


def test_a_cell_that_is_not_understood_is_refused():
    assert parsed("R own_grid logged") == Permission(read=True, reach="own_grid", logged=True)
    assert parsed("-") == NOTHING
    for wrong in ("X", "r", "R everywhere", "R own own_grid", "RW"):
        with pytest.raises(DataError, match="is not understood"):
            parsed(wrong)
