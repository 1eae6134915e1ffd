"""How people sign in, the keys of departments, and the audit log, of which nothing is ever changed.

Revision ID: credentials_and_audit
Revises: first_tables
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "credentials_and_audit"
down_revision = "first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let the database itself refuse to change the audit log."""
    op.create_table(
        "credential",
        sa.Column("account", sa.Text, sa.ForeignKey("account.name"), primary_key=True),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.Text),
    )
    op.create_table(
        "outside_identity",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, sa.ForeignKey("account.name"), nullable=False),
    )
    op.create_table(
        "department_key",
        sa.Column("department", sa.Text, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
    )
    is_postgres = op.get_bind().dialect.name == "postgresql"
    if is_postgres:
        op.execute(
            "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is never changed'; END $$"
        )
    for table in ("audit", "audit_head"):
        for action in ("UPDATE", "DELETE"):
            done = "FOR EACH ROW EXECUTE FUNCTION audit_is_kept()"
            if not is_postgres:
                done = "BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END"
            op.execute(f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} {done}")


def downgrade() -> None:
    """Nothing goes back: an audit log is never dropped."""
    raise NotImplementedError("restore a backup made by the older program")
