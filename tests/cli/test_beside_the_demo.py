"""Commands typed beside a running demo find it; without one they say what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import commands
from app.cli.demo import leave_word, running_demo
from app.core.settings import MissingSettings, Settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder, and an environment that says nothing."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".okaeri").mkdir()
    return tmp_path


def test_a_command_finds_the_running_demo(folder: Path, settings: Settings) -> None:
    known = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "APP_URL": settings.app_url,
        "SECRET_KEYS": ",".join(settings.secret_keys),
        "ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
        "SHOPIFY_CLIENT_ID": settings.shopify_client_id,
        "SHOPIFY_CLIENT_SECRET": settings.shopify_client_secret,
    }
    leave_word(folder / ".okaeri", known)
    assert (folder / ".okaeri" / "env").stat().st_mode & 0o777 == 0o600
    result = CliRunner().invoke(commands, ["replay", "nobody.myshopify.com"])
    assert "No shop nobody.myshopify.com" in result.output


def test_without_a_demo_the_missing_settings_are_named(folder: Path) -> None:
    assert running_demo(folder / ".okaeri") == {}
    result = CliRunner().invoke(commands, ["replay", "nobody.myshopify.com"])
    assert isinstance(result.exception, MissingSettings)
    assert "DATABASE_URL" in str(result.exception)
