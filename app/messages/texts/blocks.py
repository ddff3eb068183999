"""The blocks a message is built from. What a merchant typed is kept as typed, so that a draft loses
nothing; `app.messages.lint` says what must be put right before it is published.

`text`-like fields are Liquid. `fallback` is what stands in a block's place when what it shows does
not exist for this reader; empty, the block disappears.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import msgspec

from app.recommendations.queries import Purpose

#: A message is a letter, not a catalogue.
MOST_BLOCKS, MOST_TEXT, MOST_LINE = 40, 5_000, 300


class _Block(msgspec.Struct, frozen=True, tag_field="type", kw_only=True):
    """One block; its tag is its type."""

    @property
    def type(self) -> str:
        """`heading`, `text`, …"""
        return str(self.__struct_config__.tag)


class Heading(_Block, frozen=True, tag="heading", kw_only=True):
    """`main` is the message's one headline; `sub` heads a part of it."""

    text: str = ""
    level: Literal["main", "sub"] = "main"


class Text(_Block, frozen=True, tag="text", kw_only=True):
    """Paragraphs; a few marks are allowed (`app.messages.texts.marks`). `note` is small print."""

    text: str = ""
    look: Literal["plain", "note"] = "plain"


class Picture(_Block, frozen=True, tag="picture", kw_only=True):
    """A picture of the shop's, `width` in px (48 to 520)."""

    url: str = ""
    alt: str = ""
    link: str = ""
    width: str = "520"


class ProductBlock(_Block, frozen=True, tag="product", kw_only=True):
    """What was bought (`bought`), a product of the shop (`chosen`), or up to `count` products that
    fit this reader, by what they are to be for them; `text` heads those."""

    source: Literal[
        "bought", "chosen", "complement", "related", "next", "upgrade", "alternative"
    ] = "bought"
    text: str = ""
    count: Literal["3", "2", "1"] = "3"
    product: str = ""
    detail: Literal["full", "name"] = "full"
    fallback: str = ""

    @property
    def suggests(self) -> Purpose | None:
        """What the suggested products are for; None where none are."""
        return None if self.source == "bought" or self.source == "chosen" else self.source


class Button(_Block, frozen=True, tag="button", kw_only=True):
    """A full-width button to one of the message's own links, or to `url`."""

    label: str = ""
    target: Literal[
        "track", "review", "reorder", "store", "reply", "carrier", "booking", "course", "feedback",
        "url",
    ] = "track"  # fmt: skip
    url: str = ""
    fallback: str = ""


class Stars(_Block, frozen=True, tag="stars", kw_only=True):
    """Five stars, all alike, each a link to the review page."""

    fallback: str = ""


class Timeline(_Block, frozen=True, tag="timeline", kw_only=True):
    """What happens next: the order's own steps, or lines `Title | explanation`."""

    source: Literal["order", "own"] = "order"
    rows: str = ""
    fallback: str = ""


class Reorder(_Block, frozen=True, tag="reorder", kw_only=True):
    """The product bought and a button that opens the same order again; it orders nothing yet."""

    label: str = ""
    fallback: str = ""


class Coupon(_Block, frozen=True, tag="coupon", kw_only=True):
    """A code: one for everybody (`code`), the one of Settings, or a `single` one, which each reader
    gets for themselves, good once and for so many `days`. After `until` (a date of the shop's) it
    is not shown any more. What it gives stands in `gives` with `percent` or `amount` (of the shop's
    currency), on `product` (a Shopify id; empty: everything): for the lint, and for a single code
    to be made by."""

    source: Literal["code", "settings", "single"] = "code"
    text: str = ""
    code: str = ""
    gives: Literal["percent", "amount", "price", "shipping"] = "percent"
    percent: str = ""
    amount: str = ""
    product: str = ""
    until: str = ""
    days: str = ""
    fallback: str = ""

    @property
    def last_day(self) -> date | None:
        """The deadline; None when there is none or it is no date."""
        try:
            return date.fromisoformat(self.until) if self.until else None
        except ValueError:
            return None

    @property
    def off(self) -> int | None:
        """How many per cent less; None when that is not said."""
        return _whole(self.percent)

    @property
    def lasts(self) -> int | None:
        """For how many days a single code is good; None when that is not said."""
        return _whole(self.days)


