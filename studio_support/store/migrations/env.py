"""Runs the migrations on the connection that studio_support.store.upgrade hands in, inside its transaction."""

from __future__ import annotations

from alembic import context

from studio_support.store.tables import metadata
from studio_support.store.versions import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
