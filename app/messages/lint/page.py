"""A mail's HTML, read as a mail program would show it: sizes and colours of every text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

from app.messages.colors import contrast

VOID = {"img", "br", "meta", "link", "hr", "input", "o:pixelsperinch"}
SILENT = {"style", "title", "script", "head"}
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\)\s*\{(.*?\})\s*\}", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PX = re.compile(r"(-?[\d.]+)(?:px)?")


@dataclass(frozen=True)
class Text:
    """A run of text and how it looks."""

    words: str
    tag: str
    size: float
    bold: bool
    contrast: float
    contrast_dark: float

    @property
    def is_large(self) -> bool:
        """WCAG's large text: 24 px, or 18.66 px bold."""
        return self.size >= 24 or (self.bold and self.size >= 18.66)


@dataclass(frozen=True)
class Target:
    """Something that is pressed, set apart from the text around it."""

    words: str
    height: float


@dataclass
class Page:
    """What was found on a page."""

    texts: list[Text] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _Element:
    tag: str
    classes: frozenset[str]
    size: float = 16.0
    bold: bool = False
    color: str = "#000000"
    ground: str = "#ffffff"
    dark_color: str = "#000000"
    dark_ground: str = "#ffffff"
    height: float | None = None
    hidden: bool = False
    words: str = ""


@dataclass(frozen=True)
class _Dark:
    """One rule of the dark face: a chain of simple selectors, and what it sets."""

    chain: tuple[_Simple, ...]
    weight: tuple[int, int]
    color: str
    ground: str


@dataclass(frozen=True)
class _Simple:
    """A tag, or any, with all of these classes."""

    tag: str
    classes: frozenset[str]

    def fits(self, element: _Element) -> bool:
        """Whether it speaks of this element."""
        return (not self.tag or self.tag == element.tag) and self.classes <= element.classes


def read(html: str) -> Page:
    """Look at a mail."""
    reader = _Reader(_dark_rules(html))
    # What stands in conditional comments is Outlook's alone, and parsers pass it over.
    reader.feed(html)
    reader.close()
    return reader.page


def _dark_rules(html: str) -> list[_Dark]:
    found = []
    for sheet in _DARK.findall(html):
        for selectors, body in _RULE.findall(sheet):
            styles = _styles(body)
            for selector in selectors.split(","):
                chain = tuple(selector.replace(">", " ").split())
                classes = sum(part.count(".") for part in chain)
                tags = sum(not part.startswith(".") for part in chain)
                color, ground = styles.get("color", ""), styles.get("background-color", "")
                found.append(_Dark(tuple(map(_simple, chain)), (classes, tags), color, ground))
    return sorted(found, key=lambda rule: rule.weight)


def _simple(selector: str) -> _Simple:
    tag, *classes = selector.split(".")
    return _Simple(tag, frozenset(classes))


@lru_cache(maxsize=512)
def _styles(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split(";"))
    return {
        name.strip().lower(): value.replace("!important", "").strip() for name, _c, value in pairs
    }


class _Reader(HTMLParser):
    def __init__(self, dark: list[_Dark]) -> None:
        super().__init__()
        self.page, self.dark = Page(), dark
        self.about: dict[tuple[str, frozenset[str]], list[_Dark]] = {}
        self.open: list[_Element] = [_Element("html", frozenset())]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "img":
            self.page.pictures.append((found.get("src", ""), found.get("alt", "").strip()))
        if tag not in VOID:
            self.open.append(self._element(tag, found))

    def handle_endtag(self, tag: str) -> None:
        if tag not in (element.tag for element in self.open[1:]):
            return
        while True:
            closed = self.open.pop()
            self._leave(closed)
            if closed.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        words, here = data.strip(), self.open[-1]
        if not words or here.hidden or words == "\xa0":
            return
        for element in self.open:
            element.words += words
        self.page.texts.append(
            Text(
                words,
                here.tag,
                here.size,
                here.bold,
                contrast(here.color, here.ground),
                contrast(here.dark_color, here.dark_ground),
            )
        )

    def _leave(self, element: _Element) -> None:
        if element.tag == "a" and element.height is not None and element.words:
            self.page.targets.append(Target(element.words, element.height))

    def _element(self, tag: str, attrs: dict[str, str]) -> _Element:
        above, styles = self.open[-1], _styles(attrs.get("style", ""))
        made = _Element(tag, frozenset(attrs.get("class", "").split()))
        made.size = _px(styles.get("font-size", ""), above.size)
        made.bold = styles.get("font-weight", "700" if above.bold else "") in ("700", "bold")
        made.bold |= tag in ("strong", "b", "h1", "h2")
        made.color = _hex(styles.get("color", ""), above.color)
        ground = styles.get("background-color") or styles.get("background") or attrs.get("bgcolor")
        made.ground = _hex(ground or "", above.ground)
        made.hidden = above.hidden or tag in SILENT or styles.get("display") == "none"
        self._darken(made, above, own=bool(ground), colored="color" in styles)
        if tag == "a" and styles.get("display") in ("block", "inline-block"):
            made.height = _height(styles, made.size)
        return made

    def _darken(self, made: _Element, above: _Element, *, own: bool, colored: bool) -> None:
        made.dark_color = made.color if colored else above.dark_color
        made.dark_ground = made.ground if own else above.dark_ground
        for rule in self._about(made):
            if _matches(rule.chain, self.open[1:]):
                made.dark_color = _hex(rule.color, made.dark_color)
                made.dark_ground = _hex(rule.ground, made.dark_ground)

    def _about(self, made: _Element) -> list[_Dark]:
        """The rules that may be about such an element; the same few kinds come again and again."""
        kind = (made.tag, made.classes)
        if kind not in self.about:
            fitting = [rule for rule in self.dark if rule.chain and rule.chain[-1].fits(made)]
            self.about[kind] = fitting
        return self.about[kind]


def _matches(chain: tuple[_Simple, ...], around: list[_Element]) -> bool:
    """Whether what a chain wants around its last element is there, in this order."""
    rest = list(chain[:-1])
    for element in reversed(around):
        if rest and rest[-1].fits(element):
            rest.pop()
    return not rest


def _height(styles: dict[str, str], size: float) -> float | None:
    """How high a link is that stands by itself: its line and its padding. One around other blocks
    or a picture (`line-height: 0`) is as high as they are."""
    line = styles.get("line-height", "")
    padding = [_px(part, 0.0) for part in styles.get("padding", "0").split()]
    vertical = padding[0] + padding[2 if len(padding) > 2 else 0]
    if not line:
        return None
    high = _px(line, size) if line.endswith("px") else float(line) * size
    return high + vertical if high else None


def _px(text: str, otherwise: float) -> float:
    found = _PX.fullmatch(text.strip())
    return float(found[1]) if found else otherwise


def _hex(text: str, otherwise: str) -> str:
    text = text.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        text = "#" + "".join(sign * 2 for sign in text[1:])
    return text if re.fullmatch(r"#[0-9a-f]{6}", text) else otherwise
