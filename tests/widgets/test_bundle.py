"""What Shopify would get: the built bundle, its size, its types, its texts."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
WIDGETS = ROOT / "widgets"
TARGETS = {
    "thank-you": "purchase.thank-you.block.render",
    "order-status": "customer-account.order-status.block.render",
}
TSC = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
#: Shopify refuses at deployment what is larger compressed; the CLI does not look at it.
LIMIT = 64 * 1024
#: Our own: far below, so that growth is noticed while it is small.
OURS = 20 * 1024


@pytest.fixture(scope="module", params=TARGETS)
def folder(request: pytest.FixtureRequest) -> Path:
    """Each extension's folder in turn."""
    return WIDGETS / str(request.param)


@pytest.fixture(scope="module")
def bundle(folder: Path) -> bytes:
    """The bundle that `make widgets` built."""
    built = folder / "dist" / f"{folder.name}.js"
    assert built.exists(), "build it first: make widgets"
    return built.read_bytes()


@pytest.fixture(scope="module")
def extension(folder: Path) -> dict[str, Any]:
    """`shopify.extension.toml`."""
    return tomllib.loads((folder / "shopify.extension.toml").read_text())


def test_the_bundle_is_small(bundle: bytes) -> None:
    assert len(gzip.compress(bundle, 9)) < OURS < LIMIT


def test_the_bundle_is_the_block_and_asks_our_server(folder: Path, bundle: bytes) -> None:
    text = bundle.decode()
    assert TARGETS[folder.name] in text
    assert "/widget/thank-you" in text
    assert "setInterval" not in text.replace("clearInterval", "")


def test_the_host_is_the_one_in_the_apps_configuration() -> None:
    app = tomllib.loads((ROOT / "shopify.app.toml").read_text())
    origin = re.match(r"https?://[^/]+", app["application_url"])
    shared = (WIDGETS / "shared" / "server.ts").read_text()
    assert origin is not None
    assert re.findall(r"HOST = '(.*)'", shared) == [origin[0]]


def test_the_extension_asks_for_no_more_than_it_needs(
    folder: Path, extension: dict[str, Any]
) -> None:
    (one,) = extension["extensions"]
    assert extension["api_version"] == "2026-07"
    assert one["type"] == "ui_extension"
    assert [target["target"] for target in one["targeting"]] == [TARGETS[folder.name]]
    assert one["capabilities"] == {"network_access": True}
    assert {field["type"] for field in one["settings"]["fields"]} == {"boolean"}


def test_every_text_exists_in_both_languages(folder: Path) -> None:
    english = dict(_texts(_json(folder / "locales" / "en.default.json")))
    japanese = dict(_texts(_json(folder / "locales" / "ja.json")))
    assert english.keys() == japanese.keys()
    assert all(english.values())
    assert all(re.search(r"[ぁ-んァ-ン一-龥]", text) for text in japanese.values())
    named = set(re.findall(r't:([\w.]+)"', (folder / "shopify.extension.toml").read_text()))
    assert named <= english.keys()


def test_it_type_checks_against_shopifys_components(folder: Path) -> None:
    done = _check_types(folder)
    assert done.returncode == 0, done.stdout


def test_a_wrong_element_or_attribute_would_be_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "widgets"
    shutil.copytree(WIDGETS, copy, ignore=shutil.ignore_patterns("dist", "node_modules", "tests"))
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    source = copy / "shared" / "LineFriend.tsx"
    mistakes = '<s-bogus /><s-text tone="purple">x</s-text><s-paragraph>'
    source.write_text(source.read_text().replace("<s-paragraph>", mistakes, 1))
    done = _check_types(copy / "thank-you")
    assert done.returncode != 0
    assert "s-bogus" in done.stdout
    assert "purple" in done.stdout


def _check_types(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", str(TSC), "--noEmit", "-p", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )


def _json(path: Path) -> Any:
    return json.loads(path.read_text())


def _texts(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _texts(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value
