"""Decide about an offer for one order: the first whose conditions hold and whose goods may be sold,
with a code in hand. How every offer fared on the way is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import table_of
from app.core.locale import choose_locale
from app.core.money import Money
from app.core.together import Question, Rows, Together
from app.discounts import queries as discounts
from app.discounts.model import DiscountCode
from app.discounts.rules import GRACE, campaign_name
from app.discounts.service import cool_off, keep_campaign, take_code
from app.mirror import queries as mirror
from app.mirror.model import Customer, Order
from app.mirror.prices import references
from app.mirror.reference import Reference, together
from app.shops import service as shops
from app.shops.model import Shop
from app.thankyou import rules
from app.thankyou.model import Offer, OfferDecision, OfferGrant
from app.thankyou.offers import conditions, goods
from app.thankyou.offers.conditions import Basket, Refusal, Wares
from app.thankyou.offers.goods import Goods

#: Codes for a product that was suggested are kept ready for so long after.
KEPT_READY = timedelta(days=7)
#: For so long after the page was opened, a suggestion waits for its first code.
CODES_WAIT = timedelta(seconds=40)
WAITING = "waiting"


@dataclass(frozen=True)
class Asker:
    """Whose page it is: the order and what was bought, what the page itself knows, and when it was
    first seen. `before` are the products that were just declined."""

    order: Order
    customer: Customer | None
    bought: mirror.Bought
    named: frozenset[int]
    country: str | None
    zone: str | None
    first_seen_at: datetime
    before: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Verdict:
    offer: Offer | None
    outcome: str
    details: dict[str, Any]


@dataclass(frozen=True)
class _Made:
    """An offer that is made."""

    offer: Offer
    wares: Goods
    code: DiscountCode
    until: datetime
    timer: bool
    earlier: Reference


#: The offers of a `step` that are switched on, in their order.
_OFFERS = Question(select(Offer).where(goods.OFFERED), Offer.position, Offer.id)


def offers_of(session: Session, step: int) -> list[Offer]:
    """The offers that are switched on, in their order."""
    return [row[0] for row in _OFFERS.ask(session, {"step": step})]


@cache
def _ground() -> Together:
    """What most offers are decided by."""
    return Together(offers=_OFFERS, goods=goods.on_offer(), cooling=discounts.COOLING)


def decide(session: Session, checkout_token: str, asker: Asker, step: int) -> OfferGrant | None:
    """The grant for this step, for good; None while a suggestion waits for its code, and when
    there is no second offer."""
    shop, order = shops.shop(session), asker.order
    person = discounts.person(session, order.customer_id, order.email, order.id)
    known = _ground().ask(session, {"step": step, **person})
    offers = [row[0] for row in known["offers"]]
    refusal = _beforehand(shop, asker.order, offers)
    verdicts, made = [], None
    if refusal is not None:
        verdicts.append(_Verdict(None, *refusal))
    else:
        basket = basket_of(shop, asker.order, asker.customer, asker.bought)
        for offer in offers:
            found = _try(session, shop, offer, asker, basket, known)
            if isinstance(found, _Made):
                made = found
                why = found.earlier.why
                verdicts.append(_Verdict(offer, "shown", {"reference": why} if why else {}))
                break
            if found[0] == WAITING:
                return None
            verdicts.append(_Verdict(offer, *found))
    _note(session, checkout_token, step, verdicts)
    if made is None:
        return _none(session, checkout_token, verdicts) if step == 1 else None
    return _grant(session, checkout_token, asker, shop, made, step)


def _beforehand(shop: Shop, order: Order, offers: Sequence[Offer]) -> Refusal | None:
    if not shops.is_active(shop):
        return "shop_inactive", {}
    if order.cancelled_at is not None:
        return "order_cancelled", {}
    return None if offers else ("no_offer_configured", {})


def basket_of(shop: Shop, order: Order, customer: Customer | None, bought: mirror.Bought) -> Basket:
    """What conditions ask about."""
    lines, products = bought
    return Basket(
        products=frozenset(n for line in lines if (n := line.product_shopify_id) is not None),
        collections=frozenset(name for one in products.values() for name in one.collections),
        total_minor=order.total_minor,
        currency=order.currency,
        nth=order.nth,
        tags=frozenset(customer.tags if customer else ()),
        locale=choose_locale(order.locale, shop.locale),
    )


def _try(
    session: Session,
    shop: Shop,
    offer: Offer,
    asker: Asker,
    basket: Basket,
    known: Mapping[str, Rows],
) -> _Made | Refusal:
    wanted = conditions.read(offer.conditions)
    refusal = conditions.unmet(wanted, basket)
    if refusal is not None:
        return refusal
    nothing: Refusal = (
        ("nothing_to_suggest" if offer.what == "recommended" else "product_unknown"),
        {},
    )
    first: Refusal | None = None
    for wares in goods.candidates(session, offer, asker.order, known["goods"]):
        found = conditions.unfit(
            _wares(shop, offer, wares, asker, basket, known["cooling"]),
            least_stock=wanted.least_stock,
            least_margin=offer.least_margin,
        )
        if found is None:
            return _with_code(session, shop, offer, wares, asker)
        first = first or found
    return first or nothing


def _wares(
    shop: Shop, offer: Offer, found: Goods, asker: Asker, basket: Basket, cooling: Rows
) -> Wares:
    was = was_minor(found)
    until = discounts.cooling_of(cooling, offer.percent, found.products)
    return Wares(
        known=True,
        available=found.available,
        stock=found.stock,
        bought=not found.products.isdisjoint(basket.products | asker.named),
        returned=found.returned,
        as_before=not found.products.isdisjoint(asker.before),
        price_minor=price_minor(found, offer.percent, shop.currency),
        was_minor=was,
        cost_minor=conditions.cost_of(
            [variant.cost_minor for _product, variant in found.pairs], was, offer.assumed_cost
        ),
        cooling_until=until.astimezone(ZoneInfo(shop.timezone)) if until else None,
    )


def was_minor(found: Goods) -> int:
    """What the parts cost in the store now, together."""
    return sum(variant.price_minor for _product, variant in found.pairs)


def price_minor(found: Goods, percent: int, currency: str) -> int:
    """What they cost together with `percent` off; each part rounded, as Shopify does."""
    return sum(
        Money(variant.price_minor, currency).less_percent(percent).minor
        for _product, variant in found.pairs
    )


def _with_code(
    session: Session, shop: Shop, offer: Offer, wares: Goods, asker: Asker
) -> _Made | Refusal:
    moment, country = now(session), _country(asker)
    timer = offer.timer == "usual" and rules.shows_timer(country, shop.country)
    until = rules.deadline(moment, offer.minutes, timer=timer)
    campaign = campaign_name(wares.variants, offer.percent)
    if offer.what == "recommended":
        keep_campaign(
            session, wares.variants, offer.percent, timed=timer, until=moment + KEPT_READY
        )
    code = take_code(session, campaign, remove_at=until + GRACE)
    if code is not None:
        earlier = reference_of(session, shop, wares, offer.percent, country)
        return _Made(offer, wares, code, until, timer, earlier)
    waits = offer.what == "recommended" and moment < asker.first_seen_at + CODES_WAIT
    return (WAITING, {}) if waits else ("no_codes", {})


def _country(asker: Asker) -> str | None:
    """Where the goods go, else where the page is looked at."""
    address = asker.order.shipping_address or {}
    country: str | None = address.get("country_code") or asker.country
    return country


def reference_of(
    session: Session, shop: Shop, wares: Goods, percent: int, country: str | None
) -> Reference:
    """Which earlier price may stand beside the offer's (rules.md TM-8)."""
    prices = [(variant.shopify_id, variant.price_minor) for _product, variant in wares.pairs]
    parts = references(session, prices, shop.currency, country or shop.country)
    return together(parts, price_minor(wares, percent, shop.currency))


