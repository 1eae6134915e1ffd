"""The first tables: the counter, epochs, devices, the log, the rows as they stand, and files.

Revision ID: first_tables
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "first_tables"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "center",
        sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("oldest", sa.BigInteger, nullable=False),
        sa.Column("durable", sa.BigInteger, nullable=False),
    )
    op.create_table("epoch", sa.Column("name", sa.Text, primary_key=True), sa.Column("common", sa.BigInteger, nullable=False))
    op.create_table(
        "device",
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("last_hash", sa.Text, nullable=False),
    )
    op.create_table(
        "log",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("entries", sa.Text),
        sa.UniqueConstraint("device", "number"),
    )
    op.create_index("log_identity", "log", ["identity"])
    op.create_table(
        "conflict",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, sa.ForeignKey("log.seq"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
    )
    op.create_index("conflict_seq", "conflict", ["seq"])
    op.create_table(
        "city_row",
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("id", KEY, primary_key=True),
        sa.Column("alive", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("h3", sa.BigInteger),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("writers", sa.Text, nullable=False),
    )
    op.create_table(
        "account",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("departments", sa.Text, nullable=False),
        sa.Column("grids", sa.Text, nullable=False),
        sa.Column("districts", sa.Text, nullable=False),
        sa.Column("cells", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "invitation",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, sa.ForeignKey("account.name"), nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False),
        sa.Column("used_at", sa.Text),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("signer", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("account", sa.Text, sa.ForeignKey("account.name"), nullable=False),
        sa.Column("enrolled_at", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.Text),
    )
    op.create_table(
        "device_owner",
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("enrolment", sa.Text, sa.ForeignKey("enrolment.id"), nullable=False),
    )
    op.create_table(
        "file",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "file_part",
        sa.Column("sha256", sa.Text, sa.ForeignKey("file.sha256", ondelete="CASCADE"), primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Nothing goes back: what was confirmed to offices is never dropped."""
    raise NotImplementedError("restore a backup made by the older program")
