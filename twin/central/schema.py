"""The centre's tables, the same in both databases, and how a database is brought to them.

``city_row`` is the city as it stands and ``log`` how it came to be: nothing in ``log`` is ever changed. Values are JSON
texts as they came, so that not one digit of them differs between the databases. Alembic's steps stand in ``migrations``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    inspect,
    text,
)
from sqlalchemy.dialects import postgresql

from twin.central import city_tables
from twin.central.database import READER, SERVICE, Database
from twin.errors import StorageError

METADATA = MetaData()
STEPS = Path(__file__).parent / "migrations"
KEY = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""A text that is compared byte by byte in both databases."""

CENTER = Table(
    "center",
    METADATA,
    # The counter row: whoever commits holds it from the number to the end of the transaction, so numbers have no gaps
    # and become visible in their order. A sequence hands them out of order: who pulls then misses rows for ever.
    Column("one", Integer, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("epoch", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("chain", Text, nullable=False),
    Column("oldest", BigInteger, nullable=False),
    Column("durable", BigInteger, nullable=False),
)
EPOCH = Table(
    "epoch",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("common", BigInteger, nullable=False),
)
DEVICE = Table(
    "device",
    METADATA,
    Column("device", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("last_hash", Text, nullable=False),
)
LOG = Table(
    "log",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("device", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("data", Text, nullable=False),
    Column("entries", Text),  # none once they were compacted away
    UniqueConstraint("device", "number"),
    Index("log_identity", "identity"),
)
CONFLICT = Table(
    "conflict",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("seq", BigInteger, ForeignKey("log.seq"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("entry", Text, nullable=False),
    Index("conflict_seq", "seq"),
)
ROW = Table(
    "city_row",
    METADATA,
    Column("kind", KEY, primary_key=True),
    Column("id", KEY, primary_key=True),
    Column("alive", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("h3", BigInteger),
    Column("fields", Text, nullable=False),
    Column("writers", Text, nullable=False),
)
ACCOUNT = Table(
    "account",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("departments", Text, nullable=False),
    Column("grids", Text, nullable=False),
    Column("districts", Text, nullable=False),
    Column("cells", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)
INVITATION = Table(
    "invitation",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.name"), nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("used_at", Text),
)
ENROLMENT = Table(
    "enrolment",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("signer", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("account", Text, ForeignKey("account.name"), nullable=False),
    Column("enrolled_at", Text, nullable=False),
    Column("revoked_at", Text),
)
DEVICE_OWNER = Table(
    "device_owner",
    METADATA,
    Column("device", Text, primary_key=True),
    Column("enrolment", Text, ForeignKey("enrolment.id"), nullable=False),
)
CREDENTIAL = Table(
    "credential",
    METADATA,
    Column("account", Text, ForeignKey("account.name"), primary_key=True),
    Column("password", Text, nullable=False),
    Column("secret", LargeBinary),
    Column("last_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Text),
)
OUTSIDE_IDENTITY = Table(
    "outside_identity",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.name"), nullable=False),
)
DEPARTMENT_KEY = Table(
    "department_key",
    METADATA,
    Column("department", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)
AUDIT = Table(
    "audit",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("record", LargeBinary, nullable=False),
    Column("hash", Text, nullable=False),
)
AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("signature", Text, nullable=False),
)
FILE = Table(
    "file",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
)
FILE_PART = Table(
    "file_part",
    METADATA,
    Column("sha256", Text, ForeignKey("file.sha256", ondelete="CASCADE"), primary_key=True),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)


def renew(database: Database, policies: Mapping[str, str]) -> None:
    """Make the tables of an empty database, or bring those of an older program to this one's.

    ``policies`` are the conditions of row-level security by kind, for PostgreSQL's typed tables.
    """
    from alembic import command
    from alembic.config import Config

    with database.owning() as db:
        if database.is_postgres:
            _make_roles(db)
        config = Config()
        config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
        config.attributes["connection"] = db
        command.upgrade(config, "head")
        if database.is_postgres:
            _grant(db)
            city_tables.renew(db, policies)


def require(database: Database) -> None:
    """Raise ``StorageError`` unless the database has this program's tables."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory(str(STEPS)).get_current_head()
    with database.owning() as db:
        context = MigrationContext.configure(db, opts={"version_table": "schema_version"})
        found = context.get_current_revision()
    if found is None:
        raise StorageError(
            f"The database '{database.name}' has no tables of the central service.", "Make them: citytwin central init."
        )
    if found != newest:
        raise StorageError(
            f"The tables of the database '{database.name}' are those of another version of this program ({found}).",
            "Bring them to this one: citytwin central init; it keeps what is there.",
        )


def is_empty(database: Database) -> bool:
    """Whether the database has no tables of the service yet."""
    with database.owning() as db:
        return not inspect(db).has_table("center")


def _make_roles(db: Connection) -> None:
    """Make the service's roles. None may pass row-level security by, and none may sign in itself."""
    known = set(db.execute(text("SELECT rolname FROM pg_roles")).scalars())
    for role in (SERVICE, READER):
        if role not in known:
            db.execute(text(f"CREATE ROLE {role} NOLOGIN NOBYPASSRLS"))
        db.execute(text(f"GRANT {role} TO CURRENT_USER"))
    db.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    db.execute(text(f"CREATE SCHEMA IF NOT EXISTS {city_tables.SCHEMA}"))


def _grant(db: Connection) -> None:
    db.execute(text(f"GRANT USAGE ON SCHEMA public TO {SERVICE}, {READER}"))
    for table in METADATA.sorted_tables:
        rights = "SELECT, INSERT" if table in (AUDIT, AUDIT_HEAD) else "SELECT, INSERT, UPDATE, DELETE"
        db.execute(text(f'GRANT {rights} ON "{table.name}" TO {SERVICE}'))