def terms_of(
    shop: Shop, offer: Offer, wares: Goods, earlier: Reference, *, timer: bool, zone: str | None
) -> dict[str, Any]:
    """What is shown, kept as evidence."""
    image = next((v.image_url or p.image_url for p, v in wares.pairs), None)
    return {
        "title": wares.title,
        "image_url": image,
        "was_minor": was_minor(wares),
        "reference_minor": earlier.price_minor,
        "reference_why": earlier.why,
        "reference_lowest": earlier.lowest,
        "price_minor": price_minor(wares, offer.percent, shop.currency),
        "currency": shop.currency,
        "percent": offer.percent,
        "minutes": offer.minutes,
        "timer": timer,
        "zone": zone,
        "variants": wares.variants,
        "products": sorted(wares.products),
        "what": offer.what,
        "why": wares.why,
    }


def _grant(
    session: Session, token: str, asker: Asker, shop: Shop, made: _Made, step: int
) -> OfferGrant:
    grant = OfferGrant(
        shop_id=shop.shop_id,
        checkout_token=token,
        offer_id=made.offer.id,
        step=step,
        variant_shopify_id=made.wares.variants[0],
        code_id=made.code.id,
        terms=terms_of(
            shop, made.offer, made.wares, made.earlier, timer=made.timer, zone=asker.zone
        ),
        shown_at=now(session),
        deadline=made.until,
    )
    session.add(grant)
    if made.timer:
        percent = made.offer.percent
        cool_off(session, asker.order.id, made.wares.products, percent, since=made.until)
    session.flush()
    return grant


def _none(session: Session, token: str, verdicts: Sequence[_Verdict]) -> OfferGrant:
    grant = OfferGrant(
        shop_id=session.info["shop_id"],
        checkout_token=token,
        step=1,
        reason=verdicts[0].outcome,
        terms={},
        shown_at=now(session),
    )
    session.add(grant)
    session.flush()
    return grant


def _note(session: Session, token: str, step: int, verdicts: Sequence[_Verdict]) -> None:
    if not verdicts:
        return
    rows = [
        {
            "shop_id": session.info["shop_id"],
            "checkout_token": token,
            "offer_id": one.offer.id if one.offer else None,
            "offer_name": one.offer.name if one.offer else "",
            "step": step,
            "outcome": one.outcome,
            "details": one.details,
            "decided_at": now(session),
        }
        for one in verdicts
    ]
    session.execute(_DECIDED, rows)


#: Built once, and the same for any number of rows.
_DECIDED = insert(table_of(OfferDecision))
