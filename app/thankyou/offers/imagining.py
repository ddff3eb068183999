"""A thank-you page that nobody sees: the shop's own settings and an order that was never placed.
Nothing of it is kept, and no code is used up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from msgspec import structs
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.mirror.model import Order, Product, Variant
from app.shops import service as shops
from app.shops.model import Shop
from app.thankyou import rules
from app.thankyou.api import Asked, LineAsked
from app.thankyou.arrangement import usual
from app.thankyou.context import Context
from app.thankyou.model import Offer, OfferGrant, ThankYouVisit
from app.thankyou.offers import choosing, goods, keeping
from app.thankyou.offers.goods import Goods
from app.thankyou.service import Seen

#: What a list to choose from holds at most.
MOST = 500
CHECKOUT = "preview"


@dataclass(frozen=True)
class Imagined:
    """The page's question and what it would find. `nothing`: the offer has nothing to show."""

    asked: Asked
    seen: Seen
    offer_id: int | None
    nothing: bool

    def page_of(self, whole: Context, stage: str) -> tuple[Asked, Seen]:
        """The question and what it finds for an order at this stage: an offer is made where the
        order was just placed, and the order status page shows what comes after."""
        fresh = stage in ("new", "unpaid", "address")
        asked = self.asked if fresh else structs.replace(self.asked, surface="order_status")
        grant = self.seen.grant if fresh else None
        return asked, replace(self.seen, order=whole.order, grant=grant, context=whole)


def sellable(session: Session) -> list[tuple[str, Variant]]:
    """Every variant that an offer could sell, by its title."""
    rows = session.execute(
        select(Product, Variant)
        .join(Variant, (Variant.shop_id == Product.shop_id) & (Variant.product_id == Product.id))
        .where(Product.deleted_at.is_(None), Product.status == "active")
        .order_by(Product.title, Variant.id)
        .limit(MOST)
    )
    return [(goods.title_of(product, variant), variant) for product, variant in rows]


def imagine(session: Session, language: str, offer_id: int | None) -> Imagined:
    """The page of an order in this language with one offer on it: the one asked for, else the
    first that is switched on, else none."""
    shop, moment = shops.shop(session), now(session)
    chosen = _offer(session, offer_id)
    wares = _wares(session, chosen) if chosen else None
    bought = session.scalars(
        select(Variant).where(Variant.available).order_by(Variant.id).limit(1)
    ).one_or_none()
    asked = Asked(
        checkout_token=CHECKOUT,
        locale=language,
        country=shop.country,
        timezone=shop.timezone,
        lines=[
            LineAsked(
                variant_id=str(bought.shopify_id if bought else 1),
                product_id="1",
                requires_shipping=bought.requires_shipping if bought else True,
            )
        ],
    )
    visit = ThankYouVisit(
        shop_id=shop.shop_id, checkout_token=CHECKOUT, locale=language, first_seen_at=moment
    )
    grant = _grant(session, shop, chosen, wares) if chosen and wares else None
    return Imagined(
        asked,
        Seen(visit, None, grant, usual(session), None),
        chosen.id if chosen else None,
        bool(chosen and not wares),
    )


def _offer(session: Session, offer_id: int | None) -> Offer | None:
    if offer_id is not None:
        return keeping.offer(session, offer_id)
    return next(iter(choosing.offers_of(session, 1)), None)


def _wares(session: Session, offer: Offer) -> Goods | None:
    if offer.what != "recommended":
        return goods.of_variants(session, offer.variants)
    newest = session.scalars(
        select(Order).where(Order.cancelled_at.is_(None)).order_by(Order.placed_at.desc()).limit(20)
    )
    suggested = (next(iter(goods.candidates(session, offer, order)), None) for order in newest)
    return next((one for one in suggested if one is not None), None)


def _grant(session: Session, shop: Shop, offer: Offer, wares: Goods) -> OfferGrant:
    timer = offer.timer == "usual" and rules.shows_timer(None, shop.country)
    earlier = choosing.reference_of(session, shop, wares, offer.percent, None)
    return OfferGrant(
        shop_id=shop.shop_id,
        id=0,
        checkout_token=CHECKOUT,
        offer_id=offer.id,
        step=offer.step,
        variant_shopify_id=wares.variants[0],
        terms=choosing.terms_of(shop, offer, wares, earlier, timer=timer, zone=None),
        shown_at=now(session),
        deadline=rules.deadline(now(session), offer.minutes, timer=timer),
    )
