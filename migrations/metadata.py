"""The metadata of every room's tables, for Alembic and for the test that model and migrations
agree. A room's tables are in its `model`; a room without one has none."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from sqlalchemy import MetaData

import app
from app.core import clock, tenancy  # noqa: F401  # two tables of the ground floor
from app.core.db import Base


def load() -> MetaData:
    """Import every model and return the one metadata they fill."""
    for module in iter_modules(app.__path__):
        name = f"app.{module.name}.model"
        if module.ispkg and module.name != "sandbox" and find_spec(name):
            import_module(name)
    return Base.metadata
