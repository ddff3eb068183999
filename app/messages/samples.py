"""What stands in for an order in previews and test sends: the shop's latest order, and where that
leaves a gap, its own products with days that are right from today on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.locale import gettext as _
from app.core.locale import show_date, show_range
from app.core.money import Money, show_money
from app.guides.queries import Block, ShownGuide
from app.messages import context
from app.messages.context import Item, Mail, Shipment
from app.messages.extras import SHORT, Coupon, Points, Suggested
from app.messages.facts import TEST, Facts, gather
from app.messages.kinds import Kind
from app.messages.names import shorten
from app.mirror import queries as mirror
from app.mirror.model import Order, Product
from app.parcels.model import Parcel

#: A parcel that nobody sent, in each language's country.
PARCEL = {"ja": ("ヤマト運輸", "1234-5678-9012"), "en": ("UPS", "1Z 999 AA1 01 2345 6784")}
AREA = {"ja": "東京都渋谷区", "en": "Brooklyn, NY"}
ORDER_NAME = "#1001"
LASTS = timedelta(days=30)
YEAR = timedelta(days=365)


def subject(session: Session, language: str) -> dict[str, int]:
    """Ids of the latest order in a language that is still what its buyer wanted, with its first
    line and first parcel. Empty for a shop without one."""
    order = next(
        (
            each
            for each in mirror.recent_orders(session, limit=25)
            if _usable(each) and (each.locale or language).startswith(language)
        ),
        None,
    )
    return {} if order is None else ids_of(session, order)


def ids_of(session: Session, order: Order) -> dict[str, int]:
    """An order's id with those of its first line and first parcel."""
    ids = {"order_id": order.id}
    lines = mirror.order_lines(session, order.id)
    if lines:
        ids["line_id"] = lines[0].id
    parcel = session.scalars(
        select(Parcel.id).where(Parcel.order_id == order.id).order_by(Parcel.id).limit(1)
    ).one_or_none()
    return ids if parcel is None else {**ids, "parcel_id": parcel}


def preview(session: Session, kind: Kind, language: str) -> Mail:
    """A kind as a customer would get it. The language of the block around it must be the same."""
    return world(session, kind, language)[1]


def world(
    session: Session,
    kind: Kind,
    language: str,
    order_id: int | None = None,
    ids: dict[str, int] | None = None,
) -> tuple[Facts, Mail]:
    """A kind as the buyer of an order would get it; without one, as the latest order's would (its
    `ids`, if `subject` was asked already), whose name is not shown. Its links lead to the store:
    nobody acts in a customer's name from here."""
    real = order_id is not None
    if order_id is not None:
        ids = ids_of(session, mirror.order(session, order_id))
    elif ids is None:
        ids = subject(session, language)
    facts = gather(
        session,
        kind,
        order_id=ids.get("order_id"),
        customer_id=None,
        subject_ids=ids,
        message_class=None if real else TEST,
        locale=language,
    )
    mail = context.build(session, facts, message_id=None, run_id=None)
    return facts, mail if real else complete(session, mail, facts)


def complete(session: Session, mail: Mail, facts: Facts) -> Mail:
    """Fill a mail's gaps, so that every kind can be looked at before the first order."""
    today = now(session).astimezone(ZoneInfo(facts.shop.timezone)).date()
    language = mail.locale
    days = show_range(today + timedelta(days=2), today + timedelta(days=4), language)
    expected = mail.expected or days
    carrier, number = PARCEL[language]
    items = mail.items or _items(session, facts)
    shown = mail.item or (items[0] if items else None)
    return replace(
        mail,
        **_extras(session, mail, facts),
        order_name=mail.order_name or ORDER_NAME,
        order_date=mail.order_date or show_date(today, language),
        items=items,
        item=shown or Item(_("Your product"), _("Your product"), "", 1, "", ""),
        ships=mail.ships or facts.order is None,
        unpaid=False,
        area=mail.area or AREA[language],
        days=lambda: expected,
        shipment=mail.shipment or Shipment(carrier, number, facts.shop.storefront_url, days),
        run_out=mail.run_out or show_date(today + LASTS, language, weekday=False),
    )


def _usable(order: Order) -> bool:
    return order.cancelled_at is None and order.redacted_at is None


def _items(session: Session, facts: Facts) -> list[Item]:
    return [_item(session, product, facts) for product in mirror.products(session, limit=2)]


def _item(session: Session, product: Product, facts: Facts) -> Item:
    variants = mirror.variants_of(session, product.id)
    first = variants[0] if variants else None
    price = Money(first.price_minor, facts.shop.currency) if first else None
    return Item(
        title=product.title,
        short=shorten(product.title, SHORT),
        variant=first.title if first and first.title != "Default Title" else "",
        quantity=1,
        price=show_money(price, facts.locale) if price else "",
        image_url=product.image_url or "",
    )


def _extras(session: Session, mail: Mail, facts: Facts) -> dict[str, Any]:
    """What only some readers have, as it would look."""
    today = now(session).astimezone(ZoneInfo(facts.shop.timezone)).date()
    return {
        "suggestions": mail.suggestions
        or (suggested(session, facts) if facts.kind.suggests else []),
        "guide": mail.guide or (own_text_to_come() if "guide" in facts.kind.needs else None),
        "coupon": mail.coupon or Coupon("THANKS10", 10),
        "points": mail.points or Points(340, 160, _("Free shipping"), _("Silver")),
        "known": {**mail.known, "gift": mail.gift or _("Free shipping on your next order")},
        "since": mail.since or format_date(today - YEAR, "long", locale=mail.locale),
        "years": mail.years or 1,
        "subscription": _since_a_year(mail, today),
        "months": mail.months or 6,
    }


def _since_a_year(mail: Mail, today: date) -> tuple[str, int]:
    since, years = mail.subscription
    return since or format_date(today - YEAR, "long", locale=mail.locale), years or 1


def own_text_to_come() -> ShownGuide:
    """What stands where the shop has not written its text yet."""
    words = _("Here stands the text that you write under “Guides and stories”.")
    return ShownGuide(_("Your own text"), [Block("paragraph", [words])])


def suggested(session: Session, facts: Facts) -> list[Suggested]:
    """Some of the shop's products, as a mail would suggest them."""
    store = facts.shop.storefront_url
    found = [(each, _item(session, each, facts)) for each in mirror.products(session, limit=3)]
    return [
        Suggested(
            title=item.title,
            short=item.short,
            price=item.price,
            image_url=item.image_url,
            url=f"{store}/products/{product.handle}",
            reason=_("The reason stands here."),
        )
        for product, item in found
    ]
