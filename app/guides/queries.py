"""Reading guides and stories: the one that fits an order, the ones a merchant can edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, String, any_, bindparam, func, select
from sqlalchemy.orm import Session

from app.core.locale import LANGUAGES
from app.guides import rules
from app.guides.model import Guide
from app.guides.rules import About, Block, ShownGuide, Subject
from app.mirror.model import Product

__all__ = [
    "READING",
    "TOPICS",
    "About",
    "Block",
    "Guide",
    "ShownGuide",
    "Subject",
    "all_guides",
    "default_guide",
    "guide_for",
    "pages_for",
    "show",
    "subjects",
    "text_for",
]

DEFAULTS = Path(__file__).resolve().parent / "defaults"
#: What a shop may write about. Its own story, a product's and a tip nobody can invent for it: these
#: come without a text.
TOPICS = ("start", "questions", "story", "brand", "tips", "basics", "practice", "mastery")
#: What the page behind a printed code shows, in this order.
READING = ("start", "questions", "story", "brand")


def subjects(products: Iterable[Product]) -> list[Subject]:
    """Products as texts are looked up for them; the first one leads."""
    return [Subject(one.shopify_id, tuple(one.collections), one.product_type) for one in products]


def guide_for(session: Session, about: Iterable[Subject], locale: str) -> Guide:
    """The start guide: like `text_for`, and there always is one."""
    return text_for(session, "start", about, locale) or default_guide(locale)


def text_for(session: Session, topic: str, about: Iterable[Subject], locale: str) -> Guide | None:
    """The shop's most particular text on a topic in `locale`: of the first product its own, its
    collections', its type's, then of the next; else the one for everything, else the one that
    ships with the app, if one does."""
    wanted = rules.candidates(about)
    found = _found(session, topic, wanted, locale)
    for one in wanted:
        if one in found:
            return found[one]
    return default_guide(locale, topic) if _default_file(topic, locale).exists() else None


def own_texts(
    session: Session, topic: str, about: Iterable[Subject], locale: str
) -> list[Guide | None]:
    """The shop's text on a topic for each of these products: its own, its collections' or its
    type's, not the one for everything; in one statement."""
    wanted = [rules.candidates([one])[:-1] for one in about]
    found = _found(session, topic, [one for some in wanted for one in some], locale)
    return [next((found[one] for one in some if one in found), None) for some in wanted]


def _found(
    session: Session, topic: str, wanted: Sequence[About], locale: str
) -> dict[About, Guide]:
    """What the shop wrote about these, by what it is about."""
    rows = session.scalars(
        _fitting(),
        {
            "topic": topic,
            "locale": locale,
            "products": [one.product for one in wanted],
            "collections": [one.collection for one in wanted],
            "types": [one.product_type for one in wanted],
        },
    )
    return {about_of(row): row for row in rows}


@cache
def _fitting() -> Select[Guide]:
    """Built once: putting it together takes longer than the database with it."""
    return select(Guide).where(
        Guide.topic == bindparam("topic"),
        Guide.locale == bindparam("locale"),
        Guide.product_shopify_id == any_(bindparam("products", type_=ARRAY(BigInteger))),
        func.lower(Guide.collection) == any_(bindparam("collections", type_=ARRAY(String))),
        func.lower(Guide.product_type) == any_(bindparam("types", type_=ARRAY(String))),
    )


def about_of(guide: Guide) -> About:
    """What a text is about, as it is compared."""
    return About(guide.product_shopify_id, guide.collection.lower(), guide.product_type.lower())


def written(session: Session) -> frozenset[tuple[str, str, str]]:
    """All the shop wrote, as topic, product type in lower case (empty: for everything) and
    language: what `text_for` finds, for those who ask about thousands of orders."""
    rows = session.execute(select(Guide.topic, func.lower(Guide.product_type), Guide.locale))
    return frozenset((topic, kind, locale) for topic, kind, locale in rows)


@cache
def has_default(topic: str, locale: str) -> bool:
    """Whether a text on a topic ships with the app."""
    return _default_file(topic, locale).exists()


def exact_guide(session: Session, about: About, locale: str, topic: str = "start") -> Guide | None:
    """The shop's own text for this topic, language and just this, if it wrote one."""
    return session.scalars(
        select(Guide).where(
            Guide.topic == topic,
            Guide.product_shopify_id == about.product,
            func.lower(Guide.collection) == about.collection.strip().lower(),
            func.lower(Guide.product_type) == about.product_type.strip().lower(),
            Guide.locale == locale,
        )
    ).one_or_none()


def all_guides(session: Session, topic: str = "start") -> list[Guide]:
    """What the shop wrote on a topic: what is about most first, then by name and language."""
    return list(
        session.scalars(
            select(Guide)
            .where(Guide.topic == topic)
            .order_by(Guide.product_shopify_id, Guide.collection, Guide.product_type, Guide.locale)
        )
    )


def pages_for(
    session: Session, about: Iterable[Subject], locale: str, values: Mapping[str, Any]
) -> dict[str, ShownGuide]:
    """Everything worth reading about these products, by topic, as the page behind a printed code
    shows it: the guide, common questions and the stories, not what is sent week by week."""
    known = list(about)
    found = {topic: text_for(session, topic, known, locale) for topic in READING}
    return {topic: show(guide, values) for topic, guide in found.items() if guide}


def default_guide(locale: str, topic: str = "start") -> Guide:
    """The text that ships with the app; a row that is never stored."""
    title, body = _default_text(topic, locale)
    return Guide(topic=topic, product_type="", locale=locale, title=title, body=body)


def show(guide: Guide, values: Mapping[str, Any]) -> ShownGuide:
    """The guide as its reader sees it. `values` may hold `shop` (name, support_email,
    support_phone, support_hours), `customer` (name), `order` (name), `product` (title, type),
    `delivery` (ships)."""
    shown = rules.show(guide.title, guide.body, values)
    return replace(
        shown,
        image_url=guide.image_url or "",
        image_alt=guide.image_alt or "",
        video=rules.video(guide.video_url or ""),
    )


@cache
def _default_text(topic: str, locale: str) -> tuple[str, str]:
    """A default's file: its first line is the title after `# `, the rest the body."""
    title, _, body = _default_file(topic, locale).read_text("utf-8").partition("\n")
    return title.removeprefix("# ").strip(), body.strip()


def _default_file(topic: str, locale: str) -> Path:
    return DEFAULTS / topic / f"{locale if locale in LANGUAGES else 'en'}.liquid"
