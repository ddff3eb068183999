"""Codes that each reader of a message gets for themselves: kept ready while a text promises them,
handed out when a message is written."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import TryLater
from app.discounts import queries as discounts
from app.discounts.service import Letters, keep_for_letters, take_code
from app.messages.facts import Facts
from app.messages.model import Message
from app.messages.texts import store
from app.messages.texts.blocks import Content, Coupon
from app.messages.texts.filling import Given
from app.shops.model import Shop

#: What stands in a preview where each reader has their own.
SAMPLE = "OKAERI-XXXXXXXXXX"
#: Shopify makes codes in a minute or so.
SOON_S = 60.0


def single(content: Content) -> Coupon | None:
    """The block that gives each reader a code of their own, if the text has one that can."""
    for block in content.blocks:
        if isinstance(block, Coupon) and block.source == "single" and block.off and block.lasts:
            return block
    return None


def keep_ready(session: Session) -> None:
    """See that codes are kept ready for what the shop's published texts promise, and no others."""
    published = [row for row in store.all_current(session) if row.state == store.PUBLISHED]
    found = (single(store.content_of(row)) for row in published)
    keep_for_letters(session, [_terms(block) for block in found if block is not None])


def sample(block: Coupon, facts: Facts, moment: datetime) -> Given:
    """How a code of one's own would look."""
    return Given(SAMPLE, _last_day(block, facts.shop, moment))


def hand_out(session: Session, message: Message, facts: Facts, block: Coupon) -> Given | None:
    """The reader's own code: the one this message was given before, or a fresh one. None where the
    reader was told that such a price had ended (rules.md TM-2). Raises `TryLater` while none is
    ready and nothing else may stand in its place."""
    terms, last = _terms(block), _last_day(block, facts.shop, now(session))
    if _cooling(session, facts, terms):
        return None
    known = discounts.code(session, message.subject_ids.get("code_id", 0))
    if known is not None and known.state == "scheduled" and known.due_at:
        return Given(known.code, _day(known.due_at, facts.shop) - timedelta(days=1))
    ends = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(facts.shop.timezone))
    code = take_code(session, terms.campaign, remove_at=ends)
    if code is None and not block.fallback:
        raise TryLater("No code is ready yet; Shopify is making some.", SOON_S)
    if code is None:
        return None
    message.subject_ids = {**message.subject_ids, "code_id": code.id}
    return Given(code.code, last)


def _cooling(session: Session, facts: Facts, terms: Letters) -> bool:
    person, order = facts.customer, facts.order
    found = discounts.cooling(
        session,
        customer_id=person.id if person else None,
        email=(person.email if person else None) or (order.email if order else None),
        percent=terms.percent,
        products=None if terms.product is None else [terms.product],
    )
    return found is not None


def _terms(block: Coupon) -> Letters:
    product = int(block.product) if block.product.isdigit() else None
    return Letters(percent=block.off or 0, product=product, days=block.lasts or 0)


def _last_day(block: Coupon, shop: Shop, moment: datetime) -> date:
    return _day(moment, shop) + timedelta(days=block.lasts or 0)


def _day(moment: datetime, shop: Shop) -> date:
    return moment.astimezone(ZoneInfo(shop.timezone)).date()