class Order(_Block, frozen=True, tag="order", kw_only=True):
    """What was bought, with or without the sums."""

    money: Literal["yes", "no"] = "yes"


class Parcel(_Block, frozen=True, tag="parcel", kw_only=True):
    """Carrier, number and the days it should arrive."""

    days: Literal["yes", "no"] = "yes"
    fallback: str = ""


class Guide(_Block, frozen=True, tag="guide", kw_only=True):
    """The product's start guide."""

    fallback: str = ""


class Support(_Block, frozen=True, tag="support", kw_only=True):
    """Whom to ask."""


class Line(_Block, frozen=True, tag="line", kw_only=True):
    """The quiet line about the shop's LINE account."""


class Shipped(_Block, frozen=True, tag="shipped", kw_only=True):
    """A part of Okaeri's own layout of this kind that no other block can say."""

    part: str = "main"


class Divider(_Block, frozen=True, tag="divider", kw_only=True):
    """A thin line."""


class Footer(_Block, frozen=True, tag="footer", kw_only=True):
    """Sender, address, complaints, way out: always there, always last. `text` stands above."""

    text: str = ""


Block = (
    Heading | Text | Picture | ProductBlock | Button | Stars | Timeline | Reorder | Coupon
    | Order | Parcel | Guide | Support | Line | Shipped | Divider | Footer
)  # fmt: skip
TYPES: dict[str, type[Any]] = {str(cls.__struct_config__.tag): cls for cls in Block.__args__}
#: What the editor offers to add; a footer is there already, and Okaeri's own part cannot be made.
OFFERED = tuple(name for name in TYPES if name not in ("footer", "shipped"))
#: What sells, and makes a letter about an order advertising when there is too much of it (EM-3).
PROMOTING = ("coupon", "reorder")


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a merchant writes of one message."""

    subject: str = ""
    preheader: str = ""
    blocks: tuple[Block, ...] = ()


def load(subject: str, preheader: str, kept: list[Any]) -> Content:
    """Content as it is kept; raises `msgspec.ValidationError` for what is no block."""
    found: tuple[Block, ...] = msgspec.convert(kept, tuple[Block, ...], strict=False)
    return Content(subject=subject, preheader=preheader, blocks=tidy(found))


def dump(content: Content) -> list[Any]:
    """The blocks as they are kept."""
    kept: list[Any] = msgspec.to_builtins(list(content.blocks))
    return kept


def tidy(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The same blocks with one footer, at the end."""
    footers = [block for block in blocks if isinstance(block, Footer)]
    others = [block for block in blocks if not isinstance(block, Footer)]
    return (*others[: MOST_BLOCKS - 1], footers[0] if footers else Footer())


def is_promotion(block: Block) -> bool:
    """Whether a block sells something."""
    return block.type in PROMOTING or (isinstance(block, ProductBlock) and block.source != "bought")


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def read_block(kind: str, typed: Mapping[str, str]) -> Block | None:
    """A block from the fields of a form; None for a type that does not exist. A choice nobody
    offered counts as the first one."""
    cls = TYPES.get(kind)
    if cls is None:
        return None
    values: dict[str, str] = {}
    for field in msgspec.structs.fields(cls):
        said = typed.get(field.name, "").replace("\r\n", "\n").strip()
        options = choices(cls, field.name)
        if options:
            said = said if said in options else options[0]
        values[field.name] = said[:MOST_TEXT]
    made: Block = cls(**values)
    return made


def choices(cls: type[Any], name: str) -> tuple[str, ...]:
    """What a field may say; empty when it is free."""
    for field in msgspec.structs.fields(cls):
        if field.name == name:
            return tuple(getattr(field.type, "__args__", ()))
    return ()
