"""What lies in `static/vendor/` is what the locked packages published, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDORED = {
    "NotoSansJP-LICENSE.txt": "@expo-google-fonts/noto-sans-jp/LICENSE_FONT",
    "NotoSansJP-Regular.ttf": (
        "@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf"
    ),
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "polaris-tokens.css": "@shopify/polaris-tokens/dist/css/styles.css",
}


@pytest.mark.parametrize("name", sorted(VENDORED))
def test_a_vendored_file_is_its_packages(name: str) -> None:
    ours = (ROOT / "static" / "vendor" / name).read_bytes()
    assert ours == (ROOT / "node_modules" / VENDORED[name]).read_bytes()


def test_nothing_else_is_vendored() -> None:
    found = {path.name for path in (ROOT / "static" / "vendor").iterdir()}
    assert found == set(VENDORED)
