"""When a customer will need more of what they bought."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.mirror import queries as mirror
from app.mirror.model import Order, OrderLine, Product
from app.parcels.queries import parcels_with
from app.replenishment import rules, wishes
from app.shops.service import shop


def run_out(
    session: Session, order_id: int, line: OrderLine, *, hoped: date | None = None
) -> date | None:
    """The day on which a bought line is used up, in the shop's zone, counted from its delivery
    (while nothing has arrived from `hoped`, the day on which it should, else from the order); None
    when it is not something one uses up."""
    product = consumable(session, line)
    if product is None:
        return None
    if wish := wishes.wish_of(session, line.id):
        return wishes.runs_out_by_wish(session, wish)
    order = mirror.order(session, order_id)
    zone = ZoneInfo(shop(session).timezone)
    arrived = _arrived(session, line)
    start = (arrived or order.placed_at).astimezone(zone).date()
    if arrived is None and hoped is not None:
        start = hoped
    if personal := _personal(session, order, product):
        # The person's own rhythm counts what they put in the cart, whatever size that was.
        return rules.run_out(start, personal, float(line.current_quantity))
    own = wishes.own_word(session, order.customer_id, product.shopify_id)
    per_pack = own or _prior(product) or rules.NO_DATA_DAYS
    return rules.run_out(start, per_pack, _packs(session, product, line))


def consumable(session: Session, line: OrderLine) -> Product | None:
    """The line's product when it is used up and something of it was kept, else None."""
    return used_up(line, mirror.products_for_lines(session, [line]))


def used_up(line: OrderLine, products: Mapping[int, Product]) -> Product | None:
    """As `consumable`, where the products are at hand by Shopify's number."""
    if line.gift_card or not line.requires_shipping or line.current_quantity <= 0:
        return None
    product = products.get(line.product_shopify_id or 0)
    return product if product is not None and _prior(product) else None


def packs_of(session: Session, line: OrderLine) -> float:
    """How many ordinary packs a line is; 1 for a product we do not know."""
    product = consumable(session, line)
    return _packs(session, product, line) if product else 1.0


def _prior(product: Product) -> int | None:
    return rules.prior_days(product.product_type, product.tags, product.title, product.kind)


def _packs(session: Session, product: Product, line: OrderLine) -> float:
    siblings = [variant.title for variant in mirror.variants_of(session, product.id)]
    return rules.packs(line.current_quantity, line.variant_title, siblings)


def _personal(session: Session, order: Order, product: Product) -> float | None:
    if order.customer_id is None:
        return None
    past = mirror.purchases(session, order.customer_id, product.shopify_id)
    return rules.personal_days([(when, float(count)) for when, count in past])


def _arrived(session: Session, line: OrderLine) -> datetime | None:
    moments = [parcel.delivered_at for parcel in parcels_with(session, line)]
    return min((moment for moment in moments if moment), default=None)
