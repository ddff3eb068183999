"""Alembic's entry: runs the numbered migrations as the owner of the database."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text

from migrations.metadata import load


def run() -> None:
    """Run with the URL that `okaeri db` put into the configuration."""
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise SystemExit("Run migrations through `okaeri db migrate`.")
    engine = create_engine(url)
    with engine.begin() as connection:
        # A migration must never queue behind a long reader with the whole shop behind it.
        connection.execute(text("SET lock_timeout = '5s'"))
        # Two starting processes take turns instead of racing for the same CREATE.
        connection.execute(text("SELECT pg_advisory_xact_lock(7304)"))
        context.configure(connection=connection, target_metadata=load())
        context.run_migrations()
    engine.dispose()


run()
