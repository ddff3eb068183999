"""Reading guides: the one that fits an order, the ones a merchant can edit."""

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

__all__ = ["Block", "Guide", "ShownGuide", "all_guides", "default_guide", "guide_for", "show"]

DEFAULTS = Path(__file__).resolve().parent / "defaults"


def guide_for(session: Session, product_types: Iterable[str], locale: str) -> Guide:
    """The shop's guide for the first of these product types that has one in `locale`, else its
    guide for everything, else the one that ships with the app."""
    wanted = [kind.strip().lower() for kind in product_types if kind.strip()]
    rows = session.scalars(
        select(Guide).where(
            Guide.locale == locale, func.lower(Guide.product_type).in_([*wanted, ""])
        )
    ).all()
    by_type = {row.product_type.lower(): row for row in rows}
    for kind in [*wanted, ""]:
        if kind in by_type:
            return by_type[kind]
    return default_guide(locale)


def exact_guide(session: Session, product_type: str, locale: str) -> Guide | None:
    """The shop's own guide for this product type and language, if it wrote one."""
    return session.scalars(
        select(Guide).where(
            func.lower(Guide.product_type) == product_type.strip().lower(), Guide.locale == locale
        )
    ).one_or_none()


def all_guides(session: Session) -> list[Guide]:
    """What the shop wrote, by product type and language."""
    return list(session.scalars(select(Guide).order_by(Guide.product_type, Guide.locale)))


def default_guide(locale: str) -> Guide:
    """The guide that ships with the app; a row that is never stored."""
    title, body = _default_text(locale if locale in LANGUAGES else "en")
    return Guide(product_type="", locale=locale, title=title, body=body)


def show(guide: Guide, values: Mapping[str, Any]) -> ShownGuide:
    """The guide as its reader sees it. `values` may hold `shop` (name, support_email,
    support_phone, support_hours), `customer` (name), `order` (name), `product` (title, type),
    `delivery` (ships)."""
    return rules.show(guide.title, guide.body, values)


@cache
def _default_text(locale: str) -> tuple[str, str]:
    """A default's file: its first line is the title after `# `, the rest the body."""
    title, _, body = (DEFAULTS / f"{locale}.liquid").read_text("utf-8").partition("\n")
    return title.removeprefix("# ").strip(), body.strip()
