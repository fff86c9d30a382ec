"""What Alembic runs: the connection, already in a transaction and under a lock, is handed in
by ``liveblog.store.upgrade``. So all steps are applied or none, on both engines."""

from alembic import context

from liveblog.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
