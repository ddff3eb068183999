"""What a merchant's guide may say and how it becomes headings, paragraphs and lists.

The text is Liquid, rendered to plain text and only then cut into blocks; pages and mails escape
each block themselves, so that nothing a merchant or a product's title says becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from liquid import BoundTemplate, Environment, StrictUndefined, Undefined
from liquid.exceptions import LiquidError, UndefinedError, UnknownFilterError

from app.core.advertising import MOST_SHARE, words_of

#: What a guide may name, with an example of each for the preview and the list beside the editor.
#: `delivery.ships` is nil where nothing of the order is shipped.
EXAMPLES: dict[str, dict[str, dict[str, str]]] = {
    "ja": {
        "shop": {
            "name": "ひなた商店",
            "support_email": "support@example.jp",
            "support_phone": "03-1234-5678",
            "support_hours": "平日 10:00〜17:00",
        },
        "customer": {"name": "山田 太郎 様"},
        "order": {"name": "#1001"},
        "product": {"title": "朝のブレンド", "type": "コーヒー豆"},
        "delivery": {"ships": "true"},
    },
    "en": {
        "shop": {
            "name": "Maple Goods",
            "support_email": "help@example.com",
            "support_phone": "+1 212 555 0123",
            "support_hours": "Mon–Fri 9–5",
        },
        "customer": {"name": "Sarah"},
        "order": {"name": "#1001"},
        "product": {"title": "Morning Blend", "type": "Coffee beans"},
        "delivery": {"ships": "true"},
    },
}

#: The same names without values, so that a template that asks for one nobody filled stays quiet.
EMPTY: dict[str, dict[str, str | None]] = {
    group: dict.fromkeys(names) for group, names in EXAMPLES["en"].items()
}

TITLE_MAX, BODY_MAX = 255, 20_000
#: A line of hyphens alone: here a reader who waits is to read on another day.
DIVIDER = re.compile(r"^[ \t]*[-－―ー]{3,}[ \t]*$", re.MULTILINE)


#: Topics whose texts only mails show that are advertising by law; all others stand in mails about
#: the order, which go to every buyer (rules.md EM-3).
MARKETING = frozenset({"brand"})
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


class _Kitchen(Environment):
    """Liquid with limits: a guide is a page of text, not a program."""

    context_depth_limit = 8
    loop_iteration_limit = 1_000
    local_namespace_limit = 100_000
    output_stream_limit = 100_000


_STRICT = _Kitchen(undefined=StrictUndefined)
_LENIENT = _Kitchen(undefined=Undefined)


@dataclass(frozen=True)
class Problem:
    """Why a text cannot be used, and in which line. `reason` is `unknown_name`, `unknown_filter`,
    `unclosed` or `wrong`; `detail` is the name in question or Liquid's own words."""

    line: int
    reason: str
    detail: str


@dataclass(frozen=True)
class Block:
    """A `heading`, a `paragraph`, a `list` (unordered) or `steps` (ordered). A paragraph's items
    are its lines."""

    kind: str
    items: list[str] = field(default_factory=list)


class About(NamedTuple):
    """What a text is about: a product (Shopify's number), a collection (its handle) or a product
    type; nothing filled means everything."""

    product: int = 0
    collection: str = ""
    product_type: str = ""


class Advert(NamedTuple):
    """What makes a text an advertisement: the field, the words, and what is wrong with them:
    `title`, `many` (more than one part advertises), `above` (something follows it) or `share` (it
    is `percent` of the text)."""

    field: str
    words: str
    wrong: str
    percent: int = 0


@dataclass(frozen=True)
class Subject:
    """A product as texts are looked up for it."""

    product: int = 0
    collections: tuple[str, ...] = ()
    product_type: str = ""


@dataclass(frozen=True)
class Video:
    """A film on YouTube or Vimeo: who shows it, and the link to it."""

    host: str
    url: str


@dataclass(frozen=True)
class ShownGuide:
    """A guide as one reader sees it. `image_alt` says what the picture shows. `parts` are the
    numbers of blocks in each of its parts, where a line of hyphens divides it."""

    title: str
    blocks: list[Block]
    image_url: str = ""
    image_alt: str = ""
    video: Video | None = None
    parts: tuple[int, ...] = ()

    @property
    def chapters(self) -> tuple[ShownGuide, ...]:
        """Its parts, each to be read by itself; picture and film stand in the first one."""
        found, start = [], 0
        for number, length in enumerate(self.parts):
            part = replace(self, blocks=self.blocks[start : start + length], parts=())
            found.append(replace(part, image_url="", video=None) if number else part)
            start += length
        return tuple(found) or (self,)

    @property
    def text(self) -> str:
        """The guide as plain text, for the plain part of a mail."""
        film = [self.video.url] if self.video else []
        return "\n\n".join([self.title, *(_as_text(block) for block in self.blocks), *film])


def candidates(subjects: Iterable[Subject]) -> list[About]:
    """What a text may be about to serve these products, the best first: each product's own, its
    collections', its type's; at last the one for everything. The first product leads."""
    found: list[About] = []
    for one in subjects:
        found += [About(product=one.product)] if one.product else []
        found += [About(collection=handle.lower()) for handle in one.collections if handle]
        kind = one.product_type.strip().lower()
        found += [About(product_type=kind)] if kind else []
    return [*dict.fromkeys(found), About()]


