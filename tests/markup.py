"""What a page holds within one of its parts."""

from __future__ import annotations

from html.parser import HTMLParser

#: Elements that have no end of their own.
_EMPTY = {"input", "br", "hr", "img", "link", "meta", "source", "wbr", "col"}


class _Within(HTMLParser):
    """The `data-testid`s inside the element whose own is this."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part, self.depth = part, 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("data-testid") or ""
        if self.depth:
            self.found.append(name)
        if tag not in _EMPTY and (self.depth or name == self.part):
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        if self.depth and tag not in _EMPTY:
            self.depth -= 1


def parts_within(page: str, part: str) -> list[str]:
    """The `data-testid`s of what stands inside a part of a page."""
    read = _Within(part)
    read.feed(page)
    return [name for name in read.found if name]
