"""Run by Alembic: brings the tables to a revision over the connection that `runtime.persona.people.database` gives."""

from alembic import context

from runtime.persona.people.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite can too, once its driver is kept from ending transactions by itself
)
with context.begin_transaction():
    context.run_migrations()
