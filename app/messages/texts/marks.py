"""The few marks a merchant's text may have: bold, links, lists.

A text is rendered with every value escaped, cut into paragraphs at blank lines, and only then
cleaned: whatever else looks like HTML disappears, and half-open marks are closed where they stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import nh3
from markupsafe import Markup

TAGS = {"b", "strong", "a", "ul", "ol", "li", "br"}
SCHEMES = {"https", "mailto", "tel"}
_LIST = re.compile(r"(<[uo]l>.*?</[uo]l>)", re.DOTALL)
_ITEM = re.compile(r"<li>(.*?)</li>", re.DOTALL)
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_BULLET = re.compile(r"^(?:- |・|• )\s*")


@dataclass(frozen=True)
class Piece:
    """One paragraph (`p`) or list (`ul`, `ol`) of a text; a paragraph has one item."""

    tag: str
    items: list[Markup]

    @property
    def plain(self) -> str:
        """The piece for people who read plain text."""
        said = [_plain(item) for item in self.items]
        if self.tag == "ol":
            return "\n".join(f"{number}. {item}" for number, item in enumerate(said, 1))
        return "\n".join(f"- {item}" for item in said) if self.tag == "ul" else said[0]


def pieces(text: str, link_color: str) -> list[Piece]:
    """A rendered text, whose values are escaped, as clean pieces of HTML."""
    found: list[Piece] = []
    for block in re.split(r"\n\s*\n", text):
        found += _pieces(_clean(block.strip(), link_color))
    return found


def _pieces(html: str) -> list[Piece]:
    found = []
    for part in filter(str.strip, _LIST.split(html)):
        lines = [line.strip() for line in part.strip().splitlines() if line.strip()]
        if _LIST.fullmatch(part):
            items = [Markup(item.strip()) for item in _ITEM.findall(part)]  # noqa: S704  # cleaned
            found.append(Piece(part[1:3], items))
        elif all(_BULLET.match(line) for line in lines):
            items = [Markup(_BULLET.sub("", line)) for line in lines]  # noqa: S704
            found.append(Piece("ul", items))
        else:
            found.append(Piece("p", [Markup("<br>".join(lines))]))  # noqa: S704
    return found


def _clean(html: str, link_color: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel=None,
        set_tag_attribute_values={"a": {"style": f"color:{link_color};"}},
    )


def _plain(item: Markup) -> str:
    """Words without marks; a link's address stands behind its words."""
    said = _LINK.sub(lambda found: _spelled(found[2], found[1]), str(item))
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br\s*/?>", "\n", said))).strip()


def _spelled(words: str, url: str) -> str:
    bare = url.removeprefix("mailto:").removeprefix("tel:")
    return words if bare in words else f"{words} ( {bare} )"
