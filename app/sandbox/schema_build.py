"""Shopify's published Admin schema, in the form the sandbox and the tests load.

Shopify publishes the introspection of each API version inside the npm package
`@shopify/ai-toolkit`. `make demo` and `make test` convert it once (`python -P
app/sandbox/schema_build.py`) into two files per version, below `node_modules/.cache/okaeri/`:

* `admin_<version>.graphql`: the schema without descriptions. Load it with `load_schema(version)`,
  which takes about a second. It must be built from this text, not from the introspection, and with
  `assume_valid=True`: some deprecated fields implement fields that are not, which graphql-core
  refuses, and its rule about deprecated use wants syntax nodes.
* `admin_<version>.access.json`: what Shopify says about rights, as prose, by type and by field:
  `{"types": {"Order": "…"}, "fields": {"Mutation.orderUpdate": "…"}}`.

Paths come from `schema_path(version)` and `access_path(version)`.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_client_schema, build_schema, print_schema

VERSIONS = ("2026-07", "2026-10")
ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "node_modules/@shopify/ai-toolkit/skills/shopify-admin/assets"
CACHE = ROOT / "node_modules/.cache/okaeri"

# Python has no brotli of its own; Node, which the widgets need anyway, has.
UNPACK = (
    "process.stdout.write(require('zlib').brotliDecompressSync(require('fs').readFileSync("
    "process.argv[1])))"
)
TEXTS = ("description", "specifiedByURL")


def schema_path(version: str) -> Path:
    """Where the schema of an API version lies, as GraphQL text."""
    return CACHE / f"admin_{version}.graphql"


def access_path(version: str) -> Path:
    """Where the rights each type and field asks for lie, as JSON."""
    return CACHE / f"admin_{version}.access.json"


@cache
def load_schema(version: str) -> GraphQLSchema:
    """Build the schema of an API version; the second call in a process is free."""
    text = schema_path(version).read_text(encoding="utf-8")
    return build_schema(text, assume_valid=True, no_location=True)


def build(version: str) -> None:
    """Write both files of an API version."""
    data = _introspection(version)
    access = _access(data["__schema"]["types"])
    schema = build_client_schema(_without_texts(data), assume_valid=True)
    _write(access_path(version), json.dumps(access, ensure_ascii=False, indent=1, sort_keys=True))
    _write(schema_path(version), print_schema(schema))


def _introspection(version: str) -> Any:
    packed = SOURCE / f"admin_{version}.json.br"
    asked = subprocess.run(["node", "-e", UNPACK, packed], capture_output=True, check=True)
    document = json.loads(asked.stdout)
    return document.get("data", document)


def _access(types: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Collect `requiredAccess`, which is Shopify's own addition to introspection."""
    on_types = {kind["name"]: kind["requiredAccess"] for kind in types if _asks(kind)}
    on_fields = {
        f"{kind['name']}.{field['name']}": field["requiredAccess"]
        for kind in types
        for field in kind.get("fields") or ()
        if _asks(field)
    }
    return {"types": on_types, "fields": on_fields}


def _asks(thing: dict[str, Any]) -> bool:
    return bool(thing.get("requiredAccess"))


def _without_texts(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_texts(value) for key, value in node.items() if key not in TEXTS}
    if isinstance(node, list):
        return [_without_texts(value) for value in node]
    return node


def _write(path: Path, text: str) -> None:
    # Renamed into place, so that an interrupted run leaves no half file that looks finished.
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(text + "\n", encoding="utf-8")
    unfinished.replace(path)


def main() -> None:
    """Build the versions named on the command line, or all."""
    for version in sys.argv[1:] or VERSIONS:
        print(f"Admin schema {version}", flush=True)
        build(version)


if __name__ == "__main__":
    main()
