"""What the app asks the merchant for: `shopify.app.toml` says it, nobody repeats it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

APP_TOML = Path(__file__).resolve().parents[2] / "shopify.app.toml"


@cache
def asked_scopes() -> str:
    """The scopes, comma-separated."""
    config = tomllib.loads(APP_TOML.read_text(encoding="utf-8"))
    scopes: str = config["access_scopes"]["scopes"]
    return scopes