def video(url: str) -> Video | None:
    """The film behind a link as people copy it, by its lasting address; None when it is no https
    link to a film on YouTube or Vimeo."""
    parts = urlsplit(url.strip())
    if parts.scheme != "https":
        return None
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    path = parts.path.strip("/")
    if host == "youtu.be":
        return _youtube(path)
    if host in ("youtube.com", "youtube-nocookie.com"):
        named = parse_qs(parts.query).get("v", [""])[0]
        return _youtube(named or re.sub(r"^(shorts|embed|live)/", "", path))
    if host in ("vimeo.com", "player.vimeo.com"):
        found = re.fullmatch(r"(?:video/)?(\d{5,12})(?:/([0-9a-f]{6,20}))?", path)
        rest = "/".join(filter(None, found.groups())) if found else ""
        return Video("Vimeo", f"https://vimeo.com/{rest}") if rest else None
    return None


def _youtube(key: str) -> Video | None:
    if not re.fullmatch(r"[\w-]{11}", key):
        return None
    return Video("YouTube", f"https://www.youtube.com/watch?v={key}")


def is_picture(url: str) -> bool:
    """Whether this may be the address of a picture: https, and a host."""
    parts = urlsplit(url)
    return parts.scheme == "https" and "." in (parts.hostname or "") and " " not in url


def check(text: str, language: str) -> Problem | None:
    """The first mistake in a Liquid text, or None. Names are checked against the examples."""
    try:
        _STRICT.from_string(text).render(**EXAMPLES[language])
    except LiquidError as error:
        return _problem(error, text)
    return None


def advert(title: str, body: str) -> Advert | None:
    """What would make the mail about an order that shows this text an advertisement: a title that
    advertises, or in the text more than one part that does, at its end, of a fifth of it. Both ways
    of a condition are read."""
    if words := words_of(_TAG.sub(" ", title)):
        return Advert("title", words, "title")
    every = [" ".join(part.items) for part in blocks(DIVIDER.sub("", _TAG.sub(" ", body)))]
    found = [(number, said) for number, text in enumerate(every) if (said := words_of(text))]
    if not found:
        return None
    number, words = found[0]
    if len(found) > 1:
        return Advert("body", words, "many")
    if number < len(every) - 1:
        return Advert("body", words, "above")
    share = len(every[number]) / sum(map(len, every))
    return Advert("body", words, "share", round(share * 100)) if share > MOST_SHARE else None


def show(title: str, body: str, values: Mapping[str, Any]) -> ShownGuide:
    """Render title and body with `values` (groups as in `EXAMPLES`; what is missing is empty)."""
    # In Liquid an empty text is true; what is not filled in must be nil for `{% if %}`.
    known = {
        group: {**names, **{name: said or None for name, said in values.get(group, {}).items()}}
        for group, names in EMPTY.items()
    }
    said = _compiled(title).render(**known).strip()
    divided = [blocks(part) for part in DIVIDER.split(_compiled(body).render(**known))]
    full = [part for part in divided if part]
    together = [block for part in full for block in part]
    return ShownGuide(said, together, parts=tuple(map(len, full)))


@lru_cache(maxsize=512)
def _compiled(source: str) -> BoundTemplate:
    """A text, taken apart once: reading it takes longer than filling it in."""
    return _LENIENT.from_string(source)


def blocks(text: str) -> list[Block]:
    """Cut plain text into blocks: `## ` heads, `- ` lists, `1. ` steps; blank lines separate."""
    found: list[Block] = []
    open_kind = ""
    for raw in text.splitlines():
        line = raw.strip()
        kind, said = _kind_of(line)
        if not line:
            open_kind = ""
        elif kind == open_kind and kind != "heading":
            found[-1].items.append(said)
        else:
            found.append(Block(kind, [said]))
            open_kind = kind
    return found


def _kind_of(line: str) -> tuple[str, str]:
    if match := re.match(r"#{1,6}\s+(.*)", line):
        return "heading", match[1]
    if match := re.match(r"(?:[-*]\s+|・\s*)(.*)", line):
        return "list", match[1]
    if match := re.match(r"\d{1,2}(?:[.)]\s+|．\s*)(.*)", line):
        return "steps", match[1]
    return "paragraph", line


def _as_text(block: Block) -> str:
    if block.kind == "heading":
        return f"■ {block.items[0]}"
    if block.kind == "steps":
        return "\n".join(f"{number}. {item}" for number, item in enumerate(block.items, 1))
    mark = "- " if block.kind == "list" else ""
    return "\n".join(mark + item for item in block.items)


def _problem(error: LiquidError, text: str) -> Problem:
    place = error.context()
    said = str(error.message or "")
    quoted = re.search(r"'([^']*)'", said) or re.search(r"([\w.]+) is undefined", said)
    if isinstance(error, UndefinedError):
        return Problem(place[0] if place else 1, "unknown_name", quoted[1] if quoted else said)
    if isinstance(error, UnknownFilterError):
        return Problem(place[0] if place else 1, "unknown_filter", quoted[1] if quoted else said)
    if "found end of" in said:
        # Liquid knows only that the text ended; what helps is where the open tag began.
        return Problem(_last_tag_line(text), "unclosed", said)
    return Problem(place[0] if place else 1, "wrong", said)


def _last_tag_line(text: str) -> int:
    opened = max(text.rfind("{%"), text.rfind("{{"), 0)
    return text.count("\n", 0, opened) + 1
