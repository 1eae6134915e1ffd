"""The filter of rows: as values, against an independent telling of the rules, and the same in SQL."""

from __future__ import annotations

import sqlite3

import h3.api.numpy_int as h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.access_city import EAST, GRIDS, IN_WEST, OFFICE, POLICE, VIEWERS, WEST, case, cell, city
from twin.access.predicate import Columns, predicate
from twin.access.scope import (
    ANYBODY,
    Area,
    Facts,
    Scope,
    Slice,
    Viewer,
    area_of,
    facts_of,
    parent,
    resolution_of,
)
from twin.model.catalogue import KIND_OF
from twin.store.tables import TABLES

SLICES = (
    (),
    (Slice(kinds=frozenset({"case", "bin"})),),
    (Slice(departments=frozenset({OFFICE})),),
    (Slice(area=IN_WEST),),
    (Slice(area=Area(cells=frozenset({cell(EAST, 6)}))), Slice(kinds=frozenset({"case", "camera", "link"}))),
    (Slice(area=IN_WEST), Slice(area=Area(cells=frozenset({cell(EAST, 6)})))),
)
SCOPES = [Scope(viewer, parts) for viewer in VIEWERS for parts in SLICES]


def seen(scope, things=None):
    return {item.id for item in things or city() if scope.sees(item.kind, facts_of(item))}


def of(role, **limits):
    return Scope(Viewer("wang", role, **limits))


def test_each_role_sees_the_rows_that_the_matrix_gives_it():
    whole = {item.id for item in city()}
    cases = {item.id for item in city() if item.kind == "case"}
    assert seen(of("acceptor")) == whole - {"scenario-1"}
    assert seen(of("planner")) == whole
    assert seen(of("handler", departments=frozenset({POLICE}))) & cases == {"case-3"}
    assert seen(of("handler", departments=frozenset({OFFICE}))) & {"bin-1", "bin-2"} == {"bin-1"}
    assert seen(of("collector", grids=frozenset({GRIDS[0]}))) & cases == {"case-1"}
    assert seen(of("collector", grid_area=Area(cells=frozenset({cell(WEST, 8)})))) & {"case-4", "camera-1", "camera-2"} == {
        "case-4",
        "camera-1",
    }
    assert seen(Scope(ANYBODY)) == {"incident-1", "district-1", "grid-1", "link-1"}
    assert seen(of("admin")) & cases == set()
    assert seen(of("no such role")) == set()


def test_who_has_no_department_no_grid_or_no_name_owns_nothing():
    things = [case("1", department="", grid="", reported_by="")]
    for role in ("handler", "collector"):
        assert seen(of(role, departments=frozenset({""}), grids=frozenset({""})), things) == set()
    assert seen(Scope(ANYBODY), things) == set()
    assert seen(Scope(Viewer("wang", "public")), [case("1", reported_by="wang")]) == {"case-1"}


def test_an_area_hides_the_rest_of_the_city_but_not_what_the_public_sees():
    assert seen(of("acceptor", area=IN_WEST)) == {"case-1", "case-4", "bin-1", "camera-1", "district-1", "grid-1", "link-1"}


def test_a_district_that_is_named_counts_more_than_the_place():
    things = [case("1", EAST, district="West"), case("2", WEST, district="East"), case("3", WEST, district="")]
    assert seen(of("acceptor", area=IN_WEST), things) == {"case-1", "case-3"}


def test_what_has_lost_its_place_lies_in_no_area():
    assert of("acceptor").sees("case", Facts())
    assert not of("acceptor", area=IN_WEST).sees("case", Facts())
    assert of("planner", area=IN_WEST).sees("scenario", Facts())
    assert not of("planner", area=IN_WEST).sees("fill_reading", Facts())


def test_a_slice_only_takes_away():
    for viewer in VIEWERS:
        whole = seen(Scope(viewer))
        for parts in SLICES:
            scope = Scope(viewer)
            for part in parts:
                scope = scope.narrowed(part)
            assert seen(scope) <= whole
            assert {item.kind for item in city() if item.id in seen(scope)} <= set(scope.kinds())


