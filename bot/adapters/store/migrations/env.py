"""Run by Alembic for each command: hands it the connection that `migrate` has opened, and locked, already.

There is no offline mode and no `alembic.ini`: migrations run when the bot starts.
"""

from __future__ import annotations

from alembic import context

from bot.adapters.store.schema.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
