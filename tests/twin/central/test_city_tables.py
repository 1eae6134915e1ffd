"""The city as outside readers of PostgreSQL see it: typed, with places, and only what their policy lets them see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from twin.central import schema
from twin.central.database import READER
from twin.errors import StorageError
from twin.model.catalogue import KINDS
from twin.model.codec import entity_to_json
from twin.model.entity import attributes
from twin.model.incidents import Case
from twin.model.network import Link
from twin.model.places import Bin, District
from twin.sync.mutation import Op

THINGS = [
    Bin(
        id="bin-1",
        geometry=shapely.Point(121.5, 31.2),
        source="osm",
        source_id="7",
        name="东门 1",
        capacity_l=240.0,
        fill_level=None,
    ),
    Case(
        id="case-1", geometry=shapely.Point(121.51, 31.21), department="环卫", reported_at=datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    ),
    District(id="district-1", geometry=shapely.box(121.4, 31.1, 121.6, 31.3), name="城区"),
]


def added(entity, **other):
    fields = entity_to_json(entity)
    kind, key = fields.pop("kind"), fields.pop("id")
    return Op(kind, key, {**fields, **other}, alive=True)


def seen(database, asked, **settings):
    with database.reading(settings) as db:
        return db.execute(text(asked)).all()


def read_by_service(database, asked):
    with database.reading() as db:
        return db.execute(text(asked)).all()


def test_every_attribute_has_a_column_of_its_type(postgres):
    for entity_type in KINDS:
        asked = f"SELECT column_name FROM information_schema.columns WHERE table_schema = 'city' AND table_name = '{entity_type.kind}'"
        assert {name for (name,) in read_by_service(postgres, asked)} >= attributes(entity_type).keys()


def test_things_are_rows_with_a_place(postgres, postgres_office):
    a = postgres_office
    a.make(*map(added, THINGS))
    a.push()
    ((key, name, capacity_l, fill_level, point, cell, version),) = read_by_service(
        postgres, "SELECT id, name, capacity_l, fill_level, ST_AsText(geometry), h3, version FROM city.bin"
    )
    assert (key, name, capacity_l, fill_level, point, version) == ("bin-1", "东门 1", 240.0, None, "POINT(121.5 31.2)", 1)
    assert cell >> 52 & 0xF == 10
    assert read_by_service(postgres, 'SELECT department, reported_at FROM city."case"') == [("环卫", THINGS[1].reported_at)]
    inside = "SELECT b.id FROM city.bin AS b JOIN city.district AS d ON ST_Contains(d.geometry, b.geometry)"
    assert read_by_service(postgres, inside) == [("bin-1",)]


def test_what_changes_and_what_goes_is_followed(postgres, postgres_office):
    a = postgres_office
    a.make(added(THINGS[0]))
    a.make(Op("bin", "bin-1", {"capacity_l": 1100}, base=1))
    a.push()
    assert read_by_service(postgres, "SELECT capacity_l, version FROM city.bin") == [(1100.0, 2)]
    a.make(Op("bin", "bin-1", alive=False, base=2))
    a.push()
    assert read_by_service(postgres, "SELECT id FROM city.bin") == []


@pytest.mark.parametrize(
    "value",
    [
        {"capacity_l": "much"},
        {"fill_observed_at": "yesterday"},
        {"geometry": "zz"},
        {"geometry": "00"},
        {"name": "\0"},
        {"geometry": 7},
    ],
)
def test_a_value_that_no_column_holds_keeps_only_its_own_row_out(postgres, postgres_office, value):
    a = postgres_office
    a.make(added(THINGS[0]), Op("bin", "bin-2", {**entity_to_json(THINGS[0]), **value}, alive=True), added(THINGS[2]))
    a.make(Op("unheard_of", "1", {"x": 1}, alive=True))
    assert a.push().last == 2
    assert ("bin-1",) in read_by_service(postgres, "SELECT id FROM city.bin")
    assert read_by_service(postgres, "SELECT id FROM city.district") == [("district-1",)]
    with postgres.reading() as db:
        assert db.execute(text("SELECT count(*) FROM city_row")).scalar() == 4


def test_a_place_of_another_shape_is_left_empty(postgres, postgres_office):
    a = postgres_office
    road = entity_to_json(Link(id="link-1", geometry=shapely.LineString([(1, 2), (3, 4)])))
    a.make(Op("bin", "bin-1", {"geometry": road["geometry"]}, alive=True))
    a.push()
    assert read_by_service(postgres, "SELECT id, geometry FROM city.bin") == [("bin-1", None)]


def test_row_level_security_shows_what_the_policy_says_and_nothing_without(postgres, postgres_office):
    a = postgres_office
    a.make(*map(added, THINGS))
    a.push()
    schema.renew(postgres, {"case": "department = (SELECT current_setting('citytwin.department', true))"})
    try:
        asked = 'SELECT id FROM city."case"'
        assert seen(postgres, asked, **{"citytwin.department": "环卫"}) == [("case-1",)]
        assert seen(postgres, asked, **{"citytwin.department": "市政"}) == []
        assert seen(postgres, asked) == []
        assert seen(postgres, "SELECT id FROM city.bin") == []
    finally:
        schema.renew(postgres, {})


def test_whoever_reads_under_a_policy_reads_no_other_table_and_writes_none(postgres):
    for asked in ("SELECT * FROM city_row", "SELECT * FROM log", "SELECT * FROM device"):
        with pytest.raises(StorageError, match="may not do this"):
            seen(postgres, asked)
    with postgres.engine.begin() as db:
        db.execute(text(f"SET LOCAL ROLE {READER}"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            db.execute(text("DELETE FROM city.bin"))


def test_nobody_passes_the_policies_by(postgres):
    with postgres.owning() as db:
        free = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'citytwin%' AND (rolbypassrls OR rolsuper)"
        assert db.execute(text(free)).scalar() == 0
        forced = "SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE relnamespace = 'city'::regnamespace AND relkind = 'r'"
        assert db.execute(text(forced)).scalar() is True