def test_leaving_and_entering_the_scope_is_told():
    scope = of("handler", departments=frozenset({OFFICE}))
    ours, theirs = facts_of(case("1")), facts_of(case("1", department=POLICE))
    assert scope.move("case", ours, ours) == "stay"
    assert scope.move("case", ours, theirs) == "leave"
    assert scope.move("case", ours, None) == "leave"
    assert scope.move("case", theirs, ours) == "enter"
    assert scope.move("case", None, ours) == "enter"
    assert scope.move("case", theirs, theirs) == "out"


def test_a_scenario_is_the_publics_when_it_is_published():
    assert Scope(ANYBODY).sees("scenario", Facts(published=True))
    assert not Scope(ANYBODY).sees("scenario", Facts())


def test_the_history_of_bins_is_the_bins_own():
    assert of("handler", departments=frozenset({OFFICE})).sees("fill_reading", Facts(department=OFFICE))
    assert not of("handler", departments=frozenset({OFFICE})).sees("fill_reading", Facts(department=POLICE))


@pytest.mark.parametrize("resolution", range(11))
def test_a_parent_is_the_one_of_h3(resolution):
    for lon_lat in (WEST, EAST, (-0.1, 51.5), (179.9, -45.0)):
        inner = cell(lon_lat, 10)
        assert parent(inner, resolution) == int(h3.cell_to_parent(inner, resolution))
        assert resolution_of(parent(inner, resolution)) == resolution


def test_cells_are_read_as_people_write_them():
    assert area_of(["West"], ["8a2a1072b59ffff"]) == Area(frozenset({"West"}), frozenset({0x8A2A1072B59FFFF}))


# ── the same in SQL ──


@pytest.fixture(scope="module")
def database():
    db = sqlite3.connect(":memory:")
    for kind, table in TABLES.items():
        for statement in table.create():
            db.execute(statement)
        rows = table.encode([item for item in city() if item.kind == kind])
        db.executemany(f'INSERT INTO "{kind}" ({table.columns}) VALUES ({", ".join("?" * len(table.names))})', rows)
    yield db
    db.close()


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: f"{scope.viewer.name or 'anybody'}-{len(scope.slices)}")
def test_sql_selects_what_the_filter_sees(database, scope):
    found = set()
    for kind in KIND_OF:
        condition = predicate(scope, Columns(kind))
        found |= {key for (key,) in database.execute(f'SELECT id FROM "{kind}" WHERE {condition.sql}', condition.values)}
    assert found == seen(scope)


texts = st.sampled_from(["", "West", "East"])
areas = st.builds(
    Area,
    st.frozensets(st.sampled_from(["West", "East"])),
    st.frozensets(st.sampled_from([cell(place, r) for place in (WEST, EAST) for r in (4, 7, 9, 10)])),
)
viewers = st.builds(
    Viewer,
    st.sampled_from(["", "wang", "li"]),
    st.sampled_from([viewer.role for viewer in VIEWERS]),
    st.frozensets(st.sampled_from(["", OFFICE, POLICE])),
    st.frozensets(st.sampled_from(["", *GRIDS])),
    areas,
    areas,
)
slices = st.builds(
    Slice, st.frozensets(st.sampled_from(["case", "bin", "link"])), st.frozensets(st.sampled_from([OFFICE, POLICE])), areas
)
cases = st.builds(
    lambda place, district, department, grid, owner: case(
        "9", place, district=district, department=department, grid=grid, reported_by=owner
    ),
    st.sampled_from([WEST, EAST]), texts, st.sampled_from(["", OFFICE, POLICE]), st.sampled_from(["", *GRIDS]), st.sampled_from(["", "wang"]),
)  # fmt: skip


@given(viewers, st.tuples() | st.tuples(slices) | st.tuples(slices, slices), cases)
def test_sql_and_filter_agree_on_any_case_and_scope(database, viewer, parts, thing):
    scope = Scope(viewer, parts)
    table = TABLES["case"]
    condition = predicate(scope, Columns("case"))
    database.execute("SAVEPOINT one")
    try:
        database.execute(
            f'INSERT INTO "case" ({table.columns}) VALUES ({", ".join("?" * len(table.names))})', table.encode([thing])[0]
        )
        rows = database.execute(f"SELECT 1 FROM \"case\" WHERE id = 'case-9' AND ({condition.sql})", condition.values).fetchall()
    finally:
        database.execute("ROLLBACK TO one")
    assert bool(rows) == scope.sees("case", facts_of(thing))
