"""A life that begins on a Tuesday morning."""

from __future__ import annotations

from importlib import import_module

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests import make
from tests.flows.life import Life


@pytest.fixture
def life(app: Flask, owner: Engine, monkeypatch: pytest.MonkeyPatch) -> Life:
    """A Japanese shop with nothing switched on; commands run inside this app."""
    monkeypatch.setattr(import_module("app.cli.serve"), "build", lambda: app)
    return Life(app, owner, make.shop())
