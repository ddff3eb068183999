"""A whole page that nobody sees: the shop's own settings and an order that was never placed, at a
moment the merchant chooses. Nothing of it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.consent.queries import Known
from app.core.clock import now
from app.core.locale import gettext as _
from app.core.together import Rows
from app.journeys import library
from app.mirror.model import Customer, Order, OrderLine, Product, Variant
from app.parcels import expectations
from app.parcels.expectations import Outlook
from app.parcels.model import Parcel
from app.parcels.rules import expected_dates, ships_between
from app.replenishment import service as replenishment
from app.shops import service as shops
from app.shops.model import Shop
from app.surveys import queries as surveys
from app.thankyou.context import Context

#: No row has this number, so whatever is asked of the order finds nothing.
NOBODY = 0
#: An address that machines misread, and the same as it should be (the Imperial Palace's, which is
#: nobody's home).
ODD = {"zip": "100-0001", "province_code": "JP-13", "city": "千代田区", "address1": "千代田１ー１"}
FINE = {**ODD, "address1": "千代田1-1"}


def stages() -> dict[str, str]:
    """The moments that can be looked at."""
    return {
        "new": _("Just ordered"),
        "unpaid": _("Payment pending"),
        "address": _("Just ordered, with an odd address"),
        "shipped": _("In transit"),
        "delivered": _("Delivered"),
        "missed": _("Delivered, but the customer has not got it"),
    }


def buyers() -> dict[str, str]:
    """Who may have ordered: what is asked depends on what they have said before."""
    return {
        "checkout": _("Ordered in your checkout"),
        "elsewhere": _("Ordered elsewhere (draft, chat, shop floor)"),
        "line": _("Has linked their LINE"),
    }


def imagine(session: Session, language: str, stage: str, buyer: str) -> Context:
    """The context of a page in this language, at this stage, for such a buyer."""
    shop, moment = shops.shop(session), now(session)
    line, products = _goods(session, shop)
    placed = moment - {"shipped": timedelta(days=2)}.get(stage, timedelta(minutes=1))
    if stage in ("delivered", "missed"):
        placed = moment - timedelta(days=4)
    order = _order(shop, language, stage, buyer, placed)
    customer = Customer(shop_id=shop.shop_id, id=NOBODY, shopify_id=NOBODY, email=order.email)
    customer.sms_state, customer.marketing_state = "not_subscribed", "not_subscribed"
    sent = _parcels(shop, order, stage, moment)
    promise = expectations.promise(session)
    # What the database would say of the order; of the shop's questions it does say it.
    said: dict[str, Rows] = {
        "survey": surveys.ASKED.ask(session, {"order": NOBODY}),
        "wishes": [],
        "address": [(None, bool(sent))],
        "journeys": library.SWITCHED_ON.ask(session, {}),
    }
    found = Context(session, shop, order, customer, said)
    # Laid where it would be kept once it was read.
    vars(found).update(
        bought=([line], products),
        outlook=Outlook(
            sent,
            ships_between(placed, shop.timezone, shop.country, promise),
            expected_dates(placed, shop.timezone, shop.country, promise),
        ),
        known=Known(
            words={},
            request=None,
            addresses={"line": "U0"} if buyer == "line" else {},
            kept_from={("email", order.email or ""): frozenset()},
        ),
        missed={NOBODY: moment.astimezone(ZoneInfo(shop.timezone)).date()}
        if stage == "missed"
        else {},
    )
    return found


def _goods(session: Session, shop: Shop) -> tuple[OrderLine, dict[int, Product]]:
    """One of the shop's own products, rather one that is used up: there is more to ask about it."""
    rows = session.execute(
        select(Product, Variant)
        .join(Variant, (Variant.shop_id == Product.shop_id) & (Variant.product_id == Product.id))
        .where(Product.deleted_at.is_(None), Product.status == "active", Variant.available)
        .order_by(Product.id, Variant.id)
        .limit(200)
    ).all()
    known = {product.shopify_id: product for product, _variant in rows}
    lines = [_line(shop, product, variant) for product, variant in rows]
    used = (one for one in lines if replenishment.used_up(one, known))
    fallback = lines[0] if lines else _line(shop, None, None)
    return next(used, fallback), known


def _line(shop: Shop, product: Product | None, variant: Variant | None) -> OrderLine:
    return OrderLine(
        shop_id=shop.shop_id,
        id=NOBODY,
        order_id=NOBODY,
        shopify_id=NOBODY,
        product_shopify_id=product.shopify_id if product else None,
        variant_shopify_id=variant.shopify_id if variant else None,
        title=product.title if product else "",
        variant_title="",
        quantity=1,
        current_quantity=1,
        returned_quantity=0,
        requires_shipping=variant.requires_shipping if variant else True,
        gift_card=False,
        attributes={},
        price_minor=0,
    )


def _order(shop: Shop, language: str, stage: str, buyer: str, placed: datetime) -> Order:
    home = shop.country == "JP"
    return Order(
        shop_id=shop.shop_id,
        id=NOBODY,
        shopify_id=NOBODY,
        customer_id=NOBODY,
        name="#1001",
        email="buyer@example.com",
        locale=language,
        placed_at=placed,
        source_name="web" if buyer == "checkout" else "draft_order",
        financial_status="pending" if stage == "unpaid" else "paid",
        fulfillment_status="fulfilled" if stage in ("shipped", "delivered", "missed") else None,
        shipping_address={**(ODD if stage == "address" else FINE), "country_code": "JP"}
        if home
        else None,
        note_attributes={},
        discount_codes=[],
        currency=shop.currency,
        taxes_included=home,
        nth=1,
    )


def _parcels(shop: Shop, order: Order, stage: str, moment: datetime) -> list[Parcel]:
    if stage not in ("shipped", "delivered", "missed"):
        return []
    there = stage != "shipped"
    first = (moment + timedelta(days=1)).date()
    return [
        Parcel(
            shop_id=shop.shop_id,
            id=NOBODY,
            order_id=NOBODY,
            state="delivered" if there else "in_transit",
            inferred=False,
            shipped_at=order.placed_at + timedelta(days=1),
            delivered_at=moment - timedelta(hours=2) if there else None,
            expected_from=None if there else first,
            expected_to=None if there else first,
        )
    ]
