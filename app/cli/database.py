"""`okaeri db`: the host's commands for the database."""

from __future__ import annotations

import os

import click

from app.core.migrate import migrate as run_migrations


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def migrate() -> None:
    """Run the migrations that have not run yet, as the owner (DATABASE_OWNER_URL)."""
    url = os.environ.get("DATABASE_OWNER_URL")
    if not url:
        raise click.UsageError("Set DATABASE_OWNER_URL: migrations run as the database's owner.")
    run_migrations(url)
    click.echo("The database is up to date.")
