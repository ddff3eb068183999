"""Where the merchant has placed the app's checkout extensions."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.sandbox.running import Sandbox


@dataclass(frozen=True)
class Extension:
    """One UI extension as `shopify app deploy` would have uploaded it."""

    handle: str
    name: str
    targets: tuple[str, ...]
    api_version: str
    capabilities: tuple[str, ...]
    defaults: Mapping[str, Any]
    folder: Path = field(repr=False)

    @property
    def script(self) -> Path | None:
        """The built bundle; None until the extension has been built."""
        return next(iter(sorted((self.folder / "dist").glob("*.js"))), None)

    def words(self, locale: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The texts of a language, and those of the extension's default language."""
        files = {path.name.split(".")[0]: path for path in self.folder.glob("locales/*.json")}
        default = next(iter(self.folder.glob("locales/*.default.json")), None)
        return _json(files.get(locale)), _json(default)


def _json(path: Path | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path else {}
    return found


def extensions(s: Sandbox) -> list[Extension]:
    """Every UI extension that was deployed with the app's configuration."""
    found: list[Extension] = []
    for path in sorted(s.settings.app_toml.parent.glob("widgets/*/shopify.extension.toml")):
        toml = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [
            _read(one, toml, path.parent)
            for one in toml.get("extensions", [])
            if one.get("type") == "ui_extension"
        ]
    return found


def _read(one: dict[str, Any], toml: dict[str, Any], folder: Path) -> Extension:
    capabilities = one.get("capabilities", {})
    fields = one.get("settings", {}).get("fields", [])
    return Extension(
        handle=one.get("handle", folder.name),
        name=one.get("name", folder.name),
        targets=tuple(target["target"] for target in one.get("targeting", [])),
        api_version=str(toml.get("api_version", "2026-07")),
        capabilities=tuple(name for name, on in capabilities.items() if on is True),
        defaults={row["key"]: row["default_value"] for row in fields if "default_value" in row},
        folder=folder,
    )


def placed(s: Sandbox, domain: str) -> set[str]:
    """The targets the merchant has placed a block at."""
    with s.work() as work:
        return {block["target"] for block in work.find("block", domain)}


def place(s: Sandbox, domain: str, target: str, *, on: bool) -> None:
    """Place the block, or take it out."""
    with s.work(domain) as work:
        if on:
            work.put("block", domain, target, {"target": target})
        else:
            work.drop("block", domain, target)
