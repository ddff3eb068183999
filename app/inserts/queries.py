"""Reads of inserts: which order gets which card, and what is to be packed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.core import links
from app.core.clock import now
from app.core.errors import NotFound
from app.core.locale import choose_locale, use_locale
from app.core.locale import gettext as _
from app.core.runtime import runtime
from app.guides import rules as guide_rules
from app.inserts.model import InsertCard, InsertPacking, InsertTagging
from app.inserts.rules import Card
from app.journeys import queries as journeys
from app.messages.names import address_person
from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine
from app.shops import service as shops
from app.surprises import queries as surprises

#: What is older is not packed any more.
RECENT = timedelta(days=30)
MOST = 100
#: How long the code on a card leads somewhere: cards are kept in drawers.
LASTS = timedelta(days=3650)


@dataclass(frozen=True)
class Box:
    """An order to pack: its lines, its card (None when only something extra goes in)."""

    order: Order
    lines: list[OrderLine]
    card: InsertCard | None
    extra: str
    locale: str


def cards(session: Session) -> list[InsertCard]:
    """All cards, in the order in which they are tried."""
    return list(session.scalars(select(InsertCard).order_by(InsertCard.position, InsertCard.id)))


def card(session: Session, card_id: int) -> InsertCard:
    """One card; raises `NotFound`."""
    found = session.get(InsertCard, (session.info["shop_id"], card_id))
    if found is None:
        raise NotFound
    return found


def tagging(session: Session) -> InsertTagging | None:
    """Whether the shop tags orders for its warehouse; None when it never asked to."""
    return session.scalars(select(InsertTagging)).one_or_none()


def boxes(
    session: Session, order_ids: Collection[int] | None = None, *, most: int = MOST
) -> list[Box]:
    """What is to be packed with a card or an extra, of these orders or of all: paid orders of the
    last 30 days that are not shipped, the oldest first, at most 100."""
    chosen = [] if order_ids is None else [Order.id.in_(order_ids)]
    packed = exists().where(
        InsertPacking.shop_id == Order.shop_id, InsertPacking.order_id == Order.id
    )
    orders = session.scalars(
        select(Order)
        .where(
            Order.placed_at > now(session) - RECENT,
            Order.cancelled_at.is_(None),
            Order.redacted_at.is_(None),
            or_(
                Order.financial_status.in_(("paid", "authorized", "partially_refunded")),
                Order.paid_on_delivery & (Order.financial_status == "pending"),
            ),
            or_(Order.fulfillment_status.is_(None), Order.fulfillment_status != "fulfilled"),
            ~packed,
            *chosen,
        )
        .order_by(Order.placed_at, Order.id)
        .limit(most)
    ).all()
    known = [one for one in cards(session) if one.active]
    extras = surprises.boxed(session, [one.id for one in orders])
    found = [_box(session, order, known, extras.get(order.id, "")) for order in orders]
    return [box for box in found if box and (box.card or box.extra)]


def _box(session: Session, order: Order, known: Sequence[InsertCard], extra: str) -> Box | None:
    lines = mirror.order_lines(session, order.id)
    if not mirror.needs_shipping(lines):
        return None
    fitting = (one for one in known if journeys.meets(session, order, one.words))
    locale = choose_locale(order.locale, shops.shop(session).locale)
    return Box(order, lines, next(fitting, None), extra, locale)


def packed(session: Session, most: int = 20) -> list[tuple[InsertPacking, Order]]:
    """What was packed last, the newest first."""
    rows = session.execute(
        select(InsertPacking, Order)
        .join(
            Order, (Order.shop_id == InsertPacking.shop_id) & (Order.id == InsertPacking.order_id)
        )
        .order_by(InsertPacking.packed_at.desc(), InsertPacking.id.desc())
        .limit(most)
    )
    return [(row[0], row[1]) for row in rows]


def printed(session: Session, box: Box, found: InsertCard) -> Card:
    """An order's card as it is printed, in the order's language."""
    lead = next((one for one in box.lines if one.current_quantity > 0), None)
    product = lead.product_shopify_id if lead else None
    return _printed(
        session,
        found,
        box.locale,
        _called(session, box),
        box.order.name,
        lead.title if lead else "",
        product or 0,
        now(session),
    )


def sample(session: Session, found: InsertCard, locale: str) -> Card:
    """A card as it would be printed, for somebody who does not exist."""
    said = guide_rules.EXAMPLES[locale]
    first = next(iter(mirror.products(session, limit=1)), None)
    return _printed(
        session,
        found,
        locale,
        said["customer"]["name"],
        said["order"]["name"],
        first.title if first else said["product"]["title"],
        first.shopify_id if first else 0,
        now(session),
    )


def _called(session: Session, box: Box) -> str:
    """Whom the card speaks to: who opens the box. A present is opened by somebody else than who
    paid for it."""
    place = box.order.shipping_address or {}
    person = mirror.customer(session, box.order.customer_id)
    first, last = str(place.get("first_name") or ""), str(place.get("last_name") or "")
    company = str(place.get("company") or "")
    if not journeys.is_gift(session, box.order, box.lines):
        company = box.order.company
        if person is not None:
            first, last = person.first_name or first, person.last_name or last
        if box.order.for_company and company:
            first = last = ""
    style = shops.settings_of(shops.shop(session)).honorific
    return address_person(first, last, box.locale, style, company).called


def _printed(
    session: Session,
    found: InsertCard,
    locale: str,
    called: str,
    number: str,
    title: str,
    product: int,
    at: datetime,
) -> Card:
    home = shops.shop(session)
    brand = shops.brand(home)
    written = found.title_ja, found.body_ja
    if locale != "ja":
        written = found.title_en, found.body_en
    shown = guide_rules.show(
        *written,
        {
            "shop": {
                "name": brand.name,
                "support_email": brand.support_email,
                "support_phone": brand.support_phone,
                "support_hours": brand.support_hours,
            },
            "customer": {"name": called},
            "order": {"name": number},
            "product": {"title": title},
        },
    )
    token = links.sign(home.shop_id, "guide", {"product": product, "lang": locale}, at + LASTS)
    with use_locale(locale):
        invitation = _("How to enjoy it, and its story: read on with your phone.")
    return Card(
        size=found.size,
        shop=brand.name,
        title=shown.title,
        greeting="",
        paragraphs=tuple("\n".join(block.items) for block in shown.blocks),
        invitation=invitation,
        url=f"{runtime().settings.app_url.rstrip('/')}/g/{token}",
        number=number,
    )
