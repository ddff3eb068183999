"""Bring a database to the newest migration."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"


def config(owner_url: str) -> Config:
    """Alembic's configuration for a database; `owner_url` is the owner's connection."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("prepend_sys_path", str(MIGRATIONS.parent))
    made.set_main_option("path_separator", "os")
    made.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return made


def migrate(owner_url: str) -> None:
    """Run every migration that has not run yet; two at once take turns."""
    command.upgrade(config(owner_url), "head")


def app_url(owner_url: str) -> str:
    """The same database for the role `okaeri_app`; only where the server trusts local users, as
    the embedded one does. A host sets DATABASE_URL with the role's password instead."""
    url = make_url(owner_url).set(username="okaeri_app", password=None)
    return url.render_as_string(hide_password=False)
