"""What Alembic runs: the steps that are missing, on the connection that ``schema.renew`` gives."""

from __future__ import annotations

from alembic import context

from twin.central.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table="schema_version",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
