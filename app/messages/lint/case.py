"""What the lint looks at, and what it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from html import unescape

from app.core.money import parse_money
from app.discounts.terms import Terms
from app.messages.texts.blocks import Block, Content, Coupon
from app.messages.texts.filling import Shown

BLOCK, WARN = "block", "warn"
#: The fields of blocks that readers see and that are Liquid, in the order they are read.
SAID = ("text", "label", "alt", "rows", "code", "fallback")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", re.DOTALL)
_LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'")
#: Tags of Liquid whose words are said; those of a condition are only compared.
_SAYING = re.compile(r"\{%-?\s*(?:assign|cycle|echo|liquid)\b")
#: Marks that end a line or an item; all others stand within a word as well as around one.
_ENDS = re.compile(r"</?(?:br|li|ul|ol|p)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """One thing to put right. `code` is the rule's id; `block` counts from 0, None for the whole
    message; `field` is the field's name, empty for the block as a whole. `page` is the admin's page
    that puts it right, for what is no matter of this message alone."""

    code: str
    severity: str
    why: str
    remedy: str
    block: int | None = None
    field: str = ""
    page: str = ""


@dataclass(frozen=True)
class Offer:
    """An offer of the thank-you page, whose terms nobody may have again later (TM-2, TM-3).
    `prices` are what the product's variants cost, in minor units."""

    product: str
    terms: Terms
    prices: tuple[int, ...]


@dataclass(frozen=True)
class Limited:
    """An earlier version's coupon with a deadline: from when to when it was offered."""

    terms: Terms | None
    first: date
    last: date


@dataclass(frozen=True)
class Case:
    """One message as it was written, and as one reader would get it. `mistake` is why it could not
    be rendered; then `html`, `plain` and `shown` are empty."""

    kind: str
    message_class: str
    topic: str
    locale: str
    content: Content
    variables: frozenset[str]
    today: date
    subject: str = ""
    preheader: str = ""
    shown: tuple[Shown, ...] = ()
    html: str = ""
    plain: str = ""
    mistake: str = ""
    #: Settings of the footer that are empty, and lines that must stand in both parts.
    missing_footer: tuple[str, ...] = ()
    legal_lines: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    #: What sending an order usually costs its buyer, in minor units of the shop's currency.
    shipping_minor: int = 0
    currency: str = "JPY"
    #: What the thank-you code of Settings takes off; None without one.
    coupon_percent: int | None = None
    #: Pages that a button may name and the shop does not have.
    missing_pages: frozenset[str] = frozenset()
    earlier: tuple[Limited, ...] = field(default=())
    #: Okaeri's own text in Okaeri's own layout.
    ours: bool = False

    @property
    def is_marketing(self) -> bool:
        """Whether the kind is advertising by law (EM-3)."""
        return self.message_class == "marketing"


def terms_of(block: Coupon, case: Case) -> Terms | None:
    """What a coupon gives; None when that is not said."""
    if block.source == "settings":
        return Terms(percent=case.coupon_percent) if case.coupon_percent else None
    if block.source == "single" or block.gives == "percent":
        return Terms(percent=block.off) if block.off else None
    if block.gives == "shipping":
        return Terms(shipping=True)
    try:
        minor = parse_money(block.amount.replace(",", ""), case.currency).minor
    except ValueError:
        return None
    if minor <= 0:
        return None
    return Terms(amount_minor=minor) if block.gives == "amount" else Terms(price_minor=minor)


def sources(case: Case) -> Iterator[tuple[int | None, str, str]]:
    """Everything that was written: block, field, text."""
    yield None, "subject", case.content.subject
    yield None, "preheader", case.content.preheader
    for number, block in enumerate(case.content.blocks):
        yield from ((number, name, text) for name, text in written(block))


def written(block: Block) -> Iterator[tuple[str, str]]:
    """The texts of one block, by field."""
    for name in SAID:
        text = getattr(block, name, "")
        if text:
            yield name, text


@lru_cache(maxsize=4_096)
def spoken(text: str) -> str:
    """What readers may see of a text: the merchant's own words without Liquid and marks, once as
    words of their own and once as one where a mark stands inside it (`<b>50%</b>OFF`), and what
    Liquid itself says. Letters however wide, spelled as entities or with nothing to be seen between
    them read the same."""
    apart, together = (_TAG.sub(partial(_said, gap), text) for gap in (" ", ""))
    told = [_literals(tag) for tag in _TAG.findall(text) if _SAYING.match(tag)]
    readings = dict.fromkeys([apart, together, *filter(None, told)])
    plain = unicodedata.normalize("NFKC", unescape("\n".join(readings)))
    return "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")


def _said(gap: str, found: re.Match[str]) -> str:
    """What stands where a tag or a mark stood; `gap` where it says nothing itself."""
    tag = found[0]
    if tag.startswith("{{"):
        return _literals(tag) if _LITERAL.search(tag) else " "
    return "\n" if _ENDS.match(tag) else gap


def _literals(tag: str) -> str:
    return "".join(double or single for double, single in _LITERAL.findall(tag))
