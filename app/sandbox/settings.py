"""What the host decides about the sandbox, and what `shopify app deploy` tells Shopify."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import make_url

from app.core.settings import MissingSettings

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "okaeri_sandbox"
REQUIRED = {
    "SANDBOX_URL": "url",
    "APP_URL": "app_url",
    "DATABASE_OWNER_URL": "owner_url",
    "SHOPIFY_CLIENT_ID": "client_id",
    "SHOPIFY_CLIENT_SECRET": "client_secret",
}


@dataclass(frozen=True)
class AppConfig:
    """`shopify.app.toml`, as far as Shopify's side acts on it."""

    scopes: tuple[str, ...]
    optional_scopes: tuple[str, ...]
    home_path: str
    api_version: str
    topics: Mapping[str, tuple[str, ...]]  # topic → the paths it is posted to
    redirect_paths: tuple[str, ...]
    proxy_path: str | None
    proxy_prefix: str
    proxy_subpath: str

    @classmethod
    def read(cls, path: Path) -> AppConfig:
        """Read the file; URLs are kept as paths, since in development the app's host is its own."""
        toml = tomllib.loads(path.read_text(encoding="utf-8"))
        webhooks, proxy = toml.get("webhooks", {}), toml.get("app_proxy", {})
        access = toml.get("access_scopes", {})
        return cls(
            scopes=_scopes(access.get("scopes", "").split(",")),
            optional_scopes=_scopes(access.get("optional_scopes", [])),
            home_path=_path(toml.get("application_url", "/")),
            api_version=str(webhooks.get("api_version", "2026-07")),
            topics=_topics(webhooks.get("subscriptions", [])),
            redirect_paths=tuple(map(_path, toml.get("auth", {}).get("redirect_urls", []))),
            proxy_path=_path(proxy["url"]) if proxy else None,
            proxy_prefix=str(proxy.get("prefix", "apps")),
            proxy_subpath=str(proxy.get("subpath", "")),
        )


def _scopes(named: Iterable[str]) -> tuple[str, ...]:
    return tuple(scope.strip() for scope in named if scope.strip())


def _path(url: str) -> str:
    return urlsplit(url).path or "/"


def _topics(subscriptions: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in subscriptions:
        for topic in (*one.get("topics", ()), *one.get("compliance_topics", ())):
            found[topic] = (*found.get(topic, ()), _path(one["uri"]))
    return found


@dataclass(frozen=True)
class SandboxSettings:
    """One frozen object, read once."""

    url: str
    app_url: str
    owner_url: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    database_url: str = field(repr=False)
    smtp_port: int
    app_toml: Path
    calm: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> SandboxSettings:
        """Build from environment variables; raises `MissingSettings` naming all that are absent."""
        missing = [name for name in REQUIRED if not env.get(name)]
        if missing:
            raise MissingSettings("Set these environment variables: " + ", ".join(missing))
        values = {name: env[key] for key, name in REQUIRED.items()}
        return cls(
            **values,
            database_url=env.get("SANDBOX_DATABASE_URL") or own_database(values["owner_url"]),
            smtp_port=int(env.get("SANDBOX_SMTP_PORT") or _port(env.get("SMTP_URL"), 2525)),
            app_toml=Path(env.get("SHOPIFY_APP_TOML") or ROOT / "shopify.app.toml"),
            calm=env.get("SANDBOX_CALM", "") not in ("", "0"),
        )

    @cached_property
    def app(self) -> AppConfig:
        """The app's configuration file."""
        return AppConfig.read(self.app_toml)

    @property
    def port(self) -> int:
        """The port the sandbox listens on."""
        return _port(self.url, 80)

    @property
    def host(self) -> str:
        """`host:port`, as browsers write it."""
        return urlsplit(self.url).netloc


def own_database(owner_url: str) -> str:
    """The sandbox's database on the same server as the app's."""
    return make_url(owner_url).set(database=DATABASE).render_as_string(hide_password=False)


def _port(url: str | None, default: int) -> int:
    return (urlsplit(url).port if url else None) or default
