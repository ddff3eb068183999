"""Everything shown to people exists in Japanese: no English left over, no text nobody shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUES = sorted((ROOT / "app/translations/ja").glob("*.po"))
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def shown() -> Iterator[tuple[str, str]]:
    """(message id, where) for every text that templates and code hand to gettext."""
    sources = [
        (ROOT / "templates", [("**.html", "jinja2"), ("**.mjml", "jinja2"), ("**.txt", "jinja2")]),
        (ROOT / "app", [("**.py", "python")]),
    ]
    options = {pattern: {"trimmed": "false"} for pattern in ("**.html", "**.mjml", "**.txt")}
    for folder, methods in sources:
        for name, line, message, _comments, _context in extract_from_dir(
            str(folder), methods, options, keywords=KEYWORDS
        ):
            yield (message if isinstance(message, str) else message[0]), f"{name}:{line}"


def translated() -> dict[str, str]:
    found = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for entry in read_po(file, locale="ja"):
                if entry.id:
                    key = entry.id if isinstance(entry.id, str) else entry.id[0]
                    text = entry.string if isinstance(entry.string, str) else entry.string[0]
                    found[key] = text
    return found


def test_every_text_has_its_japanese() -> None:
    known = translated()
    missing = sorted({f"{place}: {text}" for text, place in shown() if not known.get(text)})
    assert missing == []


def test_rooms_agree_on_what_a_text_means() -> None:
    """The catalogues are merged by message id: two rooms' words for one id would silently be the
    later room's."""
    said: dict[str, dict[str, str]] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for entry in read_po(file, locale="ja"):
                if entry.id and isinstance(entry.id, str):
                    said.setdefault(entry.id, {})[path.stem] = str(entry.string)
    apart = {text: rooms for text, rooms in said.items() if len(set(rooms.values())) > 1}
    assert apart == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_keeps_the_places_of_values(path: Path) -> None:
    with path.open("rb") as file:
        for entry in read_po(file, locale="ja"):
            assert list(entry.check()) == [], entry.id
