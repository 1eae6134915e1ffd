"""The city as typed tables for outside readers of PostgreSQL (QGIS, reports): one for each kind of the data dictionary.

They stand in the schema ``city``, have the attributes as columns, a geometry with a GiST index and the H3 cell, and are
written in the same transaction as what they show. Row-level security is forced on each: who may see nothing sees none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, InternalError

from twin.central.database import READER, SERVICE
from twin.model.catalogue import KIND_OF, KINDS
from twin.model.entity import Attribute, Entity, attributes

SCHEMA = "city"
_TYPES = {str: "text", float: "double precision", int: "bigint", bool: "boolean", datetime: "timestamptz", tuple: "jsonb"}
_SHAPES = {"Point": "Point", "LineString": "LineString", "Polygon": "Geometry"}  # areas may have parts


def renew(db: Connection, policies: Mapping[str, str]) -> None:
    """Make the tables and columns that the data dictionary has and the database has not; renew every policy.

    ``policies`` are the conditions of row-level security by kind; a kind without one is seen by nobody but the service.
    """
    for role in (SERVICE, READER):
        db.execute(text(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}"))
    for entity_type in KINDS:
        for statement in _table(entity_type, _columns(db, entity_type.kind)):
            db.execute(text(statement))
        for statement in _readable(entity_type, _columns(db, entity_type.kind)):
            db.execute(text(statement))
        for statement in _policies(entity_type.kind, policies.get(entity_type.kind, "false")):
            db.exec_driver_sql(statement)  # a policy may hold colons, which ``text`` would take for places


def write(db: Connection, kind: str, ids: Iterable[str]) -> None:
    """Bring the rows of these keys to what the table ``city_row`` says of them."""
    if kind not in KIND_OF:
        return
    wanted = list(ids)
    if not _is_written(db, kind, wanted):
        for one in wanted:  # a value that a column cannot hold keeps its row out of here alone; the log has it
            _is_written(db, kind, [one])


def _is_written(db: Connection, kind: str, ids: list[str]) -> bool:
    try:
        with db.begin_nested():
            for statement in _UPDATES[kind]:
                db.execute(text(statement), {"kind": kind, "ids": ids})
    except (DataError, InternalError):  # the second is how PostGIS says that bytes are no place
        return False
    return True


def _columns(db: Connection, kind: str) -> frozenset[str]:
    found = db.execute(
        text("SELECT column_name FROM information_schema.columns WHERE table_schema = :schema AND table_name = :kind"),
        {"schema": SCHEMA, "kind": kind},
    )
    return frozenset(found.scalars())


def _table(entity_type: type[Entity], have: frozenset[str]) -> Iterator[str]:
    """Yield what makes a kind's table, or adds the columns that it lacks."""
    name = f'{SCHEMA}."{entity_type.kind}"'
    if not have:
        yield f"CREATE TABLE {name} (id text PRIMARY KEY, version bigint NOT NULL, h3 bigint, source text, source_id text)"
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {SERVICE}"
    if entity_type.geometry_type and "geometry" not in have:
        shape = _SHAPES[entity_type.geometry_type]
        yield f"ALTER TABLE {name} ADD COLUMN geometry geometry({shape}, 4326)"
        yield f'CREATE INDEX "{entity_type.kind}_geometry" ON {name} USING gist (geometry)'
    for attribute in attributes(entity_type).values():
        if attribute.name not in have:
            yield f'ALTER TABLE {name} ADD COLUMN "{attribute.name}" {_TYPES[attribute.type]}'
            yield f"COMMENT ON COLUMN {name}.\"{attribute.name}\" IS '{_quoted(_comment(attribute))}'"


def _readable(entity_type: type[Entity], columns: frozenset[str]) -> Iterator[str]:
    """Yield what lets outside readers have the columns without personal data: row by row it is masked in no table."""
    personal = {item.name for item in attributes(entity_type).values() if item.personal}
    hidden = personal | {"source_id"} if personal else set()
    name = f'{SCHEMA}."{entity_type.kind}"'
    yield f"REVOKE ALL ON {name} FROM {READER}"
    yield f"GRANT SELECT ({', '.join(_named(column) for column in sorted(columns - hidden))}) ON {name} TO {READER}"


def _named(column: str) -> str:
    return f'"{column}"'


def _policies(kind: str, condition: str) -> Iterator[str]:
    name = f'{SCHEMA}."{kind}"'
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    for policy in ("service", "somebody"):
        yield f"DROP POLICY IF EXISTS {policy} ON {name}"
    yield f"CREATE POLICY service ON {name} TO {SERVICE} USING (true) WITH CHECK (true)"
    yield f"CREATE POLICY somebody ON {name} FOR SELECT TO {READER} USING ({condition})"


def _comment(attribute: Attribute) -> str:
    unit = f" ({attribute.unit})" if attribute.unit else ""
    return f"{attribute.label}{unit}. {attribute.definition}".strip()


def _quoted(words: str) -> str:
    return words.replace("'", "''")


def _updates(entity_type: type[Entity]) -> tuple[str, str]:
    """Return what removes the rows that are gone and what writes the others."""
    table = f'{SCHEMA}."{entity_type.kind}"'
    values = {
        "id": "id",
        "version": "version",
        "h3": "h3",
        "source": "fields->>'source'",
        "source_id": "fields->>'source_id'",
        **({"geometry": _geometry(entity_type)} if entity_type.geometry_type else {}),
        **{f'"{item.name}"': _value(item) for item in attributes(entity_type).values()},
    }
    news = ", ".join(f"{name} = excluded.{name}" for name in values if name != "id")
    found = (
        "(SELECT id, version, h3, fields::json AS fields FROM city_row WHERE kind = :kind AND id = ANY(:ids) AND alive) AS found"
    )
    gone = f"SELECT 1 FROM city_row AS r WHERE r.kind = :kind AND r.id = {table}.id AND alive"
    written = f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {found}"
    return (
        f"DELETE FROM {table} WHERE id = ANY(:ids) AND NOT EXISTS ({gone})",
        f"{written} ON CONFLICT (id) DO UPDATE SET {news}",
    )


def _geometry(entity_type: type[Entity]) -> str:
    shape = "ST_Force2D(ST_SetSRID(ST_GeomFromWKB(decode(fields->>'geometry', 'hex')), 4326))"
    # A place of another shape than the kind's stays in the log; a typed column cannot show it.
    if _SHAPES[entity_type.geometry_type] == "Geometry":
        return shape
    return f"CASE WHEN GeometryType({shape}) = '{entity_type.geometry_type.upper()}' THEN {shape} END"


def _value(attribute: Attribute) -> str:
    if attribute.type is tuple:
        return f"(fields->'{attribute.name}')::jsonb"
    kind = _TYPES[attribute.type]
    return f"fields->>'{attribute.name}'" if kind == "text" else f"(fields->>'{attribute.name}')::{kind}"


_UPDATES = {entity_type.kind: _updates(entity_type) for entity_type in KINDS}
