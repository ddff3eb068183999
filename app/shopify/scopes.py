"""What the app asks the merchant for: `shopify.app.toml` says it, nobody repeats it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

APP_TOML = Path(__file__).resolve().parents[2] / "shopify.app.toml"


@cache
def asked_scopes() -> str:
    """The scopes of every install, comma-separated."""
    scopes: str = _access()["scopes"]
    return scopes


@cache
def optional_scopes() -> str:
    """The scopes that are asked for where the merchant switches on what needs them,
    comma-separated."""
    return ",".join(_access()["optional_scopes"])


def _access() -> dict[str, Any]:
    access: dict[str, Any] = tomllib.loads(APP_TOML.read_text(encoding="utf-8"))["access_scopes"]
    return access
