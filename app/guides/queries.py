"""Reading guides and stories: the one that fits an order, the ones a merchant can edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.locale import LANGUAGES
from app.guides import rules
from app.guides.model import Guide
from app.guides.rules import Block, ShownGuide

__all__ = [
    "TOPICS",
    "Block",
    "Guide",
    "ShownGuide",
    "all_guides",
    "default_guide",
    "guide_for",
    "show",
    "text_for",
]

DEFAULTS = Path(__file__).resolve().parent / "defaults"
#: What a shop may write about. Its own story, a product's and a tip nobody can invent for it: these
#: come without a text.
TOPICS = ("start", "questions", "story", "brand", "tips", "basics", "practice", "mastery")


def guide_for(session: Session, product_types: Iterable[str], locale: str) -> Guide:
    """The start guide: like `text_for`, and there always is one."""
    return text_for(session, "start", product_types, locale) or default_guide(locale)


def text_for(
    session: Session, topic: str, product_types: Iterable[str], locale: str
) -> Guide | None:
    """The shop's text on a topic for the first of these product types that has one in `locale`,
    else its text for everything, else the one that ships with the app, if one does."""
    wanted = [kind.strip().lower() for kind in product_types if kind.strip()]
    rows = session.scalars(
        select(Guide).where(
            Guide.topic == topic,
            Guide.locale == locale,
            func.lower(Guide.product_type).in_([*wanted, ""]),
        )
    ).all()
    by_type = {row.product_type.lower(): row for row in rows}
    for kind in [*wanted, ""]:
        if kind in by_type:
            return by_type[kind]
    return default_guide(locale, topic) if _default_file(topic, locale).exists() else None


def exact_guide(
    session: Session, product_type: str, locale: str, topic: str = "start"
) -> Guide | None:
    """The shop's own text for this topic, product type and language, if it wrote one."""
    return session.scalars(
        select(Guide).where(
            Guide.topic == topic,
            func.lower(Guide.product_type) == product_type.strip().lower(),
            Guide.locale == locale,
        )
    ).one_or_none()


def all_guides(session: Session, topic: str = "start") -> list[Guide]:
    """What the shop wrote on a topic, by product type and language."""
    return list(
        session.scalars(
            select(Guide).where(Guide.topic == topic).order_by(Guide.product_type, Guide.locale)
        )
    )


def default_guide(locale: str, topic: str = "start") -> Guide:
    """The text that ships with the app; a row that is never stored."""
    title, body = _default_text(topic, locale)
    return Guide(topic=topic, product_type="", locale=locale, title=title, body=body)


def show(guide: Guide, values: Mapping[str, Any]) -> ShownGuide:
    """The guide as its reader sees it. `values` may hold `shop` (name, support_email,
    support_phone, support_hours), `customer` (name), `order` (name), `product` (title, type),
    `delivery` (ships)."""
    return rules.show(guide.title, guide.body, values)


@cache
def _default_text(topic: str, locale: str) -> tuple[str, str]:
    """A default's file: its first line is the title after `# `, the rest the body."""
    title, _, body = _default_file(topic, locale).read_text("utf-8").partition("\n")
    return title.removeprefix("# ").strip(), body.strip()


def _default_file(topic: str, locale: str) -> Path:
    return DEFAULTS / topic / f"{locale if locale in LANGUAGES else 'en'}.liquid"
