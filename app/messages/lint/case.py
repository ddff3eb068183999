"""What the lint looks at, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from app.core.money import parse_money
from app.discounts.terms import Terms
from app.messages.texts.blocks import Block, Content, Coupon
from app.messages.texts.filling import Shown

BLOCK, WARN = "block", "warn"
#: The fields of blocks that readers see and that are Liquid, in the order they are read.
SAID = ("text", "label", "alt", "rows", "code", "fallback")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", re.DOTALL)


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


def spoken(text: str) -> str:
    """A text without its Liquid and marks: only what the merchant's own words are."""
    return _TAG.sub(" ", text)
